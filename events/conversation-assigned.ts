import * as z from 'zod';
import { defineEvent } from '../lib/events/define-event.ts';

const id = z.string().min(1);

export const ConversationAssigned = defineEvent({
  type: 'conversation.assigned.v1',
  says: "A session is with an agent now, by our assignment or by what happened in WeCom's client.",
  data: z.object({
    agentId: id,
    by: z.enum(['concierge', 'wecom']),
    teamId: id.optional(),
    because: z.string().optional(),
    waitedMs: z.int().optional(),
  }),
  example: { agentId: 'zhangsan', by: 'concierge', teamId: 'support', because: 'customer', waitedMs: 1200 },
});
