import * as z from 'zod';
import { defineEvent } from '../lib/events/define-event.ts';

const id = z.string().min(1);

export const ConversationAbandoned = defineEvent({
  type: 'conversation.abandoned.v1',
  says: 'A session ended while the conversation still waited for an agent.',
  data: z.object({ teamId: id, because: z.string(), waitedMs: z.int() }),
  example: { teamId: 'support', because: 'customer', waitedMs: 172_800_000 },
});
