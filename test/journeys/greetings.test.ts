import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { DAY, SECOND } from '../../lib/platform/clock.ts';
import { ACCOUNT, openYard, replies, type Yard } from '../support/yard.ts';

// What a customer who opens the chat sees. WeCom gives a code for one message, which lives 20 seconds.

const WELCOME = '您好 · Welcome';
const PRICE = '100 元 · 100 yuan';
const CONNECTING = '转接中 · connecting';

let yard: Yard;
beforeAll(async () => {
  yard = await openYard({ house: { agents: { zhangsan: 20 } } });
});
afterAll(() => yard.close());

async function enter(customer: string, entrance = {}): Promise<void> {
  await yard.wecom.phone(customer).enter(ACCOUNT, entrance);
  await yard.quiet();
}

async function write(customer: string, text: string): Promise<void> {
  await yard.wecom.phone(customer).write(ACCOUNT, text);
  await yard.quiet();
}

/** The reasons of greetings that were missed, as told on the bus. */
function missed(customer: string): unknown[] {
  return yard.stack.events
    .filter((event) => event['detail-type'] === 'greeting.missed.v1' && JSON.stringify(event.detail).includes(customer))
    .map(({ detail }) => Object(Object(detail).data).reason);
}

test('a customer who opens the chat is greeted by the code that came with it, and nothing else is sent', async () => {
  await enter('wmEnters');

  expect(yard.shown('wmEnters')).toEqual([WELCOME]);
  const calls = yard.stack.calls.filter(({ request }) => JSON.stringify(request ?? null).includes('wmEnters'));
  expect(calls.some(({ action }) => action === '/cgi-bin/kf/send_msg')).toBe(false);
  expect((await yard.conversation('wmEnters')).pending).toEqual([]);
  expect(missed('wmEnters')).toEqual([]);
});

test('greeted and then asked: the greeting takes nothing away from the answers', async () => {
  await enter('wmEntersAsks');
  for (const text of ['price', '菜单', 'hours']) await write('wmEntersAsks', text);

  expect(yard.shown('wmEntersAsks')).toHaveLength(4);
});

test('entering twice is greeted once', async () => {
  await enter('wmTwice');
  await enter('wmTwice');

  expect(yard.shown('wmTwice')).toEqual([WELCOME]);
});

test('entering twice before the greeting is there is greeted once', async () => {
  yard.wecom.faults.callbacks.hold();
  await yard.wecom.phone('wmTwiceFast').enter(ACCOUNT);
  await yard.wecom.phone('wmTwiceFast').enter(ACCOUNT);
  yard.wecom.faults.callbacks.release();
  await yard.quiet();

  expect(yard.shown('wmTwiceFast')).toEqual([WELCOME]);
});

test('the same entrance told five times is greeted once', async () => {
  yard.wecom.faults.callbacks.repeat(4);
  yard.wecom.faults.pages.repeatPage(2);
  await enter('wmToldTwice');

  expect(yard.shown('wmToldTwice')).toEqual([WELCOME]);
});

test('entering and writing in one breath: greeted first, answered second', async () => {
  yard.wecom.faults.callbacks.hold();
  await yard.wecom.phone('wmBreath').enter(ACCOUNT);
  await yard.wecom.phone('wmBreath').write(ACCOUNT, 'price');
  yard.wecom.faults.callbacks.release();
  await yard.quiet();

  expect(yard.shown('wmBreath')).toEqual([WELCOME, PRICE]);
});

test('a code older than 20 seconds is not used, and the missed greeting is told', async () => {
  yard.wecom.faults.callbacks.hold();
  await yard.wecom.phone('wmTooLate').enter(ACCOUNT);
  yard.travel(25 * SECOND);
  yard.wecom.faults.callbacks.release();
  await yard.quiet();

  expect(yard.shown('wmTooLate')).toEqual([]);
  expect(yard.wecom.requests.filter(({ errcode }) => errcode === 41050)).toEqual([]);
  expect(missed('wmTooLate')).toEqual(['late']);
  await write('wmTooLate', 'price');
  expect(yard.shown('wmTooLate')).toEqual([PRICE]);
});

test('a code that WeCom refuses is not tried again, the miss is told, and the customer is answered', async () => {
  const fault = yard.wecom.faults.answer('kf/send_msg_on_event', 41050);
  await enter('wmRefused');
  await write('wmRefused', 'price');

  expect(fault.hits).toBe(1);
  expect(yard.shown('wmRefused')).toEqual([PRICE]);
  expect(missed('wmRefused')).toEqual(['refused']);
  expect((await yard.conversation('wmRefused')).pending).toEqual([]);
});

test('a greeting that WeCom is too busy for goes out when it can, while its code lives', async () => {
  yard.wecom.faults.busy('kf/send_msg_on_event', 1);
  await enter('wmBusy');
  await yard.until('the greeting arrives', () => yard.shown('wmBusy').length > 0);
  await yard.quiet();

  expect(yard.shown('wmBusy')).toEqual([WELCOME]);
});

test('a customer who comes back within 48 hours, and so without a code, is not greeted again', async () => {
  await write('wmKnown', 'price');
  await enter('wmKnown');

  expect(yard.shown('wmKnown')).toEqual([PRICE]);
  expect(missed('wmKnown')).toEqual([]);
});

test('entering while a person serves changes nothing', async () => {
  await enter('wmServed');
  await write('wmServed', 'agent');
  await enter('wmServed');

  expect(yard.shown('wmServed')).toEqual([WELCOME, CONNECTING]);
  expect(yard.wecom.session(ACCOUNT, 'wmServed').state).toBe(3);
});

test('what brought the customer is remembered', async () => {
  await enter('wmScene', { scene: 'poster-7', scene_param: 'a%20b' });

  expect((await yard.conversation('wmScene')).scene).toBe('poster-7');
});

test('three days later there is a code again, and a greeting', async () => {
  await enter('wmLater');
  await yard.pass(3 * DAY);
  await enter('wmLater');

  expect(yard.shown('wmLater')).toEqual([WELCOME, WELCOME]);
});

test('a greeting may be a menu, and its choices are answered', async () => {
  const greeting = { menu: { head: '您好', items: [{ type: 'click', id: 'hours', content: '营业时间' }] } };
  await yard.furnish({ agents: { zhangsan: 20 }, replies: { ...replies, greeting } });
  // Functions look at the rules again after some seconds.
  await yard.pass(10 * SECOND);

  await enter('wmGreetMenu');
  await yard.wecom.phone('wmGreetMenu').click(ACCOUNT, 'hours');
  await yard.quiet();

  expect(yard.shown('wmGreetMenu')).toEqual(['您好\n营业时间', '每天 9:00–18:00 · daily 9 to 6']);
});
