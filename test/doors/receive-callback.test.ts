import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeEach, describe, expect, test } from '@jest/globals';
import { Signal } from '../../lib/platform/wakes.ts';
import { anAws, type Treatment } from '../rooms/platform/aws-double.ts';
import { anHttpEvent } from '../rooms/platform/http-event.ts';
import { anEvent, envelope, KF_NEWS, NEW, OLD, SECRETS, sealed } from '../rooms/wecom/callback-samples.ts';

const ECHO = '1616140317555161061';
const SIGNALS = 'https://sqs.cn-north-1.amazonaws.com.cn/1/signals.fifo';
const CONTACTS = 'https://sqs.cn-north-1.amazonaws.com.cn/1/contacts.fifo';
const aws = await anAws();
const environment = {
  AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
  AWS_SECRET_ACCESS_KEY: 'aws-secret',
  AWS_REGION: 'cn-north-1',
  AWS_ENDPOINT_URL_SQS: aws.url,
  WECOM_SECRETS: JSON.stringify(SECRETS),
  CALLBACK_TOLERANCE_SECONDS: '600',
  SIGNALS_QUEUE_URL: SIGNALS,
  CONTACTS_QUEUE_URL: CONTACTS,
};
Object.assign(process.env, environment);
const { handler } = await import('../../functions/receive-callback.ts');

beforeEach(() => aws.forget());
afterAll(() => aws[Symbol.asyncDispose]());

/** Callbacks are made now, since the door's clock is the real one. */
const now = () => ({ timestamp: String(Math.floor(Date.now() / 1000)) });

const queryText = (query: Record<string, string>) =>
  Object.entries(query)
    .map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
    .join('&');

function aGetEvent(echo: string, sealing = {}) {
  const { encrypted, ...query } = sealed(echo, { ...now(), ...sealing });
  return anHttpEvent({ query: queryText({ ...query, echostr: encrypted }) });
}

function aPostEvent(message: string, sealing = {}, shape: { app?: string; base64?: boolean } = {}) {
  const { encrypted, ...query } = sealed(message, { ...now(), ...sealing });
  const body = Buffer.from(envelope(encrypted)).toString(shape.base64 ? 'base64' : 'utf8');
  return anHttpEvent({ method: 'POST', query: queryText(query), body, ...shape });
}

const success = { statusCode: 200, headers: { 'content-type': 'text/plain' }, body: 'success' };
const empty = (statusCode: number) => ({ statusCode, headers: { 'content-type': 'text/plain' }, body: '' });

test('the address is proved through a real query string, and nobody else is called', async () => {
  // Enough of them that some have +, / and = in what is escaped.
  for (const credential of [OLD, NEW, OLD, NEW, OLD, NEW]) {
    const answer = await handler(aGetEvent(ECHO, { credential }));
    expect(answer).toEqual({ statusCode: 200, headers: { 'content-type': 'text/plain' }, body: ECHO });
  }
  expect(aws.seen).toEqual([]);
});

test.each([false, true])(
  'an account’s news becomes a signal on the queue, whether or not the body is in Base64: %s',
  async (base64) => {
    expect(await handler(aPostEvent(KF_NEWS, {}, { base64 }))).toEqual(success);
    expect(aws.seen).toMatchObject([{ body: { QueueUrl: SIGNALS, MessageGroupId: 'wkSUPPORT' } }]);
    const signal = Signal.parse(JSON.parse(Object(aws.seen[0]?.body).MessageBody));
    expect(signal).toMatchObject({ kind: 'pull', app: 'main', openKfId: 'wkSUPPORT', token: 'ENCpullToken' });
  },
);

test('a customer’s event goes to the contacts queue', async () => {
  const xml = anEvent('change_external_contact', { ChangeType: 'add_external_contact', ExternalUserID: 'woX' });
  expect(await handler(aPostEvent(xml))).toEqual(success);
  expect(aws.seen).toMatchObject([{ body: { QueueUrl: CONTACTS, MessageGroupId: 'woX' } }]);
});

test('an agent’s tap on a card becomes a signal on the queue, in one call', async () => {
  const task = 'offer@wkSUPPORT@wmEve@0123456789abcdef';
  const xml = anEvent('template_card_event', {
    ...{ FromUserName: 'Amy', EventKey: 'take', TaskId: task, CardType: 'button_interaction', ResponseCode: 'CODE' },
  });
  expect(await handler(aPostEvent(xml))).toEqual(success);
  expect(aws.seen).toMatchObject([{ body: { QueueUrl: SIGNALS } }]);
  const signal = Signal.parse(JSON.parse(Object(aws.seen[0]?.body).MessageBody));
  const ids = { openKfId: 'wkSUPPORT', customerId: 'wmEve', agentId: 'amy' };
  expect(signal).toMatchObject({ kind: 'card', app: 'main', task, answer: 'take', code: 'CODE', ...ids });
});

describe('refusals are bare', () => {
  test.each([
    ['an unknown app', 404, () => aPostEvent(KF_NEWS, {}, { app: 'nobody' })],
    ['a stale callback', 400, () => aPostEvent(KF_NEWS, { timestamp: '1409659813' })],
    ['a wrong token', 400, () => aPostEvent(KF_NEWS, { credential: { ...OLD, token: 'Unknown' } })],
    ['another method', 405, () => ({ ...anHttpEvent({ method: 'DELETE' }) })],
    ['a large body', 413, () => anHttpEvent({ method: 'POST', body: 'x'.repeat(70_000) })],
    ['no parameters', 400, () => anHttpEvent({ method: 'POST', body: '<xml><A>1</A></xml>' })],
    ['a broken escape', 400, () => anHttpEvent({ query: 'echostr=%E0%A4%A' })],
  ])('%s', async (_, status, event) => {
    expect(await handler(event())).toEqual(empty(status));
    expect(aws.seen).toEqual([]);
  });
});

test.each<[string, Treatment]>([
  ['fails', { status: 500, body: '' }],
  ['refuses', { status: 403, body: '{"__type":"AccessDenied"}' }],
  ['breaks off', 'breaks'],
])('when the queue %s, the answer is 500 and WeCom comes again', async (_, treatment) => {
  aws.treat(treatment, treatment);
  expect(await handler(aPostEvent(KF_NEWS))).toEqual(empty(500));
  aws.forget();
  expect(await handler(aPostEvent(KF_NEWS))).toEqual(success);
});

/** Starts the function in a process of its own, as Lambda does, hands it the events, and returns what it wrote. */
async function run(env: Record<string, string>, events: unknown[]): Promise<string> {
  const door = new URL('../../functions/receive-callback.ts', import.meta.url).href;
  const script = `const { handler } = await import('${door}'); for (const event of ${JSON.stringify(events)}) await handler(event);`;
  const { stdout, stderr } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], {
    env,
  });
  return stdout + stderr;
}

test('what is written down holds nothing of what came, and no secret', async () => {
  const person = { UserID: 'PRIVATE', ExternalUserID: 'PRIVATE', Name: 'PRIVATE', WelcomeCode: 'PRIVATE' };
  aws.treat(
    { status: 200, body: '{"MessageId":"1"}' },
    { status: 403, body: '{"__type":"AccessDenied","Message":"PRIVATE"}' },
  );
  const written = await run(environment, [
    aPostEvent(KF_NEWS),
    aPostEvent(anEvent('change_contact', person)),
    aPostEvent('<xml><MsgType>text</MsgType><Content>PRIVATE</Content></xml>'),
    aPostEvent('PRIVATE'),
    aPostEvent(KF_NEWS, { credential: { ...OLD, token: 'Unknown' }, nonce: 'PRIVATE' }),
    aGetEvent(ECHO),
    { PRIVATE: 'PRIVATE' },
  ]);
  const lines = written
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  const outcomes = lines.flatMap(({ outcome = [] }) => outcome);
  expect(outcomes).toEqual(['queued', 'not-queued', 'ignored', 'refused', 'refused', 'echoed']);
  expect(lines.flatMap(({ CallbacksRefused, reason = [] }) => (CallbacksRefused ? reason : []))).toEqual([
    'not-xml',
    'bad-signature',
  ]);
  expect(written).not.toMatch(new RegExp(`PRIVATE|ENCpull|wkSUPPORT|${ECHO}|${OLD.token}|secret-of-main|aws-secret`));
});

test.each([
  ['a setting is missing', { WECOM_SECRETS: '' }, 'WECOM_SECRETS'],
  ['the secrets are wrong', { WECOM_SECRETS: '{"corpId":"PRIVATE"}' }, 'apps must be an object'],
  ['the tolerance is no number', { CALLBACK_TOLERANCE_SECONDS: 'PRIVATE' }, 'CALLBACK_TOLERANCE_SECONDS must be'],
])('it does not start when %s, and says which', async (_, changes, message) => {
  const starting = run({ ...environment, ...changes }, []);
  await expect(starting).rejects.toThrow(message);
  await expect(starting).rejects.not.toThrow('PRIVATE');
});
