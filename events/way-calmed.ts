import * as z from 'zod';
import { defineEvent } from '../lib/events/define-event.ts';

const id = z.string().min(1);

export const WayCalmed = defineEvent({
  type: 'way.calmed.v1',
  says: 'What somebody had to see to at a contact way is over.',
  data: z.object({ wayId: id, reason: z.string() }),
  example: { wayId: 'spring', reason: 'nobody-can' },
});
