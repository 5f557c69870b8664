import * as z from 'zod';

/** What is around every event's data: CloudEvents 1.0, in `detail` of what EventBridge delivers. */
export const Envelope = z.object({
  specversion: z.literal('1.0'),
  id: z.string().min(1).describe('Stable: a repeat, and a replay of the archive, has the same.'),
  source: z.string().min(1).describe('`wecom-concierge/` and the stage. An id is unique within it.'),
  type: z.string().min(1).describe('The same as `detail-type`.'),
  subject: z
    .string()
    .min(1)
    .describe(
      'What it is about: a conversation (`open_kfid:external_userid`), a customer (`external_userid`), `way#` and a contact way, `agent#` and a member, `#corp`.',
    ),
  time: z.iso.datetime().describe('When it happened.'),
  sequence: z
    .int()
    .min(0)
    .describe(
      'Rises from one event of a subject to its next, not always by one. What is not higher than what you know is old news.',
    ),
  traceparent: z
    .string()
    .regex(/^00-[0-9a-f]{32}-[0-9a-f]{16}-0[01]$/)
    .optional()
    .describe('W3C Trace Context: the 32 digits stand in our log lines as `trace`. A repeat may have another.'),
  datacontenttype: z.literal('application/json'),
});
export type Envelope = z.infer<typeof Envelope>;
