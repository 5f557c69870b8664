import * as z from 'zod';
import { defineEvent } from '../lib/events/define-event.ts';

const id = z.string().min(1);

export const HandOverRefused = defineEvent({
  type: 'hand-over.refused.v1',
  says: "A conversation stays where it is, or its session is over: a hand-over was impossible in WeCom's state, or came to nothing.",
  data: z.object({
    handOverId: id,
    by: id,
    to: z.enum(['agent', 'team', 'bot']),
    agentId: id.optional().describe('Who was wanted.'),
    teamId: id.optional(),
    from: id.optional(),
    reason: z.enum([
      'no-session',
      'already-there',
      'one-way',
      'no-team',
      'replaced',
      'session-ended',
      'wecom',
      'withdrawn',
    ]),
  }),
  example: { handOverId: 'h1', by: 'boss', to: 'bot', reason: 'one-way' },
});
