import { type Clock, type Instant, SECOND } from '../platform/clock.ts';
import type { Signal } from '../platform/wakes.ts';
import { type AccountDutyStore, KNOWN_AFTER } from '../wecom/account-duty.ts';
import type { OwnEntry } from './entries.ts';

type RunSignal = Extract<Signal, { kind: 'run' }>;

const TIME_FOR_A_SHARD = 30 * SECOND;
/** Conversations told side by side. */
const SIDE_BY_SIDE = 8;

export interface ReleaseAccount {
  readonly duties: AccountDutyStore;
  readonly clock: Clock;
  /** The conversations of a shard that have something open: a place, a request, a session with a person, something to tell. Undefined: no such shard. */
  openConversations(shard: number): Promise<readonly string[] | undefined>;
  /** Puts the entry into the conversation's inbox, and wakes it. */
  tell(conversationId: string, entry: Extract<OwnEntry, { kind: 'released' }>): Promise<unknown>;
  goOn(signal: RunSignal): Promise<void>;
  /** Goes on then. */
  goOnAt(signal: RunSignal, at: Instant): Promise<void>;
}

/**
 * Lets an account go: each of its conversations that has something open is told, and lets go itself. A shard is a step; one that
 * is begun again tells the same entries, which are known by then.
 */
export function releaseAccount({ duties, clock, openConversations, tell, goOn, goOnAt }: ReleaseAccount) {
  return async function step(signal: RunSignal, deadline: Instant): Promise<void> {
    const { openKfId } = signal;
    for (let first = true; ; first = false) {
      const { run } = await duties.duty(openKfId);
      if (!run || run.id !== signal.run || run.kind !== 'release' || run.doneAt !== undefined) return;
      // Before that a place that becomes free would be given to the next customer in line.
      if (clock() < run.startedAt + KNOWN_AFTER) return goOnAt(signal, run.startedAt + KNOWN_AFTER);
      if (!first && clock() > deadline - TIME_FOR_A_SHARD) return goOn(signal);
      const open = await openConversations(run.steps);
      if (!open) {
        await duties.finish(openKfId, run, clock());
        return;
      }
      const ours = open.filter((conversationId) => conversationId.startsWith(`${openKfId}:`));
      const waiting = ours.values();
      const lane = async (): Promise<void> => {
        for (const id of waiting) await tell(id, { kind: 'released', run: run.id, at: run.startedAt });
      };
      await Promise.all(Array.from({ length: SIDE_BY_SIDE }, lane));
      const counts = { customers: ours.length, held: 0, pooled: 0, refused: 0 };
      if (!(await duties.advance(openKfId, run, counts))) return;
    }
  };
}
