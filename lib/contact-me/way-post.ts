import type { Clock } from '../platform/clock.ts';
import type { Queue } from '../platform/queues.ts';
import type { WayWake } from '../platform/wakes.ts';
import { timeOrder } from '../store/entry-order.ts';
import type { Inbox } from '../store/inbox.ts';
import { type WayEntry, wayEntryKey } from './way-entries.ts';

/** How others reach a contact way: entries into its inbox first, the wake second (consistency rule 1). */
export function wayPost(room: { inbox: Inbox; wakes: Queue<WayWake>; clock: Clock }) {
  const { inbox, wakes, clock } = room;

  const wake = (wayId: string): Promise<void> => wakes.send({ v: 1, wayId }, { group: wayId });

  return {
    wake,

    /** Woken in either case: whoever put an entry first may have died before the wake. */
    async tell(wayId: string, entries: readonly WayEntry[]): Promise<void> {
      for (const entry of entries) {
        const at = clock();
        await inbox.put({ owner: wayId, entry: wayEntryKey(entry), order: timeOrder(at), body: entry, at });
      }
      await wake(wayId);
    },
  };
}
