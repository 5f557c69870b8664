import * as z from 'zod';
import type { WeComApi } from './api.ts';
import { WeComError } from './errors.ts';
import { type Content, toWeCom } from './outgoing-messages.ts';

/**
 * WeChat Customer Service (微信客服) by its server API, in our words: WeCom's field names end here. Userids are lower-cased,
 * because WeCom does not distinguish their case. What the calls throw, says `WeComApi`.
 * https://developer.work.weixin.qq.com/document/path/94638
 */
export interface KfApi {
  /**
   * WeCom: kf/sync_msg. A page of at most 1000 of an account's items, for `parseItem`. Only `hasMore` says whether to go
   * on: a page may be empty, and may be full and yet the last. Without `cursor` it begins three days ago. `token` is the callback's;
   * a wrong or stale one is refused (95007), and pulls without one are rationed (`takePull`).
   */
  syncMessages(pull: {
    openKfId: string;
    cursor?: string | undefined;
    token?: string | undefined;
    limit?: number;
  }): Promise<{ items: unknown[]; nextCursor: string | undefined; hasMore: boolean }>;
  /** WeCom: kf/send_msg. `id` is the message's own (see `messageId`), so that a repeat is refused instead of sent twice. */
  sendMessage(message: { openKfId: string; customerId: string; id: string; content: Content }): Promise<void>;
  /** WeCom: kf/send_msg_on_event. The one message that a code buys. */
  sendOnEvent(message: { code: string; id: string; content: Content }): Promise<void>;
  /** WeCom: kf/service_state/get. `agentId` is there in `person` only. */
  readSession(openKfId: string, customerId: string): Promise<KfSession>;
  /** WeCom: kf/customer/batchget, by what they entered last within 48 hours. At most 100 ids; who is not answered is not known. Profiles are not read. */
  readEntrances(customerIds: readonly string[]): Promise<ReadonlyMap<string, Entrance>>;
  /** WeCom: kf/service_state/trans. `code` buys one message; WeCom gives it on the first change to a state only. */
  moveSession(openKfId: string, customerId: string, to: SessionTarget): Promise<{ code?: string | undefined }>;
  /** WeCom: kf/servicer/list. A department's entry says nothing about its members. */
  listServicers(openKfId: string): Promise<Servicer[]>;
  /** WeCom: kf/account/list, all pages. `managed`: this app may manage the account; absent where WeCom does not say. */
  listAccounts(): Promise<{ openKfId: string; name: string; managed?: boolean | undefined }[]>;
}

export interface KfSession {
  readonly state: 'new' | 'bot' | 'pool' | 'person' | 'ended';
  readonly agentId?: string | undefined;
}

/** How a customer came: `enter_session_context`. */
export interface Entrance {
  readonly scene?: string | undefined;
  readonly channel?: string | undefined;
}

export type SessionTarget =
  | { readonly state: 'person'; readonly agentId: string }
  | { readonly state: 'pool' }
  | { readonly state: 'ended' };

export type Servicer =
  /** `unknown`: the app may not see the status. */
  | { readonly agentId: string; readonly status: 'receiving' | 'stopped' | 'suspended' | 'unknown' }
  | { readonly departmentId: number };

/** The order is WeCom's numbering. */
const STATES = ['new', 'bot', 'pool', 'person', 'ended'] as const;

const Done = z.object({});
/** Numbers may come as text, and what is empty as null: WeCom's own languages write them so now and then. */
const number = z.union([z.number(), z.stringFormat('digits', /^\d{1,15}$/).transform(Number)]);
const text = z
  .string()
  .nullish()
  .transform((given) => given ?? undefined);
const Page = z.object({
  next_cursor: text,
  has_more: z.union([number, z.boolean().transform(Number)]).nullish(),
  msg_list: z.array(z.unknown()).nullish(),
});
const Session = z.object({
  service_state: number.pipe(z.int().min(0).max(4)).nullish(),
  servicer_userid: text,
});
const Customers = z.object({
  customer_list: z
    .array(
      z.object({
        external_userid: z.string(),
        enter_session_context: z.object({ scene: text, scene_param: text }).nullish(),
      }),
    )
    .default([]),
});
const Moved = z.object({ msg_code: text });
const Servicers = z.object({
  servicer_list: z
    .array(
      z.object({
        userid: z.string().optional(),
        department_id: z.number().optional(),
        status: z.number().optional(),
        stop_type: z.number().optional(),
      }),
    )
    .default([]),
});
const Accounts = z.object({
  account_list: z
    .array(z.object({ open_kfid: z.string(), name: z.string().default(''), manage_privilege: z.boolean().optional() }))
    .default([]),
});

const ACCOUNTS_PER_PAGE = 100;
/** WeCom allows 5000 accounts per corp. */
const ACCOUNTS_AT_MOST = 5000;

export function kfApi(api: WeComApi, app: string): KfApi {
  return {
    async syncMessages({ openKfId, cursor, token, limit = 1000 }) {
      const body = { open_kfid: openKfId, limit, ...(cursor ? { cursor } : {}), ...(token ? { token } : {}) };
      const page = await api.call(app, 'kf/sync_msg', body, Page);
      return { items: page.msg_list ?? [], nextCursor: page.next_cursor || undefined, hasMore: page.has_more === 1 };
    },

    async sendMessage({ openKfId, customerId, id, content }) {
      const body = { touser: customerId, open_kfid: openKfId, msgid: id, ...toWeCom(content) };
      await api.call(app, 'kf/send_msg', body, Done);
    },

    async sendOnEvent({ code, id, content }) {
      await api.call(app, 'kf/send_msg_on_event', { code, msgid: id, ...toWeCom(content) }, Done);
    },

    async readSession(openKfId, customerId) {
      const body = { open_kfid: openKfId, external_userid: customerId };
      const session = await api.call(app, 'kf/service_state/get', body, Session);
      // An answer without a state says nothing about the session, and asking again would not change that: no outage.
      if (session.service_state == null) throw new WeComError({ api: 'kf/service_state/get', errcode: 0 });
      const state = STATES[session.service_state] ?? 'ended';
      const agentId = session.servicer_userid?.toLowerCase();
      return state === 'person' && agentId ? { state, agentId } : { state };
    },

    async readEntrances(customerIds) {
      const body = { external_userid_list: customerIds, need_enter_session_context: 1 };
      const { customer_list } = await api.call(app, 'kf/customer/batchget', body, Customers);
      return new Map(
        customer_list.flatMap(({ external_userid: id, enter_session_context: context }) =>
          context ? [[id, { scene: context.scene || undefined, channel: context.scene_param || undefined }]] : [],
        ),
      );
    },

    async moveSession(openKfId, customerId, to) {
      const body = {
        open_kfid: openKfId,
        external_userid: customerId,
        service_state: STATES.indexOf(to.state),
        ...(to.state === 'person' ? { servicer_userid: to.agentId } : {}),
      };
      const moved = await api.call(app, 'kf/service_state/trans', body, Moved);
      return moved.msg_code ? { code: moved.msg_code } : {};
    },

    async listServicers(openKfId) {
      const { servicer_list } = await api.get(app, 'kf/servicer/list', { open_kfid: openKfId }, Servicers);
      return servicer_list.flatMap((entry): Servicer[] => {
        if (entry.userid) {
          return [{ agentId: entry.userid.toLowerCase(), status: receptionOf(entry.status, entry.stop_type) }];
        }
        return entry.department_id === undefined ? [] : [{ departmentId: entry.department_id }];
      });
    },

    async listAccounts() {
      const accounts: { openKfId: string; name: string; managed?: boolean | undefined }[] = [];
      for (let offset = 0; offset < ACCOUNTS_AT_MOST; offset += ACCOUNTS_PER_PAGE) {
        const body = { offset, limit: ACCOUNTS_PER_PAGE };
        const { account_list } = await api.call(app, 'kf/account/list', body, Accounts);
        for (const { open_kfid, name, manage_privilege } of account_list) {
          accounts.push({ openKfId: open_kfid, name, managed: manage_privilege });
        }
        if (account_list.length < ACCOUNTS_PER_PAGE) break;
      }
      return accounts;
    },
  };
}

/** kf/servicer/list numbers 0 receiving, 1 stopped; the event servicer_status_change numbers otherwise. */
function receptionOf(
  status: number | undefined,
  stopType: number | undefined,
): 'receiving' | 'stopped' | 'suspended' | 'unknown' {
  if (status === 0) return 'receiving';
  if (status === 1) return stopType === 1 ? 'suspended' : 'stopped';
  return 'unknown';
}
