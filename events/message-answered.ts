import * as z from 'zod';
import { defineEvent } from '../lib/events/define-event.ts';

const id = z.string().min(1);

export const MessageAnswered = defineEvent({
  type: 'message.answered.v1',
  says: "A customer got an answer, from us or from an agent in WeCom's client.",
  data: z.object({
    messageId: id,
    messageType: z.string(),
    /** `model`: the bot, in the words of the operator's model. */
    by: z.enum(['concierge', 'agent', 'model']),
    agentId: id.optional(),
    purpose: z.string().optional(),
    /** The rules that answered, separated by commas, and the version of the rule set that has them. */
    rule: z.string().optional(),
    ruleSetVersion: z.int().optional(),
    /** The customer's messages that it answers. */
    answers: z.array(id).optional(),
    /** Milliseconds from the customer's first message that nobody had answered, by WeCom's time of it. Only the first answer has it. */
    afterMs: z.int().optional(),
    /** An agent's first answer: milliseconds since the customer began to wait for a person, across offers and transfers. */
    personAfterMs: z.int().optional(),
    /** The account was closed when that wait began: for a person where there is one, else for any answer. */
    whileClosed: z.literal(true).optional(),
  }),
  example: {
    messageId: 'Zk3f',
    messageType: 'text',
    by: 'concierge',
    purpose: 'answer',
    rule: 'opening-hours',
    ruleSetVersion: 7,
    afterMs: 1400,
  },
});
