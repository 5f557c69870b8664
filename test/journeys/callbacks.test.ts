import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import * as z from 'zod';
import { MINUTE } from '../../lib/platform/clock.ts';
import { finalState, recorded } from '../support/final-state.ts';
import { ACCOUNT, openYard, type Yard } from '../support/yard.ts';

// Callbacks come twice, late, in the wrong order or never; what they announce is answered all the same, once.

const HOURS = '每天 9:00–18:00 · daily 9 to 6';
const PRICE = '100 元 · 100 yuan';

const credential = (letter: string) => ({
  token: letter.repeat(20),
  encodingAesKey: letter.repeat(43),
  receiveIds: ['ww0123456789abcdef'],
});

let yard: Yard;
beforeAll(async () => {
  yard = await openYard({
    wecom: { corp: { ...corp(), apps: { main: { callbacks: [credential('A'), credential('B')] } } } },
  });
  await yard.wecom.phone('wmFirst').write(ACCOUNT, 'hours');
  await yard.quiet();
});
afterEach(() => {
  yard.wecom.faults.clear();
  yard.stack.faults.clear();
});
afterAll(() => yard.close());

function corp() {
  return { accounts: [{ openKfId: ACCOUNT, name: 'Support', servicers: ['zhangsan', 'lisi'] }] };
}

/** Pulls since something was noted, and whether they carried a callback's token. */
function pullsSince(index: number): { token: boolean; errcode: number | undefined }[] {
  return yard.wecom.requests
    .slice(index)
    .filter(({ path }) => path === '/cgi-bin/kf/sync_msg')
    .map(({ body, errcode }) => ({ token: typeof body.token === 'string' && body.token !== '', errcode }));
}

test('the same callback five times: one answer', async () => {
  yard.wecom.faults.callbacks.repeat(4);
  await yard.wecom.phone('wmFive').write(ACCOUNT, 'hours');
  await yard.quiet();

  const end = await finalState(yard, 'wmFive');
  expect(end.shown).toEqual([HOURS]);
  expect(end.history).toEqual(['message', 'sent answer sent']);
  expect(end.events).toEqual(['message.received.v1', 'message.answered.v1']);
});

test('callbacks in the wrong order: messages keep the order in which they were written', async () => {
  const phone = yard.wecom.phone('wmReordered');
  yard.wecom.faults.callbacks.reorder();
  await phone.write(ACCOUNT, 'price');
  await phone.write(ACCOUNT, 'hours');
  await yard.quiet();

  expect(yard.shown('wmReordered').join('\n\n')).toBe(`${PRICE}\n\n${HOURS}`);
  expect(await recorded(yard, 'wmReordered')).toEqual(
    expect.arrayContaining(['message', 'message', 'sent answer sent']),
  );
});

test('a callback that never comes: the next one brings its message too', async () => {
  yard.wecom.faults.callbacks.drop(1);
  await yard.wecom.phone('wmLostOne').write(ACCOUNT, 'hours');
  await yard.quiet();
  expect(yard.shown('wmLostOne')).toEqual([]);

  await yard.wecom.phone('wmNext').write(ACCOUNT, 'price');
  await yard.quiet();
  expect(yard.shown('wmLostOne')).toEqual([HOURS]);
  expect(yard.shown('wmNext')).toEqual([PRICE]);
});

test('a callback that never comes, and nothing after it: the sweep finds its message', async () => {
  yard.wecom.faults.callbacks.drop(1);
  await yard.wecom.phone('wmLost').write(ACCOUNT, 'hours');
  await yard.quiet();
  expect(yard.shown('wmLost')).toEqual([]);

  await yard.pass(6 * MINUTE);
  expect(yard.shown('wmLost')).toEqual([HOURS]);
});

test('a pull token that is older than ten minutes is not sent', async () => {
  const from = yard.wecom.requests.length;
  // The function that takes the signal fails once, and before the signal comes back eleven minutes pass.
  yard.stack.faults.add({
    function: 'sync-messages',
    service: 'dynamodb',
    fault: { kind: 'answer', status: 400, body: { __type: 'com.amazonaws.dynamodb.v20120810#InternalServerError' } },
    times: 1,
  });
  await yard.wecom.phone('wmOldToken').write(ACCOUNT, 'hours');
  await yard.until('the signal was taken and failed', () =>
    yard.logs.some((line) => /sync-messages.*failed/.test(line)),
  );
  yard.travel(11 * MINUTE);
  await yard.until('the message is answered', () => yard.shown('wmOldToken').length > 0);

  expect(pullsSince(from)).toEqual([{ token: false, errcode: 0 }]);
});

test('a pull token that WeCom does not know any more (95007): pulled without it', async () => {
  const from = yard.wecom.requests.length;
  yard.wecom.faults.answer('kf/sync_msg', 95007, { times: 1, when: ({ body }) => body.token !== undefined });
  await yard.wecom.phone('wmBadToken').write(ACCOUNT, 'hours');
  await yard.quiet();

  expect(yard.shown('wmBadToken')).toEqual([HOURS]);
  expect(pullsSince(from)).toEqual([
    { token: true, errcode: 95007 },
    { token: false, errcode: 0 },
  ]);
});

test('the queue does not take a callback: WeCom gets no success and sends it again', async () => {
  const from = yard.wecom.callbacks.length;
  const refused = yard.stack.faults.add({
    function: 'receive-callback',
    action: 'SendMessage',
    fault: { kind: 'answer', status: 500, body: {} },
    times: 100,
  });
  await yard.wecom.phone('wmRefused').write(ACCOUNT, 'hours');
  await yard.until('WeCom was refused', () => yard.wecom.callbacks.length > from);
  refused.remove();
  await yard.quiet();

  const statuses = yard.wecom.callbacks.slice(from).map(({ status }) => status);
  expect(statuses[0]).toBe(500);
  expect(statuses.at(-1)).toBe(200);
  expect(yard.shown('wmRefused')).toEqual([HOURS]);
});

test('the queue takes a callback and its answer is lost: still one answer for the customer', async () => {
  yard.stack.faults.add({
    function: 'receive-callback',
    action: 'SendMessage',
    fault: { kind: 'lose-answer' },
    times: 3,
  });
  await yard.wecom.phone('wmTakenTwice').write(ACCOUNT, 'hours');
  await yard.quiet();

  expect(yard.shown('wmTakenTwice')).toEqual([HOURS]);
});

test('while credentials change, callbacks of the old and of the new ones are taken', async () => {
  await yard.wecom.phone('wmOldCredentials').write(ACCOUNT, 'hours');
  await yard.quiet();
  yard.wecom.useCredentials('main', 1);
  await yard.wecom.phone('wmNewCredentials').write(ACCOUNT, 'price');
  await yard.quiet();
  // The console proves the address again when it saves the new ones.
  const verified = await yard.wecom.setCallbackUrl('main', `${yard.stack.url}/wecom/callbacks/main`);
  yard.wecom.useCredentials('main', 0);

  expect(yard.shown('wmOldCredentials')).toEqual([HOURS]);
  expect(yard.shown('wmNewCredentials')).toEqual([PRICE]);
  expect(verified.reason).toBeUndefined();
});

test('what is not from WeCom is refused with a bare answer, and wakes nobody', async () => {
  const pull = `<xml><ToUserName><![CDATA[ww0123456789abcdef]]></ToUserName><CreateTime>1700000000</CreateTime><MsgType><![CDATA[event]]></MsgType><Event><![CDATA[kf_msg_or_event]]></Event><Token><![CDATA[ENCx]]></Token><OpenKfId><![CDATA[${ACCOUNT}]]></OpenKfId></xml>`;
  const from = yard.wecom.requests.length;
  const [forged] = await yard.wecom.sendCallback('main', pull, { wrongSignature: true, retried: false });
  const [foreign] = await yard.wecom.sendCallback('main', pull, { receiveId: 'ww9999999999999999', retried: false });
  const unknown = await fetch(`${yard.stack.url}/wecom/callbacks/nobody`, { method: 'POST', body: '<xml></xml>' });
  await yard.quiet();

  expect([forged?.status, foreign?.status]).toEqual([400, 400]);
  expect([unknown.status, await unknown.text()]).toEqual([404, '']);
  expect(pullsSince(from)).toEqual([]);
});

const Sent = z.object({ QueueUrl: z.string(), MessageBody: z.string() });

test('a customer-contact event goes onto the contacts queue, with ids and codes and without names or text', async () => {
  const added = `<xml><ToUserName><![CDATA[ww0123456789abcdef]]></ToUserName><FromUserName><![CDATA[sys]]></FromUserName><CreateTime>1700000000</CreateTime><MsgType><![CDATA[event]]></MsgType><Event><![CDATA[change_external_contact]]></Event><ChangeType><![CDATA[add_external_contact]]></ChangeType><UserID><![CDATA[zhangsan]]></UserID><ExternalUserID><![CDATA[wmNewContact]]></ExternalUserID><State><![CDATA[teststate]]></State><WelcomeCode><![CDATA[WELCOMECODE]]></WelcomeCode><Remark><![CDATA[王小明]]></Remark></xml>`;
  await yard.wecom.sendCallback('main', added);

  const bodies = yard.stack.calls
    .map(({ request }) => Sent.safeParse(request).data)
    .filter((sent) => sent?.QueueUrl.endsWith('-contacts.fifo'))
    .map((sent) => JSON.parse(sent?.MessageBody ?? ''));
  expect(bodies).toEqual([
    expect.objectContaining({
      app: 'main',
      event: 'change_external_contact',
      changeType: 'add_external_contact',
      ids: { UserID: 'zhangsan', ExternalUserID: 'wmNewContact', State: 'teststate', WelcomeCode: 'WELCOMECODE' },
    }),
  ]);
  expect(JSON.stringify(bodies)).not.toContain('王小明');
});

test('neither logs nor queues carry what customers write', async () => {
  const secret = '我的银行卡号是6222';
  await yard.wecom.phone('wmSecret').write(ACCOUNT, secret);
  await yard.quiet();

  const onQueues = yard.stack.calls.filter(({ service }) => service === 'sqs' || service === 'events');
  expect(onQueues.length).toBeGreaterThan(0);
  expect(JSON.stringify(onQueues.map(({ request }) => request))).not.toContain(secret);
  expect(yard.logs.join('\n')).not.toContain(secret);
});
