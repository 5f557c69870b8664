import { HOUR, type Instant, MINUTE, SECOND } from '../../lib/platform/clock.ts';
import { WeComError } from '../../lib/wecom/errors.ts';
import type { KfApi, KfSession } from '../../lib/wecom/kf-api.ts';
import type { Content } from '../../lib/wecom/outgoing-messages.ts';
import { befallen, type Mishap } from './befallen.ts';

type Api = Exclude<keyof KfApi, 'listAccounts' | 'readEntrances'>;

/** A message that reached a customer. */
export interface Delivered {
  readonly customerId: string;
  readonly id: string;
  readonly content: Content;
  readonly at: Instant;
  readonly by: 'send' | 'code';
}

interface Chat {
  state: KfSession['state'];
  agentId: string | undefined;
  lastCustomerAt: Instant;
  /** Sent by kf/send_msg since the customer's last message. */
  sent: number;
  /** The persons who served since the chat began, with the moment they took it. */
  readonly served: { agentId: string; at: Instant }[];
  readonly sessions: { from: Instant; to?: Instant }[];
}

interface Code {
  readonly customerId: string;
  readonly until: Instant;
  /** The session state in which it is good; a welcome is good in any. */
  readonly state?: KfSession['state'];
}

/**
 * WeCom's customer service as a double of `KfApi`: one account's sessions, windows, message ids, codes and the feed that
 * kf/sync_msg reads, with the phone's and the agents' side of it, and mishaps on demand.
 */
export interface MemoryWeCom extends KfApi {
  // The phone.
  says(customerId: string, text: string, more?: { menuId?: string; type?: string }): string;
  enters(customerId: string, scene?: string): void;
  recalls(customerId: string, messageId: string): void;
  // The agents' own client.
  agentAnswers(customerId: string, agentId: string, text?: string): void;
  agentTakes(customerId: string, agentId: string): void;
  agentTransfers(customerId: string, agentId: string): void;
  agentEnds(customerId: string): void;
  agentReenters(customerId: string, agentId: string): void;
  agentReceives(agentId: string, receives: boolean): void;
  cannotDeliver(customerId: string, messageId: string, failType: number): void;
  /** WeCom's own reception puts the customer into its pool. */
  poolTakes(customerId: string): void;

  /** The next call of this API meets this. Several wait in line. */
  befall(api: Api, ...mishaps: readonly Mishap[]): void;
  /** Every call meets this until it is lifted with `undefined`. */
  befallAll(mishap: Mishap | undefined): void;
  readonly delivered: readonly Delivered[];
  /** Every call that reached WeCom or was lost on the way, in order. */
  readonly calls: readonly { readonly api: keyof KfApi; readonly customerId?: string }[];
  session(customerId: string): KfSession;
  servedBy(customerId: string): readonly { agentId: string; at: Instant }[];
  /** When persons served; `to` is absent while one still does. */
  sessionsOf(customerId: string): readonly { from: Instant; to?: Instant }[];
  customers(): string[];
  /** Puts an item of any shape into the feed. */
  feed(item: Readonly<Record<string, unknown>>): void;
  pageSize: number;
  /** Puts an empty page with has_more before the next page. */
  emptyPageFirst: boolean;
  /** What a repeated `msgid` is refused with, and whether that is found out before the session and the window are looked at. */
  duplicates: { code: number; first: boolean };
  readonly badTokens: Set<string>;
  accounts: { openKfId: string; name: string; managed: boolean }[];
}

export function memoryWeCom(room: { openKfId: string; clock: () => Instant; agents: readonly string[] }): MemoryWeCom {
  const { openKfId, clock } = room;
  const chats = new Map<string, Chat>();
  const items: Record<string, unknown>[] = [];
  const delivered: Delivered[] = [];
  const calls: { api: keyof KfApi; customerId?: string }[] = [];
  const msgids = new Set<string>();
  const codes = new Map<string, Code>();
  const receiving = new Set(room.agents);
  const mishaps = new Map<Api, Mishap[]>();
  let everywhere: Mishap | undefined;
  let ids = 0;

  const nextId = (prefix: string): string => {
    ids += 1;
    return `${prefix}${ids}`;
  };

  function chatOf(customerId: string): Chat {
    const chat = chats.get(customerId) ?? {
      state: 'ended' as const,
      agentId: undefined,
      lastCustomerAt: 0,
      sent: 0,
      served: [],
      sessions: [],
    };
    chats.set(customerId, chat);
    // WeCom ends a session 48 hours after the customer's last message, without a word.
    if (chat.state !== 'ended' && clock() >= chat.lastCustomerAt + 48 * HOUR) leave(chat, 'ended');
    return chat;
  }

  function leave(chat: Chat, state: KfSession['state']): void {
    const last = chat.sessions.at(-1);
    if (chat.state === 'person' && last) last.to = clock();
    chat.state = state;
    chat.agentId = undefined;
  }

  function serve(chat: Chat, agentId: string): void {
    if (chat.state !== 'person') chat.sessions.push({ from: clock() });
    chat.state = 'person';
    chat.agentId = agentId;
    chat.served.push({ agentId, at: clock() });
  }

  function newCode(customerId: string, lifetime: number, state?: KfSession['state']): string {
    const code = nextId('code');
    codes.set(code, { customerId, until: clock() + lifetime, ...(state && { state }) });
    return code;
  }

  function put(item: Record<string, unknown>): string {
    const msgid = nextId('m');
    items.push({ msgid, open_kfid: openKfId, send_time: Math.floor(clock() / SECOND), ...item });
    return msgid;
  }

  function happened(event: Record<string, unknown>): void {
    put({ origin: 4, msgtype: 'event', event: { open_kfid: openKfId, ...event } });
  }

  function changed(customerId: string, change_type: number, more: Record<string, unknown>): void {
    happened({ event_type: 'session_status_change', external_userid: customerId, change_type, ...more });
  }

  /** Counts the call and lets what waits for it happen around it. */
  async function call<T>(api: Api, customerId: string | undefined, act: () => T): Promise<T> {
    calls.push({ api, ...(customerId !== undefined && { customerId }) });
    return befallen(everywhere ?? mishaps.get(api)?.shift(), api, act);
  }

  const refuse = (api: Api, errcode: number): never => {
    throw new WeComError({ api, errcode });
  };

  const wecom: MemoryWeCom = {
    delivered,
    calls,
    pageSize: 1000,
    emptyPageFirst: false,
    duplicates: { code: 40058, first: true },
    badTokens: new Set(),
    accounts: [{ openKfId, name: 'Desk', managed: true }],

    says(customerId, text, more = {}) {
      const chat = chatOf(customerId);
      if (chat.state === 'ended') leave(chat, 'new');
      chat.lastCustomerAt = clock();
      chat.sent = 0;
      const type = more.type ?? 'text';
      const body = type === 'text' ? { content: text, menu_id: more.menuId } : { media_id: nextId('media') };
      return put({ external_userid: customerId, origin: 3, msgtype: type, [type]: body });
    },

    enters(customerId, scene) {
      const welcome_code = newCode(customerId, 20 * SECOND);
      happened({ event_type: 'enter_session', external_userid: customerId, scene, welcome_code });
    },

    recalls(customerId, recall_msgid) {
      happened({ event_type: 'user_recall_msg', external_userid: customerId, recall_msgid });
    },

    agentAnswers(customerId, agentId, text = 'an answer') {
      const body = { msgtype: 'text', text: { content: text } };
      put({ external_userid: customerId, origin: 5, servicer_userid: agentId, ...body });
    },

    agentTakes(customerId, agentId) {
      const chat = chatOf(customerId);
      serve(chat, agentId);
      const msg_code = newCode(customerId, 48 * HOUR, 'person');
      changed(customerId, 1, { new_servicer_userid: agentId, msg_code });
    },

    agentTransfers(customerId, agentId) {
      const chat = chatOf(customerId);
      const old = chat.agentId;
      serve(chat, agentId);
      changed(customerId, 2, { old_servicer_userid: old, new_servicer_userid: agentId });
    },

    agentEnds(customerId) {
      const chat = chatOf(customerId);
      const old = chat.agentId;
      leave(chat, 'ended');
      changed(customerId, 3, { old_servicer_userid: old, msg_code: newCode(customerId, 20 * SECOND, 'ended') });
    },

    agentReenters(customerId, agentId) {
      const chat = chatOf(customerId);
      serve(chat, agentId);
      changed(customerId, 4, { old_servicer_userid: agentId, new_servicer_userid: agentId });
    },

    agentReceives(agentId, receives) {
      if (receives) receiving.add(agentId);
      else receiving.delete(agentId);
      const status = receives ? { status: 1 } : { status: 2, stop_type: 0 };
      happened({ event_type: 'servicer_status_change', servicer_userid: agentId, ...status });
    },

    cannotDeliver(customerId, fail_msgid, fail_type) {
      happened({ event_type: 'msg_send_fail', external_userid: customerId, fail_msgid, fail_type });
    },

    poolTakes(customerId) {
      leave(chatOf(customerId), 'pool');
    },

    befall(api, ...more) {
      mishaps.set(api, [...(mishaps.get(api) ?? []), ...more]);
    },
    befallAll(mishap) {
      everywhere = mishap;
      if (mishap === undefined) mishaps.clear();
    },

    session(customerId) {
      const { state, agentId } = chatOf(customerId);
      return agentId === undefined ? { state } : { state, agentId };
    },
    servedBy: (customerId) => chatOf(customerId).served,
    sessionsOf: (customerId) => chatOf(customerId).sessions,
    customers: () => [...chats.keys()],
    feed: (item) => void items.push({ ...item }),

    syncMessages: ({ cursor, token }) =>
      call('syncMessages', undefined, () => {
        if (token !== undefined && wecom.badTokens.has(token)) refuse('syncMessages', 95007);
        const from = cursor === undefined || cursor === '' ? 0 : Number(cursor.slice(1));
        if (wecom.emptyPageFirst) {
          wecom.emptyPageFirst = false;
          return { items: [], nextCursor: `c${from}`, hasMore: true };
        }
        const page = items.slice(from, from + wecom.pageSize);
        const next = from + page.length;
        return { items: page, nextCursor: `c${next}`, hasMore: next < items.length };
      }),

    sendMessage: ({ customerId, id, content }) =>
      call('sendMessage', customerId, () => {
        const chat = chatOf(customerId);
        const repeated = (): void => {
          if (msgids.has(id)) refuse('sendMessage', wecom.duplicates.code);
        };
        if (wecom.duplicates.first) repeated();
        if (clock() >= chat.lastCustomerAt + 48 * HOUR) refuse('sendMessage', 95002);
        if (chat.state !== 'new' && chat.state !== 'bot') refuse('sendMessage', 95018);
        if (chat.sent >= 5) refuse('sendMessage', 95001);
        repeated();
        msgids.add(id);
        chat.sent += 1;
        chat.state = 'bot';
        delivered.push({ customerId, id, content, at: clock(), by: 'send' });
      }),

    sendOnEvent: ({ code, id, content }) =>
      call('sendOnEvent', codes.get(code)?.customerId, () => {
        const known = codes.get(code);
        if (!known || clock() >= known.until) return refuse('sendOnEvent', 41050);
        if (known.state && chatOf(known.customerId).state !== known.state) refuse('sendOnEvent', 95018);
        codes.delete(code);
        delivered.push({ customerId: known.customerId, id, content, at: clock(), by: 'code' });
      }),

    readSession: (_, customerId) => call('readSession', customerId, () => wecom.session(customerId)),

    moveSession: (_, customerId, to) =>
      call('moveSession', customerId, () => {
        const chat = chatOf(customerId);
        if (chat.state === 'ended') refuse('moveSession', 95016);
        if (to.state === 'person') {
          if (!room.agents.includes(to.agentId)) refuse('moveSession', 95014);
          if (!receiving.has(to.agentId)) refuse('moveSession', 95019);
          const first = chat.state !== 'person';
          if (chat.agentId !== to.agentId) serve(chat, to.agentId);
          return first ? { code: newCode(customerId, 48 * HOUR, 'person') } : {};
        }
        if (to.state === 'pool' && chat.state === 'person') refuse('moveSession', 95016);
        // Ending a session that no person has is not in WeCom's chart.
        if (to.state === 'ended' && chat.state !== 'person') refuse('moveSession', 95016);
        leave(chat, to.state);
        return { code: newCode(customerId, to.state === 'ended' ? 20 * SECOND : 48 * HOUR, to.state) };
      }),

    listServicers: () =>
      call('listServicers', undefined, () =>
        room.agents.map((agentId) => ({
          agentId,
          status: receiving.has(agentId) ? ('receiving' as const) : ('stopped' as const),
        })),
      ),
    listAccounts: async () => wecom.accounts,
    readEntrances: async () => new Map(),
  };
  return wecom;
}

/** What a customer reads. */
export function textOf(content: Content): string {
  if (content.type === 'text') return content.text;
  return content.type === 'menu' ? (content.head ?? '') : content.type;
}

/** A moment on a quiet day. */
export const NOON: Instant = Date.UTC(2026, 10, 21, 4) + 12 * MINUTE;
