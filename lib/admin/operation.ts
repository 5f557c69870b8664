import * as z from 'zod';
import type { Role } from '../access/roles.ts';
import type { Scope } from './scope.ts';

/** What an address of the admin API takes, gives and asks for: its contract, from which docs/admin-api.json is made. */
export interface Operation {
  readonly says: string;
  /** The least role. */
  readonly role: Role;
  readonly scope: Scope;
  /** Fields of the query. */
  readonly query?: Readonly<Record<string, z.ZodType>>;
  readonly body?: z.ZodType;
  /** Whether a body may be left out. */
  readonly mayBeEmpty?: true;
  /** By status. A text is the content type of what is no JSON; `null` has no body. */
  readonly answers: Readonly<Record<number, z.ZodType | string | null>>;
  /** The refusals of its own, beside those that every address has. */
  readonly refuses?: readonly number[];
  /** Whether a change has to name the ETag of what it changes, or may; and whether its answer, or that of reading, gives one. */
  readonly matched?: true | 'if-given';
  readonly tagged?: true;
  /** The body's fields that the record of changes quotes: settings and ids, nobody's words. */
  readonly records?: readonly string[];
}

/**
 * What our function itself may refuse here, in order. The rest is API Gateway's: it answers before us where nobody signed, where too many come
 * at once and where the function is not there.
 */
export function refusalsOf(
  pattern: string,
  { role, scope, query, body, matched, refuses = [] }: Operation,
): readonly number[] {
  const isForAll = role === 'viewer' && scope === 'anybody';
  const found = [401, 429, 500, ...refuses];
  if (query || body || pattern.includes('{')) found.push(400);
  if (!isForAll) found.push(403);
  if (matched) found.push(412);
  if (matched === true) found.push(428);
  return [...new Set(found)].sort((a, b) => a - b);
}

/** RFC 9457. */
export const Problem = z
  .looseObject({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string().describe('What is wrong, and the mend, for whoever asked.'),
    errors: z
      .array(z.object({ path: z.string(), problem: z.string(), mend: z.string() }))
      .optional()
      .describe('The fields that are wrong.'),
    traceId: z.string().optional().describe('By which the log of this request is found.'),
  })
  .meta({ id: 'Problem' });

/** What API Gateway says for itself. */
export const GatewayMessage = z.looseObject({ message: z.string() }).meta({
  id: 'GatewayMessage',
  description: 'API Gateway’s own words, before our function was asked: no problem document.',
});
