import * as z from 'zod';
import { defineEvent } from '../lib/events/define-event.ts';

const id = z.string().min(1);

export const ConversationErased = defineEvent({
  type: 'conversation.erased.v1',
  says: 'A customer is forgotten: what was said in this conversation is gone here, and whoever kept something because of its events has to erase it, too.',
  data: z.object({
    openKfId: id,
    customerId: id,
    upTo: z.iso.datetime().describe('What is of up to then goes. Who writes afterwards is a new customer.'),
  }),
  example: { openKfId: 'wkEXAMPLE', customerId: 'wmEXAMPLE', upTo: '2026-10-01T08:30:00.000Z' },
});
