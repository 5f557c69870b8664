import * as z from 'zod';
import { defineEvent } from '../lib/events/define-event.ts';

const id = z.string().min(1);

export const MessageAnswered = defineEvent({
  type: 'message.answered.v1',
  says: "A customer got an answer, from us or from an agent in WeCom's client.",
  data: z.object({
    messageId: id,
    messageType: z.string(),
    by: z.enum(['concierge', 'agent']),
    agentId: id.optional(),
    purpose: z.string().optional(),
    /** The rules that answered, separated by commas, and the version of the rule set that has them. */
    rule: z.string().optional(),
    ruleSetVersion: z.int().optional(),
    /** The customer's messages that it answers. */
    answers: z.array(id).optional(),
  }),
  example: {
    messageId: 'Zk3f',
    messageType: 'text',
    by: 'concierge',
    purpose: 'answer',
    rule: 'opening-hours',
    ruleSetVersion: 7,
  },
});
