import * as z from 'zod';
import { defineEvent } from '../lib/events/define-event.ts';

const id = z.string().min(1);

export const ContactRecounted = defineEvent({
  type: 'contact.recounted.v1',
  says: 'Late news of earlier events takes back what an earlier contact.added or contact.removed said.',
  data: z.object({
    customerId: id,
    agentId: id,
    wayId: id.optional(),
    kind: z.enum(['new', 'again', 'already-served', 'lost']),
    day: z.iso.date(),
  }),
  example: { customerId: 'wmEXAMPLE', agentId: 'zhangsan', wayId: 'spring', kind: 'new', day: '2026-10-01' },
});
