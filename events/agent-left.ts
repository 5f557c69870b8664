import * as z from 'zod';
import { defineEvent } from '../lib/events/define-event.ts';

const id = z.string().min(1);

export const AgentLeft = defineEvent({
  type: 'agent.left.v1',
  says: 'An agent has left: he gets no more customers, and for those whom he serves others are asked for.',
  data: z.object({
    agentId: id,
    reason: z.enum(['deleted', 'unknown-member', 'no-servicer']),
    conversations: z.int().min(0).describe('How many he served then.'),
    teams: z.array(id),
  }),
  example: { agentId: 'zhangsan', reason: 'deleted', conversations: 2, teams: ['support'] },
});
