import * as z from 'zod';
import { defineEvent } from '../lib/events/define-event.ts';

const id = z.string().min(1);

export const ContactErased = defineEvent({
  type: 'contact.erased.v1',
  says: 'A customer is forgotten: whom he added is gone here, and whoever kept something because of events about him has to erase it, too.',
  data: z.object({
    customerId: id,
    upTo: z.iso.datetime().describe('What is of up to then goes. Who adds somebody afterwards is a new customer.'),
  }),
  example: { customerId: 'wmEXAMPLE', upTo: '2026-10-01T08:30:00.000Z' },
});
