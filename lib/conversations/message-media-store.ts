import * as z from 'zod';
import type { MediaMessage } from '../media/keep-inbound.ts';
import { KeptMedia } from '../media/kept-media.ts';
import type { Instant } from '../platform/clock.ts';
import { isExpired } from '../store/inbox.ts';
import { present, type Table } from '../store/table.ts';
import { isMediaKind } from '../wecom/media.ts';
import { messageKey } from './entries.ts';

/** What the history says of the files that came with messages. */
export interface MessageMediaStore {
  /** Consistently read. Undefined where there is no such message (any more), where it came with no file, and where it was taken back. */
  read(conversationId: string, messageId: string, now: Instant): Promise<MediaMessage | undefined>;
  /** False when the message was taken back or erased meanwhile; nothing is noted then. */
  note(conversationId: string, messageId: string, kept: KeptMedia): Promise<boolean>;
}

const Stored = z.object({
  body: z.object({
    app: z.string(),
    type: z.string().refine(isMediaKind),
    sentAt: z.number(),
    content: z.object({ media_id: z.string().min(1) }),
  }),
  media: KeptMedia.optional(),
});

export function messageMediaStore(table: Table): MessageMediaStore {
  const key = (conversationId: string, messageId: string) => ({ conversationId, entry: messageKey(messageId) });
  return {
    async read(conversationId, messageId, now) {
      const item = await table.get(key(conversationId, messageId), { consistent: true });
      const stored = Stored.safeParse(item);
      if (!item || isExpired(item, now) || !stored.success) return undefined;
      const { body, media } = stored.data;
      return { app: body.app, sentAt: body.sentAt, mediaId: body.content.media_id, ...(media && { kept: media }) };
    },
    async note(conversationId, messageId, kept) {
      const change = { set: { media: kept } };
      const noted = await table.update(key(conversationId, messageId), change, { condition: present('body') });
      return noted !== undefined;
    },
  };
}
