import * as z from 'zod';
import { defineEvent } from '../lib/events/define-event.ts';

const id = z.string().min(1);

export const HandOverDone = defineEvent({
  type: 'hand-over.done.v1',
  says: 'A conversation that somebody handed over is where it was to go: with a person (`agentId`), or with the bot.',
  data: z.object({
    handOverId: id,
    by: id.describe('A userid, or whoever else asked for it.'),
    to: z.enum(['agent', 'team', 'bot']),
    agentId: id.optional(),
    from: id.optional().describe('Who held the session before.'),
    afterMs: z.int(),
  }),
  example: { handOverId: 'h1', by: 'boss', to: 'team', agentId: 'lisi', from: 'zhangsan', afterMs: 1200 },
});
