import type { HttpAnswer } from '../platform/http-door.ts';
import { jsonAnswer, problem, type Route } from '../platform/http-router.ts';
import { openApiOf } from './openapi.ts';
import { operations } from './operations.ts';

/** What the API says of itself, and of whoever asks. */
export function aboutRoutes(): Readonly<Record<string, Route>> {
  let document: HttpAnswer | undefined;
  return {
    'GET /me': async ({ caller }) => (caller ? jsonAnswer(caller) : problem(401, 'Nobody knows who asks.')),

    'GET /openapi.json': async () => {
      document ??= jsonAnswer(openApiOf(operations));
      return document;
    },
  };
}
