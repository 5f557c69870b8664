import * as z from 'zod';
import { defineEvent } from '../lib/events/define-event.ts';

const id = z.string().min(1);

export const ContactRemoved = defineEvent({
  type: 'contact.removed.v1',
  says: 'A customer and a member are no longer contacts, because one of them deleted the other.',
  data: z.object({ customerId: id, agentId: id, wayId: id.optional(), day: z.iso.date() }),
  example: { customerId: 'wmEXAMPLE', agentId: 'zhangsan', wayId: 'spring', day: '2026-10-01' },
});
