import * as z from 'zod';
import { defineEvent } from '../lib/events/define-event.ts';

const id = z.string().min(1);

export const AgentOffDuty = defineEvent({
  type: 'agent.off-duty.v1',
  says: 'An agent let so many offers in a row expire that he gets no more, until somebody puts him on duty again.',
  data: z.object({ agentId: id, teamId: id, reason: z.enum(['missed-offers']), missed: z.int().min(1) }),
  example: { agentId: 'zhangsan', teamId: 'support', reason: 'missed-offers', missed: 3 },
});
