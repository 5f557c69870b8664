import * as z from 'zod';
import { defineEvent } from '../lib/events/define-event.ts';

const id = z.string().min(1);

export const OfferExpired = defineEvent({
  type: 'offer.expired.v1',
  says: 'An agent who was given a session, or offered one by card, did not answer in time; another one is asked for. `missed` counts those who let it lie.',
  data: z.object({ agentId: id, teamId: id, missed: z.int(), afterMs: z.int() }),
  example: { agentId: 'zhangsan', teamId: 'support', missed: 1, afterMs: 60_000 },
});
