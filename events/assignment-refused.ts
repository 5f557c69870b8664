import * as z from 'zod';
import { defineEvent } from '../lib/events/define-event.ts';

const id = z.string().min(1);

export const AssignmentRefused = defineEvent({
  type: 'assignment.refused.v1',
  says: 'WeCom did not let an agent take a session, or did not show him the card that offers it (`card`; `errcode` 0 where it could not be shown in time); the next one is tried.',
  data: z.object({ agentId: id, teamId: id, errcode: z.int(), reason: z.enum(['agent', 'session', 'card']) }),
  example: { agentId: 'zhangsan', teamId: 'support', errcode: 95019, reason: 'agent' },
});
