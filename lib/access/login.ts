import type { Clock } from '../platform/clock.ts';
import type { HttpAnswer, HttpRequest } from '../platform/http-door.ts';
import { problem } from '../platform/http-router.ts';
import { errorFields, log } from '../platform/log.ts';
import {
  cookieOf,
  endedCookie,
  isState,
  JOURNEY_LIVES,
  type Journey,
  readJourney,
  readSession,
  SESSION_LIVES,
  stateOf,
} from './session.ts';
import { addressInside, addressOutside, isInsideWeCom } from './wecom-addresses.ts';

/** What logging in needs from outside. */
export interface Logins {
  readonly clock: Clock;
  /** Signs cookies. Throws where the secrets cannot be read. */
  key(): Promise<string>;
  /** The corp and the app by which people log in; `agentId` undefined where `WECOM_SECRETS` has none. */
  app(): Promise<{ readonly corpId: string; readonly agentId: number | undefined }>;
  /** WeCom's answer to a code: the member's userid; undefined for whoever is no member, and for a code that is used, too old or invented. */
  memberOf(code: string): Promise<string | undefined>;
  /** Whether this member may use the console at all. */
  isKnown(userid: string): Promise<boolean>;
  endSession(id: string, until: number): Promise<void>;
  /** Whether one more try may come from there within this minute. */
  mayTry(sourceIp: string): Promise<boolean>;
  /** Letters and digits that nobody guesses. */
  random(): string;
}

/** Below our own address, without a slash at the end. */
export const CONSOLE = '/console/v1';
const CALLBACK = `${CONSOLE}/login/callback`;
const MOST_CODE = 512;
/** An address of ours: no scheme, no other host, nothing that a browser would read as one. */
const OURS = /^\/console\/[\w./~%-]*$/;

/**
 * The addresses that need no session: `login` sends to WeCom, which sends back to `login/callback`; `logout` ends the session here and in the
 * browser. Undefined: it is none of them. `address` is our own, e.g. https://admin.example.com.
 */
export function logins(room: Logins): (request: HttpRequest, address: string) => Promise<HttpAnswer> | undefined {
  return (request, address) => {
    switch (`${request.method} ${request.path}`) {
      case `GET ${CONSOLE}/login`:
        return depart(request, address);
      case `GET ${CALLBACK}`:
        return arrive(request);
      case `POST ${CONSOLE}/logout`:
        return leave(request);
      default:
        return undefined;
    }
  };

  async function depart({ headers, query }: HttpRequest, address: string): Promise<HttpAnswer> {
    const { corpId, agentId } = await room.app();
    if (agentId === undefined) return NO_APP;
    const [key, at] = [await room.key(), room.clock()];
    const wished = query.back ?? '';
    const journey: Journey = {
      nonce: room.random(),
      back: OURS.test(wished) ? wished : `${CONSOLE}/me`,
      until: at + JOURNEY_LIVES,
    };
    const wish = { corpId, agentId, redirectUri: `${address}${CALLBACK}`, state: stateOf(key, journey) };
    const location = isInsideWeCom(headers['user-agent']) ? addressInside(wish) : addressOutside(wish);
    return sentTo(location, [cookieOf('journey', key, journey, at)]);
  }

  async function arrive({ headers, query, sourceIp = '' }: HttpRequest): Promise<HttpAnswer> {
    const { code, state } = query;
    const [key, at] = [await room.key(), room.clock()];
    const journey = readJourney(key, headers.cookie, at);
    if (!journey || !state || !isState(key, journey, state)) return NOT_BEGUN_HERE;
    // Whoever refuses at WeCom comes back with the state alone.
    if (!code || code.length > MOST_CODE) return NOT_LET_IN;
    if (!(await room.mayTry(sourceIp))) return TOO_OFTEN;
    let userid: string | undefined;
    try {
      userid = await room.memberOf(code);
    } catch (error) {
      log.warn('login not checked', errorFields(error));
      return problem(503, 'WeCom does not say now who this is. Try again in a minute.');
    }
    // The same words for a stranger and for a code that is none, so that nobody learns who is known here.
    if (userid === undefined || !(await room.isKnown(userid))) return NOT_LET_IN;
    const { corpId } = await room.app();
    const session = { corpId, userid, id: room.random(), until: at + SESSION_LIVES };
    return sentTo(journey.back, [cookieOf('session', key, session, at), endedCookie('journey')]);
  }

  async function leave({ headers }: HttpRequest): Promise<HttpAnswer> {
    const session = readSession(await room.key(), headers.cookie, room.clock());
    if (session) await room.endSession(session.id, session.until);
    return { status: 204, headers: { 'cache-control': 'no-store' }, cookies: [endedCookie('session')] };
  }
}

const sentTo = (location: string, cookies: readonly string[]): HttpAnswer => ({
  status: 302,
  headers: { location, 'cache-control': 'no-store' },
  cookies,
});

const NO_APP = problem(503, 'Nobody can log in yet: WECOM_SECRETS has no agentId for the app main.');
const NOT_BEGUN_HERE = problem(
  400,
  `This login was not begun in this browser, or is older than ten minutes. Begin again at ${CONSOLE}/login.`,
);
const NOT_LET_IN = {
  ...problem(
    403,
    'WeCom did not say that this is somebody who may come in here. Supervisors stand in the configuration.',
  ),
  cookies: [endedCookie('journey')],
};
const TOO_OFTEN = problem(429, 'Too many logins came from here. Try again in a minute.');
