import { describe, expect, test } from '@jest/globals';
import { catalogue } from '../../../events/catalogue.ts';
import { emptyDesk, hear } from '../../../lib/notices/desk.ts';
import { NOTICED_TYPES, noticeOf } from '../../../lib/notices/notice.ts';
import { sayAll } from '../../../lib/notices/say.ts';
import { concerns, Supervisor } from '../../../lib/notices/supervisor.ts';
import { NOON, news, notice, offerExpired } from './samples.ts';

const saying = { zone: 'Asia/Shanghai', now: NOON, lines: new Map() };

function said(language: 'zh' | 'en', type: string, data: Record<string, unknown>): string {
  const { pending } = hear(emptyDesk('lead'), notice(type, data));
  return sayAll(pending, { ...saying, language }).text.split('\n')[1] ?? '';
}

test('events of which no supervisor is told mean nothing here', () => {
  expect(noticeOf(news('message.received.v1', {}))).toBeUndefined();
  expect(noticeOf(news('toString', {}))).toBeUndefined();
});

test('of the catalogue’s events with a notice, every example says something in both languages', () => {
  const noticed = catalogue.filter(({ type }) => NOTICED_TYPES.includes(type));
  expect(noticed.length).toBeGreaterThanOrEqual(6);
  for (const { type, example } of noticed) {
    for (const language of ['zh', 'en'] as const) {
      const text = said(language, type, example);
      expect(text).toMatch(/^• .{8,}[。.]$/);
      expect(text).not.toMatch(/undefined|NaN|null/);
    }
  }
});

describe.each<[string, Record<string, unknown>, string, string]>([
  [
    'conversation.waiting.v1',
    { teamId: 'support', because: 'customer' },
    '• support 组有 1 位客户在排队。',
    '• 1 customer waits in team support.',
  ],
  [
    'assignment.refused.v1',
    { agentId: 'amy', teamId: 'support', errcode: 95019, reason: 'agent' },
    '• 企业微信拒绝了support 组的 1 次分配（95019）：amy。',
    '• WeCom refused an assignment in team support once (95019): amy.',
  ],
  [
    'agent.off-duty.v1',
    { agentId: 'amy', teamId: 'support', reason: 'missed-offers', missed: 3 },
    '• support 组客服已转为下线（missed-offers）：amy。',
    '• Now off duty in team support (missed-offers): amy.',
  ],
  [
    'way.alarmed.v1',
    { wayId: 'spring', reason: 'nobody-can' },
    '• 联系方式 spring 需要处理（nobody-can）。',
    '• Contact way spring wants attention (nobody-can).',
  ],
  [
    'member.refused.v1',
    { wayId: 'spring', agentId: 'amy', reason: 'not-verified' },
    '• 企业微信不接受联系方式 spring 的成员（not-verified）：amy。',
    '• WeCom does not take members of contact way spring (not-verified): amy.',
  ],
])('%s', (type, data, zh, en) => {
  test('is said in Chinese and in English', () => {
    expect([said('zh', type, data), said('en', type, data)]).toEqual([zh, en]);
  });
});

test('a customer is counted and never named, and a field that is no id does not get through', () => {
  const data = { teamId: 'support', reason: 'my card is 6222 0000, call me', agentId: '<a href="x">' };
  const found = notice('offer.expired.v1', data, NOON, 'wkA:wmSecret');
  expect(found).not.toHaveProperty('reason');
  expect(found).not.toHaveProperty('agentId');
  const { text } = sayAll(hear(emptyDesk('lead'), found).pending, { ...saying, language: 'en' });
  expect(text).not.toContain('wmSecret');
});

test('a message is never longer than WeCom takes, and says how much of it did not fit', () => {
  const agents = Array.from({ length: 30 }, (_, n) => `${n}${'a'.repeat(60)}`);
  const teams = Array.from({ length: 8 }, (_, n) => `${n}${'组'.repeat(60)}`);
  const desk = teams
    .flatMap((team) => agents.map((agent) => offerExpired(agent, NOON, team)))
    .reduce(hear, emptyDesk('lead'));
  for (const language of ['zh', 'en'] as const) {
    const link = `https://example.com/${'x'.repeat(480)}`;
    const { text, count } = sayAll(desk.pending, { ...saying, language, link });
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(2048);
    expect(count).toBeGreaterThan(0);
    expect(count).toBeLessThan(teams.length);
    expect(text).toContain(`<a href="${link}">`);
  }
});

test('what belongs to no team is for those who have all', () => {
  const [all, some] = [Supervisor.parse({ id: 'a' }), Supervisor.parse({ id: 'b', teams: ['sales'] })];
  expect([concerns(all, 'support'), concerns(all, undefined)]).toEqual([true, true]);
  expect([concerns(some, 'sales'), concerns(some, 'support'), concerns(some, undefined)]).toEqual([true, false, false]);
});
