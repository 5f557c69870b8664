import type { Clock, Instant } from '../platform/clock.ts';
import { log } from '../platform/log.ts';
import { count } from '../platform/metrics.ts';
import type { Queue } from '../platform/queues.ts';
import type { TeamWake } from '../platform/wakes.ts';
import { timeOrder } from '../store/entry-order.ts';
import type { Presence } from './agent.ts';
import { leaverDesk } from './leaver-desk.ts';
import type { RoutingStore } from './routing-store.ts';
import { type TeamEntry, teamEntryKey } from './team-entries.ts';

interface Asked {
  readonly r: string;
  readonly conversationId: string;
  readonly openKfId: string;
  readonly askedAt: number;
}

/** A request for an agent. */
export interface Ask extends Asked {
  readonly teamId: string;
  /** Who served the customer last, and who has him as a contact: first choices while they can. */
  readonly prefer?: string | undefined;
  readonly owner?: string | undefined;
  /** The level wanted of each skill, 1 to 5. */
  readonly skills?: Readonly<Record<string, number>> | undefined;
  readonly language?: string | undefined;
  /** What the customer writes: preferred, and nobody waits for it. */
  readonly seenLanguage?: string | undefined;
  /** Higher is served first; absent, 0. */
  readonly priority?: number | undefined;
  /** Who let an offer of this conversation expire: passed over for ten minutes. */
  readonly exclude?: readonly string[] | undefined;
  /** Who alone is wanted, until then. */
  readonly only?: { readonly agentId: string; readonly until: Instant } | undefined;
}

/** How others reach a team and its agents' places. Everything here may be repeated. */
export function teamDesk(room: { store: RoutingStore; wakes: Queue<TeamWake>; clock: Clock }) {
  const { store, wakes, clock } = room;

  const wake = (teamId: string): Promise<void> => wakes.send({ v: 1, teamId }, { group: teamId });

  async function tell(teamId: string, entry: TeamEntry): Promise<void> {
    const at = clock();
    await store.inbox.put({
      owner: `team#${teamId}`,
      entry: teamEntryKey(entry),
      order: timeOrder(at),
      body: entry,
      at,
    });
    await wake(teamId);
  }

  async function wakeAll(teamIds: readonly string[]): Promise<void> {
    for (const teamId of teamIds) await wake(teamId);
  }

  return {
    wake,
    requestAgent: ({ teamId, exclude, ...asked }: Ask): Promise<void> =>
      tell(teamId, { kind: 'request', ...asked, ...(exclude && { exclude: [...exclude] }) }),
    /** Where a request stands is said again. Once for each `n`. */
    askPlace: (teamId: string, asked: { r: string; askedAt: number }, n: number): Promise<void> =>
      tell(teamId, { kind: 'line-asked', ...asked, n }),
    cancel: (teamId: string, r: string): Promise<void> => tell(teamId, { kind: 'cancel', r }),
    refused: (teamId: string, asked: Asked, n: number, agentId: string, errcode?: number): Promise<void> =>
      tell(teamId, { kind: 'refused', ...asked, n, agentId, at: clock(), ...(errcode !== undefined && { errcode }) }),

    /** The agent let an offer expire. Once for each request and agent; `at` is the first one's. */
    offerMissed: (teamId: string, missed: { conversationId: string; r: string; agentId: string; at: Instant }) =>
      tell(teamId, { kind: 'offer-missed', ...missed }),
    /** The agent answered. `at`, when he did, has to be the same in a repeat. */
    offerAnswered: (teamId: string, answered: { conversationId: string; agentId: string; at: Instant }) =>
      tell(teamId, { kind: 'offer-answered', ...answered }),

    /** A place that frees up goes to the longest waiting: the agent's teams look at their lines. */
    async release(agentId: string, element: string): Promise<void> {
      await wakeAll(await store.release(agentId, element, clock()));
    },

    /** What agents do in WeCom's own client is recorded as it is, and marked where it exceeds the capacity. */
    async record(agentId: string, element: string): Promise<void> {
      if (!(await store.record(agentId, element, clock()))) return;
      log.warn('agent serves more than the capacity', { agentId });
      count('AgentsOverCapacity');
    },

    /** WeCom's reception status. Someone who receives again may take what waits. */
    async notePresence(agentId: string, openKfId: string, presence: Presence): Promise<void> {
      const teams = await store.notePresence(agentId, openKfId, presence);
      // Where the status cannot be read, trying is the way to find out.
      if (presence.status === 'receiving' || presence.status === 'unknown') await wakeAll(teams);
    },

    ...leaverDesk({ store, tell }),
  };
}
