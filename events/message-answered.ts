import * as z from 'zod';
import { defineEvent } from '../lib/events/define-event.ts';

const id = z.string().min(1);

export const MessageAnswered = defineEvent({
  type: 'message.answered.v1',
  says: "A customer got an answer, from us or from an agent in WeCom's client.",
  data: z.object({
    messageId: id,
    messageType: z.string(),
    by: z.enum(['concierge', 'agent', 'model']).describe("`model`: the bot, in the words of the operator's model."),
    agentId: id.optional(),
    purpose: z.string().optional(),
    rule: z
      .string()
      .optional()
      .describe('The rules that answered, separated by commas, and the version of the rule set that has them.'),
    ruleSetVersion: z.int().optional(),
    answers: z.array(id).optional().describe("The customer's messages that it answers."),
    afterMs: z
      .int()
      .optional()
      .describe(
        "Milliseconds from the customer's first message that nobody had answered, by WeCom's time of it. Only the first answer has it.",
      ),
    personAfterMs: z
      .int()
      .optional()
      .describe(
        "An agent's first answer: milliseconds since the customer began to wait for a person, across offers and transfers.",
      ),
    whileClosed: z
      .literal(true)
      .optional()
      .describe('The account was closed when that wait began: for a person where there is one, else for any answer.'),
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
