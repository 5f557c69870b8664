import * as z from 'zod';
import { defineEvent } from '../lib/events/define-event.ts';

const id = z.string().min(1);

export const GreetingMissed = defineEvent({
  type: 'greeting.missed.v1',
  says: 'A welcome code died before the greeting went out, or WeCom refused it.',
  data: z.object({
    messageId: id.optional(),
    purpose: z.string().optional(),
    reason: z.string(),
    errcode: z.int().optional(),
  }),
  example: { reason: 'late' },
});
