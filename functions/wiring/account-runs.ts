import { conversationIdOf } from '../../lib/conversations/conversation.ts';
import type { OwnEntry } from '../../lib/conversations/entries.ts';
import { releaseAccount } from '../../lib/conversations/release-account.ts';
import type { Clock, Instant } from '../../lib/platform/clock.ts';
import { armTimer } from '../../lib/platform/fire-timers.ts';
import { runGroup } from '../../lib/platform/group-id.ts';
import type { Queue } from '../../lib/platform/queues.ts';
import type { Signal, Timer } from '../../lib/platform/wakes.ts';
import { attentiveOwners } from '../../lib/store/inbox.ts';
import type { Table } from '../../lib/store/table.ts';
import type { AccountDutyStore } from '../../lib/wecom/account-duty.ts';
import { adoptAccount } from '../../lib/wecom/adopt-account.ts';
import type { weComRoom } from './wecom.ts';

type RunSignal = Extract<Signal, { kind: 'run' }>;

/** Goes on with the run that a signal names: an account is taken over, or let go. */
export function accountRuns(room: {
  duties: AccountDutyStore;
  clock: Clock;
  wecom: Pick<Awaited<ReturnType<typeof weComRoom>>, 'store' | 'corpId' | 'kfFor'>;
  conversationsTable: Table;
  tell(conversationId: string, entry: OwnEntry): Promise<unknown>;
  recordPlace(agentId: string, element: string): Promise<void>;
  signals: Queue<Signal>;
  timers: Queue<Timer>;
}) {
  const { duties, clock, wecom, conversationsTable, tell, recordPlace, signals, timers } = room;
  const goOn = (signal: RunSignal) => signals.send(signal, { group: runGroup(signal.openKfId) });

  const goOnAt = ({ app, openKfId, run }: RunSignal, at: Instant) =>
    armTimer(timers, { v: 1, dueAt: at, do: { what: 'run', app, openKfId, run } }, clock());

  const adopt = adoptAccount({
    ...wecom,
    duties,
    clock,
    random: Math.random,
    goOn,
    goOnAt,
    pullAt: (app, openKfId, dueAt) => armTimer(timers, { v: 1, dueAt, do: { what: 'pull', app, openKfId } }, clock()),
    async takeIn(openKfId, { customerId, session, ...seen }) {
      const conversationId = conversationIdOf(openKfId, customerId);
      const { agentId } = session;
      const place = agentId !== undefined && { agentId, element: `${conversationId}#adopted-${seen.run}` };
      // The place first: nobody may be given to him in the meantime.
      if (place) await recordPlace(place.agentId, place.element);
      await tell(conversationId, { kind: 'adopted', ...seen, ...place, at: clock() });
    },
  });
  const release = releaseAccount({
    duties,
    clock,
    tell,
    goOn,
    goOnAt,
    openConversations: (shard) => attentiveOwners(conversationsTable, shard),
  });

  return async (signal: RunSignal, deadline: Instant): Promise<void> => {
    await adopt(signal, deadline);
    await release(signal, deadline);
  };
}
