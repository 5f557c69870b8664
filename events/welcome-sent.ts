import * as z from 'zod';
import { defineEvent } from '../lib/events/define-event.ts';

const id = z.string().min(1);

export const WelcomeSent = defineEvent({
  type: 'welcome.sent.v1',
  says: 'WeCom took the welcome for a customer who had just added a member.',
  data: z.object({
    customerId: id,
    agentId: id,
    wayId: id.optional(),
    delayMs: z
      .int()
      .min(0)
      .optional()
      .describe("Milliseconds from WeCom's time of the event, which is in whole seconds, until the welcome was sent."),
  }),
  example: { customerId: 'wmEXAMPLE', agentId: 'zhangsan', wayId: 'spring', delayMs: 900 },
});
