import { contactRoutes } from './contact-control.ts';
import { type Fields, isFields, optionalNumber, optionalText, requiredText } from './fields.ts';
import type { Habit } from './habits.ts';
import type { Control, ControlAnswer } from './http.ts';
import { Refusal } from './refusal.ts';
import type { WeCom } from './simulator.ts';
import { NotPossible } from './world.ts';

const HELP = `A simulated WeCom. The API is under /cgi-bin/. To play, with JSON bodies:

POST /_/customers/{id}/write   {"openKfId", "text"}
POST /_/customers/{id}/enter   {"openKfId", "scene"?, "sceneParam"?}
POST /_/customers/{id}/click   {"openKfId", "menuId"}
GET  /_/customers/{id}/received?openKfId=
POST /_/agents/{userid}/answer    {"openKfId", "customer", "text"}
POST /_/agents/{userid}/take      {"openKfId", "customer"}
POST /_/agents/{userid}/transfer  {"openKfId", "customer", "to"}
POST /_/agents/{userid}/end       {"openKfId", "customer"}
POST /_/agents/{userid}/reception {"openKfId", "reception": "receiving" | "stopped" | "suspended"}
POST /_/agents/{userid}/habit     {"does": "answers" | "ignores" | "refuses" | "goes-off-duty" | "nothing", "afterSeconds"?, "endsAfterSeconds"?,
                                   "answersAfterSeconds"?}   how he works by himself
POST /_/customers/{id}/scan      {"configId"} or {"code": the address of its image}
POST /_/customers/{id}/open-link {"url"}
POST /_/customers/{id}/delete    {"userid"}
POST /_/customers/{id}/agree     {"userid"}    to the chat archive
POST /_/customers/{id}/write-to  {"userid"}
GET  /_/customers/{id}/welcomes
POST /_/agents/{userid}/accept   {"customer"}
POST /_/agents/{userid}/add      {"customer"}
POST /_/agents/{userid}/delete   {"customer", "byTransfer"?}
POST /_/agents/{userid}/leave
GET  /_/agents/{userid}/app-messages  what apps sent to this member
GET  /_/agents/{userid}/cards  cards with buttons, as they look now
POST /_/agents/{userid}/log-in {"url"}    WeCom's login page; answers where the browser is sent
POST /_/agents/{userid}/tap    {"key", "task"?}    the latest card, unless one is named
GET  /_/contact-ways           and who was added through them
GET  /_/friendships
GET  /_/sessions/{openKfId}/{customer}
GET  /_/transcripts/{openKfId}/{customer}
POST /_/callback-url           {"app", "url", "token"?, "encodingAesKey"?}   saves the form of the app's page
POST /_/apps/{app}/secret      a new Secret (重新获取); the one before ends
GET  /_/callbacks              deliveries so far
GET  /_/requests               API calls so far
`;

export interface Asked {
  wecom: WeCom;
  /** The parts of the path that stand for something, decoded. */
  names: readonly string[];
  body: Fields;
  query: URLSearchParams;
}

export type Act = (asked: Asked) => unknown;

export type Route = readonly [method: string, path: RegExp, act: Act];

const routes: readonly Route[] = [
  ...contactRoutes,
  ['POST', /^\/_\/customers\/([^/]+)\/(write|enter|click)$/, actAsCustomer],
  [
    'GET',
    /^\/_\/customers\/([^/]+)\/received$/,
    ({ wecom, names: [id = ''], query }) => wecom.phone(id).received(query.get('openKfId') ?? ''),
  ],
  ['POST', /^\/_\/agents\/([^/]+)\/(answer|take|transfer|end|reception)$/, actAsAgent],
  ['POST', /^\/_\/agents\/([^/]+)\/habit$/, ({ wecom, names: [id = ''], body }) => wecom.habit(id, habitFrom(body))],
  ['GET', /^\/_\/agents\/([^/]+)\/app-messages$/, ({ wecom, names: [id = ''] }) => wecom.client(id).appMessages()],
  ['GET', /^\/_\/agents\/([^/]+)\/cards$/, ({ wecom, names: [id = ''] }) => wecom.client(id).cards()],
  ['POST', /^\/_\/agents\/([^/]+)\/log-in$/, logIn],
  ['POST', /^\/_\/agents\/([^/]+)\/tap$/, tapCard],
  ['GET', /^\/_\/sessions\/([^/]+)\/([^/]+)$/, ({ wecom, names: [kf = '', id = ''] }) => wecom.session(kf, id)],
  ['GET', /^\/_\/transcripts\/([^/]+)\/([^/]+)$/, ({ wecom, names: [kf = '', id = ''] }) => wecom.transcript(kf, id)],
  [
    'POST',
    /^\/_\/callback-url$/,
    ({ wecom, body }) => wecom.setCallbackUrl(requiredText(body, 'app'), requiredText(body, 'url'), pairFrom(body)),
  ],
  ['POST', /^\/_\/apps\/([^/]+)\/secret$/, ({ wecom, names: [app = ''] }) => ({ secret: wecom.renewSecret(app) })],
  ['GET', /^\/_\/callbacks$/, ({ wecom }) => wecom.callbacks],
  ['GET', /^\/_\/requests$/, ({ wecom }) => wecom.requests],
];

/** Lets a person with curl, or a program in any language, play the customer and the agents. */
export function controlOf(wecom: () => WeCom): Control {
  return async (method, url, body) => {
    if (method === 'GET' && /^\/_\/?$/.test(url.pathname)) return plain(200, HELP);
    for (const [routeMethod, path, act] of routes) {
      const match = path.exec(url.pathname);
      if (match === null || method !== routeMethod) continue;
      try {
        const names = match.slice(1).map(decodeURIComponent);
        const result = await act({ wecom: wecom(), names, body: jsonOf(body), query: url.searchParams });
        return json(200, result ?? {});
      } catch (error) {
        if (error instanceof Refusal) return json(400, { error: error.message });
        if (error instanceof NotPossible) return json(409, { error: error.message });
        throw error;
      }
    }
    return plain(404, `Unknown. See GET /_/\n`);
  };
}

async function actAsCustomer({ wecom, names: [id = '', what], body }: Asked): Promise<unknown> {
  const openKfId = requiredText(body, 'openKfId');
  const phone = wecom.phone(id);
  if (what === 'write') return { msgid: await phone.write(openKfId, requiredText(body, 'text')) };
  if (what === 'click') return { msgid: await phone.click(openKfId, requiredText(body, 'menuId')) };
  const scene = optionalText(body, 'scene');
  const param = optionalText(body, 'sceneParam');
  await phone.enter(openKfId, {
    ...(scene !== undefined && { scene }),
    ...(param !== undefined && { scene_param: param }),
  });
  return {};
}

async function actAsAgent({ wecom, names: [userid = '', what], body }: Asked): Promise<unknown> {
  const client = wecom.client(userid);
  const openKfId = requiredText(body, 'openKfId');
  if (what === 'reception') {
    const wanted = requiredText(body, 'reception');
    const reception = (['receiving', 'stopped', 'suspended'] as const).find((one) => one === wanted);
    if (reception === undefined) throw new Refusal(40058, 'reception');
    await client.setReception(openKfId, reception);
    return {};
  }
  const customer = requiredText(body, 'customer');
  if (what === 'answer') return { msgid: await client.answer(openKfId, customer, requiredText(body, 'text')) };
  if (what === 'take') await client.take(openKfId, customer);
  if (what === 'transfer') await client.transfer(openKfId, customer, requiredText(body, 'to'));
  if (what === 'end') await client.end(openKfId, customer);
  return {};
}

async function tapCard({ wecom, names: [userid = ''], body }: Asked): Promise<void> {
  const task = optionalText(body, 'task');
  await wecom.client(userid).tap(requiredText(body, 'key'), task === undefined ? {} : { task });
}

async function logIn({ wecom, names: [userid = ''], body }: Asked): Promise<object> {
  return { location: await wecom.client(userid).logIn(requiredText(body, 'url')) };
}

/** @throws Refusal 40058 */
function habitFrom(body: Fields): Habit | undefined {
  const does = requiredText(body, 'does');
  const seconds = (name: string) => optionalNumber(body, name, { min: 0 });
  const [after = 5, endsAfter, answersAfter] = ['afterSeconds', 'endsAfterSeconds', 'answersAfterSeconds'].map(seconds);
  switch (does) {
    case 'nothing':
      return undefined;
    case 'answers':
      return { does, afterSeconds: after, ...(endsAfter !== undefined && { endsAfterSeconds: endsAfter }) };
    case 'ignores':
    case 'refuses':
      return { does };
    case 'goes-off-duty':
      return { does, afterSeconds: after, ...(answersAfter !== undefined && { answersAfterSeconds: answersAfter }) };
    default:
      throw new Refusal(40058, 'does');
  }
}

function jsonOf(body: Buffer): Fields {
  if (body.length === 0) return {};
  try {
    const parsed: unknown = JSON.parse(body.toString('utf8'));
    if (isFields(parsed)) return parsed;
  } catch {
    // Answered below, like everything else that is no object.
  }
  throw new Refusal(40058, 'json');
}

function json(status: number, body: unknown): ControlAnswer {
  return { status, contentType: 'application/json; charset=UTF-8', body: `${JSON.stringify(body)}\n` };
}

function plain(status: number, body: string): ControlAnswer {
  return { status, contentType: 'text/plain; charset=UTF-8', body };
}

function pairFrom(body: Fields): { token: string; encodingAesKey: string } | undefined {
  if (optionalText(body, 'token') === undefined) return undefined;
  return { token: requiredText(body, 'token'), encodingAesKey: requiredText(body, 'encodingAesKey') };
}
