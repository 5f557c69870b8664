import * as z from 'zod';
import { defineEvent } from '../lib/events/define-event.ts';

const id = z.string().min(1);

export const OfferAccepted = defineEvent({
  type: 'offer.accepted.v1',
  says: 'An agent who was given a session has answered for the first time; or, where agents are asked by card, he took it.',
  data: z.object({ agentId: id, afterMs: z.int() }),
  example: { agentId: 'zhangsan', afterMs: 18_000 },
});
