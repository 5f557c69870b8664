import * as z from 'zod';
import { defineEvent } from '../lib/events/define-event.ts';

const id = z.string().min(1);

export const WelcomeMissed = defineEvent({
  type: 'welcome.missed.v1',
  says: 'A customer who had just added a member got no welcome from us, or nobody knows; `cause` says why.',
  data: z.object({
    customerId: id,
    agentId: id,
    wayId: id.optional(),
    outcome: z.string(),
    cause: z.string(),
    errcode: z.int().optional(),
  }),
  example: {
    customerId: 'wmEXAMPLE',
    agentId: 'zhangsan',
    wayId: 'spring',
    outcome: 'late',
    cause: 'code-expired-or-used',
    errcode: 41050,
  },
});
