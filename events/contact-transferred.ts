import * as z from 'zod';
import { defineEvent } from '../lib/events/define-event.ts';

const id = z.string().min(1);

export const ContactTransferred = defineEvent({
  type: 'contact.transferred.v1',
  says: 'A customer went over from a member to another one; no customer was lost. Who has him now, a contact.added says.',
  data: z.object({
    customerId: id,
    agentId: id.describe('Who had the customer until then.'),
    wayId: id.optional().describe('By which the customer had come to him.'),
    day: z.iso.date().describe('On which it happened, in the corp’s time zone.'),
  }),
  example: { customerId: 'wmEXAMPLE', agentId: 'zhangsan', wayId: 'spring', day: '2026-10-01' },
});
