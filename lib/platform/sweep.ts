import type { Clock, Instant } from './clock.ts';
import { log } from './log.ts';
import { duration } from './metrics.ts';

/** How many owners of a kind one run wakes; the longest overdue first, so the rest has its turn next time. */
const AT_MOST = 500;
/** WeCom rations pulls without a token: more signals than this a run would only stand in line (consistency rule 20). */
const PULLS_AT_MOST = 5;

interface Overdue {
  readonly owner: string;
  readonly attentionAt: Instant;
}

/**
 * Finds what a lost wake-up or a crash left behind and wakes its owner again. It decides nothing and writes nothing: who has
 * nothing to do goes back to sleep.
 */
export function sweep<Media extends { readonly attentionAt: Instant }>(room: {
  clock: Clock;
  overdueConversations(at: Instant, limit: number): Promise<readonly Overdue[]>;
  overdueTeams(at: Instant, limit: number): Promise<readonly Overdue[]>;
  overdueWays(at: Instant, limit: number): Promise<readonly Overdue[]>;
  overdueDesks(at: Instant, limit: number): Promise<readonly Overdue[]>;
  overdueAccounts(
    at: Instant,
    limit: number,
  ): Promise<readonly { app: string; openKfId: string; attentionAt?: Instant | undefined }[]>;
  wakeConversation(conversationId: string): Promise<void>;
  wakeTeam(teamId: string): Promise<void>;
  wakeWay(wayId: string): Promise<void>;
  wakeDesk(supervisorId: string): Promise<void>;
  pull(app: string, openKfId: string): Promise<void>;
  /** Files that have to be uploaded again before their time ends. */
  overdueMedia(at: Instant, limit: number): Promise<readonly Media[]>;
  wakeMedia(media: Media): Promise<void>;
}) {
  return async function run(): Promise<void> {
    const now = room.clock();
    // What is wrong with one kind of owner must not keep the others from being found.
    const runs = await Promise.allSettled([
      look('conversations', room.overdueConversations(now, AT_MOST), now, ({ owner }) => room.wakeConversation(owner)),
      look('teams', room.overdueTeams(now, AT_MOST), now, ({ owner }) => room.wakeTeam(owner)),
      look('ways', room.overdueWays(now, AT_MOST), now, ({ owner }) => room.wakeWay(owner)),
      look('desks', room.overdueDesks(now, AT_MOST), now, ({ owner }) => room.wakeDesk(owner)),
      look('accounts', room.overdueAccounts(now, PULLS_AT_MOST), now, ({ app, openKfId }) => room.pull(app, openKfId)),
      look('media', room.overdueMedia(now, AT_MOST), now, (media) => room.wakeMedia(media)),
    ]);
    for (const run of runs) if (run.status === 'rejected') throw run.reason;
  };
}

async function look<Found extends { readonly attentionAt?: Instant | undefined }>(
  kind: string,
  overdue: Promise<readonly Found[]>,
  now: Instant,
  wake: (found: Found) => Promise<void>,
): Promise<void> {
  const found = await overdue;
  report(kind, found, now);
  for (const one of found) await wake(one);
}

/** The age of the oldest undone thing is what alarms look at. */
function report(kind: string, found: readonly { attentionAt?: Instant | undefined }[], now: Instant): void {
  const oldest = Math.min(now, ...found.map(({ attentionAt = now }) => attentionAt));
  duration('OldestOverdue', { kind }, now - oldest);
  if (found.length > 0) log.info('overdue owners woken', { kind, count: found.length, ms: now - oldest });
}
