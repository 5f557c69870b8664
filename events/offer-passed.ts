import * as z from 'zod';
import { defineEvent } from '../lib/events/define-event.ts';

const id = z.string().min(1);

export const OfferPassed = defineEvent({
  type: 'offer.passed.v1',
  says: 'An agent who was asked by card left the customer to somebody else; the next one is asked.',
  data: z.object({ agentId: id, teamId: id, afterMs: z.int() }),
  example: { agentId: 'zhangsan', teamId: 'support', afterMs: 4_000 },
});
