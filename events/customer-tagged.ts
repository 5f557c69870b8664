import * as z from 'zod';
import { defineEvent } from '../lib/events/define-event.ts';

export const CustomerTagged = defineEvent({
  type: 'customer.tagged.v1',
  says: "A rule noted something about a customer; these are tags of the configuration's, which the customer did not have before.",
  data: z.object({ tags: z.array(z.string().min(1)).min(1) }),
  example: { tags: ['vip'] },
});
