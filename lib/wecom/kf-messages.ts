import { createHash } from 'node:crypto';
import * as z from 'zod';
import { type Instant, SECOND } from '../platform/clock.ts';
import { type MergedMessage, mergedMessages, type ShopProduct, shopProduct } from './kf-message-bodies.ts';

/**
 * One pulled item of WeCom's kf/sync_msg, in our words. WeCom's field names end here: agents are lower-cased, times are
 * milliseconds, empty strings are absent, and the ids of events, which lie inside `event`, are where all ids are.
 * https://developer.work.weixin.qq.com/document/path/94670
 */
export type KfItem =
  | KfMessage
  | KfAnswer
  | KfEntered
  | KfSendFailed
  | KfAgentStatus
  | KfSessionChanged
  | KfRecalled
  | KfRejectSwitch
  | KfUnknownEvent
  | KfUnreadable;

interface Base {
  /** WeCom's `msgid`, or one made of the item's content where there is none: a repeat has the same one. */
  readonly id: string;
  readonly openKfId: string;
  readonly sentAt: Instant;
  /** The item as it came. Holds what people wrote: for the inbox only. */
  readonly raw: unknown;
}

interface Said extends Base {
  readonly customerId: string;
  /** WeCom's `msgtype`: text, image, voice, video, file, location, link, business_card, miniprogram, msgmenu,
   *  channels_shop_product, channels_shop_order, merged_msg, channels, meeting, schedule, note, and what is to come. */
  readonly type: string;
  /** The body of that type as it came; undefined where WeCom sent none (`note`). */
  readonly content: unknown;
  readonly text?: string;
  /** Only of type channels_shop_product. */
  readonly product?: ShopProduct;
  /** Only of type merged_msg: the forwarded messages. */
  readonly merged?: readonly MergedMessage[];
}

/** The customer wrote. */
export interface KfMessage extends Said {
  readonly kind: 'message';
  /** The chosen menu item: a choice, not free text. */
  readonly menuId?: string;
}

/** An agent wrote in WeCom's own client. */
export interface KfAnswer extends Said {
  readonly kind: 'answer';
  readonly agentId: string;
}

/** The customer opened the chat. */
export interface KfEntered extends Base {
  readonly kind: 'entered';
  readonly customerId: string;
  readonly scene?: string;
  readonly sceneParam?: string;
  /** Buys one welcome message within 20 s. Absent on most entries. */
  readonly welcomeCode?: string;
  /** Where in WeChat Channels (视频号) the customer came from; `scene` is WeCom's number of the page. */
  readonly channels?: { readonly nickname?: string; readonly shopNickname?: string; readonly scene?: number };
}

/** A message that WeCom had accepted was not delivered. `failType` is WeCom's number; 0 where it sent none. */
export interface KfSendFailed extends Base {
  readonly kind: 'send-failed';
  readonly customerId?: string;
  readonly failedId: string;
  readonly failType: number;
}

/**
 * An agent began or stopped to receive. `unknown` where the numbers contradict WeCom's page (1 receiving, 2 stopped): then
 * kf/servicer/list has the truth. `rawStatus` is for the log.
 */
export interface KfAgentStatus extends Base {
  readonly kind: 'agent-status';
  readonly agentId: string;
  readonly status: 'receiving' | 'stopped' | 'suspended' | 'unknown';
  readonly rawStatus?: number;
}

/** An agent did something to the session in WeCom's client. Perhaps long ago: read the session before believing it. */
export interface KfSessionChanged extends Base {
  readonly kind: 'session-changed';
  readonly customerId: string;
  readonly change: 'taken' | 'transferred' | 'ended' | 're-entered' | 'unknown';
  readonly oldAgentId?: string;
  readonly newAgentId?: string;
  /** Buys one message: 48 h after `taken`, 20 s after `ended`. */
  readonly code?: string;
}

export interface KfRecalled extends Base {
  readonly kind: 'recalled';
  readonly customerId: string;
  readonly by: 'customer' | 'agent';
  readonly messageId: string;
  readonly agentId?: string;
}

/** An agent refused further messages of this customer, or took that back. */
export interface KfRejectSwitch extends Base {
  readonly kind: 'reject-switch';
  readonly customerId?: string;
  readonly agentId?: string;
  readonly rejects: boolean;
}

/** An event of a kind that we do not know yet. */
export interface KfUnknownEvent extends Base {
  readonly kind: 'unknown-event';
  readonly customerId?: string;
  readonly eventType: string;
}

/** An item that lacks what its kind needs. `reason` names fields and never quotes them. */
export interface KfUnreadable extends Base {
  readonly kind: 'unreadable';
  readonly customerId?: string;
  readonly reason: string;
}

// WeCom adds fields freely and leaves out or empties what it has not got. Only what an item cannot do without is required.
const id = z.string().min(1);
const text = z.string().min(1).optional().catch(undefined);
const digits = z.union([
  z.number(),
  z
    .string()
    .regex(/^\d{1,15}$/)
    .transform(Number),
]);
const number = digits.optional().catch(undefined);
const agent = z
  .string()
  .min(1)
  .transform((userid) => userid.toLowerCase());
const maybeAgent = agent.optional().catch(undefined);

const Item = z.looseObject({
  msgid: z.string().min(1).max(128).optional().catch(undefined),
  open_kfid: text,
  external_userid: text,
  send_time: number,
  origin: number,
  servicer_userid: maybeAgent,
  msgtype: z.string().min(1),
});
type Item = z.infer<typeof Item>;

const Happened = z.looseObject({ event_type: id, open_kfid: text, external_userid: text });
const Entered = z.object({
  external_userid: id,
  scene: text,
  scene_param: text,
  welcome_code: text,
  wechat_channels: z.object({ nickname: text, shop_nickname: text, scene: number }).optional().catch(undefined),
});
const SendFailed = z.object({ external_userid: text, fail_msgid: id, fail_type: number });
const AgentStatus = z.object({ servicer_userid: agent, status: number, stop_type: number });
const SessionChanged = z.object({
  external_userid: id,
  change_type: number,
  old_servicer_userid: maybeAgent,
  new_servicer_userid: maybeAgent,
  msg_code: text,
});
const Recalled = z.object({ external_userid: id, recall_msgid: id, servicer_userid: maybeAgent });
const RejectSwitch = z.object({ external_userid: text, servicer_userid: maybeAgent, reject_switch: digits });

const FROM_AGENT = 5;
const CHANGES = [undefined, 'taken', 'transferred', 'ended', 're-entered'] as const;

/**
 * Reads one item of a page. Never throws.
 *
 * @param openKfId the account whose page it is
 * @param pulledAt stands in for a send time that WeCom left out
 */
export function parseItem(raw: unknown, openKfId: string, pulledAt: Instant): KfItem {
  const parsed = Item.safeParse(raw);
  if (!parsed.success) {
    return { kind: 'unreadable', id: idOf(raw), openKfId, sentAt: pulledAt, raw, reason: missing(parsed.error) };
  }
  const item = parsed.data;
  const base: Base = {
    id: item.msgid ?? idOf(raw),
    openKfId: item.open_kfid ?? openKfId,
    sentAt: item.send_time === undefined ? pulledAt : item.send_time * SECOND,
    raw,
  };
  return item.msgtype === 'event' ? parseEvent(base, item) : parseSaid(base, item);
}

function parseSaid(base: Base, item: Item): KfItem {
  const customerId = item.external_userid;
  if (!customerId) return { ...base, kind: 'unreadable', reason: 'external_userid is missing' };
  const content = item[item.msgtype];
  const words = item.msgtype === 'text' ? TextBody.safeParse(content).data : undefined;
  const said = {
    ...base,
    customerId,
    type: item.msgtype,
    content,
    ...(words?.content === undefined ? {} : { text: words.content }),
    ...(item.msgtype === 'channels_shop_product' ? present({ product: shopProduct(content) }) : {}),
    ...(item.msgtype === 'merged_msg' ? { merged: mergedMessages(content) } : {}),
  };
  if (item.origin !== FROM_AGENT) return { ...said, kind: 'message', ...present({ menuId: words?.menu_id }) };
  if (item.servicer_userid) return { ...said, kind: 'answer', agentId: item.servicer_userid };
  return { ...base, kind: 'unreadable', customerId, reason: 'servicer_userid is missing' };
}

const TextBody = z.object({ content: z.string(), menu_id: text });

function parseEvent(outer: Base, item: Item): KfItem {
  const happened = Happened.safeParse(item.event);
  if (!happened.success) return { ...outer, kind: 'unreadable', reason: missing(happened.error, 'event') };
  const event = happened.data;
  const base: Base = { ...outer, openKfId: event.open_kfid ?? outer.openKfId };
  const customerId = event.external_userid ?? item.external_userid;
  // Older texts have the customer on the item as well.
  const read = readEvent(base, { ...event, ...present({ external_userid: customerId }) }, event.event_type);
  return read instanceof z.ZodError
    ? { ...base, kind: 'unreadable', ...present({ customerId }), reason: missing(read, 'event') }
    : read;
}

function readEvent(base: Base, event: unknown, eventType: string): KfItem | z.ZodError {
  switch (eventType) {
    case 'enter_session':
      return read(Entered, event, ({ external_userid, scene, scene_param, welcome_code, wechat_channels }) => ({
        ...base,
        kind: 'entered',
        customerId: external_userid,
        ...present({ scene, sceneParam: scene_param, welcomeCode: welcome_code }),
        ...present({ channels: wechat_channels && channelsOf(wechat_channels) }),
      }));
    case 'msg_send_fail':
      return read(SendFailed, event, ({ external_userid, fail_msgid, fail_type }) => ({
        ...base,
        kind: 'send-failed',
        ...present({ customerId: external_userid }),
        failedId: fail_msgid,
        failType: fail_type ?? 0,
      }));
    case 'servicer_status_change':
      return read(AgentStatus, event, ({ servicer_userid, status, stop_type }) => ({
        ...base,
        kind: 'agent-status',
        agentId: servicer_userid,
        status: receptionOf(status, stop_type),
        ...present({ rawStatus: status }),
      }));
    case 'session_status_change':
      return read(SessionChanged, event, (changed) => ({
        ...base,
        kind: 'session-changed',
        customerId: changed.external_userid,
        change: CHANGES[changed.change_type ?? 0] ?? 'unknown',
        ...present({ oldAgentId: changed.old_servicer_userid, newAgentId: changed.new_servicer_userid }),
        ...present({ code: changed.msg_code }),
      }));
    case 'user_recall_msg':
    case 'servicer_recall_msg':
      return read(Recalled, event, ({ external_userid, recall_msgid, servicer_userid }) => ({
        ...base,
        kind: 'recalled',
        customerId: external_userid,
        by: eventType === 'user_recall_msg' ? 'customer' : 'agent',
        messageId: recall_msgid,
        ...present({ agentId: servicer_userid }),
      }));
    case 'reject_customer_msg_switch_change':
      return read(RejectSwitch, event, ({ external_userid, servicer_userid, reject_switch }) => ({
        ...base,
        kind: 'reject-switch',
        ...present({ customerId: external_userid, agentId: servicer_userid }),
        rejects: reject_switch === 1,
      }));
    default:
      return read(Happened, event, ({ external_userid }) => ({
        ...base,
        kind: 'unknown-event',
        ...present({ customerId: external_userid }),
        eventType,
      }));
  }
}

function read<T>(schema: z.ZodType<T>, event: unknown, rename: (event: T) => KfItem): KfItem | z.ZodError {
  const parsed = schema.safeParse(event);
  return parsed.success ? rename(parsed.data) : parsed.error;
}

/** The page numbers 1 receiving, 2 stopped, and says why (`stop_type`) only of the stopped: beside a 1 it says nothing. */
function receptionOf(status: number | undefined, stopType: number | undefined): KfAgentStatus['status'] {
  if (status === 1 && !stopType) return 'receiving';
  if (status === 2) return stopType === 1 ? 'suspended' : 'stopped';
  return 'unknown';
}

function channelsOf(from: {
  nickname?: string | undefined;
  shop_nickname?: string | undefined;
  scene?: number | undefined;
}): { nickname?: string; shopNickname?: string; scene?: number } {
  return present({ nickname: from.nickname, shopNickname: from.shop_nickname, scene: from.scene });
}

/** The same without its undefined values. */
function present<T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const kept: { [K in keyof T]?: Exclude<T[K], undefined> } = {};
  for (const key in fields) {
    const value = fields[key];
    if (isPresent(value)) kept[key] = value;
  }
  return kept;
}

function isPresent<V>(value: V): value is Exclude<V, undefined> {
  return value !== undefined;
}

/** Names the first field that is wrong, never what is in it. */
function missing(error: z.ZodError, within?: string): string {
  const path = [within, ...(error.issues[0]?.path ?? [])].filter((part) => part !== undefined).join('.');
  return `${path || 'the item'} is missing or of the wrong type`;
}

/** An id for an item that has none: made of its content, whatever the order of its fields. */
function idOf(raw: unknown): string {
  return `x-${createHash('sha256').update(canonical(raw)).digest('base64url').slice(0, 30)}`;
}

function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const fields = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${fields.map(([key, field]) => `${JSON.stringify(key)}:${canonical(field)}`).join(',')}}`;
}
