import * as z from 'zod';
import { defineEvent } from '../lib/events/define-event.ts';

const id = z.string().min(1);

export const MessageReceived = defineEvent({
  type: 'message.received.v1',
  says: 'A customer wrote a message.',
  data: z.object({ messageId: id, messageType: z.string(), sentAt: z.iso.datetime(), chosen: z.boolean() }),
  example: { messageId: 'msg1', messageType: 'text', sentAt: '2026-11-21T08:00:00.000Z', chosen: false },
});
