import { type Clock, MINUTE, SECOND } from '../platform/clock.ts';
import type { Caller, HttpAnswer, HttpRequest } from '../platform/http-door.ts';
import { problem } from '../platform/http-router.ts';
import { errorFields, log } from '../platform/log.ts';
import { CONSOLE } from './login.ts';
import type { Role } from './roles.ts';
import { readSession } from './session.ts';

/** What finding out who asks needs from outside. */
export interface Guard {
  readonly clock: Clock;
  /** Signs cookies. Throws where the secrets cannot be read. */
  key(): Promise<string>;
  corpId(): Promise<string>;
  /** What this member may do, as it is configured now; undefined: nothing. */
  rightsOf(userid: string): Promise<{ readonly role: Role; readonly teams: readonly string[] } | undefined>;
  isEnded(sessionId: string): Promise<boolean>;
  /** Whether this caller may ask once more within this minute. */
  mayAsk(caller: string): Promise<boolean>;
  /** Our own address where it is configured, e.g. https://admin.example.com; else the gateway's. */
  readonly address?: string | undefined;
}

/** What needs no session. */
type Open = (request: HttpRequest, address: string) => Promise<HttpAnswer> | undefined;

/**
 * Lets in whoever signed for AWS, as an operator, and whoever logged in with WeCom, as what the configuration says of him; nobody else.
 * Every answer leaves with the headers that browsers want, every problem with the trace by which the log is found.
 */
export function guarded(
  guard: Guard,
  open: Open,
  use: (request: HttpRequest) => Promise<HttpAnswer>,
): (request: HttpRequest) => Promise<HttpAnswer> {
  return async (request) => finished(request, await answer(request));

  async function answer(request: HttpRequest): Promise<HttpAnswer> {
    try {
      const address = guard.address ? guard.address.replace(/\/+$/, '') : `https://${request.domain}`;
      // A browser says with every change from which site it comes; another site's page has our cookie sent, but not our name.
      const isForeign = isChange(request) && request.headers.origin !== address;
      if (request.signedBy === undefined && isForeign && request.headers.cookie !== undefined) return FOREIGN;
      const opened = request.signedBy === undefined ? open(request, address) : undefined;
      if (opened) return await opened;
      const caller = await whoAsks(request);
      if (!caller) return WHO;
      if (!(await guard.mayAsk(`${caller.kind}#${caller.name}`))) return tooOften(guard.clock());
      return await use({ ...request, caller });
    } catch (error) {
      log.error('request failed', errorFields(error));
      return problem(500, 'Something went wrong here. The log has the details.');
    }
  }

  async function whoAsks({ signedBy, headers }: HttpRequest): Promise<Caller | undefined> {
    if (signedBy !== undefined) return { kind: 'iam', name: signedBy, role: 'operator', teams: ['*'] };
    if (headers.cookie === undefined) return undefined;
    const session = readSession(await guard.key(), headers.cookie, guard.clock());
    if (!session || session.corpId !== (await guard.corpId())) return undefined;
    const [rights, ended] = await Promise.all([guard.rightsOf(session.userid), guard.isEnded(session.id)]);
    return rights && !ended ? { kind: 'member', name: session.userid, ...rights } : undefined;
  }
}

const isChange = ({ method }: HttpRequest): boolean => method !== 'GET' && method !== 'HEAD';

const HEADERS = {
  'strict-transport-security': 'max-age=31536000; includeSubDomains',
  'x-content-type-options': 'nosniff',
  // Pictures of codes carry WeCom's picture inside.
  'content-security-policy': "default-src 'none'; img-src data:; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  'cache-control': 'no-store',
};

function finished({ headers }: HttpRequest, answer: HttpAnswer): HttpAnswer {
  const traceId = headers['x-amzn-trace-id'];
  const isProblem = answer.headers?.['content-type'] === 'application/problem+json';
  return {
    ...answer,
    headers: { ...HEADERS, ...answer.headers },
    ...(isProblem && traceId && { body: JSON.stringify({ ...JSON.parse(answer.body ?? '{}'), traceId }) }),
  };
}

function tooOften(at: number): HttpAnswer {
  const refused = problem(429, 'That is more than one caller may ask in a minute. Wait as long as Retry-After says.');
  const seconds = Math.ceil((MINUTE - (at % MINUTE)) / SECOND);
  return { ...refused, headers: { ...refused.headers, 'retry-after': String(seconds) } };
}

const FOREIGN = problem(
  403,
  'A change has to come from our own pages: the Origin header is missing or names another site.',
);
const refusedWho = problem(401, `Log in first, at ${CONSOLE}/login.`, { login: `${CONSOLE}/login` });
const WHO = { ...refusedWho, headers: { ...refusedWho.headers, 'www-authenticate': `Cookie realm="${CONSOLE}"` } };
