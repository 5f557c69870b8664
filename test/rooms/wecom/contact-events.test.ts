import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { ContactNews } from '../../../lib/platform/wakes.ts';
import { readNews } from '../../../lib/wecom/callback-news.ts';
import { readFields } from '../../../lib/wecom/callback-xml.ts';
import {
  AnyContactWake,
  ContactNewsWake,
  eventId,
  memberStatusOf,
  parseContactEvent,
} from '../../../lib/wecom/contact-events.ts';
import { anEvent, NOON } from './callback-samples.ts';

const AT = 1_759_999_990_000;
const news = (event: string, changeType: string, ids: Record<string, string> = {}): ContactNews => ({
  v: 1,
  app: 'main',
  event,
  changeType,
  createdAt: AT,
  receivedAt: NOON,
  ids,
});
const pair = { UserID: 'ZhangSan', ExternalUserID: 'woX' };
const relation = { agentId: 'zhangsan', customerId: 'woX', at: AT };
const ofContact = (changeType: string, more: Record<string, string> = {}) =>
  news('change_external_contact', changeType, { ...pair, ...more });
const ofLink = (changeType: string, ids: Record<string, string> = {}) => news('customer_acquisition', changeType, ids);
const ofMember = (changeType: string, ids: Record<string, string> = {}) => news('change_contact', changeType, ids);

test('a callback comes through the queue and is understood on the other side', () => {
  const elements = { ChangeType: 'add_half_external_contact', ...pair, State: 'cc:prod:expo', WelcomeCode: 'WCODE' };
  const put = readNews(readFields(Buffer.from(anEvent('change_external_contact', elements))), 'main', NOON);
  const wake = ContactNewsWake.parse(JSON.parse(JSON.stringify(put?.body)));
  expect(wake).toEqual(put?.body);
  expect(parseContactEvent(wake)).toEqual({
    type: 'added',
    half: true,
    ...relation,
    state: 'cc:prod:expo',
    welcomeCode: 'WCODE',
  });
});

test.each([
  ['news, as they always were', ofContact('add_external_contact')],
  ['news that were found at night', { ...ofContact('add_external_contact'), source: 'reconcile' }],
  ['a customer to be labelled', { v: 1, kind: 'label', app: 'main', customerId: 'woX' }],
  [
    'a step of the night',
    { v: 1, kind: 'reconcile', step: 'codes', app: 'main', night: '2026-10-02', reads: 9, tries: 0 },
  ],
])('the queue carries %s', (_, body) => {
  expect(AnyContactWake.parse(JSON.parse(JSON.stringify(body)))).toEqual(body);
});

test.each([{}, { v: 2 }, { ...ofContact('x'), ids: { UserID: 1 } }])(
  'what nobody here put into the queue is not taken for news: %j',
  (body) => expect(ContactNewsWake.safeParse(body).success).toBe(false),
);

describe('a relation', () => {
  test('begins with or without a state, a code, and the link it came by', () => {
    const begun = { type: 'added', half: false, ...relation };
    expect(parseContactEvent(ofContact('add_external_contact'))).toEqual(begun);
    const elements = { State: 's', WelcomeCode: 'W', LinkId: 'L' };
    expect(parseContactEvent(ofContact('add_external_contact', elements))).toEqual({
      ...begun,
      state: 's',
      welcomeCode: 'W',
      linkId: 'L',
    });
  });

  test.each([
    ['the member', 'del_external_contact', {}, { type: 'deleted-by-agent', byTransfer: false }],
    [
      'WeCom, because another member took over',
      'del_external_contact',
      { Source: 'DELETE_BY_TRANSFER' },
      { type: 'deleted-by-agent', byTransfer: true },
    ],
    ['the customer', 'del_follow_user', {}, { type: 'deleted-by-customer' }],
  ])('is ended by %s', (_, changeType, ids, expected) => {
    expect(parseContactEvent(ofContact(changeType, ids))).toEqual({ ...expected, ...relation });
  });

  test.each([
    ['changes', 'edit_external_contact', {}, { type: 'edited' }],
    ['is not handed over', 'transfer_fail', { FailReason: 'x' }, { type: 'transfer-failed', reason: 'x' }],
    ['may be archived', 'msg_audit_approved', { WelcomeCode: 'W' }, { type: 'consented', welcomeCode: 'W' }],
  ])('%s', (_, changeType, ids, expected) => {
    expect(parseContactEvent(ofContact(changeType, ids))).toEqual({ ...expected, ...relation });
  });
});

describe('an acquisition link', () => {
  test.each([
    ['balance_low', {}, { kind: 'balance-low' }],
    ['balance_exhausted', {}, { kind: 'balance-exhausted' }],
    ['balance_increased', {}, { kind: 'balance-increased' }],
    [
      'quota_expire_soon',
      { ExpireTime: '1761000000', ExpireQuotaNum: '200' },
      { kind: 'quota-expires', expiresAt: 1_761_000_000_000, expiring: 200 },
    ],
    ['quota_expire_soon', { ExpireTime: 'soon', ExpireQuotaNum: '-1' }, { kind: 'quota-expires' }],
    ['link_unavailable', { LinkId: 'L' }, { kind: 'link-unavailable', linkId: 'L' }],
    ['delete_link', { LinkId: 'L' }, { kind: 'link-deleted', linkId: 'L' }],
    ['open_profile', { LinkId: 'L', State: 's' }, { kind: 'profile-opened', linkId: 'L', state: 's' }],
    ['friend_request', { LinkId: 'L', State: 's' }, { kind: 'friend-requested', linkId: 'L', state: 's' }],
    ['customer_start_chat', pair, { kind: 'chat-started', agentId: 'zhangsan', customerId: 'woX' }],
    ['message_from_customer', { LinkId: 'L' }, { kind: 'messages-came', linkId: 'L' }],
    ['del_follow_user', pair, { kind: 'customer-left', agentId: 'zhangsan', customerId: 'woX' }],
  ])('tells %s', (changeType, ids, expected) => {
    expect(parseContactEvent(ofLink(changeType, ids))).toEqual({ type: 'acquisition', ...expected, at: AT });
  });
});

describe('a member', () => {
  test.each([
    ['create_user', { UserID: 'Alice', Status: '4' }, { type: 'member-changed', status: 'not-activated' }],
    ['update_user', { UserID: 'Alice' }, { type: 'member-changed' }],
    ['update_user', { UserID: 'Alice', NewUserID: 'Alice.W' }, { type: 'member-changed', renamedTo: 'alice.w' }],
    ['update_user', { UserID: 'Alice', Status: '5' }, { type: 'member-left' }],
    ['delete_user', { UserID: 'Alice' }, { type: 'member-left' }],
  ])('%s %j', (changeType, ids, expected) => {
    expect(parseContactEvent(ofMember(changeType, ids))).toEqual({ agentId: 'alice', ...expected, at: AT });
  });

  test('in a state that WeCom added since is in none that we know', () => expect(memberStatusOf(7)).toBe('unknown'));
});

describe('what means nothing to us is named, and never an error', () => {
  test.each([
    ['an add without a customer', news('change_external_contact', 'add_external_contact', { UserID: 'a' })],
    ['an add without a member', news('change_external_contact', 'add_external_contact', { ExternalUserID: 'woX' })],
    ['a kind that WeCom added since', ofContact('add_by_telepathy')],
    ['a link’s new kind', ofLink('add_external_contact', pair)],
    ['a department', ofMember('create_party', { Id: '12' })],
    ['a member event without a member', ofMember('update_user')],
    ['a tag, whose kinds are named as others’ are', news('change_external_tag', 'del_follow_user', pair)],
    ['a group chat', news('change_external_chat', 'create', { ChatId: 'wr1' })],
  ])('%s', (_, one) => {
    const { event, changeType } = one;
    expect(parseContactEvent(one)).toEqual({ type: 'other', event, changeType, at: AT });
  });
});

describe('an event’s identity', () => {
  const add = ofContact('add_external_contact', { State: 's', WelcomeCode: 'W' });

  test('is the same through two doors, whenever it came, and in whatever order its elements stand', () => {
    const ids = Object.fromEntries(Object.entries({ ...add.ids, UserID: 'zhangsan' }).reverse());
    const again = { ...add, app: 'directory', receivedAt: NOON + 60_000, ids: { ...ids, OpenUserID: 'wo-other' } };
    expect(eventId(again)).toBe(eventId(add));
  });

  test('tells two customers of one member in one second apart', () => {
    expect(eventId({ ...add, ids: { ...add.ids, ExternalUserID: 'woY' } })).not.toBe(eventId(add));
  });

  test('tells customers apart whose ids differ in case only, because theirs has one', () => {
    expect(eventId({ ...add, ids: { ...add.ids, ExternalUserID: 'wox' } })).not.toBe(eventId(add));
  });

  test('tells the half add from the full one, and an add of an app’s event from a link’s', () => {
    const half = { ...add, changeType: 'add_half_external_contact' };
    const left = ofContact('del_follow_user');
    const ids = [add, half, left, { ...left, event: 'customer_acquisition' }].map(eventId);
    expect(new Set(ids).size).toBe(4);
  });

  test('holds no id and no code that could be read back', () => {
    expect(eventId(add)).toMatch(/^[\w-]{32}$/);
  });

  test('differs as soon as anything that the event says differs, and only then', () => {
    const word = fc.constantFrom('', 'a', 'b', 'a,b', '"', '\\');
    const said = fc.record({
      event: word,
      changeType: word,
      createdAt: fc.constantFrom(1000, 2000),
      ids: fc.dictionary(fc.constantFrom('ExternalUserID', 'ChatId', 'Id', 'LinkId', 'WelcomeCode'), word),
    });
    const carried = fc.record({ app: word, receivedAt: fc.nat() });
    const whole = (one: object): string => JSON.stringify(one, (_, value) => sorted(value));
    fc.assert(
      fc.property(said, said, carried, carried, (a, b, viaA, viaB) => {
        const same = eventId({ v: 1, ...a, ...viaA }) === eventId({ v: 1, ...b, ...viaB });
        expect(same).toBe(whole(a) === whole(b));
      }),
    );
  });
});

/** Objects with their keys in one order, everything else as it is. */
function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
