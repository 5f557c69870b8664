import * as z from 'zod';
import { defineEvent } from '../lib/events/define-event.ts';

export const ConversationReleased = defineEvent({
  type: 'conversation.released.v1',
  says: 'Its account is not ours to serve any more: the place it took is free, and a customer who waited was handed to WeCom’s pool, or could not be.',
  data: z.object({
    waited: z.boolean(),
    /** Of a customer who waited: servicers see him in WeCom. */
    inPool: z.boolean().optional(),
    /** Who serves him, and goes on in WeCom. */
    agentId: z.string().optional(),
  }),
  example: { waited: true, inPool: true },
});
