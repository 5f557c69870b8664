import * as z from 'zod';
import { defineEvent } from '../lib/events/define-event.ts';

const id = z.string().min(1);

export const ConversationTransferred = defineEvent({
  type: 'conversation.transferred.v1',
  says: "A session went from one agent to another: in WeCom's client, or by us where an offer had expired or somebody handed it over.",
  data: z.object({
    agentId: id,
    from: id,
    by: z.enum(['concierge', 'wecom']),
    teamId: id.optional(),
    waitedMs: z.int().optional(),
  }),
  example: { agentId: 'lisi', from: 'zhangsan', by: 'wecom' },
});
