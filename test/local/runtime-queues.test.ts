import { createHash } from 'node:crypto';
import { expect, test } from '@jest/globals';
import * as z from 'zod';
import { callAws } from '../../local/aws-call.ts';
import { call, FAST, notes, order, withSample } from './sample-stack/run-sample.ts';

test('a queue hands its messages to its function and forgets those that succeeded', () =>
  withSample(async (stack) => {
    await order(stack, { note: 'n', line: '1' });
    await stack.settled();
    expect(await notes(stack, 'n')).toEqual(['start 1', 'done 1']);
    expect(await stack.queueDepths()).toMatchObject({ OrdersQueue: { visible: 0, inFlight: 0 } });
  }));

test('of a batch only the failed records come again, after their visibility', () =>
  withSample(async (stack) => {
    const entries = ['good', 'bad'].map((line) => ({
      Id: line,
      MessageBody: JSON.stringify({ note: line, line: '1', failUntil: line === 'bad' ? 1 : 0 }),
      MessageGroupId: line,
      MessageDeduplicationId: line,
    }));
    await callAws(stack.aws.endpoint, 'sqs', 'SendMessageBatch', {
      QueueUrl: stack.names.queueUrl('OrdersQueue'),
      Entries: entries,
    });
    await stack.settled();
    expect(await notes(stack, 'good')).toEqual(['start 1', 'done 1']);
    expect(await notes(stack, 'bad')).toEqual(['start 1', 'fail 1', 'start 1', 'done 1']);
  }, FAST));

test.each([
  ['an unknown id', { batchItemFailures: [{ itemIdentifier: 'nobody' }] }],
  ['no list', { batchItemFailures: 'all' }],
  ['a wrong key', { batchItemFailures: [{ itemIdentifer: 'x' }] }],
])('an answer with %s fails the whole batch', (_, answer) =>
  withSample(async (stack) => {
    await order(stack, { note: 'n', line: '1', answer });
    await stack.settled();
    // Two receives, then the dead-letter queue.
    expect(await notes(stack, 'n')).toEqual(['start 1', 'done 1', 'start 1', 'done 1']);
    expect((await stack.queueDepths()).OrdersDeadLetterQueue).toMatchObject({ visible: 1 });
  }, FAST),
);

test('a message that always fails goes to the dead-letter queue after its receives, and its group goes on', () =>
  withSample(async (stack) => {
    await order(stack, { note: 'n', line: 'bad', before: 'throw' });
    await order(stack, { note: 'n', line: 'good' });
    await stack.settled();
    expect(await notes(stack, 'n')).toEqual(['start bad', 'start bad', 'start good', 'done good']);
    expect((await stack.queueDepths()).OrdersDeadLetterQueue).toEqual({ visible: 1, inFlight: 0, delayed: 0 });
  }, FAST));

test('a group keeps its order while other groups run side by side', () =>
  withSample(async (stack) => {
    // The first of each group waits until both groups have started, so that groups in turn would never end.
    for (const note of ['a', 'b']) await order(stack, { note, line: '1', before: 'sleep', ms: 150 });
    for (const note of ['a', 'b']) await order(stack, { note, line: '2' });
    await stack.settled();
    for (const note of ['a', 'b']) {
      expect(await notes(stack, note)).toEqual(['start 1', 'done 1', 'start 2', 'done 2']);
    }
    const started = stack.calls.filter(({ action }) => action === 'UpdateItem').slice(0, 2);
    expect(new Set(started.map(({ request }) => JSON.stringify(Object(request).Key))).size).toBe(2);
  }));

test('a delayed message is counted as such, and arrives', () =>
  withSample(async (stack) => {
    await call(stack, 'sqs', 'SendMessage', {
      QueueUrl: '$ERRANDS_QUEUE_URL',
      MessageBody: JSON.stringify({ note: 'n', line: '1' }),
      DelaySeconds: 10,
    });
    expect((await stack.queueDepths()).ErrandsQueue).toEqual({ visible: 0, inFlight: 0, delayed: 1 });
    await stack.settled({ allowDelayed: true });
    expect(await notes(stack, 'n')).toEqual([]);
    await stack.settled();
    expect(await notes(stack, 'n')).toEqual(['start 1', 'done 1']);
  }, FAST));

test('a message that a function gives back at once does not wait for its visibility', () =>
  withSample(async (stack) => {
    await order(stack, { note: 'n', line: '1', failUntil: 1, giveBackSeconds: 0 });
    // The queue's own visibility is 20 seconds here.
    await stack.settled({ timeoutMs: 8000 });
    expect(await notes(stack, 'n')).toEqual(['start 1', 'fail 1', 'start 1', 'done 1']);
  }));

test('a time-out leaves the batch to its visibility, and the next receive has a fresh environment', () =>
  withSample(async (stack) => {
    await order(stack, { note: 'n', line: '1', before: 'hang' });
    await stack.settled();
    expect(await notes(stack, 'n')).toEqual(['start 1', 'start 1']);
    expect(new Set(stack.calls.map(({ environment }) => environment)).size).toBe(2);
    expect((await stack.queueDepths()).OrdersDeadLetterQueue).toMatchObject({ visible: 1 });
  }, FAST));

test('a record is what the trigger of SQS sends, with the times of the stack', () =>
  withSample(async (stack) => {
    stack.travel(3_600_000);
    const before = stack.now();
    await order(stack, { note: 'n', line: '1', show: true });
    await stack.settled();
    const [first] = await notes(stack, 'n shown');
    const record = JSON.parse(z.string().parse(first));
    expect(record).toEqual({
      messageId: expect.any(String),
      receiptHandle: expect.any(String),
      body: '{"note":"n","line":"1","show":true}',
      attributes: {
        ApproximateReceiveCount: '1',
        SentTimestamp: expect.any(String),
        SequenceNumber: expect.any(String),
        MessageGroupId: 'n',
        SenderId: expect.any(String),
        MessageDeduplicationId: 'n-1',
        ApproximateFirstReceiveTimestamp: expect.any(String),
      },
      messageAttributes: {},
      md5OfBody: createHash('md5').update('{"note":"n","line":"1","show":true}').digest('hex'),
      eventSource: 'aws:sqs',
      eventSourceARN: 'arn:aws:sqs:us-east-1:000000000000:sample-dev-orders.fifo',
      awsRegion: 'us-east-1',
    });
    expect(Number(record.attributes.SentTimestamp)).toBeGreaterThanOrEqual(before - 1);
    expect(Number(record.attributes.SentTimestamp)).toBeLessThanOrEqual(stack.now());
  }));

test('settling gives up after its time and says what is left', () =>
  withSample(async (stack) => {
    await order(stack, { note: 'n', line: '1', before: 'hang' });
    await expect(stack.settled({ timeoutMs: 100 })).rejects.toThrow(/OrdersQueue/);
  }));
