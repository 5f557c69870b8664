import * as z from 'zod';
import { defineEvent } from '../lib/events/define-event.ts';

export const AcquisitionBalance = defineEvent({
  type: 'acquisition.balance.v1',
  says: 'The adds that customer-acquisition links may still make are few, used up, there again, or about to expire.',
  data: z.object({
    kind: z.enum(['balance-low', 'balance-exhausted', 'balance-increased', 'quota-expires']),
    expiresAt: z.iso.datetime().optional(),
    expiring: z.int().optional().describe('How many expire then.'),
  }),
  example: { kind: 'quota-expires', expiresAt: '2026-12-01T00:00:00.000Z', expiring: 200 },
});
