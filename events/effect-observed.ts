import * as z from 'zod';
import { defineEvent } from '../lib/events/define-event.ts';

export const EffectObserved = defineEvent({
  type: 'effect.observed.v1',
  says: 'On an account that we only observe, this would have been said or moved; nothing was, and nobody knows what would have become of it.',
  data: z.object({
    effectId: z.string(),
    kind: z.enum(['send', 'send-by-code', 'move']),
    purpose: z.string().optional(),
    /** The messages that it would have answered. */
    answers: z.array(z.string()).optional(),
    rule: z.string().optional(),
    /** Of a move: the session's state afterwards, and who would have got it. */
    to: z.string().optional(),
    agentId: z.string().optional(),
  }),
  example: { effectId: 'Jv2mF3…', kind: 'send', purpose: 'answer', answers: ['msgid1'], rule: 'opening-hours' },
});
