import * as z from 'zod';
import { defineEvent } from '../lib/events/define-event.ts';

const id = z.string().min(1);

export const SurveyAnswered = defineEvent({
  type: 'survey.answered.v1',
  says: 'A customer rated a session with an agent. Comes once for a survey.',
  data: z.object({
    surveyId: id,
    kind: z.enum(['csat', 'nps', 'ces']),
    value: z.int().min(0).max(10).describe('The larger, the better: csat 1–5, ces 1–7, nps 0–10.'),
    agentId: id.optional().describe('Who served last, and for which team.'),
    teamId: id.optional(),
    messageId: id.describe('The message that is the answer.'),
    afterMs: z.int().min(0).describe('Milliseconds since the customer was asked.'),
  }),
  example: {
    surveyId: 'b7Kq0x2mPzT4v9Ya',
    kind: 'csat',
    value: 5,
    agentId: 'zhangsan',
    teamId: 'support',
    messageId: '4Bn8',
    afterMs: 12_000,
  },
});
