import * as z from 'zod';
import { Day } from '../platform/wall-clock.ts';

/** What lies in a contact way's inbox: everything that befalls it. Its configuration lies elsewhere. */
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
  /** A member who cannot be added, as others than WeCom's refusal of a list told: he left, or is full by WeCom's own limits. */
  z.object({ kind: z.literal('set-aside'), id: z.string(), agentId: z.string(), reason: z.string(), at: z.number() }),
  /** Somebody set aside may be there again: WeCom is to be asked. */
  z.object({ kind: z.literal('back'), id: z.string(), agentId: z.string(), at: z.number() }),
  /** WeCom's list is to be read and compared with what it should be. */
  z.object({ kind: z.literal('look'), id: z.string(), at: z.number() }),
  /** Its configuration was changed or is just being changed: how it is now has to be read again. */
  z.object({ kind: z.literal('configured'), id: z.string(), at: z.number() }),
  /** WeCom refuses the way's tags or its remark for customers: `tags-refused`, `remark-refused`. */
  z.object({ kind: z.literal('label-refused'), id: z.string(), reason: z.string(), at: z.number() }),
  /** WeCom closed an acquisition link of this way. */
  z.object({ kind: z.literal('link-gone'), id: z.string(), linkId: z.string(), at: z.number() }),
]);
export type WayEntry = Readonly<z.infer<typeof WayEntry>>;
export type CountedEntry = Extract<WayEntry, { kind: 'counted' }>;

export function wayEntryKey(entry: WayEntry): string {
  return entry.kind === 'counted' ? `counted#${entry.key}` : `${entry.kind}#${entry.id}`;
}
