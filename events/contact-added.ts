import * as z from 'zod';
import { defineEvent } from '../lib/events/define-event.ts';

const id = z.string().min(1);

export const ContactAdded = defineEvent({
  type: 'contact.added.v1',
  says: 'A customer and a member became contacts; half and full are one. `day` is the one on which it counts, in the corp’s time zone.',
  data: z.object({
    customerId: id,
    agentId: id,
    wayId: id.optional(),
    kind: z.enum(['new', 'again', 'already-served']),
    day: z.iso.date(),
    turn: z
      .int()
      .optional()
      .describe('The turn of a `link` way that led to it, where the customer came by an acquisition link.'),
  }),
  example: { customerId: 'wmEXAMPLE', agentId: 'zhangsan', wayId: 'spring', kind: 'new', day: '2026-10-01' },
});
