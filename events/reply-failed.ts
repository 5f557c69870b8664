import * as z from 'zod';
import { defineEvent } from '../lib/events/define-event.ts';

const id = z.string().min(1);

export const ReplyFailed = defineEvent({
  type: 'reply.failed.v1',
  says: 'Something we wanted to say did not reach the customer, or may not have.',
  data: z.object({
    messageId: id.optional(),
    purpose: z.string().optional(),
    rule: z.string().optional(),
    ruleSetVersion: z.int().optional(),
    answers: z.array(id).optional().describe("The customer's messages that stay without this answer."),
    reason: z.string(),
    errcode: z.int().optional(),
    failType: z.int().optional(),
  }),
  example: { messageId: 'Zk3f', purpose: 'answer', reason: 'refused', errcode: 95002 },
});
