import * as z from 'zod';
import { defineEvent } from '../lib/events/define-event.ts';

const id = z.string().min(1);

export const ContactObserved = defineEvent({
  type: 'contact.observed.v1',
  says: 'On a contact way that we only observe, a customer would have got a welcome, or tags and a remark; nothing was sent.',
  data: z.object({
    customerId: id,
    agentId: id,
    /** Absent where the customer came by no way of ours. */
    wayId: id.optional(),
    what: z.enum(['welcome', 'labels']),
  }),
  example: { customerId: 'wmA1b2', agentId: 'zhangsan', wayId: 'front-desk', what: 'welcome' },
});
