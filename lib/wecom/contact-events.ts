import { createHash } from 'node:crypto';
import * as z from 'zod';
import type { Instant } from '../platform/clock.ts';
import { type ContactNews, type ContactWake, ForgetWake, LabelWake, ReconcileWake } from '../platform/wakes.ts';

/** News on contacts.fifo, as they are read again: what `callback-news.ts` puts there. */
export const ContactNewsWake = z.object({
  v: z.literal(1),
  app: z.string(),
  event: z.string(),
  changeType: z.string(),
  createdAt: z.number(),
  receivedAt: z.number(),
  ids: z.record(z.string(), z.string()),
  source: z.literal('reconcile').optional(),
}) satisfies z.ZodType<ContactNews>;

/** Everything on contacts.fifo. */
export const AnyContactWake = z.union([
  LabelWake,
  ReconcileWake,
  ForgetWake,
  ContactNewsWake,
]) satisfies z.ZodType<ContactWake>;

interface Relation {
  /** Lower-cased: WeCom does not keep the case of a member's id. */
  readonly agentId: string;
  readonly customerId: string;
  /** WeCom's own time of the event; milliseconds, whole seconds. */
  readonly at: Instant;
}

/**
 * A customer-contact event in our words; WeCom's element names end here. An event is a hint that may be repeated, late or
 * out of order, and `at` is what orders it.
 * https://developer.work.weixin.qq.com/document/path/92130
 */
export type ContactEvent =
  | (Relation & {
      readonly type: 'added';
      /** The member has not added the customer back yet, and perhaps never will. */
      readonly half: boolean;
      /** The channel key of the code, or an acquisition link's channel; for `parseState`. */
      readonly state?: string;
      /** Worth one welcome, for 20 s. */
      readonly welcomeCode?: string;
      readonly linkId?: string;
    })
  /** `byTransfer`: WeCom did it when another member took the customer over; no customer was lost. */
  | (Relation & { readonly type: 'deleted-by-agent'; readonly byTransfer: boolean })
  | (Relation & { readonly type: 'deleted-by-customer' })
  | (Relation & { readonly type: 'edited' })
  /** WeCom does not say whether `agentId` is who gives or who takes. `reason` is WeCom's word: customer_refused, … */
  | (Relation & { readonly type: 'transfer-failed'; readonly reason?: string })
  /** The customer agreed that chats are archived, and may be welcomed only now. */
  | (Relation & { readonly type: 'consented'; readonly welcomeCode?: string })
  | AcquisitionEvent
  /** `agentId` is the member's id before the event. */
  | {
      readonly type: 'member-changed';
      readonly agentId: string;
      readonly renamedTo?: string;
      readonly status?: MemberStatus;
      readonly at: Instant;
    }
  | { readonly type: 'member-left'; readonly agentId: string; readonly at: Instant }
  /** Of no use to us, of a kind that WeCom added since, or without the ids that it is about. */
  | { readonly type: 'other'; readonly event: string; readonly changeType: string; readonly at: Instant };

/** About customer-acquisition links (获客助手). https://developer.work.weixin.qq.com/document/path/97299 */
export interface AcquisitionEvent {
  readonly type: 'acquisition';
  readonly kind: AcquisitionKind;
  readonly linkId?: string;
  readonly state?: string;
  readonly agentId?: string;
  readonly customerId?: string;
  /** `quota-expires` only: when (milliseconds), and how many adds are lost then. */
  readonly expiresAt?: Instant;
  readonly expiring?: number;
  readonly at: Instant;
}

export type AcquisitionKind =
  | 'balance-low'
  | 'balance-exhausted'
  | 'balance-increased'
  | 'quota-expires'
  | 'link-unavailable'
  | 'link-deleted'
  | 'profile-opened'
  | 'friend-requested'
  | 'chat-started'
  | 'messages-came'
  | 'customer-left';

const ACQUISITION_KINDS: ReadonlyMap<string, AcquisitionKind> = new Map([
  ['balance_low', 'balance-low'],
  ['balance_exhausted', 'balance-exhausted'],
  ['balance_increased', 'balance-increased'],
  ['quota_expire_soon', 'quota-expires'],
  ['link_unavailable', 'link-unavailable'],
  ['delete_link', 'link-deleted'],
  ['open_profile', 'profile-opened'],
  ['friend_request', 'friend-requested'],
  ['customer_start_chat', 'chat-started'],
  ['message_from_customer', 'messages-came'],
  // The same word as in change_external_contact, where the relation's end is told as well: this one counts a link's losses.
  ['del_follow_user', 'customer-left'],
]);

export type MemberStatus = 'active' | 'disabled' | 'not-activated' | 'left' | 'unknown';

/** WeCom numbers a member's status alike in user/get and change_contact. */
export function memberStatusOf(status: number): MemberStatus {
  return STATUSES.get(status) ?? 'unknown';
}

const STATUSES: ReadonlyMap<number, MemberStatus> = new Map([
  [1, 'active'],
  [2, 'disabled'],
  [4, 'not-activated'],
  [5, 'left'],
]);

/**
 * What the news is about. Event and ChangeType decide together: several events share a ChangeType. Never throws, because an
 * event that nobody understands is not worth a repeat.
 */
export function parseContactEvent(news: ContactNews): ContactEvent {
  return (
    relationEvent(news) ??
    acquisitionEvent(news) ??
    memberEvent(news) ?? { type: 'other', event: news.event, changeType: news.changeType, at: news.createdAt }
  );
}

function relationEvent(news: ContactNews): ContactEvent | undefined {
  const { ids, changeType } = news;
  const agentId = ids.UserID?.toLowerCase();
  const customerId = ids.ExternalUserID;
  if (news.event !== 'change_external_contact' || !agentId || !customerId) return undefined;
  const relation = { agentId, customerId, at: news.createdAt };
  const welcomeCode = present('welcomeCode', ids.WelcomeCode);
  switch (changeType) {
    case 'add_external_contact':
    case 'add_half_external_contact': {
      const half = changeType === 'add_half_external_contact';
      const from = { ...present('state', ids.State), ...present('linkId', ids.LinkId) };
      return { type: 'added', half, ...relation, ...from, ...welcomeCode };
    }
    case 'del_external_contact':
      return { type: 'deleted-by-agent', byTransfer: ids.Source === 'DELETE_BY_TRANSFER', ...relation };
    case 'del_follow_user':
      return { type: 'deleted-by-customer', ...relation };
    case 'edit_external_contact':
      return { type: 'edited', ...relation };
    case 'transfer_fail':
      return { type: 'transfer-failed', ...relation, ...present('reason', ids.FailReason) };
    case 'msg_audit_approved':
      return { type: 'consented', ...relation, ...welcomeCode };
    default:
      return undefined;
  }
}

function acquisitionEvent(news: ContactNews): AcquisitionEvent | undefined {
  const kind = ACQUISITION_KINDS.get(news.changeType);
  if (news.event !== 'customer_acquisition' || !kind) return undefined;
  const { ids } = news;
  const expiresAt = wholeNumber(ids.ExpireTime);
  const expiring = wholeNumber(ids.ExpireQuotaNum);
  return {
    type: 'acquisition',
    kind,
    ...present('linkId', ids.LinkId),
    ...present('state', ids.State),
    ...present('agentId', ids.UserID?.toLowerCase()),
    ...present('customerId', ids.ExternalUserID),
    ...(expiresAt === undefined ? {} : { expiresAt: expiresAt * 1000 }),
    ...(expiring === undefined ? {} : { expiring }),
    at: news.createdAt,
  };
}

/** WeCom: change_contact, which comes through the directory helper's door only, and unsubscribe, which every app gets. */
function memberEvent(news: ContactNews): ContactEvent | undefined {
  const agentId = news.ids.UserID?.toLowerCase();
  const at = news.createdAt;
  if (news.event === 'unsubscribe' && agentId) return { type: 'member-left', agentId, at };
  if (news.event !== 'change_contact' || !agentId) return undefined;
  if (news.changeType === 'delete_user') return { type: 'member-left', agentId, at };
  if (news.changeType !== 'create_user' && news.changeType !== 'update_user') return undefined;
  const number = wholeNumber(news.ids.Status);
  const status = number === undefined ? undefined : memberStatusOf(number);
  if (status === 'left') return { type: 'member-left', agentId, at };
  const renamed = present('renamedTo', news.ids.NewUserID?.toLowerCase());
  return { type: 'member-changed', agentId, ...renamed, ...(status ? { status } : {}), at };
}

/**
 * The event's identity: the same however often and through however many doors it comes, and never that of another event.
 * WeCom gives none, and sender and second alone make one event of two customers who came in the same second. So
 * it is everything that the event says of itself, and nothing of how it came (door, app, time of receipt).
 */
export function eventId(news: ContactNews): string {
  const elements = Object.entries(news.ids)
    // The second name of a member, that suites alone are told.
    .filter(([name]) => name !== 'OpenUserID')
    .map(([name, text]) => [name, MEMBER_IDS.has(name) ? text.toLowerCase() : text] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  const identity = JSON.stringify([news.event, news.changeType, news.createdAt, elements]);
  return createHash('sha256').update(identity).digest('base64url').slice(0, 32);
}

const MEMBER_IDS: ReadonlySet<string> = new Set(['UserID', 'NewUserID', 'OldUserId']);

/** `{ [name]: text }`, or nothing when there is no text. */
function present<const Name extends string>(name: Name, text: string | undefined): { readonly [N in Name]?: string } {
  if (!text) return {};
  const named: { [N in Name]?: string } = {};
  named[name] = text;
  return named;
}

function wholeNumber(text: string | undefined): number | undefined {
  return text && /^\d{1,11}$/.test(text) ? Number(text) : undefined;
}
