import * as z from 'zod';
import { defineEvent } from '../lib/events/define-event.ts';

const id = z.string().min(1);

export const ContactTransferFailed = defineEvent({
  type: 'contact.transfer-failed.v1',
  says: 'A customer did not go over to another member. WeCom does not say whether `agentId` gives or takes; `reason` is its word.',
  data: z.object({ customerId: id, agentId: id, reason: z.string().optional() }),
  example: { customerId: 'wmEXAMPLE', agentId: 'zhangsan', reason: 'customer_refused' },
});
