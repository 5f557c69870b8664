import type { Instant } from '../platform/clock.ts';
import type { ContactNews, Signal } from '../platform/wakes.ts';
import { type Fields, textOf } from './callback-xml.ts';
import { ownersOfTask } from './card-task.ts';

/** What one callback puts on a queue; `group` is the SQS message group. */
export type News =
  | { readonly queue: 'signals'; readonly group: string; readonly body: Signal }
  | { readonly queue: 'contacts'; readonly group: string; readonly body: ContactNews };

const CONTACT_EVENTS = new Set([
  'change_external_contact',
  'change_external_chat',
  'change_external_tag',
  'customer_acquisition',
  'change_contact',
]);

/**
 * The elements of customer-contact events that may be queued: ids, codes and counts. Names, telephone numbers, addresses,
 * pictures and remarks stay out; who needs them reads them from WeCom. `ChatKey` stays out too: it opens a chat's figures.
 */
const QUEUED_ELEMENTS = [
  ...[
    'UserID',
    'NewUserID',
    'OldUserId',
    'OpenUserID',
    'ExternalUserID',
    'State',
    'WelcomeCode',
    'Source',
    'FailReason',
  ],
  ...['ChatId', 'UpdateDetail', 'JoinScene', 'QuitScene', 'MemChangeCnt', 'MemChangeList', 'LastMemVer', 'CurMemVer'],
  ...['Id', 'TagId', 'TagType', 'StrategyId', 'LinkId', 'ExpireTime', 'ExpireQuotaNum'],
  ...['Department', 'MainDepartment', 'ParentId', 'Status'],
  ...['AddUserItems', 'DelUserItems', 'AddPartyItems', 'DelPartyItems'],
];

/**
 * What a verified callback's content means for us, or nothing when we know no use for it: a message to the app, an event
 * of another kind, an event that lacks the id it is about, or the form for third-party suites (`InfoType`).
 * `app` is the app whose secret is to be used.
 */
export function readNews(fields: Fields, app: string, receivedAt: Instant): News | undefined {
  const event = textOf(fields, 'Event');
  if (textOf(fields, 'MsgType') !== 'event' || !event) return undefined;
  const times = { createdAt: createdAt(fields) ?? receivedAt, receivedAt };
  if (event === 'kf_msg_or_event') return readPull(fields, app, times);
  if (event === 'kf_account_auth_change') return readAccounts(fields, app, times);
  if (event === 'unsubscribe') return readUnsubscribed(fields, app, times);
  if (CONTACT_EVENTS.has(event)) return readContactNews(fields, event, app, times);
  if (event === 'template_card_event') return readCardAnswer(fields, app, times);
  return undefined;
}

/** The callback's kind in WeCom's words, for logs and counts; `other` when it is not a plain word. */
export function kindOf(fields: Fields): string {
  const kind = textOf(fields, 'Event') ?? textOf(fields, 'InfoType') ?? textOf(fields, 'MsgType') ?? '';
  return /^\w{1,64}$/.test(kind) ? kind : 'other';
}

interface Times {
  readonly createdAt: Instant;
  readonly receivedAt: Instant;
}

/** WeCom: kf_msg_or_event. Its `Token` is the pull token for kf/sync_msg, not the one that signs callbacks. */
function readPull(fields: Fields, app: string, times: Times): News | undefined {
  const openKfId = textOf(fields, 'OpenKfId');
  if (!openKfId) return undefined;
  const token = textOf(fields, 'Token');
  const body: Signal = { v: 1, kind: 'pull', app, openKfId, ...(token && { token }), ...times };
  return { queue: 'signals', group: openKfId, body };
}

/** WeCom: kf_account_auth_change, whose two lists are repeated elements. */
function readAccounts(fields: Fields, app: string, times: Times): News {
  const granted = (fields.get('AuthAddOpenKfId') ?? []).filter(Boolean);
  const withdrawn = (fields.get('AuthDelOpenKfId') ?? []).filter(Boolean);
  return {
    queue: 'signals',
    group: `accounts:${app}`,
    body: { v: 1, kind: 'accounts', app, granted, withdrawn, ...times },
  };
}

/** The buttons of our cards (WeCom: `EventKey`). */
const CARD_ANSWERS = ['take', 'pass'] as const;

/** WeCom: template_card_event, of cards that offer an agent a customer; other cards of the app are not ours. */
function readCardAnswer(fields: Fields, app: string, times: Times): News | undefined {
  const task = textOf(fields, 'TaskId') ?? '';
  const agentId = textOf(fields, 'FromUserName')?.toLowerCase();
  const key = textOf(fields, 'EventKey');
  const answer = CARD_ANSWERS.find((one) => one === key);
  const owners = ownersOfTask(task);
  if (!owners || !agentId || !answer) return undefined;
  const code = textOf(fields, 'ResponseCode');
  const body: Signal = { v: 1, kind: 'card', app, ...owners, task, agentId, answer, ...(code && { code }), ...times };
  return { queue: 'signals', group: `card:${task}`, body };
}

/** WeCom: unsubscribe. A member is out of the app's sight, because he left the corp or its visible range; he is who sent it. */
function readUnsubscribed(fields: Fields, app: string, times: Times): News | undefined {
  const userId = textOf(fields, 'FromUserName');
  if (!userId) return undefined;
  const body = { v: 1, app, event: 'unsubscribe', changeType: '', ...times, ids: { UserID: userId } } as const;
  return { queue: 'contacts', group: userId.toLowerCase(), body };
}

function readContactNews(fields: Fields, event: string, app: string, times: Times): News {
  const ids: Record<string, string> = {};
  for (const name of QUEUED_ELEMENTS) {
    // A list of ids (MemChangeList) is joined the way WeCom writes its other lists.
    const text = (fields.get(name) ?? []).filter(Boolean).join(',');
    if (text) ids[name] = text;
  }
  const changeType = textOf(fields, 'ChangeType') ?? '';
  // WeCom does not keep the case of a member's id.
  const group = ids.ExternalUserID ?? ids.UserID?.toLowerCase() ?? ids.ChatId ?? app;
  return { queue: 'contacts', group, body: { v: 1, app, event, changeType, ...times, ids } };
}

function createdAt(fields: Fields): Instant | undefined {
  const seconds = textOf(fields, 'CreateTime');
  return seconds && /^\d{1,11}$/.test(seconds) ? Number(seconds) * 1000 : undefined;
}
