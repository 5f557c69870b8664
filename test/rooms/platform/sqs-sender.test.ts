import { expect, test } from '@jest/globals';
import { startFauxqs } from 'fauxqs';
import { AwsCallFailed, readAwsAccess } from '../../../lib/platform/aws-json.ts';
import { fifoSender } from '../../../lib/platform/sqs-sender.ts';
import { anAccess, anAws, PATIENT, SHORT, type Treatment, took } from './aws-double.ts';

const QUEUE = 'https://sqs.cn-north-1.amazonaws.com.cn/123456789012/signals.fifo';
const message = { group: 'wkSUPPORT', body: { v: 1, openKfId: 'wkSUPPORT' } };

test('a message is sent in one signed call', async () => {
  await using aws = await anAws(took);
  await fifoSender(aws.access, PATIENT)(QUEUE, message);
  expect(aws.seen).toMatchObject([
    {
      method: 'POST',
      path: '/',
      headers: {
        'x-amz-target': 'AmazonSQS.SendMessage',
        'content-type': 'application/x-amz-json-1.0',
        'x-amz-security-token': 'session',
        authorization: expect.stringMatching(
          /^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\/\d{8}\/cn-north-1\/sqs\/aws4_request, SignedHeaders=\S+, Signature=[0-9a-f]{64}$/,
        ),
      },
      body: { QueueUrl: QUEUE, MessageBody: JSON.stringify(message.body), MessageGroupId: 'wkSUPPORT' },
    },
  ]);
});

test('an emulated SQS takes the message, and an equal one right after it', async () => {
  const sqs = await startFauxqs({ port: 0, logger: false });
  try {
    const { queueUrl } = sqs.createQueue('signals.fifo', { attributes: { FifoQueue: 'true' } });
    const send = fifoSender(anAccess(sqs.address), PATIENT);
    await send(queueUrl, message);
    await send(queueUrl, message);
    const bodies = sqs.inspectQueue('signals.fifo')?.messages.ready.map(({ body }) => JSON.parse(body));
    expect(bodies).toEqual([message.body, message.body]);
    await expect(send(`${queueUrl}x`, message)).rejects.toThrow(AwsCallFailed);
  } finally {
    await sqs.stop();
  }
});

test('two equal messages have different deduplication ids: a wake must never be swallowed', async () => {
  await using aws = await anAws();
  const send = fifoSender(aws.access, PATIENT);
  await send(QUEUE, message);
  await send(QUEUE, message);
  const ids = aws.seen.map(({ body }) => Object(body).MessageDeduplicationId);
  expect(new Set(ids).size).toBe(2);
});

const patienceFor = (trouble: Treatment) => (trouble === 'is silent' ? SHORT : PATIENT);
const throttled: Treatment = { status: 400, body: '{"__type":"com.amazonaws.sqs#RequestThrottled"}' };

test.each<[string, Treatment]>([
  ['an error of SQS', { status: 503, body: '' }],
  ['throttling', throttled],
  ['too many requests', { status: 429, body: '{}' }],
  ['a broken connection', 'breaks'],
  ['silence', 'is silent'],
  ['an answer that is no JSON', { status: 500, body: '<html>' }],
])('after %s it is tried once more, as the same message', async (_, trouble) => {
  await using aws = await anAws(trouble, took);
  await fifoSender(aws.access, patienceFor(trouble))(QUEUE, message);
  expect(aws.seen).toHaveLength(2);
  expect(aws.seen[1]?.body).toEqual(aws.seen[0]?.body);
});

test.each<[string, Treatment, string]>([
  ['an error of SQS', { status: 503, body: '' }, 'HTTP 503'],
  ['throttling', throttled, 'RequestThrottled'],
  ['a broken connection', 'breaks', 'no connection'],
  ['silence', 'is silent', 'no answer in time'],
])('after %s twice it fails', async (_, trouble, name) => {
  await using aws = await anAws(trouble, trouble, took);
  await expect(fifoSender(aws.access, patienceFor(trouble))(QUEUE, message)).rejects.toThrow(
    `AmazonSQS.SendMessage: ${name}`,
  );
  expect(aws.seen).toHaveLength(2);
});

test.each<[string, Treatment, string]>([
  ['a refusal', { status: 403, body: '{"__type":"AccessDenied","message":"PRIVATE"}' }, 'AccessDenied'],
  [
    'a queue that is not there',
    { status: 400, body: '{"__type":"com.amazonaws.sqs#QueueDoesNotExist"}' },
    'QueueDoesNotExist',
  ],
  ['somebody else’s answer', { status: 200, body: '{}' }, 'without a MessageId'],
  ['an answer that is no JSON', { status: 200, body: '<html>PRIVATE' }, 'HTTP 200'],
])('%s fails at once, and the error quotes nothing', async (_, trouble, name) => {
  await using aws = await anAws(trouble);
  const sending = fifoSender(aws.access, PATIENT)(QUEUE, message);
  await expect(sending).rejects.toThrow(AwsCallFailed);
  await expect(sending).rejects.toThrow(name);
  await expect(sending).rejects.not.toThrow(/PRIVATE|wkSUPPORT/);
  expect(aws.seen).toHaveLength(1);
});

test('without an endpoint of its own, the queue is where its address says', async () => {
  await using aws = await anAws(took);
  await fifoSender(anAccess(), PATIENT)(`${aws.url}123456789012/signals.fifo`, message);
  expect(aws.seen).toMatchObject([{ path: '/', body: { QueueUrl: `${aws.url}123456789012/signals.fifo` } }]);
});

test.each(['', 'two words', '客户', 'x'.repeat(129)])(
  'a group that SQS would refuse is sent as its hash: "%s"',
  async (group) => {
    await using aws = await anAws();
    await fifoSender(aws.access, PATIENT)(QUEUE, { group, body: {} });
    expect(aws.seen).toMatchObject([{ body: { MessageGroupId: expect.stringMatching(/^[0-9a-f]{64}$/) } }]);
  },
);

test('credentials, region and endpoints come from the environment that is passed in', () => {
  const env = { AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b', AWS_REGION: 'cn-north-1' };
  expect(readAwsAccess(env)).toMatchObject({ accessKeyId: 'a', sessionToken: undefined, region: 'cn-north-1' });
  expect(readAwsAccess(env).endpointOf('sqs')).toBeUndefined();
  const local = readAwsAccess({ ...env, AWS_ENDPOINT_URL: 'http://all', AWS_ENDPOINT_URL_SQS: 'http://sqs' });
  expect([local.endpointOf('sqs'), local.endpointOf('secretsmanager')]).toEqual(['http://sqs', 'http://all']);
  expect(() => readAwsAccess({})).toThrow('AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_REGION');
});
