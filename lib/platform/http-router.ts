import type { HttpAnswer, HttpRequest } from './http-door.ts';
import { errorFields, log } from './log.ts';

/** What a route is given: the request, and the variables of its pattern, percent-decoded. */
export type Route = (request: HttpRequest, variables: Readonly<Record<string, string>>) => Promise<HttpAnswer>;

/**
 * Chooses the use by the path behind the API's `{proxy+}`. Patterns are written as `GET /conversations/{id}`. Whatever goes
 * wrong is answered as a problem of RFC 9457; an unexpected error is logged and answered 500.
 */
export function httpRouter(routes: Readonly<Record<string, Route>>): (request: HttpRequest) => Promise<HttpAnswer> {
  const table = Object.entries(routes).map(([pattern, use]) => {
    const [method = '', path = ''] = pattern.split(' ');
    return { method, steps: stepsOf(path), use };
  });

  return async (request) => {
    const steps = stepsOf(request.params.proxy ?? '').map(decoded);
    const paths = table.flatMap((route) => {
      const variables = match(route.steps, steps);
      return variables ? [{ ...route, variables }] : [];
    });
    const found = paths.find(({ method }) => method === request.method);
    if (!found) {
      if (paths.length === 0) return problem(404, 'There is nothing at this address.');
      const allow = paths.map(({ method }) => method).join(', ');
      const refused = problem(405, `This address answers ${allow} only.`);
      return { ...refused, headers: { ...refused.headers, allow } };
    }
    try {
      return await found.use(request, found.variables);
    } catch (error) {
      log.error('request failed', errorFields(error));
      return problem(500, 'Something went wrong here. The log has the details.');
    }
  };
}

/** An answer in JSON that nobody may keep: it is about people. */
export function jsonAnswer(body: unknown, status = 200): HttpAnswer {
  const headers = { 'content-type': 'application/json', 'cache-control': 'no-store' };
  return { status, headers, body: JSON.stringify(body) };
}

const TITLES: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  406: 'Not Acceptable',
  409: 'Conflict',
  410: 'Gone',
  412: 'Precondition Failed',
  422: 'Unprocessable Content',
  428: 'Precondition Required',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
};

/** An error as RFC 9457 wants it. `detail` is for the caller: what is wrong and the mend, nothing of the request. */
export function problem(status: number, detail: string, more: Readonly<Record<string, unknown>> = {}): HttpAnswer {
  const body = { type: 'about:blank', title: TITLES[status] ?? 'Error', status, detail, ...more };
  return {
    ...jsonAnswer(body, status),
    headers: { 'content-type': 'application/problem+json', 'cache-control': 'no-store' },
  };
}

const stepsOf = (path: string): string[] => path.split('/').filter((step) => step !== '');

/** A broken escape stays as it was sent: then no such thing is found. */
function decoded(step: string): string {
  try {
    return decodeURIComponent(step);
  } catch {
    return step;
  }
}

function match(pattern: readonly string[], steps: readonly string[]): Record<string, string> | undefined {
  if (pattern.length !== steps.length) return undefined;
  const variables: Record<string, string> = {};
  for (const [index, wanted] of pattern.entries()) {
    const step = steps[index] ?? '';
    const variable = /^\{(\w+)\}$/.exec(wanted)?.[1];
    if (variable !== undefined) variables[variable] = step;
    else if (wanted !== step) return undefined;
  }
  return variables;
}
