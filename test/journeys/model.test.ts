import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Says, startModel } from '../support/model-endpoint.ts';
import { ACCOUNT, openYard, replies, type Yard } from '../support/yard.ts';

// The whole stack with a model of the operator's: off unless a stage names one, which this one does.

const FALLBACK = '没听懂 · not understood';
const CONNECTING = '转接中 · connecting';

let says: Says = { completion: '{"handOver":true}' };
let model: Awaited<ReturnType<typeof startModel>>;
let yard: Yard;
beforeAll(async () => {
  model = await startModel(() => says);
  yard = await openYard({
    stack: {
      environment: { MODEL_API_URL: model.url, MODEL_NAME: 'house-1', MODEL_SECRETS: '{"key":"k-1"}' },
    },
    house: {
      agents: { zhangsan: 20 },
      replies: { ...replies, model: { instructions: 'A shoe shop.', deadlineSeconds: 5 } },
    },
  });
});
afterAll(async () => {
  await yard.close();
  await model.stop();
});

async function write(customer: string, text: string): Promise<void> {
  await yard.wecom.phone(customer).write(ACCOUNT, text);
  await yard.quiet();
}

test('a rule answers without the model; what no rule knows the model does', async () => {
  says = { completion: '{"answer":"有 43 码 · size 43 is in stock"}' };
  await write('wmModel', 'hours');
  expect(model.heard).toHaveLength(0);
  await write('wmModel', '有 43 码吗？');
  expect(yard.shown('wmModel')).toEqual(['每天 9:00–18:00 · daily 9 to 6', '有 43 码 · size 43 is in stock']);
  expect(model.heard).toHaveLength(1);
  expect(model.heard[0]?.headers.authorization).toBe('Bearer k-1');
  expect(JSON.stringify(model.heard[0]?.body)).not.toMatch(/wmModel|wkSUPPORT|zhangsan/);
  const answered = yard.stack.events.filter((event) => event['detail-type'] === 'message.answered.v1');
  expect(answered.at(-1)?.detail).toMatchObject({ data: { by: 'model', purpose: 'answer' } });
});

test('where the model does not know, a person takes over', async () => {
  says = { completion: '{"handOver":true}' };
  await write('wmUnknown', '鞋跟断了');
  expect(yard.shown('wmUnknown')).toEqual([CONNECTING]);
  expect((await yard.conversation('wmUnknown')).session).toMatchObject({ state: 'person', agentId: 'zhangsan' });
});

test('a model that fails hands over, too, and other customers never wait for one that is slow', async () => {
  says = 'nothing';
  await yard.wecom.phone('wmSlow').write(ACCOUNT, '鞋跟断了');
  await yard.until('the model is being asked', () => model.heard.length >= 3);
  await yard.wecom.phone('wmOther').write(ACCOUNT, 'price');
  await yard.until('the other one is answered', () => yard.shown('wmOther').length === 1);
  expect(yard.shown('wmSlow')).toEqual([]);
  await yard.until('a person is called', () => yard.shown('wmSlow').length === 1);
  expect(yard.shown('wmSlow')).toEqual([CONNECTING]);
  await yard.quiet();

  says = { status: 503 };
  await write('wmFails', '鞋跟断了');
  expect(yard.shown('wmFails')).toEqual([CONNECTING]);
});

test('nothing that a customer or the model wrote, and no key, is in a log, a queue or an event', async () => {
  says = { completion: '{"answer":"珊瑚色 · coral"}' };
  await write('wmQuiet', '有什么颜色？绝密');
  expect(yard.shown('wmQuiet')).toEqual(['珊瑚色 · coral']);
  const secret = /绝密|珊瑚|coral|k-1/;
  expect(yard.logs.filter((line) => secret.test(line))).toEqual([]);
  const told = yard.stack.calls.filter(({ service }) => service === 'sqs' || service === 'events');
  expect(told.length).toBeGreaterThan(0);
  expect(told.filter(({ request }) => secret.test(JSON.stringify(request) ?? ''))).toEqual([]);
});

test('the fallback stays where the account’s rule set does not ask for a model', async () => {
  await yard.furnish({ agents: { zhangsan: 20 }, replies });
  // Rules are read again after five seconds.
  yard.travel(6000);
  const before = model.heard.length;
  await write('wmNone', '有什么颜色？');
  expect(yard.shown('wmNone')).toEqual([FALLBACK]);
  expect(model.heard).toHaveLength(before);
});
