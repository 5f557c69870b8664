import * as z from 'zod';
import { defineEvent } from '../lib/events/define-event.ts';

const id = z.string().min(1);

export const ConversationClosing = defineEvent({
  type: 'conversation.closing.v1',
  says: "A customer waits in a team's line, and WeCom's 48 hours in which we may write are almost over.",
  data: z.object({ teamId: id, waitedMs: z.int(), closesAt: z.iso.datetime() }),
  example: { teamId: 'support', waitedMs: 165_600_000, closesAt: '2026-10-03T04:00:00.000Z' },
});
