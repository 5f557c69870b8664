import * as z from 'zod';
import { defineEvent } from '../lib/events/define-event.ts';

const id = z.string().min(1);

export const SurveyAsked = defineEvent({
  type: 'survey.asked.v1',
  says: 'A session with an agent ended, and the customer was asked for a rating.',
  data: z.object({
    surveyId: id,
    kind: z.enum(['csat', 'nps', 'ces']),
    agentId: id.optional().describe('Who served last, and for which team.'),
    teamId: id.optional(),
  }),
  example: { surveyId: 'b7Kq0x2mPzT4v9Ya', kind: 'csat', agentId: 'zhangsan', teamId: 'support' },
});
