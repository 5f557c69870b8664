import * as z from 'zod';
import { defineEvent } from '../lib/events/define-event.ts';

const id = z.string().min(1);

export const ConversationLeft = defineEvent({
  type: 'conversation.left.v1',
  says: "A customer left the team's line without having been served: because he said so, or because WeCom's 48 hours were over.",
  data: z.object({
    teamId: id,
    because: z.string(),
    reason: z.enum(['customer', 'window']),
    waitedMs: z.int(),
    place: z.int().optional().describe('Where he stood when he was last told of it, 1 is next.'),
  }),
  example: { teamId: 'support', because: 'customer', reason: 'customer', waitedMs: 240_000, place: 3 },
});
