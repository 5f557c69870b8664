import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { MINUTE, SECOND } from '../../lib/platform/clock.ts';
import { expectInStep, placesOf } from '../support/in-step.ts';
import { ACCOUNT, openYard, type Yard } from '../support/yard.ts';

// An assignment is an offer until the agent answers: the first answer accepts it, and past its time another one takes over.

const AGENTS = ['ann', 'bob', 'cid'];
let yard: Yard;
beforeAll(async () => {
  yard = await openYard({
    house: { agents: {}, offer: { seconds: 60, offDutyAfter: 2 } },
    wecom: { corp: { accounts: [{ openKfId: ACCOUNT, servicers: AGENTS }] } },
  });
  await ask('wmFirst', 'price');
});
afterAll(() => yard.close());

async function ask(customer: string, text = '转人工'): Promise<void> {
  await yard.wecom.phone(customer).write(ACCOUNT, text);
  await yard.quiet();
}

const servicerOf = (customer: string): string => yard.wecom.session(ACCOUNT, customer).servicer ?? 'nobody';
const told = (type: string) =>
  yard.stack.events.filter((event) => event['detail-type'] === type).map(({ detail }) => Object(detail).data);

test('an agent who does not answer in time loses the customer to the next one, and goes off duty when that happens again', async () => {
  await yard.furnish({ agents: { ann: 1, bob: 1 }, offer: { seconds: 60, offDutyAfter: 2 } });
  await ask('wmEve');
  const first = servicerOf('wmEve');
  await yard.pass(61 * SECOND);
  await yard.pass(MINUTE);
  await yard.quiet();
  const second = servicerOf('wmEve');

  expect(second).not.toBe(first);
  expect(await placesOf(yard, ['wmEve'])).toEqual([`wmEve at ${second}`]);
  expect(told('offer.expired.v1')).toMatchObject([{ agentId: first, missed: 1 }]);
  await yard.wecom.client(second).answer(ACCOUNT, 'wmEve', 'hello');
  await yard.quiet();
  await yard.pass(5 * MINUTE);
  expect(servicerOf('wmEve')).toBe(second);
  expect(told('offer.accepted.v1')).toMatchObject([{ agentId: second }]);

  await ask('wmJoe');
  expect(servicerOf('wmJoe')).toBe(first);
  await yard.pass(61 * SECOND);
  await yard.pass(MINUTE);
  await yard.quiet();
  expect(servicerOf('wmJoe')).toBe(first);
  expect(told('agent.off-duty.v1')).toMatchObject([{ agentId: first, missed: 2, reason: 'missed-offers' }]);
  await expectInStep(yard, ['wmEve', 'wmJoe']);
});
