import * as z from 'zod';
import type { Instant } from '../platform/clock.ts';
import { inChunks } from '../platform/repeat-undone.ts';
import { type Cursor, type Item, not, present, type Table } from '../store/table.ts';
import { isMediaKind } from '../wecom/media.ts';

/** Removed side by side. */
const AT_ONCE = 25;

const Kept = z.looseObject({
  entry: z.string(),
  unread: z.string().optional(),
  at: z.number().optional(),
  arrivedAt: z.number().optional(),
  body: z
    .looseObject({
      id: z.string().optional(),
      type: z.string().optional(),
      sentAt: z.number().optional(),
      at: z.number().optional(),
    })
    .optional(),
  /** Its words are gone; its file is being seen to. */
  erasing: z.string().optional(),
});
type Kept = z.infer<typeof Kept>;

/** See `ConversationStore.eraseHistory`. */
export async function eraseHistory(
  table: Table,
  conversationId: string,
  upTo: Instant,
  forgetFile: (messageId: string) => Promise<void>,
): Promise<void> {
  let after: Cursor | undefined;
  do {
    const page = await table.query({ partition: conversationId, consistent: true, ...(after && { after }) });
    const old = page.items.map((item) => Kept.parse(item)).filter((item) => isOf(item, upTo));
    for (const some of inChunks(old, AT_ONCE)) await Promise.all(some.map(erase));
    after = page.next;
  } while (after);

  async function erase(item: Kept): Promise<void> {
    const key = { conversationId, entry: item.entry };
    const messageId = item.erasing ?? fileOf(item);
    if (messageId !== undefined) {
      const words = wordsOf(item);
      if (words.length > 0)
        await table.update(key, { set: { erasing: messageId }, remove: words }, { condition: present('entry') });
      await forgetFile(messageId);
    }
    await table.delete(key, not(present('unread')));
  }
}

function isOf({ entry, unread, at, arrivedAt, body }: Kept, upTo: Instant): boolean {
  if (entry === 'state' || unread !== undefined) return false;
  return (body?.sentAt ?? body?.at ?? at ?? arrivedAt ?? 0) <= upTo;
}

/** The message whose file the bucket may hold. */
const fileOf = ({ body }: Kept): string | undefined =>
  body?.id !== undefined && body.type !== undefined && isMediaKind(body.type) ? body.id : undefined;

const wordsOf = (item: Item): string[] => ['body', 'media', 'content'].filter((name) => item[name] !== undefined);
