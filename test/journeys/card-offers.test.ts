import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { MINUTE, SECOND } from '../../lib/platform/clock.ts';
import { expectInStep, placesOf } from '../support/in-step.ts';
import { ACCOUNT, openYard, type Yard } from '../support/yard.ts';

// Agents are asked by a card in their WeCom, and the session moves when one of them takes it.

const AGENTS = ['ann', 'bob', 'cid'];
const offer = { seconds: 60, offDutyAfter: 2, mode: 'card' as const, language: 'en' as const };
let yard: Yard;
beforeAll(async () => {
  yard = await openYard({
    house: { agents: {}, offer },
    wecom: { corp: { accounts: [{ openKfId: ACCOUNT, servicers: AGENTS }] } },
  });
});
afterAll(() => yard.close());

async function asks(customer: string): Promise<void> {
  await yard.wecom.phone(customer).write(ACCOUNT, '转人工');
  await yard.quiet();
}

async function taps(
  agentId: string,
  key: 'take' | 'pass',
  which: { task?: string; stale?: boolean } = {},
): Promise<void> {
  await yard.wecom.client(agentId).tap(key, which);
  await yard.quiet();
}

/** The offer's time, and what the sweep needs to notice where the clock jumps over a timer. */
async function timePasses(): Promise<void> {
  await yard.pass(61 * SECOND);
  await yard.pass(MINUTE);
  await yard.quiet();
}

/** Who was shown a card about this customer, in order, and what it says by now. */
function cardsAbout(customer: string): { agentId: string; task: string; says: string | undefined; at: number }[] {
  return AGENTS.flatMap((agentId) =>
    yard.wecom
      .client(agentId)
      .cards()
      .filter(({ task }) => task.includes(`@${customer}@`))
      .map(({ task, says, at }) => ({ agentId, task, says, at })),
  ).toSorted((a, b) => a.at - b.at);
}

const session = (customer: string) => yard.wecom.session(ACCOUNT, customer);
const told = (type: string) =>
  yard.stack.events.filter((event) => event['detail-type'] === type).map(({ detail }) => Object(detail).data);

test('ignored, the card goes to the next one, who takes it; the first one’s late tap moves nothing', async () => {
  await yard.furnish({ agents: { ann: 1, bob: 1 }, offer });
  await asks('wmEve');
  const [first] = cardsAbout('wmEve');
  expect(session('wmEve').state).toBe(1);
  expect(yard.shown('wmEve')).toEqual(['排队中 · in line']);

  await timePasses();
  const [, second] = cardsAbout('wmEve');
  expect(second?.agentId).not.toBe(first?.agentId);
  expect(told('offer.expired.v1')).toMatchObject([{ agentId: first?.agentId, missed: 1 }]);
  expect(cardsAbout('wmEve')[0]?.says).toBe('Too late, passed on');

  await taps(first?.agentId ?? '', 'take', { task: first?.task ?? '', stale: true });
  expect(session('wmEve').state).toBe(1);
  await taps(second?.agentId ?? '', 'take');
  expect(session('wmEve')).toMatchObject({ state: 3, servicer: second?.agentId });
  expect(yard.shown('wmEve')).toEqual(['排队中 · in line', '转接中 · connecting']);
  expect(cardsAbout('wmEve')[1]?.says).toBe('Taken');
  expect(await placesOf(yard, ['wmEve'])).toEqual([`wmEve at ${second?.agentId}`]);
});

test('passed, the card goes to the next one at once', async () => {
  await yard.furnish({ agents: { ann: 2, bob: 2, cid: 2 }, offer });
  await asks('wmJoe');
  const [first] = cardsAbout('wmJoe');
  await taps(first?.agentId ?? '', 'pass');
  const [, second] = cardsAbout('wmJoe');
  expect(second?.agentId).not.toBe(first?.agentId);
  expect(told('offer.passed.v1')).toMatchObject([{ agentId: first?.agentId }]);
  await taps(second?.agentId ?? '', 'take');
  expect(session('wmJoe').servicer).toBe(second?.agentId);
  await expectInStep(yard, ['wmEve', 'wmJoe']);
});

test('while WeCom takes no app messages customers are answered, and the card comes when it does', async () => {
  await yard.furnish({ agents: { ann: 3 }, offer });
  const limited = yard.wecom.faults.answer('message/send', -1, { times: 1000 });
  await yard.wecom.phone('wmMia').write(ACCOUNT, '转人工');
  await yard.until('the card is put off', () => limited.hits > 0);
  await yard.wecom.phone('wmNed').write(ACCOUNT, 'price');
  await yard.until('the other customer is answered', () => yard.shown('wmNed').length === 1);
  await yard.until('this customer hears that he is heard', () => yard.shown('wmMia').length === 1);
  expect(cardsAbout('wmMia')).toEqual([]);
  limited.clear();
  await yard.until('the card is shown', () => cardsAbout('wmMia').length === 1);
  await taps('ann', 'take');
  expect(session('wmMia').servicer).toBe('ann');
});

test('an agent who lets cards lie again and again goes off duty, with a notice', async () => {
  await yard.furnish({ agents: { cid: 5 }, offer });
  for (const customer of ['wmKim', 'wmLea']) {
    await asks(customer);
    await timePasses();
  }
  expect(told('agent.off-duty.v1')).toMatchObject([{ agentId: 'cid', missed: 2, reason: 'missed-offers' }]);
  expect((await yard.agents()).find(({ agentId }) => agentId === 'cid')?.duty).toBe('off');
  expect(session('wmLea').state).toBe(1);
  expect((await yard.line()).map(({ conversationId }) => conversationId).toSorted()).toEqual([
    `${ACCOUNT}:wmKim`,
    `${ACCOUNT}:wmLea`,
  ]);
});
