import { createServer } from 'node:http';
import { unseal } from '../../local/wecom/crypto.ts';
import { startWeCom, type WeCom, type WeComOptions } from '../../local/wecom/simulator.ts';

export const SUPPORT = 'wkSUPPORT00000000000000000000001';
export const SALES = 'wkSALES000000000000000000000001';
export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;

/** An answer of the API, for looking into. */
export interface Answer {
  errcode: number;
  errmsg: string;
  access_token: string;
  expires_in: number;
  msgid: string;
  /** Of message/send. */
  invaliduser: string;
  response_code: string;
  msg_code: string;
  service_state: number;
  servicer_userid: string;
  next_cursor: string;
  has_more: number;
  msg_list: {
    msgid: string;
    origin: number;
    msgtype: string;
    open_kfid?: string;
    external_userid?: string;
    servicer_userid?: string;
    text?: { content: string; menu_id?: string };
    image?: { media_id: string };
    event?: Record<string, unknown> & { event_type: string };
  }[];
  account_list: { open_kfid: string; name: string; manage_privilege: boolean }[];
  servicer_list: object[];
  result_list: { userid?: string; department_id?: number; errcode: number; errmsg: string }[];
  customer_list: Record<string, unknown>[];
  invalid_external_userid: string[];
  open_kfid: string;
  url: string;
  media_id: string;
  config_id: string;
  qr_code: string;
  contact_way: Record<string, unknown> & { config_id: string };
  link: { link_id: string; url: string };
  tag_group: { group_id: string; tag: { id: string; name: string }[] };
}

export interface Secrets {
  corpId: string;
  apps: Record<string, { secret: string; callbacks: { token: string; encodingAesKey: string }[] }>;
}

export interface Yard {
  wecom: WeCom;
  secrets: Secrets;
  now(): number;
  move(ms: number): void;
  /** POSTs with a token that was good when it was fetched. */
  post(path: string, body: object, app?: string): Promise<Answer>;
  get(path: string, query: Record<string, string>, app?: string): Promise<Answer>;
  /** Any request, without a token. */
  raw(path: string, init?: RequestInit): Promise<Response>;
  text(customer: string, content: string, more?: object): Promise<Answer>;
  pull(more?: object): Promise<Answer>;
  state(customer: string): Promise<Answer>;
  trans(customer: string, to: number, servicer?: string): Promise<Answer>;
  close(): Promise<void>;
}

/** The body of an API answer; the tests look into it as far as they need. */
export async function answerOf(response: Response): Promise<Answer> {
  const answer: Answer = JSON.parse(await response.text());
  return answer;
}

/** A simulator with a clock that stands still until it is moved. */
export async function openYard(options: WeComOptions = {}): Promise<Yard> {
  let time = Date.UTC(2026, 0, 5, 9);
  const wecom = await startWeCom({ clock: () => time, retryDelaysMs: [5, 5, 5], ...options });
  // The setting is what the project would be given as text.
  const secrets: Secrets = JSON.parse(JSON.stringify(wecom.secrets));
  const tokens = new Map<string, { token: string; until: number }>();

  const raw = (path: string, init?: RequestInit) => fetch(`${wecom.url}${path}`, init);
  const tokenOf = async (app: string) => {
    const known = tokens.get(app);
    if (known !== undefined && time < known.until) return known.token;
    const secret = secrets.apps[app]?.secret ?? '';
    const answer = await raw(`/cgi-bin/gettoken?corpid=${secrets.corpId}&corpsecret=${secret}`);
    const { access_token, expires_in } = await answerOf(answer);
    tokens.set(app, { token: access_token, until: time + expires_in * SECOND });
    return access_token;
  };
  const post = async (path: string, body: object, app = 'main'): Promise<Answer> => {
    const url = `/cgi-bin/${path}?access_token=${await tokenOf(app)}`;
    return answerOf(await raw(url, { method: 'POST', body: JSON.stringify(body) }));
  };
  return {
    wecom,
    secrets,
    now: () => time,
    move: (ms) => {
      time += ms;
    },
    post,
    raw,
    async get(path, query, app = 'main') {
      const search = new URLSearchParams({ access_token: await tokenOf(app), ...query });
      return answerOf(await raw(`/cgi-bin/${path}?${search}`));
    },
    text: (customer, content, more = {}) =>
      post('kf/send_msg', { touser: customer, open_kfid: SUPPORT, msgtype: 'text', text: { content }, ...more }),
    pull: (more = {}) => post('kf/sync_msg', { open_kfid: SUPPORT, ...more }),
    state: (customer) => post('kf/service_state/get', { open_kfid: SUPPORT, external_userid: customer }),
    trans: (customer, to, servicer) =>
      post('kf/service_state/trans', {
        open_kfid: SUPPORT,
        external_userid: customer,
        service_state: to,
        ...(servicer !== undefined && { servicer_userid: servicer }),
      }),
    close: () => wecom.stop(),
  };
}

/** Opens a yard for one test and closes it whatever happens. */
export async function inYard(options: WeComOptions, play: (yard: Yard) => Promise<void>): Promise<void> {
  const yard = await openYard(options);
  try {
    await play(yard);
  } finally {
    await yard.close();
  }
}

export interface Arrived {
  query: URLSearchParams;
  body: string;
  xml: string;
}

export interface Reply {
  status?: number;
  body?: string;
  afterMs?: number;
}

export interface Door {
  url: string;
  arrived: Arrived[];
  /** How the n-th POST (from 0) is answered; default: 200 `success`. */
  onPost: (index: number) => Reply;
  /** How GET verification is answered; default: the bare echo. */
  onGet: (echo: string) => Reply;
  close(): Promise<void>;
}

/** A callback address as a user of WeCom would build it. */
export async function openDoor(credentials: { encodingAesKey: string }): Promise<Door> {
  const arrived: Arrived[] = [];
  const server = createServer(async (request, response) => {
    const url = new URL(request.url ?? '/', 'http://127.0.0.1');
    let body = '';
    for await (const chunk of request) body += String(chunk);
    const encrypted = url.searchParams.get('echostr') ?? /<Encrypt><!\[CDATA\[(.*?)\]\]>/.exec(body)?.[1] ?? '';
    let message = '';
    try {
      message = unseal(encrypted, credentials.encodingAesKey).message;
    } catch {
      // Sealed with a key that this door does not have.
    }
    if (request.method === 'POST') arrived.push({ query: url.searchParams, body, xml: message });
    const reply = request.method === 'GET' ? door.onGet(message) : door.onPost(arrived.length - 1);
    if (reply.afterMs !== undefined) await new Promise((resolve) => setTimeout(resolve, reply.afterMs));
    response.writeHead(reply.status ?? 200).end(reply.body ?? 'success');
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  const door: Door = {
    url: `http://127.0.0.1:${port}/wecom/callbacks/main`,
    arrived,
    onPost: () => ({}),
    onGet: (echo) => ({ body: echo }),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
  return door;
}
