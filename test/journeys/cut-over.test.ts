import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import * as z from 'zod';
import { MINUTE } from '../../lib/platform/clock.ts';
import { expectInStep } from '../support/in-step.ts';
import { killOps, runOps } from '../support/run-command.ts';
import { ACCOUNT, openYard, type Yard } from '../support/yard.ts';

// A running service changes hands: observed first, then taken over, then let go again. All of it by the operators' commands; the commands
// and the functions are killed half-way.

const PRICE = '100 元 · 100 yuan';
const COUNT = z.object({ run: z.object({ done: z.literal(true), customers: z.number(), withAgents: z.number() }) });

let yard: Yard;
beforeAll(async () => {
  yard = await openYard({
    house: { agents: { ann: 1, bob: 1 } },
    wecom: { corp: { accounts: [{ openKfId: ACCOUNT, servicers: ['ann', 'bob'] }] } },
  });
});
afterEach(() => yard.stack.faults.clear());
afterAll(() => yard.close());

async function write(customer: string, text: string): Promise<void> {
  await yard.wecom.phone(customer).write(ACCOUNT, text);
  await yard.quiet();
}

async function ops(...args: string[]): Promise<unknown> {
  const { code, out, err } = await runOps(yard.stack, ...args, '--yes', '--json');
  expect({ code, err: code === 0 ? '' : err + out }).toEqual({ code: 0, err: '' });
  return JSON.parse(out);
}

/** What another system does, which serves the account by the same API. */
async function elsewhere(customer: string, state: number, servicer?: string): Promise<void> {
  const { corpId, apps } = z
    .object({ corpId: z.string(), apps: z.object({ main: z.object({ secret: z.string() }) }) })
    .parse(yard.wecom.secrets);
  const asked = await fetch(`${yard.wecom.url}/cgi-bin/gettoken?corpid=${corpId}&corpsecret=${apps.main.secret}`);
  const { access_token } = z.object({ access_token: z.string() }).parse(await asked.json());
  const moved = await fetch(`${yard.wecom.url}/cgi-bin/kf/service_state/trans?access_token=${access_token}`, {
    method: 'POST',
    body: JSON.stringify({
      ...{ open_kfid: ACCOUNT, external_userid: customer, service_state: state },
      ...(servicer !== undefined && { servicer_userid: servicer }),
    }),
  });
  expect(await moved.json()).toMatchObject({ errcode: 0 });
}

const told = () => yard.stack.calls.filter(({ action }) => /send_msg|service_state\/trans|message\/send/.test(action));
const eventsOf = (customer: string, type: string) =>
  yard.stack.events
    .filter((event) => event['detail-type'] === type && Object(event.detail).subject === `${ACCOUNT}:${customer}`)
    .map(({ detail }) => Object(detail).data);
const observed = (customer: string) => eventsOf(customer, 'effect.observed.v1');
const taken = async () =>
  Object.fromEntries((await yard.agents()).map(({ agentId, serving }) => [agentId, serving.size]));
const stateOf = (customer: string) => yard.wecom.session(ACCOUNT, customer).state;

test('what we observe is decided and published, and nothing is said or moved', async () => {
  await ops('observe', 'on', ACCOUNT);
  await write('wmOne', 'hours');
  await write('wmTwo', '转人工');
  await yard.until('the hand-over was observed', () => observed('wmTwo').some(({ kind }) => kind === 'move'));
  await yard.quiet();

  expect(observed('wmOne')).toMatchObject([{ kind: 'send', purpose: 'answer', rule: 'hours' }]);
  expect([...yard.shown('wmOne'), ...yard.shown('wmTwo')]).toEqual([]);
  expect(told()).toEqual([]);
  expect(await taken()).toEqual({ ann: 0, bob: 0 });
  expect((await yard.conversation('wmOne')).window.sent).toEqual([]);
  expect((await yard.conversation('wmTwo')).request).toBeUndefined();
});

test('who is served by others takes a place, as WeCom says, although nobody told us', async () => {
  await write('wmHeld', 'hello');
  await elsewhere('wmHeld', 3, 'ann');
  await write('wmHeld', 'are you there?');
  await yard.until('the place is recorded', async () => (await taken()).ann === 1);
  await expectInStep(yard, ['wmHeld']);
  expect(told()).toEqual([]);
});

test('an account is taken over with its holders, answers nothing older, and loses nothing that is written meanwhile; killed half-way', async () => {
  await write('wmHeldToo', 'hello');
  await elsewhere('wmHeldToo', 3, 'bob');
  await write('wmPool', 'hello');
  await elsewhere('wmPool', 2);
  // The function dies while it reads, and the person's command as soon as it has begun.
  const death = yard.stack.faults.add({
    ...{ function: 'sync-messages', action: '/cgi-bin/kf/service_state/get', skip: 2, fault: { kind: 'kill-after' } },
  });
  await killOps(yard.stack, 'adopt', ACCOUNT, '--yes');
  await yard.wecom.phone('wmMeanwhile').write(ACCOUNT, 'price');
  const done = COUNT.parse(await ops('adopt', ACCOUNT)).run;
  await yard.until('what was written meanwhile is answered', () => yard.shown('wmMeanwhile').includes(PRICE));
  await yard.quiet();

  expect(death.hits).toBe(1);
  expect(done).toMatchObject({ customers: 6, withAgents: 2 });
  expect(await taken()).toEqual({ ann: 1, bob: 1 });
  await expectInStep(yard, ['wmOne', 'wmTwo', 'wmHeld', 'wmHeldToo', 'wmMeanwhile']);
  expect([...yard.shown('wmOne'), ...yard.shown('wmTwo'), ...yard.shown('wmHeld')]).toEqual([]);
  // Whoever stood in WeCom's pool waits for a person of ours now.
  await yard.pass(2 * MINUTE);
  await yard.until('who was in the pool stands in line', async () => (await yard.line()).length === 1);
  await yard.wecom.client('bob').end(ACCOUNT, 'wmHeldToo');
  await yard.until('bob has him', () => yard.wecom.session(ACCOUNT, 'wmPool').servicer === 'bob');
  await yard.quiet();
  await expectInStep(yard, ['wmHeld', 'wmHeldToo', 'wmPool']);
});

test('an account is released: places are free, who waits stands in WeCom’s pool, and nobody is answered; killed half-way', async () => {
  await write('wmWaits', '转人工');
  expect((await yard.line()).map(({ conversationId }) => conversationId)).toEqual([`${ACCOUNT}:wmWaits`]);
  const death = yard.stack.faults.add({
    ...{ function: 'sync-messages', service: 'dynamodb', action: 'PutItem', skip: 1, fault: { kind: 'kill-after' } },
  });
  await killOps(yard.stack, 'release', ACCOUNT, '--yes');
  await ops('release', ACCOUNT);
  await yard.until('who waited stands in the pool', () => stateOf('wmWaits') === 2);
  await yard.quiet();
  const before = told().length;
  await write('wmAfter', 'hours');

  expect(death.hits).toBe(1);
  expect(await taken()).toEqual({ ann: 0, bob: 0 });
  expect(await yard.line()).toEqual([]);
  expect([stateOf('wmHeld'), stateOf('wmPool')]).toEqual([3, 3]);
  expect(eventsOf('wmWaits', 'conversation.released.v1')).toEqual([{ waited: true, inPool: true }]);
  expect(eventsOf('wmHeld', 'conversation.released.v1')).toEqual([{ waited: false, agentId: 'ann' }]);
  expect(yard.shown('wmAfter')).toEqual([]);
  expect(told()).toHaveLength(before);
});

test('taken over again, it is served again, and who was never answered stays so until he writes', async () => {
  await ops('adopt', ACCOUNT);
  await yard.quiet();
  expect(yard.shown('wmAfter')).toEqual([]);
  await write('wmAfter', 'price');
  await yard.until('he is answered', () => yard.shown('wmAfter').length > 0);
  expect(yard.shown('wmAfter')).toEqual([PRICE]);
  expect(await taken()).toEqual({ ann: 1, bob: 1 });
});
