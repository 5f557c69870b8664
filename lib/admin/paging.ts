import * as z from 'zod';
import type { HttpAnswer, HttpRequest } from '../platform/http-door.ts';
import { problem } from '../platform/http-router.ts';

export const DEFAULT_LIMIT = 50;
export const LARGEST_LIMIT = 200;

/** What every list takes. */
export const PageQuery = {
  limit: z.coerce
    .number()
    .int()
    .min(1)
    .max(LARGEST_LIMIT)
    .optional()
    .describe(`How many at most; ${DEFAULT_LIMIT} unless said.`),
  cursor: z.string().optional().describe('The `next` of an earlier answer, unchanged.'),
};

/** What a table can have as a sort key (DynamoDB: 1 to 1024 bytes). A cursor comes from outside, and may say anything. */
export const SortKey = z
  .string()
  .min(1)
  .refine((text) => Buffer.byteLength(text) <= 1024);

/** Text that means nothing to others, from whatever says where the next page begins. */
export const writeCursor = (place: unknown): string => Buffer.from(JSON.stringify(place)).toString('base64url');

/** Undefined for what is none of ours. */
export function readCursor<T>(text: string, schema: z.ZodType<T>): T | undefined {
  try {
    const read: unknown = JSON.parse(Buffer.from(text, 'base64url').toString());
    return schema.safeParse(read).data;
  } catch {
    return undefined;
  }
}

/** The page that a request asks for, or why it gets none. `after` is an earlier name of `cursor`. */
export function readPage<T>(
  { query }: HttpRequest,
  schema: z.ZodType<T>,
): HttpAnswer | { readonly limit: number; readonly after?: T } {
  const limit = query.limit === undefined ? DEFAULT_LIMIT : Number(query.limit);
  if (!Number.isInteger(limit) || limit < 1 || limit > LARGEST_LIMIT) {
    return wrongPage(
      'limit',
      'is no whole number from 1 to 200',
      `write a number from 1 to ${LARGEST_LIMIT}, or nothing`,
    );
  }
  const given = query.cursor ?? query.after;
  if (given === undefined) return { limit };
  const after = readCursor(given, schema);
  return after === undefined
    ? wrongPage('cursor', 'is none of ours', 'write the `next` of an earlier answer, unchanged')
    : { limit, after };
}

const wrongPage = (path: string, trouble: string, mend: string): HttpAnswer =>
  problem(400, `${path} ${trouble}: ${mend}.`, { errors: [{ path, problem: trouble, mend }] });

const ListPlace = z.strictObject({ key: z.string(), at: z.int().min(0) });

/**
 * One page of a list that is at hand, in the list's own order. A page begins after what the one before ended with, wherever that has moved to;
 * where it is gone, at its place.
 */
export function pageOf<T>(
  request: HttpRequest,
  list: Iterable<T>,
  keyOf: (one: T) => string,
): HttpAnswer | { readonly items: readonly T[]; readonly next?: string } {
  const page = readPage(request, ListPlace);
  if ('status' in page) return page;
  const all = [...list];
  const { limit, after } = page;
  const found = after ? all.findIndex((one) => keyOf(one) === after.key) : -1;
  const from = found >= 0 ? found + 1 : (after?.at ?? 0);
  const items = all.slice(from, from + limit);
  const last = items.at(-1);
  const isMore = last !== undefined && from + items.length < all.length;
  return { items, ...(isMore && { next: writeCursor({ key: keyOf(last), at: from + items.length - 1 }) }) };
}
