import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import * as z from 'zod';
import { HOUR, MINUTE } from '../../lib/platform/clock.ts';
import { expectInStep, placesOf, sessionInWeCom } from '../support/in-step.ts';
import { ACCOUNT, openYard, type Yard } from '../support/yard.ts';

// What agents do in WeCom's own client, at every moment. Whatever it is, afterwards our state equals WeCom's.

const PRICE = '100 元 · 100 yuan';
const CONNECTING = '转接中 · connecting';
const ENDED = '已结束 · ended';
const SEND = '/cgi-bin/kf/send_msg';
const TRANS = '/cgi-bin/kf/service_state/trans';
const READ = '/cgi-bin/kf/service_state/get';

let yard: Yard;
beforeAll(async () => {
  yard = await openYard({ house: { agents: { zhangsan: 50, lisi: 50, wangwu: 50 } } });
});
afterEach(() => {
  yard.stack.faults.clear();
  yard.wecom.faults.clear();
});
afterAll(() => yard.close());

async function write(customer: string, ...texts: string[]): Promise<void> {
  for (const text of texts) {
    await yard.wecom.phone(customer).write(ACCOUNT, text);
    await yard.quiet();
  }
}

const servicerOf = (customer: string): string => yard.wecom.session(ACCOUNT, customer).servicer ?? 'nobody';
const others = (agent: string): [string, string] => {
  const [one = '', two = ''] = ['zhangsan', 'lisi', 'wangwu'].filter((name) => name !== agent);
  return [one, two];
};

async function served(customer: string): Promise<string> {
  await write(customer, 'agent');
  expect(yard.wecom.session(ACCOUNT, customer).state).toBe(3);
  return servicerOf(customer);
}

const isAbout = (customer: string, request: unknown): boolean => JSON.stringify(request ?? null).includes(customer);
const callsFor = (customer: string, action: string) =>
  yard.stack.calls.filter((call) => call.action === action && isAbout(customer, call.request));

/** The next call of this kind for this customer is held back; resolves when `act` was done while it was. */
async function whileHeldBack(
  action: string,
  customer: string,
  begin: () => Promise<unknown>,
  act: () => Promise<unknown>,
) {
  const before = callsFor(customer, action).length;
  yard.stack.faults.add({
    service: 'wecom',
    action,
    match: ({ request }) => isAbout(customer, request),
    fault: { kind: 'delay', ms: 700 },
  });
  await begin();
  await yard.until(`${action} for ${customer} is under way`, () => callsFor(customer, action).length > before);
  await act();
  await yard.quiet();
}

/** Somebody else with the app's secret (a script, the console) moves the session. */
async function moveFromOutside(customer: string, service_state: number, servicer_userid?: string): Promise<void> {
  const { corpId, apps } = z
    .object({ corpId: z.string(), apps: z.object({ main: z.object({ secret: z.string() }) }) })
    .parse(yard.wecom.secrets);
  const query = new URLSearchParams({ corpid: corpId, corpsecret: apps.main.secret });
  const token = await fetch(`${yard.wecom.url}/cgi-bin/gettoken?${query}`);
  const { access_token } = z.object({ access_token: z.string() }).parse(await token.json());
  const moved = await fetch(`${yard.wecom.url}${TRANS}?access_token=${access_token}`, {
    method: 'POST',
    body: JSON.stringify({ open_kfid: ACCOUNT, external_userid: customer, service_state, servicer_userid }),
  });
  expect(await moved.json()).toMatchObject({ errcode: 0 });
}

describe('a session that a person serves', () => {
  test('an agent who ends it frees the place', async () => {
    const agent = await served('wmEnd');
    await yard.wecom.client(agent).end(ACCOUNT, 'wmEnd');
    await yard.quiet();

    expect(yard.shown('wmEnd')).toEqual([CONNECTING, ENDED]);
    await expectInStep(yard, ['wmEnd']);
  });

  test('an agent who passes the customer on passes the place on', async () => {
    const agent = await served('wmPass');
    await yard.wecom.client(agent).transfer(ACCOUNT, 'wmPass', others(agent)[0]);
    await yard.quiet();

    expect(sessionInWeCom(yard, 'wmPass')).toEqual({ state: 'person', agentId: others(agent)[0] });
    await expectInStep(yard, ['wmPass']);
  });

  test('passing on to an agent who is full is recorded as it is, over the capacity', async () => {
    await yard.furnish({ agents: { zhangsan: 50, lisi: 0, wangwu: 1 } });
    const agent = await served('wmFull1');
    await yard.wecom.client(agent).transfer(ACCOUNT, 'wmFull1', 'wangwu');
    await yard.quiet();
    await served('wmFull2');
    await yard.wecom.client(servicerOf('wmFull2')).transfer(ACCOUNT, 'wmFull2', 'wangwu');
    await yard.quiet();

    expect(await placesOf(yard, ['wmFull1', 'wmFull2'])).toEqual(['wmFull1 at wangwu', 'wmFull2 at wangwu']);
    await expectInStep(yard, ['wmFull1', 'wmFull2']);

    // Only when both are gone does he have a place again.
    await yard.furnish({ agents: { zhangsan: 0, lisi: 0, wangwu: 1 } });
    await yard.wecom.client('wangwu').end(ACCOUNT, 'wmFull1');
    await write('wmFull3', 'agent');
    expect(yard.wecom.session(ACCOUNT, 'wmFull3').state).toBe(1);
    await yard.wecom.client('wangwu').end(ACCOUNT, 'wmFull2');
    await yard.quiet();
    await expectInStep(yard, ['wmFull1', 'wmFull2', 'wmFull3']);
    expect(sessionInWeCom(yard, 'wmFull3')).toEqual({ state: 'person', agentId: 'wangwu' });
    await yard.wecom.client('wangwu').end(ACCOUNT, 'wmFull3');
    await yard.furnish({ agents: { zhangsan: 50, lisi: 50, wangwu: 50 } });
    await yard.quiet();
  });

  test('passing on and back, faster than we hear of it', async () => {
    const agent = await served('wmBack');
    const [other, third] = others(agent);
    yard.wecom.faults.callbacks.hold();
    await yard.wecom.client(agent).transfer(ACCOUNT, 'wmBack', other);
    await yard.wecom.client(other).transfer(ACCOUNT, 'wmBack', third);
    await yard.wecom.client(third).transfer(ACCOUNT, 'wmBack', agent);
    yard.wecom.faults.callbacks.release();
    await yard.quiet();

    await expectInStep(yard, ['wmBack']);
  });

  test('an agent who writes into a session that was passed on takes it back', async () => {
    const agent = await served('wmTakeBack');
    await yard.wecom.client(agent).transfer(ACCOUNT, 'wmTakeBack', others(agent)[0]);
    await yard.quiet();
    await yard.wecom.client(agent).answer(ACCOUNT, 'wmTakeBack', 'me again');
    await yard.quiet();

    expect(sessionInWeCom(yard, 'wmTakeBack')).toEqual({ state: 'person', agentId: agent });
    await expectInStep(yard, ['wmTakeBack']);
  });

  test('ended and taken up again before we hear of the end: the place stays with who serves', async () => {
    const agent = await served('wmReopen');
    yard.wecom.faults.callbacks.hold();
    await yard.wecom.client(agent).end(ACCOUNT, 'wmReopen');
    await yard.wecom.client(others(agent)[0]).answer(ACCOUNT, 'wmReopen', 'one more thing');
    yard.wecom.faults.callbacks.release();
    await yard.quiet();

    await expectInStep(yard, ['wmReopen']);
    expect(yard.shown('wmReopen')).not.toContain(ENDED);
  });

  test('ended and asked anew before we hear of the end: the old place is given back', async () => {
    const agent = await served('wmAnew');
    yard.wecom.faults.callbacks.hold();
    await yard.wecom.client(agent).end(ACCOUNT, 'wmAnew');
    await yard.wecom.phone('wmAnew').write(ACCOUNT, 'price');
    yard.wecom.faults.callbacks.release();
    await yard.quiet();

    expect(yard.shown('wmAnew')).toEqual([CONNECTING, PRICE]);
    await expectInStep(yard, ['wmAnew']);
  });

  test('news in the wrong order, late and repeated leads to the same state', async () => {
    const agent = await served('wmDisorder');
    yard.wecom.faults.callbacks.reorder();
    yard.wecom.faults.callbacks.repeat(3);
    await yard.wecom.client(agent).transfer(ACCOUNT, 'wmDisorder', others(agent)[0]);
    yard.wecom.faults.pages.repeatPage(2);
    await yard.wecom.client(others(agent)[0]).end(ACCOUNT, 'wmDisorder');
    await yard.quiet();

    await expectInStep(yard, ['wmDisorder']);
    expect(yard.shown('wmDisorder').filter((text) => text === ENDED).length).toBeLessThanOrEqual(1);
  });
});

describe('a session that had ended', () => {
  test('an agent who writes into it serves again, with a place', async () => {
    const agent = await served('wmPickUp');
    await yard.wecom.client(agent).end(ACCOUNT, 'wmPickUp');
    await yard.quiet();
    await yard.wecom.client(others(agent)[1]).answer(ACCOUNT, 'wmPickUp', 'I found something');
    await yard.quiet();

    expect(sessionInWeCom(yard, 'wmPickUp')).toEqual({ state: 'person', agentId: others(agent)[1] });
    await expectInStep(yard, ['wmPickUp']);
    await write('wmPickUp', 'price');
    expect(yard.shown('wmPickUp')).not.toContain(PRICE);
  });

  test('a session that an agent took up again ends by silence like any other', async () => {
    const agent = await served('wmPickUpSilent');
    await yard.wecom.client(agent).end(ACCOUNT, 'wmPickUpSilent');
    await yard.quiet();
    await yard.wecom.client(agent).answer(ACCOUNT, 'wmPickUpSilent', 'I found something');
    await yard.quiet();
    await yard.pass(35 * MINUTE);

    expect(sessionInWeCom(yard, 'wmPickUpSilent')).toEqual({ state: 'ended' });
    await expectInStep(yard, ['wmPickUpSilent']);
  });
});

describe('sessions that WeCom itself gives away', () => {
  test('a new customer whom WeCom gave to a person is not answered by a rule, and that place is taken', async () => {
    yard.wecom.faults.nativeReception('person');
    await write('wmNative', 'price');

    expect(yard.shown('wmNative')).toEqual([]);
    expect(sessionInWeCom(yard, 'wmNative').state).toBe('person');
    await expectInStep(yard, ['wmNative']);
    await yard.wecom.client(servicerOf('wmNative')).answer(ACCOUNT, 'wmNative', 'hello');
    await yard.wecom.client(servicerOf('wmNative')).end(ACCOUNT, 'wmNative');
    await yard.quiet();
    await expectInStep(yard, ['wmNative']);
  });

  test('a bot conversation that WeCom gives to a person in its next session is that person’s', async () => {
    await write('wmNative2', 'price');
    await yard.pass(49 * HOUR);
    yard.wecom.faults.nativeReception('person');
    await write('wmNative2', 'price');
    const agent = servicerOf('wmNative2');
    await yard.wecom.client(agent).answer(ACCOUNT, 'wmNative2', 'hello');
    await yard.quiet();

    expect(yard.shown('wmNative2')).toEqual([PRICE, 'hello']);
    await expectInStep(yard, ['wmNative2']);
  });

  test('a customer in WeCom’s pool gets an agent of ours', async () => {
    yard.wecom.faults.nativeReception('pool');
    await write('wmPool', 'price');

    expect(sessionInWeCom(yard, 'wmPool').state).toBe('person');
    await expectInStep(yard, ['wmPool']);
  });

  test('an agent who takes a customer from the pool serves him; the line forgets him', async () => {
    await yard.furnish({ agents: { zhangsan: 0, lisi: 0, wangwu: 0 } });
    yard.wecom.faults.nativeReception('pool');
    await write('wmTake', 'price');
    expect(sessionInWeCom(yard, 'wmTake')).toEqual({ state: 'pool' });
    await expectInStep(yard, ['wmTake']);

    await yard.wecom.client('lisi').take(ACCOUNT, 'wmTake');
    await yard.quiet();

    expect(await yard.line()).toEqual([]);
    await expectInStep(yard, ['wmTake']);
    await yard.furnish({ agents: { zhangsan: 50, lisi: 50, wangwu: 50 } });
    await yard.pass(2 * MINUTE);
    expect(sessionInWeCom(yard, 'wmTake')).toEqual({ state: 'person', agentId: 'lisi' });
    await expectInStep(yard, ['wmTake']);
  });

  test('taken from the pool while our own choice is on its way to the conversation: no second agent', async () => {
    yard.wecom.faults.nativeReception('pool');
    const customer = 'wmTakeRace';
    yard.stack.faults.add({
      function: 'assign-agent',
      service: 'dynamodb',
      action: 'PutItem',
      match: ({ request }) => isAbout(customer, request) && isAbout('assigned', request),
      fault: { kind: 'delay', ms: 700 },
    });
    await yard.wecom.phone(customer).write(ACCOUNT, 'price');
    await yard.until('a place is claimed', async () => (await placesOf(yard, [customer])).length === 1);
    const [other] = others((await placesOf(yard, [customer]))[0]?.split(' at ')[1] ?? '');
    await yard.wecom.client(other).take(ACCOUNT, customer);
    await yard.quiet();

    expect(sessionInWeCom(yard, customer)).toEqual({ state: 'person', agentId: other });
    expect(callsFor(customer, TRANS)).toEqual([]);
    await expectInStep(yard, [customer]);
  });

  test('taken from the pool just before our own move: one person serves, one place is taken', async () => {
    yard.wecom.faults.nativeReception('pool');
    const customer = 'wmTakeRace2';
    await whileHeldBack(
      TRANS,
      customer,
      () => yard.wecom.phone(customer).write(ACCOUNT, 'price'),
      async () => {
        const [ours = ''] = await placesOf(yard, [customer]);
        await yard.wecom.client(others(ours.split(' at ')[1] ?? '')[0]).take(ACCOUNT, customer);
      },
    );

    expect(sessionInWeCom(yard, customer).state).toBe('person');
    await expectInStep(yard, [customer]);
  });
});

describe('between our decision and our call', () => {
  test('a person takes over just before our answer: WeCom refuses it, we read the session and keep quiet', async () => {
    await write('wmRace', 'hours');
    await whileHeldBack(
      SEND,
      'wmRace',
      () => yard.wecom.phone('wmRace').write(ACCOUNT, 'price'),
      () => moveFromOutside('wmRace', 3, 'lisi'),
    );

    expect(yard.shown('wmRace')).toHaveLength(1);
    expect(sessionInWeCom(yard, 'wmRace')).toEqual({ state: 'person', agentId: 'lisi' });
    await expectInStep(yard, ['wmRace']);
    await write('wmRace', 'price');
    expect(yard.shown('wmRace')).toHaveLength(1);
  });

  test('the session goes to the pool just before our answer: it gets an agent of ours', async () => {
    await write('wmRacePool', 'hours');
    await whileHeldBack(
      SEND,
      'wmRacePool',
      () => yard.wecom.phone('wmRacePool').write(ACCOUNT, 'price'),
      () => moveFromOutside('wmRacePool', 2),
    );

    expect(sessionInWeCom(yard, 'wmRacePool').state).toBe('person');
    await expectInStep(yard, ['wmRacePool']);
  });

  test('a person takes over while we say "connecting": our choice gives its place back', async () => {
    const customer = 'wmRaceConnect';
    await whileHeldBack(
      SEND,
      customer,
      () => yard.wecom.phone(customer).write(ACCOUNT, 'agent'),
      async () => {
        const [ours = ''] = await placesOf(yard, [customer]);
        await moveFromOutside(customer, 3, others(ours.split(' at ')[1] ?? '')[0]);
      },
    );

    expect(sessionInWeCom(yard, customer).state).toBe('person');
    expect(callsFor(customer, TRANS)).toEqual([]);
    await expectInStep(yard, [customer]);
  });

  test('another person takes over just before our move to the chosen one: one person serves, one place is taken', async () => {
    const customer = 'wmRaceMove';
    await whileHeldBack(
      TRANS,
      customer,
      () => yard.wecom.phone(customer).write(ACCOUNT, 'agent'),
      async () => {
        const [ours = ''] = await placesOf(yard, [customer]);
        await moveFromOutside(customer, 3, others(ours.split(' at ')[1] ?? '')[0]);
      },
    );

    expect(sessionInWeCom(yard, customer).state).toBe('person');
    await expectInStep(yard, [customer]);
  });

  test('an agent ends the session just before we end it for silence', async () => {
    const agent = await served('wmRaceEnd');
    await yard.wecom.client(agent).answer(ACCOUNT, 'wmRaceEnd', 'there you are');
    await yard.quiet();
    let passing: Promise<void> | undefined;
    await whileHeldBack(
      TRANS,
      'wmRaceEnd',
      async () => {
        passing = yard.pass(35 * MINUTE);
      },
      () => yard.wecom.client(agent).end(ACCOUNT, 'wmRaceEnd'),
    );
    await passing;
    await yard.quiet();

    expect(sessionInWeCom(yard, 'wmRaceEnd')).toEqual({ state: 'ended' });
    expect(yard.shown('wmRaceEnd').filter((text) => text === ENDED).length).toBeLessThanOrEqual(1);
    await expectInStep(yard, ['wmRaceEnd']);
  });

  test('an agent passes the customer on just before we end the session for silence: no place is left behind', async () => {
    const agent = await served('wmRacePass');
    await yard.wecom.client(agent).answer(ACCOUNT, 'wmRacePass', 'there you are');
    await yard.quiet();
    let passing: Promise<void> | undefined;
    await whileHeldBack(
      TRANS,
      'wmRacePass',
      async () => {
        passing = yard.pass(35 * MINUTE);
      },
      () => yard.wecom.client(agent).transfer(ACCOUNT, 'wmRacePass', others(agent)[0]),
    );
    await passing;
    await yard.quiet();

    await expectInStep(yard, ['wmRacePass']);
  });

  test('the session changes hands between our reading of it and what we decide on it', async () => {
    const agent = await served('wmRaceRead');
    const [other, third] = others(agent);
    await whileHeldBack(
      READ,
      'wmRaceRead',
      () => yard.wecom.client(agent).transfer(ACCOUNT, 'wmRaceRead', other),
      () => yard.wecom.client(other).transfer(ACCOUNT, 'wmRaceRead', third),
    );

    expect(sessionInWeCom(yard, 'wmRaceRead')).toEqual({ state: 'person', agentId: third });
    await expectInStep(yard, ['wmRaceRead']);
  });

  test('the answer of the reading is slow, and the session changes hands meanwhile', async () => {
    const agent = await served('wmRaceSlow');
    const [other, third] = others(agent);
    yard.wecom.faults.slow(READ, 500, { when: ({ body }) => body.external_userid === 'wmRaceSlow', times: 1 });
    await yard.wecom.client(agent).transfer(ACCOUNT, 'wmRaceSlow', other);
    await yard.until('the session is being read', () =>
      yard.stack.calls.some(
        ({ action, outcome, request }) => action === READ && outcome === 'under way' && isAbout('wmRaceSlow', request),
      ),
    );
    await yard.wecom.client(other).transfer(ACCOUNT, 'wmRaceSlow', third);
    await yard.quiet();

    expect(sessionInWeCom(yard, 'wmRaceSlow')).toEqual({ state: 'person', agentId: third });
    await expectInStep(yard, ['wmRaceSlow']);
  });
});
