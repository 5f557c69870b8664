import { createHash, randomUUID } from 'node:crypto';
import { DeleteMessageCommand, ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import * as z from 'zod';
import { groupId } from '../../lib/platform/group-id.ts';
import {
  type GiveBack,
  MessagesNotSent,
  type Queue,
  sqsClient,
  sqsGiveBack,
  sqsQueue,
} from '../../lib/platform/queues.ts';
import { localAccess } from '../support/dynalite.ts';
import { startLocalServer } from '../support/local-server.ts';
import { memoryQueue } from '../support/memory-queues.ts';
import { type QueuesEmulator, startQueues } from '../support/queues-emulator.ts';

const Message = z.object({ n: z.number() });
type Message = z.infer<typeof Message>;

/** The consumer's side of a queue, the same for every kind. */
interface Consumed {
  queue: Queue<Message>;
  giveBack: GiveBack;
  done(receiptHandle: string): Promise<void>;
  receive(): Promise<{ message: Message; group: string | undefined; receives: number; receiptHandle: string }[]>;
}

let queues: QueuesEmulator;
beforeAll(async () => {
  queues = await startQueues();
});
afterAll(() => queues.stop());

function openSqs(fifo: boolean): Consumed {
  const attributes: Record<string, string> = fifo ? { FifoQueue: 'true', VisibilityTimeout: '30' } : {};
  const { queueUrl } = queues.fauxqs.createQueue(`${randomUUID()}${fifo ? '.fifo' : ''}`, { attributes });
  return {
    queue: sqsQueue<Message>(queues.client, queueUrl),
    giveBack: sqsGiveBack(queues.client, queueUrl),
    done: async (receiptHandle) => {
      await queues.client.send(new DeleteMessageCommand({ QueueUrl: queueUrl, ReceiptHandle: receiptHandle }));
    },
    receive: async () => {
      const { Messages = [] } = await queues.client.send(
        new ReceiveMessageCommand({
          QueueUrl: queueUrl,
          MaxNumberOfMessages: 10,
          MessageSystemAttributeNames: ['All'],
        }),
      );
      return Messages.map(({ Body, Attributes, ReceiptHandle }) => ({
        message: Message.parse(JSON.parse(Body ?? '')),
        group: Attributes?.MessageGroupId,
        receives: Number(Attributes?.ApproximateReceiveCount),
        receiptHandle: ReceiptHandle ?? '',
      }));
    },
  };
}

function openMemory(fifo: boolean): Consumed {
  const queue = memoryQueue<Message>({ clock: () => 0, fifo });
  return {
    queue,
    giveBack: queue.giveBack,
    done: async (receiptHandle) => queue.delete(receiptHandle),
    receive: async () =>
      queue.receive().map((record) => ({
        message: Message.parse(JSON.parse(record.body)),
        group: record.attributes.MessageGroupId,
        receives: Number(record.attributes.ApproximateReceiveCount),
        receiptHandle: record.receiptHandle,
      })),
  };
}

describe.each<[string, (fifo: boolean) => Consumed]>([
  ['SQS', openSqs],
  ['memory', openMemory],
])('a queue in %s', (_name, open) => {
  test('delivers what was sent, in its group', async () => {
    const { queue, receive } = open(true);
    await queue.send({ n: 1 }, { group: 'c1' });
    expect(await receive()).toMatchObject([{ message: { n: 1 }, group: 'c1', receives: 1 }]);
  });

  test('takes the same message again: a repeat is never swallowed', async () => {
    const { queue, receive, done } = open(true);
    await queue.send({ n: 1 }, { group: 'c1' });
    await queue.send({ n: 1 }, { group: 'c1' });
    // SQS may give both at once; its emulator gives the second when the first is done.
    const first = await receive();
    for (const one of first) await done(one.receiptHandle);
    expect([...first, ...(await receive())].map((one) => one.message)).toEqual([{ n: 1 }, { n: 1 }]);
  });

  test('keeps a group back while one of its messages is handled, and others not', async () => {
    const { queue, receive } = open(true);
    await queue.send({ n: 1 }, { group: 'c1' });
    expect(await receive()).toHaveLength(1);
    await queue.send({ n: 2 }, { group: 'c1' });
    await queue.send({ n: 3 }, { group: 'c2' });
    expect((await receive()).map((one) => one.message.n)).toEqual([3]);
  });

  test('gives a message back when it is told to, and counts its receives', async () => {
    const { queue, receive, giveBack } = open(true);
    await queue.send({ n: 1 }, { group: 'c1' });
    const [first] = await receive();
    expect(await receive()).toEqual([]);
    await giveBack(first?.receiptHandle ?? '', 0);
    expect(await receive()).toMatchObject([{ message: { n: 1 }, receives: 2 }]);
  });

  test('sends any number at once', async () => {
    const { queue, receive } = open(true);
    await queue.sendMany(Array.from({ length: 25 }, (_, n) => ({ message: { n }, group: `c${n}` })));
    await queue.sendMany([]);
    const received = [...(await receive()), ...(await receive()), ...(await receive())];
    expect(received.map((one) => one.message.n).sort((a, b) => a - b)).toEqual(Array.from({ length: 25 }, (_, n) => n));
  });

  test('hides a delayed message, and gives others at once', async () => {
    const { queue, receive } = open(false);
    await queue.send({ n: 1 }, { delaySeconds: 900 });
    await queue.sendMany([{ message: { n: 2 }, delaySeconds: 60 }, { message: { n: 3 } }]);
    await queue.send({ n: 4 });
    expect((await receive()).map((one) => one.message.n).sort()).toEqual([3, 4]);
  });

  test.each([
    ['a longer delay than SQS has', false, { delaySeconds: 901 }],
    ['a negative delay', false, { delaySeconds: -1 }],
    ['a part of a second', false, { delaySeconds: 1.5 }],
    ['a group on a standard queue', false, { group: 'c1' }],
    ['no group on a FIFO queue', true, {}],
    ['a delay on a FIFO queue', true, { group: 'c1', delaySeconds: 5 }],
  ])('refuses %s', async (_what, fifo, options) => {
    const { queue, receive } = open(fifo);
    await expect(queue.send({ n: 1 }, options)).rejects.toThrow(RangeError);
    await expect(queue.sendMany([{ message: { n: 2 }, ...options }])).rejects.toThrow(RangeError);
    expect(await receive()).toEqual([]);
  });

  test('takes any text for a group', async () => {
    const { queue, receive } = open(true);
    await queue.send({ n: 1 }, { group: `客户 ${'x'.repeat(300)}` });
    expect(await receive()).toHaveLength(1);
  });
});

describe('a queue in memory alone', () => {
  test('gives up to ten messages of a group, in order', async () => {
    const queue = memoryQueue<Message>({ clock: () => 0 });
    await queue.sendMany(Array.from({ length: 12 }, (_, n) => ({ message: { n }, group: 'c1' })));
    expect(queue.receive().map((record) => JSON.parse(record.body).n)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(queue.receive()).toEqual([]);
  });

  test('lets delays and visibility pass with its clock, and moves a message on after its receives', async () => {
    let now = 0;
    const clock = () => now;
    const dead = memoryQueue<unknown>({ clock, fifo: false });
    const queue = memoryQueue<Message>({
      clock,
      fifo: false,
      visibilitySeconds: 30,
      deadLetters: { queue: dead, receives: 2 },
    });
    await queue.send({ n: 1 }, { delaySeconds: 5 });
    const seenAt: number[] = [];
    for (now = 0; now <= 120_000; now += 1000) if (queue.receive().length > 0) seenAt.push(now / 1000);
    expect(seenAt).toEqual([5, 35]);
    expect([queue.contents(), dead.contents()]).toEqual([[], [{ n: 1 }]]);
  });
});

describe('a batch that SQS takes in part', () => {
  const Batch = z.object({
    Entries: z.array(z.object({ Id: z.string(), MessageBody: z.string(), MessageDeduplicationId: z.string() })),
  });

  /** Takes only so many of each batch. */
  async function reluctant(take: (call: number) => number) {
    const asked: z.infer<typeof Batch>['Entries'][] = [];
    const server = await startLocalServer((body) => {
      const { Entries } = Batch.parse(body);
      asked.push(Entries);
      const taken = Entries.slice(0, take(asked.length));
      const failed = Entries.slice(taken.length);
      return {
        Successful: taken.map(({ Id, MessageBody }) => ({
          Id,
          MessageId: randomUUID(),
          MD5OfMessageBody: createHash('md5').update(MessageBody).digest('hex'),
        })),
        Failed: failed.map(({ Id }) => ({ Id, Code: 'InternalError', SenderFault: false })),
      };
    });
    const sqs = sqsClient(localAccess(server.url));
    const queue = sqsQueue<Message>(sqs, `${server.url}/000000000000/q.fifo`, async () => {});
    const stop = async () => {
      sqs.destroy();
      await server.stop();
    };
    return { queue, asked, stop };
  }
  const four = [1, 2, 3, 4].map((n) => ({ message: { n }, group: `c${n}` }));

  test('is repeated for the rest alone, under the same deduplication ids', async () => {
    const { queue, asked, stop } = await reluctant((call) => call);
    await queue.sendMany(four);
    expect(asked.map((batch) => batch.map((entry) => entry.MessageBody))).toEqual([
      ['{"n":1}', '{"n":2}', '{"n":3}', '{"n":4}'],
      ['{"n":2}', '{"n":3}', '{"n":4}'],
      ['{"n":4}'],
    ]);
    expect(new Set(asked.flat().map((entry) => entry.MessageDeduplicationId)).size).toBe(4);
    await stop();
  });

  test('is an error when the rest stays, and says how much, not what', async () => {
    const { queue, stop } = await reluctant(() => 1);
    await expect(queue.sendMany([...four, ...four])).rejects.toThrow(new MessagesNotSent(3));
    await stop();
  });
});

describe('a group id', () => {
  test('is the text itself where SQS takes it', () => {
    expect(groupId('wkAJ2GCAAA.b_c-d#E')).toBe('wkAJ2GCAAA.b_c-d#E');
    expect(groupId('wkaj2gcaaa.b_c-d#e')).not.toBe(groupId('wkAJ2GCAAA.b_c-d#E'));
  });

  test('is one that SQS takes for any text, and another for another text', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', maxLength: 300 }),
        fc.string({ unit: 'binary', maxLength: 300 }),
        (a, b) => {
          expect(groupId(a)).toMatch(/^[!-~]{1,128}$/);
          expect(groupId(a) === groupId(b)).toBe(a === b);
        },
      ),
    );
  });
});
