import * as z from 'zod';
import { defineEvent } from '../lib/events/define-event.ts';

const id = z.string().min(1);

export const WayAlarmed = defineEvent({
  type: 'way.alarmed.v1',
  says: 'Somebody has to see to a contact way: nobody can take a turn, or WeCom does not take its list.',
  data: z.object({ wayId: id, reason: z.string() }),
  example: { wayId: 'spring', reason: 'nobody-can' },
});
