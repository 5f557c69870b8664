import * as z from 'zod';

/**
 * One change that somebody asked for. It names things by their ids and contents by their hashes: nobody's words, and nothing of a customer
 * but the id under which the conversation is found.
 */
export const AuditRecord = z.object({
  id: z.string(),
  /** When it was asked for, in milliseconds. */
  at: z.number(),
  by: z.object({ kind: z.enum(['iam', 'member']), name: z.string(), role: z.string() }),
  /** As the contract names it: `PUT /contact-ways/{id}`. */
  operation: z.string(),
  /** The address's variables. */
  target: z.record(z.string(), z.string()),
  /** Those fields of the body that are settings and say nothing about a person's words. */
  wish: z.record(z.string(), z.unknown()).optional(),
  /** The hash of the body. */
  body: z.string().optional(),
  /** The ETag of what was changed, before and after, where it has one. */
  before: z.string().optional(),
  after: z.string().optional(),
  /** `begun`: nobody noted the end, so that it may have been made. */
  outcome: z.enum(['begun', 'done', 'refused', 'failed']),
  /** The answer's. */
  status: z.number().optional(),
  traceId: z.string().optional(),
});
export type AuditRecord = Readonly<z.infer<typeof AuditRecord>>;
