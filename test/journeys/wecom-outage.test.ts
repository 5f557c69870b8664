import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { conversationIdOf } from '../../lib/conversations/conversation.ts';
import { HOUR, MINUTE } from '../../lib/platform/clock.ts';
import { finalState, published, recorded } from '../support/final-state.ts';
import { ACCOUNT, openYard, type Yard } from '../support/yard.ts';

// WeCom sleeps, limits, forgets and lies. What has to reach the customer does so late, once, and in order.

const HOURS = '每天 9:00–18:00 · daily 9 to 6';
const PRICE = '100 元 · 100 yuan';
const CONNECTING = '转接中 · connecting';
const GREETING = '您好 · Welcome';

let yard: Yard;
beforeAll(async () => {
  yard = await openYard({ house: { agents: { zhangsan: 100 } } });
  // The first customer warms everything: account, token, environments.
  await write('wmFirst', 'hours');
});
afterEach(async () => {
  yard.wecom.faults.clear();
  yard.stack.faults.clear();
  // Gates that this test closed are open again.
  await yard.pass(10 * MINUTE);
});
afterAll(() => yard.close());

async function write(customer: string, ...texts: string[]): Promise<void> {
  for (const text of texts) {
    await yard.wecom.phone(customer).write(ACCOUNT, text);
    await yard.quiet();
  }
}

/** Long enough for gates to open, and for what was parked several times. */
async function muchLater(): Promise<void> {
  for (let i = 0; i < 3; i += 1) await yard.pass(2 * MINUTE);
}

/** Requests to one API (`*`: any) since something was noted, with the code that WeCom gave. */
function requestsSince(index: number, api: string): { errcode: number | undefined }[] {
  return yard.wecom.requests.slice(index).filter(({ path }) => path === `/cgi-bin/${api}`);
}

async function untilShown(customer: string, texts: string[]): Promise<void> {
  await yard.until(`${customer} sees ${texts.length} messages`, () => yard.shown(customer).length >= texts.length);
  await yard.quiet();
  expect(yard.shown(customer)).toEqual(texts);
}

test('WeCom is gone while customers write: each answer comes by itself when WeCom is back, once and in order', async () => {
  yard.wecom.faults.down();
  await write('wmGoneA', 'hours', 'price');
  await write('wmGoneB', '人工');
  yard.wecom.faults.up();

  await untilShown('wmGoneA', [`${HOURS}\n\n${PRICE}`]);
  await untilShown('wmGoneB', [CONNECTING]);
  expect(yard.wecom.session(ACCOUNT, 'wmGoneB')).toMatchObject({ state: 3, servicer: 'zhangsan' });
});

describe('the same end, whichever call WeCom leaves alone', () => {
  // Asking for a person reads the session, sends a message and moves the session.
  const apis = ['kf/sync_msg', 'kf/service_state/get', 'kf/send_msg', 'kf/service_state/trans', 'gettoken'];
  const troubles: Record<string, (api: string) => { readonly hits: number }> = {
    'refuses connections': (api) =>
      yard.stack.faults.add({ action: `/cgi-bin/${api}`, fault: { kind: 'refuse' }, times: 2 }),
    'is busy': (api) => yard.wecom.faults.busy(api, 2),
    'acts and loses its answer': (api) => yard.wecom.faults.loseAnswer(api),
    'allows no more calls (45009)': (api) => yard.wecom.faults.rateLimit(api),
    'does not know our address (60020)': (api) => yard.wecom.faults.answer(api, 60020),
  };
  const cases = apis.flatMap((api) => Object.keys(troubles).map((trouble) => [api, trouble] as const));

  test.each(cases)('%s %s', async (api, trouble) => {
    const customer = `wm${cases.findIndex(([a, t]) => a === api && t === trouble)}Left`;
    // Another token, so that this story has to ask for one.
    if (api === 'gettoken') yard.wecom.faults.expireTokens();
    const struck = troubles[trouble]?.(api);

    await write(customer, '人工');
    await muchLater();
    await write(customer, 'thanks a lot');
    expect(struck?.hits).toBeGreaterThan(0);

    const { shown, session, inWeCom, left, history, events } = await finalState(yard, customer);
    expect({ shown, session, inWeCom, left, history, events }).toEqual({
      shown: [CONNECTING],
      session: { state: 'person', agentId: 'zhangsan' },
      inWeCom: { state: 3, servicer: 'zhangsan' },
      left: { pending: 0, unanswered: 0, unread: [] },
      history: ['assigned', 'message', 'message', 'sent connecting sent'],
      events: ['message.received.v1', 'message.answered.v1', 'conversation.assigned.v1', 'message.received.v1'],
    });
  });
});

test('an answer that certainly was not sent is decided again with what the customer wrote meanwhile', async () => {
  const limit = yard.wecom.faults.rateLimit('kf/send_msg', 100);
  await write('wmAgain', 'hours', 'price');
  expect(yard.shown('wmAgain')).toEqual([]);

  limit.clear();
  await muchLater();
  expect(yard.shown('wmAgain')).toEqual([`${HOURS}\n\n${PRICE}`]);
  expect(published(yard, 'wmAgain').map(({ type }) => type)).toEqual([
    'message.received.v1',
    'message.received.v1',
    'message.answered.v1',
  ]);
});

test('an answer that may have been sent is not said again in other words', async () => {
  yard.wecom.faults.loseAnswer('kf/send_msg');
  await write('wmPerhaps', 'hours', 'price');
  await muchLater();

  expect(yard.shown('wmPerhaps')).toEqual([HOURS, PRICE]);
  expect(await recorded(yard, 'wmPerhaps')).toEqual(['message', 'message', 'sent answer sent', 'sent answer sent']);
});

test('an answer that may have been sent, and was not, comes before the answer to the next question', async () => {
  yard.stack.faults.add({ action: '/cgi-bin/kf/send_msg', fault: { kind: 'refuse' } });
  await write('wmPerhapsNot', 'hours', 'price');
  await muchLater();

  expect(yard.shown('wmPerhapsNot')).toEqual([HOURS, PRICE]);
});

test.each(['expireTokens', 'invalidateTokens'] as const)(
  'many customers meet a token that WeCom takes back (%s): all are answered, with one or two new tokens',
  async (how) => {
    yard.wecom.faults[how]();
    const from = yard.wecom.requests.length;
    const customers = Array.from({ length: 12 }, (_, i) => `wm${how}${i}`);
    await Promise.all(customers.map((customer) => yard.wecom.phone(customer).write(ACCOUNT, 'hours')));
    await yard.quiet();
    await muchLater();

    expect(customers.map((customer) => yard.shown(customer))).toEqual(customers.map(() => [HOURS]));
    const asked = requestsSince(from, 'gettoken').length;
    expect(asked).toBeGreaterThanOrEqual(1);
    expect(asked).toBeLessThanOrEqual(2);
  },
);

test.each([
  ['kf/send_msg', 45009],
  ['kf/sync_msg', 45009],
  ['kf/sync_msg', 45033],
  ['kf/service_state/get', 45009],
] as const)('%s answers %i: we stop calling it, and every customer is answered later', async (api, errcode) => {
  const limit = yard.wecom.faults.answer(api, errcode, 1000);
  const customers = Array.from({ length: 6 }, (_, i) => `wm${api.replaceAll('/', '-')}${errcode}-${i}`);
  for (const customer of customers) await write(customer, 'hours');

  // One call met the limit; a few may have been under way in other processes, which hear of it two seconds later.
  expect(limit.hits).toBeLessThanOrEqual(3);
  limit.clear();
  await muchLater();
  expect(customers.map((customer) => yard.shown(customer))).toEqual(customers.map(() => [HOURS]));
});

test.each([
  ['an address that WeCom does not trust', 60020],
  ['an app that may not use customer service', 48002],
])('%s (%#): what we have to say waits for an operator', async (_, errcode) => {
  const customer = `wmOperator${errcode}`;
  const wrong = yard.wecom.faults.answer('kf/send_msg', errcode, 1000);
  await write(customer, 'hours');
  await yard.pass(5 * MINUTE);
  await yard.pass(30 * MINUTE);
  expect(yard.shown(customer)).toEqual([]);
  expect((await yard.conversation(customer)).pending.filter(({ kind }) => kind === 'send')).toHaveLength(1);
  // Not hammering: at most one try in each of the minutes that somebody looked.
  expect(wrong.hits).toBeLessThanOrEqual(4);

  wrong.clear();
  await muchLater();
  expect(yard.shown(customer)).toEqual([HOURS]);
  expect(published(yard, customer).map(({ type }) => type)).not.toContain('reply.failed.v1');
});

describe('WeCom says of a repeated msgid', () => {
  afterEach(() => {
    yard.wecom.switches.duplicateMsgidCode = 40058;
    yard.wecom.switches.duplicateChecked = 'first';
  });

  test.each(['first', 'last'] as const)('40058, looking at it %s: the message counts as sent', async (order) => {
    yard.wecom.switches.duplicateChecked = order;
    yard.wecom.faults.loseAnswer('kf/send_msg');
    await write(`wmTwice${order}`, 'hours');
    await muchLater();

    expect(yard.shown(`wmTwice${order}`)).toEqual([HOURS]);
    expect(await recorded(yard, `wmTwice${order}`)).toEqual(['message', 'sent answer sent']);
  });

  test.each([40008, 95001, 95018])(
    '%i: the message is recorded as uncertain, and nothing is said twice',
    async (code) => {
      yard.wecom.switches.duplicateMsgidCode = code;
      yard.wecom.faults.loseAnswer('kf/send_msg');
      const customer = `wmTwice${code}`;
      await write(customer, 'hours');
      await muchLater();

      expect(yard.shown(customer)).toEqual([HOURS]);
      expect(await recorded(yard, customer)).toEqual(['message', 'sent answer uncertain']);
      expect(published(yard, customer).map(({ type }) => type)).toEqual(['message.received.v1', 'reply.failed.v1']);

      await write(customer, 'price');
      expect(yard.shown(customer)).toEqual([HOURS, PRICE]);
    },
  );
});

test('a greeting whose answer was lost is said once', async () => {
  yard.wecom.faults.loseAnswer('kf/send_msg_on_event');
  await yard.wecom.phone('wmGreeted').enter(ACCOUNT);
  await yard.quiet();
  await muchLater();

  expect(yard.shown('wmGreeted')).toEqual([GREETING]);
  expect((await finalState(yard, 'wmGreeted')).left).toEqual({ pending: 0, unanswered: 0, unread: [] });
});

test('a greeting that WeCom was too busy for comes while its code lives', async () => {
  yard.wecom.faults.busy('kf/send_msg_on_event');
  await yard.wecom.phone('wmBusyGreeted').enter(ACCOUNT);
  await untilShown('wmBusyGreeted', [GREETING]);
});

test('WeCom answers slowly: nothing is said twice, and nobody waits for somebody else', async () => {
  const slow = yard.wecom.faults.slow('kf/send_msg', 1500, {
    times: 3,
    when: ({ body }) => body.touser === 'wmSlow',
  });
  await yard.wecom.phone('wmSlow').write(ACCOUNT, 'hours');
  await yard.until('the slow call is under way', () => slow.hits > 0);
  await yard.wecom.phone('wmQuick').write(ACCOUNT, 'price');
  await yard.until('the other customer is answered', () => yard.shown('wmQuick').length > 0);
  expect((await yard.conversation('wmSlow')).pending.some(({ kind }) => kind === 'send')).toBe(true);

  await yard.quiet();
  expect(yard.shown('wmSlow')).toEqual([HOURS]);
  expect(yard.shown('wmQuick')).toEqual([PRICE]);
});

test('a message that WeCom took and did not deliver is recorded as not delivered', async () => {
  yard.wecom.faults.sendFails(10);
  await write('wmUndelivered', 'hours');
  await yard.quiet();

  expect(yard.shown('wmUndelivered')).toEqual([]);
  expect(await recorded(yard, 'wmUndelivered')).toEqual(['message', 'send-failed', 'sent answer not-delivered']);
  expect(published(yard, 'wmUndelivered').map(({ type }) => type)).toEqual([
    'message.received.v1',
    'message.answered.v1',
    'reply.failed.v1',
  ]);
});

test('an outage longer than the reply window: the answer is dropped and recorded, and WeCom is not asked in vain', async () => {
  yard.wecom.faults.answer('kf/send_msg', 60020, { untilMs: yard.stack.now() + 49 * HOUR });
  await write('wmTooLate', 'hours');
  const from = yard.wecom.requests.length;
  await yard.pass(49 * HOUR);
  await muchLater();

  expect(yard.shown('wmTooLate')).toEqual([]);
  expect(requestsSince(from, 'kf/send_msg')).toEqual([]);
  const end = await finalState(yard, 'wmTooLate');
  expect(end.left).toEqual({ pending: 0, unanswered: 0, unread: [] });
  expect(end.events).toEqual(['message.received.v1', 'reply.failed.v1']);

  await write('wmTooLate', 'price');
  expect(yard.shown('wmTooLate')).toEqual([PRICE]);
});

test('who waited in line until the window closed is not written to, and leaves the line', async () => {
  await yard.furnish({ agents: { lisi: 1 } });
  await write('wmHolds', '人工');
  await write('wmWaits', '人工');
  expect(yard.shown('wmWaits')).toEqual(['排队中 · in line']);

  await yard.pass(49 * HOUR);
  await muchLater();
  expect(yard.shown('wmWaits')).toEqual(['排队中 · in line']);
  expect(await yard.line()).toEqual([]);
  expect((await yard.agents()).flatMap(({ serving }) => [...serving]).filter((one) => one.includes('wmWaits'))).toEqual(
    [],
  );
  await yard.furnish({ agents: { zhangsan: 100 } });
});

test('WeCom and our own event bus are away at the same time: what the customer wrote is not taken for poison', async () => {
  const customer = 'wmBothAway';
  await write(customer, 'hours');
  yard.stack.faults.add({ action: 'PutEvents', fault: { kind: 'refuse' }, times: 1000 });
  yard.wecom.faults.busy('kf/service_state/get', 1000);
  const phone = yard.wecom.phone(customer);
  await phone.write(ACCOUNT, 'price');
  await yard.until('the price is told', () => yard.shown(customer).length === 2);
  // Long enough for the session to be read again before the next question is decided.
  yard.travel(3 * HOUR);
  await phone.write(ACCOUNT, 'hours');
  const conversationId = conversationIdOf(ACCOUNT, customer);
  const failures = () => yard.logs.filter((line) => line.includes('messages failed') && line.includes(conversationId));
  await yard.until('its wake failed many times', () => failures().length >= 7);

  yard.wecom.faults.clear();
  yard.stack.faults.clear();
  await yard.quiet();
  await muchLater();
  expect(yard.shown(customer)).toEqual([HOURS, PRICE, HOURS]);
});

test('in all these stories WeCom never had to refuse a message because of its window', () => {
  const sends = yard.wecom.requests.filter(({ path }) => path === '/cgi-bin/kf/send_msg');
  const refused = sends.filter(({ errcode }) => errcode === 95001 || errcode === 95002);
  // The one exception is a story in which WeCom says so of a repeat.
  expect(refused.map(({ body }) => body.touser)).toEqual(['wmTwice95001']);
});
