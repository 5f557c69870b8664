import type { HttpAnswer, HttpRequest } from '../platform/http-door.ts';
import { problem } from '../platform/http-router.ts';
import { revisionOf } from '../store/revision.ts';

/** A strong ETag (RFC 9110, 8.8.3) of what is configured, not of what is counted beside it. */
export const etagOf = (content: unknown): string => `"${revisionOf(content)}"`;

/** The answer with the ETag of what it shows. */
export const withEtag = (answer: HttpAnswer, etag: string): HttpAnswer => ({
  ...answer,
  headers: { ...answer.headers, etag },
});

/**
 * What `If-Match` and `If-None-Match` forbid (RFC 9110, 13.1), judged by what is there now: its ETag, or undefined where nothing is. A change that
 * names neither is let through here; whether it has to name one, `guardedRoutes` says.
 */
export function forbidden({ headers }: HttpRequest, current: string | undefined): HttpAnswer | undefined {
  const [match, noneMatch] = [headers['if-match'], headers['if-none-match']];
  if (match !== undefined && !isAmong(match, current)) return overtaken(current);
  // Here it is about creating: `*` says that nothing may be there yet.
  if (noneMatch !== undefined && isAmong(noneMatch, current)) return overtaken(current);
  return undefined;
}

/** Somebody else changed it, or it is gone, or it is there already. */
export function overtaken(current: string | undefined): HttpAnswer {
  const detail =
    current === undefined
      ? 'There is nothing here (any more), so nothing was changed.'
      : 'It is not as you saw it: somebody changed it in between. Nothing was changed; read it again.';
  const refused = problem(412, detail, current === undefined ? {} : { current });
  return current === undefined ? refused : withEtag(refused, current);
}

/** `*` is whatever is there. Weak tags never match: they say that something is alike, not that it is the same. */
function isAmong(tags: string, current: string | undefined): boolean {
  if (current === undefined) return false;
  return tags.trim() === '*' || tags.split(',').some((tag) => tag.trim() === current);
}
