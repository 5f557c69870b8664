import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { HOUR, MINUTE, SECOND } from '../../lib/platform/clock.ts';
import { expectInStep, placesOf, sessionInWeCom } from '../support/in-step.ts';
import { ACCOUNT, openYard, type Yard } from '../support/yard.ts';

// The line of a team. Every test has agents of its own; who was at work before is off duty then.

const PRICE = '100 元 · 100 yuan';
const CONNECTING = '转接中 · connecting';
const WAITING = '排队中 · in line';
const TRANS = '/cgi-bin/kf/service_state/trans';

const AGENTS = Array.from({ length: 40 }, (_, n) => `agent${n + 1}`);
let used = 0;
/** So many agents that no test had before. */
const newAgents = (count: number): string[] => {
  used += count;
  return AGENTS.slice(used - count, used);
};

let yard: Yard;
beforeAll(async () => {
  yard = await openYard({
    house: { agents: {} },
    wecom: { corp: { accounts: [{ openKfId: ACCOUNT, servicers: AGENTS }] } },
  });
  // The account's first pull reads who receives; what agents do from the next second on is news.
  await write('wmFirst', 'price');
  await yard.pass(2 * SECOND);
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

async function end(customer: string): Promise<void> {
  await yard.wecom.client(servicerOf(customer)).end(ACCOUNT, customer);
  await yard.quiet();
}

/** Nobody waits and nobody is served when the next test begins. */
async function endAll(customers: readonly string[]): Promise<void> {
  for (let round = 0; round < customers.length; round += 1) {
    const open = customers.filter((customer) => yard.wecom.session(ACCOUNT, customer).state === 3);
    if (open.length === 0) break;
    for (const customer of open) await yard.wecom.client(servicerOf(customer)).end(ACCOUNT, customer);
    await yard.quiet();
  }
  expect(await yard.line()).toEqual([]);
}

/** The most sessions that WeCom saw at this agent at one time. */
function peakOf(agent: string, customers: readonly string[]): number {
  const changes = customers.flatMap((customer) =>
    yard.wecom
      .transcript(ACCOUNT, customer)
      .flatMap(({ at, text }) =>
        text === `given to ${agent}` ? [{ at, by: 1 }] : text === `ended by ${agent}` ? [{ at, by: -1 }] : [],
      ),
  );
  let open = 0;
  let peak = 0;
  for (const { by } of changes.sort((a, b) => a.at - b.at || a.by - b.by)) {
    open += by;
    peak = Math.max(peak, open);
  }
  return peak;
}

describe('no place free', () => {
  test('the customer waits and is told so once, however often he asks; a rule still answers', async () => {
    const [agent = ''] = newAgents(1);
    await yard.furnish({ agents: { [agent]: 1 } });
    await write('wmHolder', 'agent');
    await write('wmAsks', 'agent', '人工', 'agent', 'qwertz', 'price');

    expect(yard.shown('wmAsks')).toEqual([WAITING, PRICE]);
    await expectInStep(yard, ['wmHolder', 'wmAsks']);

    await end('wmHolder');
    expect(yard.shown('wmAsks')).toEqual([WAITING, PRICE, CONNECTING]);
    expect(sessionInWeCom(yard, 'wmAsks')).toEqual({ state: 'person', agentId: agent });
    await expectInStep(yard, ['wmHolder', 'wmAsks']);
    await endAll(['wmHolder', 'wmAsks']);
  });

  test('places that free up one by one go to the longest waiting', async () => {
    const [agent = ''] = newAgents(1);
    await yard.furnish({ agents: { [agent]: 1 } });
    const customers = ['wmOrder0', 'wmOrder1', 'wmOrder2', 'wmOrder3', 'wmOrder4'];
    for (const customer of customers) await write(customer, 'agent');
    const served: string[] = [];
    for (const _ of customers) {
      const now = customers.filter((customer) => yard.wecom.session(ACCOUNT, customer).state === 3);
      expect(now).toHaveLength(1);
      served.push(...now);
      await end(now[0] ?? '');
      await expectInStep(yard, customers);
    }

    expect(served).toEqual(customers);
  });

  test('a place that silence frees goes to who waits', async () => {
    const [agent = ''] = newAgents(1);
    await yard.furnish({ agents: { [agent]: 1 } });
    await write('wmQuiet', 'agent');
    await yard.wecom.client(agent).answer(ACCOUNT, 'wmQuiet', 'anything else?');
    await yard.quiet();
    await write('wmAfterQuiet', 'agent');
    expect(sessionInWeCom(yard, 'wmAfterQuiet')).toEqual({ state: 'bot' });

    await yard.pass(33 * MINUTE);

    expect(sessionInWeCom(yard, 'wmAfterQuiet')).toEqual({ state: 'person', agentId: agent });
    await expectInStep(yard, ['wmQuiet', 'wmAfterQuiet']);
    await endAll(['wmQuiet', 'wmAfterQuiet']);
  });

  test('a place of a session that WeCom closed after 48 hours goes to who waits', async () => {
    const [agent = ''] = newAgents(1);
    await yard.furnish({ agents: { [agent]: 1 } });
    await write('wmForgotten', 'agent');
    await yard.pass(47 * HOUR);
    await write('wmPatient', 'agent');
    expect(yard.shown('wmPatient')).toEqual([WAITING]);

    await yard.pass(65 * MINUTE);
    await yard.pass(65 * MINUTE);

    expect(sessionInWeCom(yard, 'wmPatient')).toEqual({ state: 'person', agentId: agent });
    await expectInStep(yard, ['wmForgotten', 'wmPatient']);
    await endAll(['wmForgotten', 'wmPatient']);
  });

  test('a customer who waited until WeCom closed his session leaves the line and may ask again', async () => {
    const [agent = ''] = newAgents(1);
    await yard.furnish({ agents: { [agent]: 0 } });
    await write('wmTooLong', 'agent');
    await yard.pass(48 * HOUR + 5 * MINUTE);
    await yard.pass(65 * MINUTE);
    expect(await yard.line()).toEqual([]);
    await expectInStep(yard, ['wmTooLong']);

    await write('wmTooLong', 'agent');
    expect(yard.shown('wmTooLong')).toEqual([WAITING, WAITING]);
    await yard.furnish({ agents: { [agent]: 1 } });
    await yard.pass(2 * MINUTE);
    expect(sessionInWeCom(yard, 'wmTooLong')).toEqual({ state: 'person', agentId: agent });
    await endAll(['wmTooLong']);
  });
});

describe('an agent whom WeCom refuses', () => {
  test.each([95014, 95019, 60253])('after %i the next one is tried, and "connecting" is said once', async (errcode) => {
    const [one = '', two = ''] = newAgents(2);
    await yard.furnish({ agents: { [one]: 1, [two]: 1 } });
    const customer = `wmRefused${errcode}`;
    yard.wecom.faults.refuseServicer('*', errcode, 1);
    await write(customer, 'agent');

    expect(yard.shown(customer)).toEqual([CONNECTING]);
    const tried = yard.stack.calls
      .filter(({ action, request }) => action === TRANS && JSON.stringify(request).includes(customer))
      .map(({ request }) => Object(request).servicer_userid);
    expect(tried).toHaveLength(2);
    expect(new Set(tried).size).toBe(2);
    expect(sessionInWeCom(yard, customer)).toEqual({ state: 'person', agentId: tried[1] });
    await expectInStep(yard, [customer]);
    await endAll([customer]);
  });

  test('agents whom WeCom goes on refusing are tried once each, not in turns without end', async () => {
    const agents = newAgents(3);
    await yard.furnish({ agents: Object.fromEntries(agents.map((agent) => [agent, 1])) });
    yard.wecom.faults.refuseServicer('*', 60253, 12);
    await write('wmNobody', 'agent');

    const tried = yard.stack.calls
      .filter(({ action, request }) => action === TRANS && JSON.stringify(request).includes('wmNobody'))
      .map(({ request }) => String(Object(request).servicer_userid));
    expect(tried.sort()).toEqual(agents.toSorted());
    yard.wecom.faults.clear();
    await yard.pass(11 * MINUTE);
    await endAll(['wmNobody']);
  });

  test('a refusal of every agent leaves the customer waiting, told once, and he is served later', async () => {
    const [one = '', two = ''] = newAgents(2);
    await yard.furnish({ agents: { [one]: 1, [two]: 1 } });
    yard.wecom.faults.refuseServicer('*', 95014, 2);
    await write('wmAllRefused', 'agent');

    expect(yard.shown('wmAllRefused')).toEqual([CONNECTING, WAITING]);
    expect(await placesOf(yard, ['wmAllRefused'])).toEqual([]);
    await expectInStep(yard, ['wmAllRefused']);

    await yard.pass(11 * MINUTE);
    expect(yard.shown('wmAllRefused')).toEqual([CONNECTING, WAITING]);
    expect(sessionInWeCom(yard, 'wmAllRefused').state).toBe('person');
    await expectInStep(yard, ['wmAllRefused']);
    await endAll(['wmAllRefused']);
  });

  test('an agent refused for one customer still serves another', async () => {
    const [agent = ''] = newAgents(1);
    await yard.furnish({ agents: { [agent]: 2 } });
    yard.wecom.faults.refuseServicer(agent, 95019, 1);
    await write('wmNotHim', 'agent');
    await write('wmHim', 'agent');

    expect(sessionInWeCom(yard, 'wmHim')).toEqual({ state: 'person', agentId: agent });
    await expectInStep(yard, ['wmNotHim', 'wmHim']);
    await yard.pass(11 * MINUTE);
    expect(sessionInWeCom(yard, 'wmNotHim')).toEqual({ state: 'person', agentId: agent });
    await endAll(['wmNotHim', 'wmHim']);
  });
});

describe('capacity', () => {
  test('twelve customers at once for two agents with two places each: never more than two each, all served in turn', async () => {
    const [one = '', two = ''] = newAgents(2);
    await yard.furnish({ agents: { [one]: 2, [two]: 2 } });
    const customers = Array.from({ length: 12 }, (_, n) => `wmMany${n}`);
    await Promise.all(customers.map((customer) => yard.wecom.phone(customer).write(ACCOUNT, 'agent')));
    await yard.quiet();

    const persons = () => customers.filter((customer) => yard.wecom.session(ACCOUNT, customer).state === 3);
    expect(persons()).toHaveLength(4);
    expect(await yard.line()).toHaveLength(8);
    await expectInStep(yard, customers);
    for (const customer of customers) {
      expect(yard.shown(customer)).toEqual([persons().includes(customer) ? CONNECTING : WAITING]);
    }

    const inLine = (await yard.line()).map(({ conversationId }) => conversationId.split(':')[1]);
    const servedNext: (string | undefined)[] = [];
    while (persons().length > 0) {
      const before = persons();
      await end(before[0] ?? '');
      servedNext.push(...persons().filter((customer) => !before.includes(customer)));
    }
    expect(servedNext).toEqual(inLine);
    expect([peakOf(one, customers), peakOf(two, customers)]).toEqual([2, 2]);
    await expectInStep(yard, customers);
  });

  test('the least busy agent gets the next customer', async () => {
    const [one = '', two = ''] = newAgents(2);
    await yard.furnish({ agents: { [one]: 4, [two]: 4 } });
    const customers = Array.from({ length: 8 }, (_, n) => `wmEven${n}`);
    for (const customer of customers) await write(customer, 'agent');

    for (const n of [0, 2, 4, 6]) {
      expect(new Set([servicerOf(`wmEven${n}`), servicerOf(`wmEven${n + 1}`)])).toEqual(new Set([one, two]));
    }
    await endAll(customers);
  });
});

describe('presence and duty', () => {
  test('an agent who stops receiving gets nothing; when he receives again the line moves', async () => {
    const [agent = ''] = newAgents(1);
    await yard.furnish({ agents: { [agent]: 1 } });
    await yard.pass(2 * SECOND);
    await yard.wecom.client(agent).setReception(ACCOUNT, 'stopped');
    await yard.quiet();
    await write('wmStopped', 'agent');
    expect(yard.shown('wmStopped')).toEqual([WAITING]);
    expect(await placesOf(yard, ['wmStopped'])).toEqual([]);

    await yard.wecom.client(agent).setReception(ACCOUNT, 'receiving');
    await yard.quiet();

    expect(sessionInWeCom(yard, 'wmStopped')).toEqual({ state: 'person', agentId: agent });
    await expectInStep(yard, ['wmStopped']);
    await endAll(['wmStopped']);
  });

  test('an agent who suspends reception is passed over for one who receives', async () => {
    const [away = '', there = ''] = newAgents(2);
    await yard.furnish({ agents: { [away]: 9, [there]: 9 } });
    await yard.pass(2 * SECOND);
    await yard.wecom.client(away).setReception(ACCOUNT, 'suspended');
    await yard.quiet();
    const customers = ['wmAway1', 'wmAway2', 'wmAway3'];
    for (const customer of customers) await write(customer, 'agent');

    expect(customers.map(servicerOf)).toEqual([there, there, there]);
    await endAll(customers);
  });

  test('an agent who stops receiving in the very second in which we read the list of servicers gets nothing', async () => {
    const [agent = ''] = newAgents(1);
    await yard.furnish({ agents: { [agent]: 1 } });
    const listCalls = () => yard.wecom.requests.filter(({ path }) => path.endsWith('/kf/servicer/list')).length;
    const before = listCalls();
    yard.wecom.faults.slow('kf/servicer/list', 300, 1);
    await yard.pass(61 * MINUTE);
    // The pull of the sweep has read the list by now; here it is read anew, at the beginning of a second.
    yard.wecom.faults.clear();
    expect(listCalls()).toBeGreaterThan(before);
    await yard.until('a second begins', () => Date.now() % 1000 < 100);
    yard.wecom.faults.slow('kf/servicer/list', 300, 1);
    const seen = listCalls();
    const passing = yard.pass(61 * MINUTE);
    await yard.until('the list is read', () => listCalls() > seen);
    await yard.wecom.client(agent).setReception(ACCOUNT, 'stopped');
    await passing;
    await yard.quiet();
    await write('wmSameSecond', 'agent');

    expect(yard.shown('wmSameSecond')).toEqual([WAITING]);
    await yard.pass(2 * SECOND);
    await yard.wecom.client(agent).setReception(ACCOUNT, 'receiving');
    await yard.quiet();
    await endAll(['wmSameSecond']);
  });

  test('an agent off duty gets nothing, and keeps those whom he serves', async () => {
    const [off = '', on = ''] = newAgents(2);
    await yard.furnish({ agents: { [off]: 5 } });
    await write('wmKept', 'agent');
    await yard.furnish({ agents: { [on]: 5 } });
    const customers = ['wmDuty1', 'wmDuty2', 'wmDuty3'];
    for (const customer of customers) await write(customer, 'agent');

    expect(customers.map(servicerOf)).toEqual([on, on, on]);
    expect(sessionInWeCom(yard, 'wmKept')).toEqual({ state: 'person', agentId: off });
    await expectInStep(yard, ['wmKept', ...customers]);
    await endAll(['wmKept', ...customers]);
  });

  test('who waits is served when an agent comes on duty', async () => {
    const [off = '', on = ''] = newAgents(2);
    await yard.furnish({ agents: { [off]: 0 } });
    await write('wmMorning', 'agent');
    expect(yard.shown('wmMorning')).toEqual([WAITING]);

    await yard.furnish({ agents: { [off]: 0, [on]: 1 } });
    await yard.pass(2 * MINUTE);

    expect(sessionInWeCom(yard, 'wmMorning')).toEqual({ state: 'person', agentId: on });
    await expectInStep(yard, ['wmMorning']);
    await endAll(['wmMorning']);
  });
});
