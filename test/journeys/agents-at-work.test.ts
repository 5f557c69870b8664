import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { MINUTE, SECOND } from '../../lib/platform/clock.ts';
import { expectInStep, sessionInWeCom } from '../support/in-step.ts';
import { ACCOUNT, openYard, type Yard } from '../support/yard.ts';

// Agents who work by themselves, each in his way. Who ignores stands in offers.test.ts, too.

const AGENTS = ['ann', 'bob'];
const OFFER = { seconds: 60, offDutyAfter: 2 };

let yard: Yard;
beforeAll(async () => {
  yard = await openYard({
    house: { agents: {}, offer: OFFER },
    wecom: { corp: { accounts: [{ openKfId: ACCOUNT, servicers: AGENTS }] } },
  });
});
afterEach(() => {
  for (const agent of AGENTS) yard.wecom.habit(agent, undefined);
});
afterAll(() => yard.close());

async function ask(customer: string): Promise<void> {
  await yard.wecom.phone(customer).write(ACCOUNT, '转人工');
  await yard.quiet();
}

const servicerOf = (customer: string): string => yard.wecom.session(ACCOUNT, customer).servicer ?? 'nobody';
const answered = (customer: string) => (): boolean =>
  yard.shown(customer).some((text) => text.startsWith('您好，我来'));
const expired = (customer: string) =>
  yard.stack.events.filter(
    (event) => event['detail-type'] === 'offer.expired.v1' && Object(event.detail).subject === `${ACCOUNT}:${customer}`,
  );

test('an agent who answers and ends serves the line one by one, and no offer of his expires', async () => {
  await yard.furnish({ agents: { ann: 1 }, offer: OFFER });
  yard.wecom.habit('ann', { does: 'answers', afterSeconds: 20, endsAfterSeconds: 30 });
  await ask('wmOne');
  await ask('wmTwo');
  expect(servicerOf('wmTwo')).toBe('nobody');
  for (const customer of ['wmOne', 'wmTwo']) {
    await yard.until(`${customer} is with ann`, () => servicerOf(customer) === 'ann');
    await yard.quiet();
    yard.travel(20 * SECOND);
    await yard.until(`${customer} is answered`, answered(customer));
    await yard.quiet();
    yard.travel(30 * SECOND);
    await yard.until(`the session with ${customer} is over`, () => yard.wecom.session(ACCOUNT, customer).state === 4);
    await yard.quiet();
  }
  await yard.pass(2 * MINUTE);
  expect([...expired('wmOne'), ...expired('wmTwo')]).toEqual([]);
  await expectInStep(yard, ['wmOne', 'wmTwo']);
});

test('an agent who refuses keeps the customer until his time is up, then another one answers, and he gets nobody else', async () => {
  await yard.furnish({ agents: { ann: 2 }, offer: OFFER });
  yard.wecom.habit('ann', { does: 'refuses' });
  yard.wecom.habit('bob', { does: 'answers', afterSeconds: 5 });
  await ask('wmRefused');
  await yard.furnish({ agents: { ann: 2, bob: 2 }, offer: OFFER });
  expect(servicerOf('wmRefused')).toBe('ann');
  await yard.pass(61 * SECOND);
  await yard.pass(MINUTE);
  await yard.until('bob has the customer', () => servicerOf('wmRefused') === 'bob');
  await yard.quiet();
  yard.travel(5 * SECOND);
  await yard.until('bob has answered', answered('wmRefused'));
  await ask('wmAfter');

  expect(servicerOf('wmAfter')).toBe('bob');
  expect(expired('wmRefused')).toHaveLength(1);
  await expectInStep(yard, ['wmRefused', 'wmAfter']);
  await yard.wecom.client('ann').setReception(ACCOUNT, 'receiving');
});

test('an agent who forgets to end gets his place back by the customer’s silence, for who waits', async () => {
  await yard.furnish({ agents: { ann: 1 }, offer: OFFER });
  yard.wecom.habit('ann', { does: 'answers', afterSeconds: 0 });
  await ask('wmForgotten');
  await yard.until('ann has answered', answered('wmForgotten'));
  await ask('wmNext');
  await yard.pass(31 * MINUTE);
  await yard.pass(MINUTE);

  expect(sessionInWeCom(yard, 'wmForgotten')).toEqual({ state: 'ended' });
  await yard.until('ann has answered the next one', answered('wmNext'));
  await yard.quiet();
  await expectInStep(yard, ['wmForgotten', 'wmNext']);
});

test('an agent who goes off duty keeps whom he serves; who comes then is another one’s', async () => {
  await yard.furnish({ agents: { ann: 5 }, offer: OFFER });
  yard.wecom.habit('ann', { does: 'goes-off-duty', afterSeconds: 120, answersAfterSeconds: 0 });
  await ask('wmKept');
  await yard.until('ann has answered', answered('wmKept'));
  await yard.furnish({ agents: { ann: 5, bob: 5 }, offer: OFFER });
  yard.wecom.habit('bob', { does: 'answers', afterSeconds: 0 });
  yard.travel(2 * MINUTE);
  const stopped = async () =>
    (await yard.agents()).some(({ agentId, presence }) => agentId === 'ann' && presence[ACCOUNT]?.status === 'stopped');
  await yard.until('we have heard that ann receives nobody', stopped);
  await ask('wmLater');
  await yard.until('bob has answered', answered('wmLater'));
  await yard.quiet();

  expect([servicerOf('wmKept'), servicerOf('wmLater')]).toEqual(['ann', 'bob']);
  await expectInStep(yard, ['wmKept', 'wmLater']);
});
