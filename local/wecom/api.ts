import { accountEndpoints } from './account-endpoints.ts';
import { appEndpoints } from './app-endpoints.ts';
import { appMessageEndpoints } from './app-message-endpoints.ts';
import { contactCustomerEndpoints } from './contact-customer-endpoints.ts';
import { contactDirectoryEndpoints } from './contact-directory-endpoints.ts';
import { contactLinkEndpoints } from './contact-link-endpoints.ts';
import { contactTagEndpoints } from './contact-tag-endpoints.ts';
import { contactWayEndpoints } from './contact-way-endpoints.ts';
import { contactWelcomeEndpoints } from './contact-welcome-endpoints.ts';
import { customerEndpoints } from './customer-endpoints.ts';
import type { Call, Endpoint, Endpoints, FileAnswer } from './endpoint.ts';
import { type Fields, invalid, isFields } from './fields.ts';
import { knowledgeEndpoints } from './knowledge-endpoints.ts';
import { loginEndpoints } from './login-endpoints.ts';
import { mediaEndpoints } from './media-endpoints.ts';
import { messageEndpoints } from './message-endpoints.ts';
import { Refusal } from './refusal.ts';
import { sessionEndpoints } from './session-endpoints.ts';
import type { World } from './world.ts';

const TOKEN_PATH = '/cgi-bin/gettoken';

const endpoints: Endpoints = {
  ...messageEndpoints,
  ...sessionEndpoints,
  ...accountEndpoints,
  ...customerEndpoints,
  ...mediaEndpoints,
  ...contactWayEndpoints,
  ...contactCustomerEndpoints,
  ...contactTagEndpoints,
  ...contactWelcomeEndpoints,
  ...contactLinkEndpoints,
  ...contactDirectoryEndpoints,
  ...appMessageEndpoints,
  ...appEndpoints,
  ...knowledgeEndpoints,
  ...loginEndpoints,
};

/** A request as it came off the wire. */
export interface RawCall {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly contentType: string;
  readonly body: Buffer;
}

export function isApiPath(path: string): boolean {
  return path === TOKEN_PATH || Object.hasOwn(endpoints, path);
}

/** Carries out one call. @throws Refusal with WeCom's code */
export function answerCall(world: World, raw: RawCall): Fields | FileAnswer {
  const { path, method, query } = raw;
  if (path === TOKEN_PATH) {
    if (method !== 'GET') throw invalid('method');
    return { ...world.tokens.give(query.get('corpid'), query.get('corpsecret'), world.now()) };
  }
  const endpoint = Object.hasOwn(endpoints, path) ? endpoints[path] : undefined;
  if (endpoint === undefined) throw new Error(`no such page: ${path}`);
  const app = world.tokens.appOf(query.get('access_token'), world.now());
  // gettoken itself works from any address.
  if (!app.trustsAddress) throw new Refusal(60020);
  if (method !== endpoint.method) throw invalid('method');
  if (endpoint.kf && !app.kfApi) throw new Refusal(48002);
  if (endpoint.contacts) {
    if (!app.contactApi || (isAboutLinks(path) && !app.linksApi)) throw new Refusal(48002);
    if (!world.contacts.calls.take(path, world.switches.contactCallsPerMinute, world.now())) throw new Refusal(45009);
  }
  const call: Call = { app, body: bodyOf(world, endpoint, raw), query, raw: raw.body, contentType: raw.contentType };
  return endpoint.answer(world, call);
}

/** 获客助手 has a list of apps of its own. */
function isAboutLinks(path: string): boolean {
  return path.startsWith('/cgi-bin/externalcontact/customer_acquisition');
}

/** The body as JSON if it is some; for predicates and records, which look at calls that may be broken. */
export function readableBody(raw: RawCall): Fields {
  try {
    const parsed: unknown = JSON.parse(raw.body.toString('utf8'));
    return isFields(parsed) ? parsed : {};
  } catch {
    return {};
  }
}

function bodyOf(world: World, endpoint: Endpoint, raw: RawCall): Fields {
  if (endpoint.method === 'GET' || endpoint.upload === true) return {};
  if (raw.body.length === 0 || /^application\/x-www-form-urlencoded/i.test(raw.contentType)) throw new Refusal(40063);
  let text: string;
  let parsed: unknown;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(raw.body);
    parsed = JSON.parse(text);
  } catch {
    throw invalid('json');
  }
  // An even number of backslashes before the u is text about an escape, not an escape.
  if (world.switches.refuseUnicodeEscapes && /(?<!\\)(?:\\\\)*\\u[0-9a-f]{4}/i.test(text)) throw new Refusal(40033);
  if (!isFields(parsed)) throw invalid('json');
  return parsed;
}
