import * as z from 'zod';
import { Day } from '../platform/wall-clock.ts';

/** What lies in a contact way's inbox: everything that befalls it, its configuration apart. */
export const WayEntry = z.discriminatedUnion('kind', [
  /** An add or a loss, or one taken back. `at` is WeCom's time of the event that told it. */
  z.object({
    kind: z.literal('counted'),
    key: z.string(),
    day: Day,
    what: z.enum(['new', 'again', 'already-served', 'lost']),
    agentId: z.string(),
    change: z.union([z.literal(1), z.literal(-1)]),
    at: z.number(),
  }),
  /** Our own switch of a member. `id` tells one turn of the switch from the next. */
  z.object({
    kind: z.literal('duty'),
    id: z.string(),
    agentId: z.string(),
    duty: z.enum(['on', 'off']),
    at: z.number(),
  }),
]);
export type WayEntry = Readonly<z.infer<typeof WayEntry>>;
export type CountedEntry = Extract<WayEntry, { kind: 'counted' }>;

export function wayEntryKey(entry: WayEntry): string {
  return entry.kind === 'counted' ? `counted#${entry.key}` : `duty#${entry.id}`;
}
