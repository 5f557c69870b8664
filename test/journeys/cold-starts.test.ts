import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { packageStack } from '../../local/package-stack.ts';
import { type Stack, startStack } from '../../local/stack.ts';
import { startWeCom, type WeCom } from '../../local/wecom/simulator.ts';

// Where a role lacks something, the function's first call is most often the one that fails: the secrets that it reads when it
// starts. Then comes what only happens when something goes wrong. Each function is started here, cold, with its secrets in the store.

let wecom: WeCom;
let stack: Stack;
beforeAll(async () => {
  wecom = await startWeCom({ seed: 7 });
  stack = await startStack({
    packaged: await packageStack({ stage: 'dev', root: process.cwd() }),
    wecomApiUrl: wecom.url,
    schedules: false,
    parameters: {
      '/wecom-concierge/dev/wecom': JSON.stringify(wecom.secrets),
      '/wecom-concierge/dev/model': '{"key":"k-1"}',
    },
    environment: { MODEL_API_URL: 'http://127.0.0.1:9', MODEL_NAME: 'house-1', CALLBACK_TOLERANCE_SECONDS: '0' },
  });
});
afterAll(async () => {
  await stack.stop();
  await wecom.stop();
});

/** What a function called while something happened, and how it went. */
async function callsOf(name: string, happens: () => Promise<unknown>): Promise<string[]> {
  const before = stack.calls.length;
  await happens();
  const made = stack.calls.slice(before).filter((call) => call.function === name);
  return made.map(({ service, action, outcome }) => `${service}:${action} ${outcome}`);
}

const READ = 'ssm:GetParameter answered';
const BEHIND_QUEUES = [
  ['sync-messages', READ],
  ['route-message', READ],
  ['assign-agent'],
  ['greet-contact', READ],
  ['rotate-contact-ways', READ],
  ['notify-supervisors', READ],
  ['show-cards', READ],
  ['fire-timers'],
  ['ask-model', READ],
  ['keep-media', READ],
] as const;

test.each(BEHIND_QUEUES)('%s starts, and gives back a message that it cannot read', async (name, ...first) => {
  const record = { messageId: 'm-1', receiptHandle: 'r-1', body: 'unreadable', attributes: { MessageGroupId: 'g-1' } };
  const calls = await callsOf(name, async () => {
    const answer = await stack.invoke(name, { Records: [record] });
    expect(answer).toEqual({ batchItemFailures: [{ itemIdentifier: 'm-1' }] });
  });
  expect(calls.slice(0, first.length)).toEqual(first);
  expect(calls.slice(first.length)).toContain('sqs:ChangeMessageVisibility answered');
});

const open = (path: string) => () => fetch(`${stack.url}${path}`, { redirect: 'manual' });
const run = (name: string) => () => stack.invoke(name, {});

test.each([
  ['receive-callback', open('/wecom/callbacks/main?msg_signature=x&timestamp=1&nonce=1&echostr=x')],
  ['open-contact-way', open('/contact/nobody')],
  ['admin-api', open('/console/v1/login?back=/console/v1/me')],
  ['reconcile-contacts', run('reconcile-contacts')],
  ['check-setup', run('check-setup')],
])('%s reads its secrets', async (name, happens) => {
  expect(await callsOf(name, happens)).toContain(READ);
});

test('no function was refused anything', () => {
  expect(stack.calls.length).toBeGreaterThan(20);
  expect(stack.calls.filter(({ outcome }) => outcome === 'denied')).toEqual([]);
});
