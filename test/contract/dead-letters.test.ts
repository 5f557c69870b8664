import { DeleteMessageCommand, ReceiveMessageCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { systemClock } from '../../lib/platform/clock.ts';
import { deadLetters } from '../../lib/platform/dead-letters.ts';
import { type QueuesEmulator, startQueues } from '../support/queues-emulator.ts';

let queues: QueuesEmulator;
beforeAll(async () => {
  queues = await startQueues();
});
afterAll(() => queues.stop());

/** A stage's queue of conversations and its dead letters. */
function openStage(stage: string) {
  const attributes = { FifoQueue: 'true', VisibilityTimeout: '30' };
  const name = `wecom-concierge-${stage}-conversations`;
  const { queueUrl: url } = queues.fauxqs.createQueue(`${name}.fifo`, { attributes });
  const { queueUrl: deadUrl } = queues.fauxqs.createQueue(`${name}-dead-letters.fifo`, { attributes });
  return {
    letters: deadLetters(queues.client, stage, systemClock),
    bury: (group: string, id: string, body: object) =>
      queues.client.send(
        new SendMessageCommand({
          QueueUrl: deadUrl,
          MessageBody: JSON.stringify(body),
          MessageGroupId: group,
          MessageDeduplicationId: id,
        }),
      ),
    async take(): Promise<string[]> {
      const bodies: string[] = [];
      for (;;) {
        const { Messages = [] } = await queues.client.send(
          new ReceiveMessageCommand({ QueueUrl: url, MaxNumberOfMessages: 10 }),
        );
        if (Messages.length === 0) return bodies;
        for (const { Body, ReceiptHandle } of Messages) {
          bodies.push(Object(JSON.parse(Body ?? '')).conversationId);
          await queues.client.send(new DeleteMessageCommand({ QueueUrl: url, ReceiptHandle }));
        }
      }
    },
  };
}

const wake = (conversationId: string) => ({ v: 1, conversationId });

test('dead letters go back in the order of their group, and nothing is left', async () => {
  const { letters, bury, take } = openStage('order');
  for (let n = 0; n < 23; n += 1) await bury(n % 2 ? 'odd' : 'even', `d${n}`, wake(`${n % 2 ? 'odd' : 'even'}${n}`));
  expect(await letters.redrive('conversations.fifo')).toEqual({ moved: 23, left: 0 });

  const back = await take();
  expect(back.filter((id) => id.startsWith('odd'))).toEqual(
    [1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21].map((n) => `odd${n}`),
  );
  expect(back.filter((id) => id.startsWith('even'))).toHaveLength(12);
  expect(await letters.count('conversations.fifo')).toBe(0);
});

test('killed after sending and before deleting, the next run repeats nothing', async () => {
  const { letters, bury, take } = openStage('killed');
  for (const n of [1, 2, 3]) await bury('one', `k${n}`, wake(`w${n}`));
  const killed = new Error('killed');
  const died = letters.redrive('conversations.fifo', undefined, ({ ids }) => {
    // The process ends here: the second message was sent, and is not deleted.
    if (ids.conversationId === 'w2') throw killed;
  });
  await expect(died).rejects.toBe(killed);
  // The second run waits until what the first one had received can be seen again.
  expect((await letters.redrive('conversations.fifo')).moved).toBe(2);

  expect(await take()).toEqual(['w1', 'w2', 'w3']);
  expect(await letters.count('conversations.fifo')).toBe(0);
}, 60_000);

test('what failed a moment ago is not swallowed as a repeat of itself', async () => {
  const { letters, bury, take } = openStage('quick');
  await queues.client.send(
    new SendMessageCommand({
      QueueUrl: queues.fauxqs.createQueue('wecom-concierge-quick-conversations.fifo').queueUrl,
      MessageBody: JSON.stringify(wake('w')),
      MessageGroupId: 'g',
      MessageDeduplicationId: 'same',
    }),
  );
  expect(await take()).toEqual(['w']);
  await bury('g', 'same', wake('w'));
  await letters.redrive('conversations.fifo');
  expect(await take()).toEqual(['w']);
});

test('looking changes nothing, and shows ids and reasons, never what was written', async () => {
  const { letters, bury } = openStage('look');
  await bury('g', 'l1', { v: 1, conversationId: 'wk:wm', text: 'a secret', ids: { WelcomeCode: 'CODE' }, token: 'T' });
  await bury('h', 'l2', { conversationId: 'wk:wm2', entry: 'msg#1', reason: 'failed repeatedly' });
  const seen = await letters.look('conversations.fifo');
  expect(await letters.look('conversations.fifo')).toEqual(seen);
  expect(seen.map(({ kind, ids, reason }) => ({ kind, ids, reason }))).toEqual([
    { kind: 'wake', ids: { conversationId: 'wk:wm' }, reason: 'a function failed with it again and again' },
    { kind: 'set-aside', ids: { conversationId: 'wk:wm2', entry: 'msg#1' }, reason: 'failed repeatedly' },
  ]);
});

test('only those that are named are dropped; notes of what was set aside are not sent again', async () => {
  const { letters, bury, take } = openStage('drop');
  for (const n of [1, 2]) await bury(`g${n}`, `x${n}`, wake(`w${n}`));
  await bury('g3', 'x3', { conversationId: 'w3', entry: 'msg#3', reason: 'failed repeatedly' });
  const [first] = await letters.look('conversations.fifo');
  expect(await letters.drop('conversations.fifo', new Set([first?.id ?? '']))).toBe(1);
  expect(await letters.redrive('conversations.fifo')).toEqual({ moved: 1, left: 1 });
  expect(await take()).toEqual(['w2']);
  expect(await letters.drop('conversations.fifo')).toBe(1);
});

test('a stage without the queue is said to have none', async () => {
  expect(await deadLetters(queues.client, 'nowhere', systemClock).count('timers')).toBeUndefined();
});
