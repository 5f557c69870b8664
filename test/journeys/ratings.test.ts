import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { MINUTE } from '../../lib/platform/clock.ts';
import { fetchHeld } from '../support/admin-contract.ts';
import { expectInStep, sessionInWeCom } from '../support/in-step.ts';
import { ACCOUNT, openYard, replies, type Yard } from '../support/yard.ts';

// A customer is served by a person, rates it, and the figure is in the admin API.

const THANKS = '感谢评价 · thank you';
const ASK = '满意吗？· Satisfied?';

let yard: Yard;
beforeAll(async () => {
  const rating = { kind: 'csat', ask: ASK, thanks: THANKS };
  yard = await openYard({ house: { agents: { zhangsan: 50 }, replies: { ...replies, rating } } });
});
afterAll(() => yard.close());

async function served(customer: string): Promise<void> {
  await yard.wecom.phone(customer).write(ACCOUNT, 'agent');
  await yard.quiet();
  await yard.wecom.client('zhangsan').answer(ACCOUNT, customer, 'from a person');
  await yard.quiet();
}

/** The choices of the last menu on the customer's phone: their ids by their words. */
function choices(customer: string): Map<string, string> {
  const menu = yard.wecom
    .phone(customer)
    .received(ACCOUNT)
    .findLast(({ msgtype }) => msgtype === 'msgmenu');
  const items = [...JSON.stringify(menu?.body).matchAll(/"id":"([^"]+)","content":"([^"]+)"/g)];
  return new Map(items.map(([, id = '', content = '']) => [content, id]));
}

async function click(customer: string, words: string): Promise<void> {
  await yard.wecom.phone(customer).click(ACCOUNT, choices(customer).get(words) ?? 'no such words');
  await yard.quiet();
}

const thanks = (customer: string) => yard.shown(customer).filter((text) => text === THANKS).length;

async function figures() {
  const response = await fetchHeld(`${yard.stack.url}/admin/v1/figures?team=support`);
  return await response.json();
}

test('an agent ends, the customer clicks, is thanked once and stays with the bot; a second click changes nothing', async () => {
  await served('wmEnded');
  await yard.wecom.client('zhangsan').end(ACCOUNT, 'wmEnded');
  await yard.quiet();
  await click('wmEnded', '满意 / Satisfied');
  expect(thanks('wmEnded')).toBe(1);
  expect(sessionInWeCom(yard, 'wmEnded')).toEqual({ state: 'bot' });
  await expectInStep(yard, ['wmEnded']);

  await click('wmEnded', '非常不满意 / Very dissatisfied');
  expect(thanks('wmEnded')).toBe(1);
  await expectInStep(yard, ['wmEnded']);
  expect(await figures()).toMatchObject({
    ratings: { csat: { asked: 1, answered: 1, average: 4, satisfiedShare: 1 } },
    agents: [{ id: 'zhangsan', ratings: { csat: { asked: 1, answered: 1, sum: 4 } } }],
  });
});

test('silence ends the session, the customer types a number, and the next question is a question again', async () => {
  await served('wmSilent');
  await yard.pass(32 * MINUTE);
  expect(choices('wmSilent').size).toBe(5);
  await yard.wecom.phone('wmSilent').write(ACCOUNT, '２');
  await yard.quiet();
  expect(yard.shown('wmSilent').at(-1)).toBe(THANKS);
  await expectInStep(yard, ['wmSilent']);

  await yard.wecom.phone('wmSilent').write(ACCOUNT, 'price');
  await yard.quiet();
  expect(yard.shown('wmSilent').at(-1)).toBe('100 元 · 100 yuan');
  expect(await figures()).toMatchObject({ ratings: { csat: { asked: 2, answered: 2, sum: 6 } } });
});
