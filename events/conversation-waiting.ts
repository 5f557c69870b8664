import * as z from 'zod';
import { defineEvent } from '../lib/events/define-event.ts';

const id = z.string().min(1);

export const ConversationWaiting = defineEvent({
  type: 'conversation.waiting.v1',
  says: "No agent had a free place: the conversation stands in the team's line.",
  data: z.object({ teamId: id, because: z.string() }),
  example: { teamId: 'support', because: 'customer' },
});
