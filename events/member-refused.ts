import * as z from 'zod';
import { defineEvent } from '../lib/events/define-event.ts';

const id = z.string().min(1);

export const MemberRefused = defineEvent({
  type: 'member.refused.v1',
  says: 'WeCom does not take a member into a contact way’s list; the way goes on without him.',
  data: z.object({ wayId: id, agentId: id, reason: z.string() }),
  example: { wayId: 'spring', agentId: 'zhangsan', reason: 'not-verified' },
});
