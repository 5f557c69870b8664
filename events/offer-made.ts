import * as z from 'zod';
import { defineEvent } from '../lib/events/define-event.ts';

const id = z.string().min(1);

export const OfferMade = defineEvent({
  type: 'offer.made.v1',
  says: 'An agent is asked by card to take a customer; nothing moves until he does. `n` counts who is asked for this request.',
  data: z.object({ agentId: id, teamId: id, n: z.int() }),
  example: { agentId: 'zhangsan', teamId: 'support', n: 1 },
});
