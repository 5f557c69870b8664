import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { MINUTE, SECOND } from '../../lib/platform/clock.ts';
import { RuleSet } from '../../lib/replies/rule-set.ts';
import { expectInStep, sessionInWeCom } from '../support/in-step.ts';
import { ACCOUNT, openYard, replies, type Yard } from '../support/yard.ts';

// What rules ask of routing, what they note of customers, and what customers in line are told.

const words = RuleSet.parse({
  ...replies,
  rules: [
    ...replies.rules,
    { id: 'urgent', contains: ['urgent'], handOver: { priority: 5 } },
    { id: 'member', contains: ['member'], tag: ['vip'], reply: { text: 'noted' } },
    { id: 'lounge', tags: ['vip'], contains: ['lounge'], reply: { text: 'second floor' } },
    { id: 'bye', contains: ['bye'], end: true, reply: { text: 'see you' } },
    { id: 'first', first: 'session', contains: ['hello'], reply: { text: 'good day' } },
  ],
  texts: { ...replies.texts, place: '第 {place} 位 · number {place}', left: '已取消 · left' },
});

let yard: Yard;
beforeAll(async () => {
  yard = await openYard({ house: { agents: { zhangsan: 1 }, replies: words } });
  await write('wmFirst', 'price');
  await yard.pass(2 * SECOND);
});
afterAll(() => yard.close());

async function write(customer: string, ...texts: string[]): Promise<void> {
  for (const text of texts) {
    await yard.wecom.phone(customer).write(ACCOUNT, text);
    await yard.quiet();
  }
}

async function end(customer: string): Promise<void> {
  await yard.wecom.client('zhangsan').end(ACCOUNT, customer);
  await yard.quiet();
}

test('a customer in line hears his place, hears when it is better, and leaves when he says so', async () => {
  await write('wmHolds', 'agent');
  for (const customer of ['wmA', 'wmB', 'wmC']) await write(customer, 'agent');
  expect(yard.shown('wmC')).toEqual(['第 3 位 · number 3']);

  await write('wmA', '取消');
  expect(yard.shown('wmA')).toEqual(['第 1 位 · number 1', '已取消 · left']);
  await yard.pass(6 * MINUTE);
  await yard.until('wmC hears that he moved up', () => yard.shown('wmC').length > 1);
  expect(yard.shown('wmC')).toEqual(['第 3 位 · number 3', '第 2 位 · number 2']);
  expect((await yard.line()).map(({ conversationId }) => conversationId.split(':')[1])).toEqual(['wmB', 'wmC']);
  await expectInStep(yard, ['wmHolds', 'wmA', 'wmB', 'wmC']);
});

test('whoever a rule calls urgent is served before those who wait longer', async () => {
  await write('wmUrgent', 'urgent please');
  await end('wmHolds');

  expect(sessionInWeCom(yard, 'wmUrgent')).toEqual({ state: 'person', agentId: 'zhangsan' });
  expect(sessionInWeCom(yard, 'wmB').state).toBe('bot');
  await expectInStep(yard, ['wmHolds', 'wmUrgent', 'wmB', 'wmC']);
});

test('a tag that one rule gives is known to the others, and a rule may end the session', async () => {
  await write('wmTagged', 'lounge', 'I am a member', 'where is the lounge?');
  expect(yard.shown('wmTagged')).toEqual(['没听懂 · not understood', 'noted', 'second floor']);
  expect((await yard.conversation('wmTagged')).tags).toEqual(['vip']);

  await write('wmTagged', 'bye', 'hello');
  expect(yard.shown('wmTagged').slice(3)).toEqual(['see you', 'good day']);
  await expectInStep(yard, ['wmTagged']);
});
