import { DeleteMessageCommand, ReceiveMessageCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type InboxTables, putBackInto } from '../../commands/put-back.ts';
import { MINUTE, systemClock } from '../../lib/platform/clock.ts';
import { deadLetters, type PutBack, type QueueName } from '../../lib/platform/dead-letters.ts';
import { pullOrder } from '../../lib/store/entry-order.ts';
import { inbox } from '../../lib/store/inbox.ts';
import { contactWaysShape, conversationsShape, routingShape } from '../../lib/store/tables.ts';
import { memoryTable } from '../support/memory-table.ts';
import { type QueuesEmulator, startQueues } from '../support/queues-emulator.ts';

/** As long as a killed run hides what it had received; the shortest that leaves time to work. */
const HIDDEN_SECONDS = 7;
const NOON = Date.UTC(2026, 0, 15, 12);

let queues: QueuesEmulator;
beforeAll(async () => {
  queues = await startQueues();
});
afterAll(() => queues.stop());

/** A stage's tables, and one of its queues with its dead letters. */
function openStage(stage: string, queue: 'conversations' | 'assignments' | 'rotations' | 'signals') {
  const attributes = { FifoQueue: 'true', VisibilityTimeout: '30' };
  const name = `wecom-concierge-${stage}-${queue}`;
  const { queueUrl: url } = queues.fauxqs.createQueue(`${name}.fifo`, { attributes });
  const { queueUrl: deadUrl } = queues.fauxqs.createQueue(`${name}-dead-letters.fifo`, { attributes });
  const tables: InboxTables = {
    conversations: memoryTable(conversationsShape('conversations')),
    routing: memoryTable(routingShape('routing')),
    ways: memoryTable(contactWaysShape('ways')),
  };
  const boxOf = (table: keyof InboxTables) => inbox(tables[table], { attentionAfterMs: MINUTE, keepMs: 0 });
  const letters = deadLetters(queues.client, stage, systemClock, HIDDEN_SECONDS);
  const why: string[] = [];
  const putBack = putBackInto(
    tables,
    () => NOON,
    (_, { en }) => void why.push(en),
  );
  const dead: QueueName = `${queue}.fifo`;
  let notes = 0;

  async function note(group: string, body: object): Promise<void> {
    notes += 1;
    const once = { MessageGroupId: group, MessageDeduplicationId: `n${notes}` };
    await queues.client.send(new SendMessageCommand({ QueueUrl: deadUrl, MessageBody: JSON.stringify(body), ...once }));
  }

  return {
    letters,
    tables,
    boxOf,
    putBack,
    why,
    note,
    /** As a function does it: the note first, then the mark. */
    async setAside(table: keyof InboxTables, owner: string, entry: string, index: number, ids: object, group: string) {
      const box = boxOf(table);
      await box.put({ owner, entry, order: pullOrder(1, index), body: { kind: 'x' }, at: NOON });
      await note(group, { ...ids, entry, reason: 'failed repeatedly' });
      await box.setAside(owner, entry, 'failed repeatedly', NOON);
    },
    redrive: (by: PutBack = putBack) => letters.redrive(dead, undefined, undefined, by),
    left: () => letters.count(dead),
    async wakes(): Promise<unknown[]> {
      const found: unknown[] = [];
      for (;;) {
        const { Messages = [] } = await queues.client.send(
          new ReceiveMessageCommand({
            QueueUrl: url,
            MaxNumberOfMessages: 10,
            MessageSystemAttributeNames: ['MessageGroupId'],
          }),
        );
        if (Messages.length === 0) return found;
        for (const { Body, ReceiptHandle, Attributes } of Messages) {
          found.push({ group: Attributes?.MessageGroupId, ...JSON.parse(Body ?? '') });
          await queues.client.send(new DeleteMessageCommand({ QueueUrl: url, ReceiptHandle }));
        }
      }
    },
  };
}

const unreadOf = async (it: ReturnType<typeof openStage>, table: keyof InboxTables, owner: string) =>
  (await it.boxOf(table).unread(owner, 100)).entries.map(({ entry }) => entry);

test('entries that were set aside are unread again in their order, and their owner is woken', async () => {
  const it = openStage('order', 'conversations');
  // The second of the messages was set aside first.
  for (const n of [2, 1, 3])
    await it.setAside('conversations', 'wk:wm', `m${n}`, n, { conversationId: 'wk:wm' }, 'wk:wm');
  await it.boxOf('conversations').put({ owner: 'wk:wm', entry: 'm9', order: pullOrder(1, 9), body: {}, at: NOON });

  expect(await it.redrive()).toEqual({ moved: 3, left: 0 });
  expect(await unreadOf(it, 'conversations', 'wk:wm')).toEqual(['m1', 'm2', 'm3', 'm9']);
  const wake = { group: 'wk:wm', v: 1, conversationId: 'wk:wm' };
  expect(await it.wakes()).toEqual([wake, wake, wake]);
  expect(await it.left()).toBe(0);
});

test.each([
  ['assignments', 'routing', 'team#support', { teamId: 'support' }, 'support'],
  ['rotations', 'ways', 'desk', { wayId: 'desk' }, 'desk'],
] as const)('so are those of %s', async (queue, table, owner, ids, group) => {
  const it = openStage('others', queue);
  await it.setAside(table, owner, 'e1', 1, ids, group);
  expect(await it.redrive()).toEqual({ moved: 1, left: 0 });
  expect(await unreadOf(it, table, owner)).toEqual(['e1']);
  expect(await it.wakes()).toEqual([{ group, v: 1, ...ids }]);
});

test.each([
  ['after the entry was put back, before anybody is woken', 'put-back'],
  ['after the wake was sent, before the note is deleted', 'sent'],
])(
  'killed %s, the next run brings it to the end, and a wake comes once',
  async (_, where) => {
    const it = openStage(`killed-${where}`, 'conversations');
    for (const n of [1, 2])
      await it.setAside('conversations', 'wk:wm', `m${n}`, n, { conversationId: 'wk:wm' }, 'wk:wm');
    const killed = new Error('killed');
    const died =
      where === 'put-back'
        ? it.redrive(async (letter) => {
            await it.putBack(letter);
            throw killed;
          })
        : it.letters.redrive(
            'conversations.fifo',
            undefined,
            () => {
              throw killed;
            },
            it.putBack,
          );
    await expect(died).rejects.toBe(killed);
    expect(await unreadOf(it, 'conversations', 'wk:wm')).toEqual(['m1']);

    expect(await it.redrive()).toEqual({ moved: 2, left: 0 });
    expect(await unreadOf(it, 'conversations', 'wk:wm')).toEqual(['m1', 'm2']);
    expect(await it.wakes()).toHaveLength(2);
    expect(await it.left()).toBe(0);
  },
  60_000,
);

test('what was handled between a killed run and the next is not handled again', async () => {
  const it = openStage('handled', 'conversations');
  await it.setAside('conversations', 'wk:wm', 'm1', 1, { conversationId: 'wk:wm' }, 'wk:wm');
  const box = it.boxOf('conversations');
  await box.putBack('wk:wm', 'm1', NOON);
  await box.settle('wk:wm', ['m1'], NOON);
  expect(await it.redrive()).toEqual({ moved: 1, left: 0 });
  expect(await it.wakes()).toEqual([]);
  expect(await unreadOf(it, 'conversations', 'wk:wm')).toEqual([]);
  expect(await it.left()).toBe(0);
});

test('what cannot be put back stays, is said why, and does not hold up the others of its group', async () => {
  const it = openStage('left', 'conversations');
  const about = { conversationId: 'wk:wm' };
  await it.note('wk:wm', { ...about, entry: 'effect#7', reason: 'publish failed repeatedly' });
  await it.note('wk:wm', { ...about, entry: 'erased', reason: 'failed repeatedly' });
  await it.setAside('conversations', 'wk:wm', 'm1', 1, about, 'wk:wm');
  expect(await it.redrive()).toEqual({ moved: 1, left: 2 });
  expect(it.why).toEqual([expect.stringContaining('an effect'), expect.stringContaining('not there any more')]);
  expect(await unreadOf(it, 'conversations', 'wk:wm')).toEqual(['m1']);
  expect(await it.left()).toBe(2);

  const pulled = openStage('left', 'signals');
  await pulled.note('wk', { openKfId: 'wk', itemId: 'odd', reason: 'external_userid is missing' });
  expect(await pulled.redrive()).toEqual({ moved: 0, left: 1 });
  expect(pulled.why).toEqual([expect.stringContaining('never came into an inbox')]);
});
