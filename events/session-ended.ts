import * as z from 'zod';
import { defineEvent } from '../lib/events/define-event.ts';

const id = z.string().min(1);

export const SessionEnded = defineEvent({
  type: 'session.ended.v1',
  says: 'A session with an agent is over.',
  data: z.object({
    agentId: id.optional(),
    by: z.enum(['silence', 'wecom', 'hand-over']),
    cause: z.string().optional(),
  }),
  example: { agentId: 'zhangsan', by: 'silence' },
});
