import * as z from 'zod';
import { defineEvent } from '../lib/events/define-event.ts';

const id = z.string().min(1);

export const HandOverDone = defineEvent({
  type: 'hand-over.done.v1',
  says: 'A conversation that somebody handed over is where it was to go: with a person (`agentId`), or with the bot.',
  data: z.object({
    handOverId: id,
    /** A userid, or whoever else asked for it. */
    by: id,
    to: z.enum(['agent', 'team', 'bot']),
    agentId: id.optional(),
    /** Who held the session before. */
    from: id.optional(),
    afterMs: z.int(),
  }),
  example: { handOverId: 'h1', by: 'boss', to: 'team', agentId: 'lisi', from: 'zhangsan', afterMs: 1200 },
});
