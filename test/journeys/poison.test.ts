import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import * as z from 'zod';
import { conversationIdOf } from '../../lib/conversations/conversation.ts';
import { MINUTE } from '../../lib/platform/clock.ts';
import { dynamoClient, dynamoTable } from '../../lib/store/dynamo-table.ts';
import { pullOrder } from '../../lib/store/entry-order.ts';
import { inbox } from '../../lib/store/inbox.ts';
import type { Table } from '../../lib/store/table.ts';
import { conversationsShape, routingShape } from '../../lib/store/tables.ts';
import { callAws } from '../../local/aws-call.ts';
import { finalState, published } from '../support/final-state.ts';
import { ACCOUNT, openYard, type Yard } from '../support/yard.ts';

// Something cannot be handled. It is set aside, visibly, with its reason; its customer goes on, and nobody else notices.
// (consistency rule 4: poison belongs to the entry)

const HOURS = '每天 9:00–18:00 · daily 9 to 6';
const PRICE = '100 元 · 100 yuan';

let yard: Yard;
let conversations: Table;
let routing: Table;
beforeAll(async () => {
  yard = await openYard();
  const dynamo = dynamoClient(yard.stack.aws);
  conversations = dynamoTable(dynamo, conversationsShape(yard.stack.names.table('ConversationsTable')));
  routing = dynamoTable(dynamo, routingShape(yard.stack.names.table('RoutingTable')));
  await write('wmFirst', 'hours');
  await write('wmSecond', 'hours');
});
afterEach(async () => {
  yard.wecom.faults.clear();
  yard.stack.faults.clear();
  // What one test left must not fail the next one.
  await deadLetters('ConversationsDeadLetterQueue');
});
afterAll(() => yard.close());

async function write(customer: string, text: string): Promise<void> {
  await yard.wecom.phone(customer).write(ACCOUNT, text);
  await yard.quiet();
}

const Received = z.object({
  Messages: z.array(z.object({ Body: z.string(), ReceiptHandle: z.string() })).default([]),
});

/** Takes everything out of a dead-letter queue. */
async function deadLetters(queue: string): Promise<string[]> {
  const { aws, names } = yard.stack;
  const QueueUrl = names.queueUrl(queue);
  const bodies: string[] = [];
  for (;;) {
    const answer = await callAws(aws.endpoint, 'sqs', 'ReceiveMessage', { QueueUrl, MaxNumberOfMessages: 10 });
    const { Messages } = Received.parse(answer);
    if (Messages.length === 0) return bodies;
    for (const { Body, ReceiptHandle } of Messages) {
      bodies.push(Body);
      await callAws(aws.endpoint, 'sqs', 'DeleteMessage', { QueueUrl, ReceiptHandle });
    }
  }
}

const deadLetterObjects = async (queue: string): Promise<unknown[]> =>
  (await deadLetters(queue)).map((body) => JSON.parse(body));

async function putEntry(table: Table, owner: string, entry: string, body: Record<string, unknown>): Promise<void> {
  const at = yard.stack.now();
  const settings = { attentionAfterMs: MINUTE, keepMs: 30 * 24 * 60 * MINUTE };
  await inbox(table, settings).put({ owner, entry, order: pullOrder(0, 0), body, at });
}

test('an entry that nobody can read is set aside with its reason; its customer and all others are answered', async () => {
  const conversationId = conversationIdOf(ACCOUNT, 'wmPoisoned');
  await putEntry(conversations, conversationId, 'msg#poison', { kind: 'message', id: 'poison', secret: '机密' });
  await yard.wecom.phone('wmPoisoned').write(ACCOUNT, 'hours');
  await yard.until('it failed', () => yard.logs.some((line) => /route-message.*messages failed/.test(line)));
  await yard.wecom.phone('wmHealthy').write(ACCOUNT, 'price');
  await yard.until('the other customer is answered', () => yard.shown('wmHealthy').length > 0);
  expect(yard.shown('wmPoisoned')).toEqual([]);
  await yard.quiet();

  expect(yard.shown('wmPoisoned')).toEqual([HOURS]);
  expect(yard.shown('wmHealthy')).toEqual([PRICE]);
  const poison = (await yard.history('wmPoisoned')).find(({ entry }) => entry === 'msg#poison');
  expect(poison).toMatchObject({ dead: expect.any(String) });
  expect((await finalState(yard, 'wmPoisoned')).left).toEqual({ pending: 0, unanswered: 0, unread: [] });
  const letters = await deadLetterObjects('ConversationsDeadLetterQueue');
  expect(letters).toEqual([{ conversationId, entry: 'msg#poison', reason: expect.any(String) }]);
  expect(JSON.stringify(letters)).not.toContain('机密');

  await write('wmPoisoned', 'price');
  expect(yard.shown('wmPoisoned')).toEqual([HOURS, PRICE]);
});

test('an entry of a team that nobody can read is set aside; who asks for a person still gets one', async () => {
  await putEntry(routing, 'team#support', 'request#poison', { kind: 'request', r: 7 });
  await write('wmWantsPerson', '人工');

  expect(yard.wecom.session(ACCOUNT, 'wmWantsPerson')).toMatchObject({ state: 3 });
  expect(await deadLetterObjects('AssignmentsDeadLetterQueue')).toEqual([
    { teamId: 'support', entry: 'request#poison', reason: expect.any(String) },
  ]);
});

/** Effects that blow up whenever they are told, by the customer in whose state each of them lies. */
const brokenEffects: Readonly<Record<string, object>> = {
  wmBrokenMessage: { kind: 'send', deadline: 9e15, content: null, purpose: 'answer', answers: [] },
  wmBrokenGreeting: { kind: 'send-by-code', code: 'x', deadline: 9e15, content: null, purpose: 'greeting' },
  wmUnknownEvent: { kind: 'publish', type: 'nonsense.v1', at: 1, sequence: 99, data: {} },
  wmBrokenEvent: { kind: 'publish', type: 'message.received.v1', at: 1, sequence: 99, data: {} },
};

async function putEffect(customer: string, effect: object): Promise<void> {
  await write(customer, 'hours');
  const state = await yard.conversation(customer);
  const withEffect = { ...state, pending: [{ ...effect, id: 'brokenEffect' }] };
  const key = { conversationId: conversationIdOf(ACCOUNT, customer), entry: 'state' };
  await conversations.update(key, { set: { state: withEffect } });
}

/** What became of a customer whose state held a broken effect, and who then asked for the price. */
async function endOf(customer: string, letters: readonly string[]): Promise<unknown> {
  const conversationId = conversationIdOf(ACCOUNT, customer);
  const { left } = await finalState(yard, customer);
  const mine = letters
    .map((letter) => Letter.parse(JSON.parse(letter)))
    .filter((one) => one.conversationId === conversationId);
  return { shown: yard.shown(customer), left, setAside: mine.map(({ entry }) => entry) };
}

const Letter = z.object({ conversationId: z.string(), entry: z.string().optional() });
const answeredAllTheSame = {
  shown: [HOURS, PRICE],
  left: { pending: 0, unanswered: 0, unread: [] },
  setAside: ['effect#brokenEffect'],
};

test('an effect that blows up whenever it is told is set aside, and what the customer wrote is answered', async () => {
  const customers = Object.keys(brokenEffects);
  for (const [customer, effect] of Object.entries(brokenEffects)) await putEffect(customer, effect);
  await Promise.all(customers.map((customer) => yard.wecom.phone(customer).write(ACCOUNT, 'price')));
  await yard.quiet();

  const letters = await deadLetters('ConversationsDeadLetterQueue');
  const ends = await Promise.all(customers.map(async (customer) => [customer, await endOf(customer, letters)]));
  expect(Object.fromEntries(ends)).toEqual(Object.fromEntries(customers.map((one) => [one, answeredAllTheSame])));
});

test('messages that cannot be read end among the dead letters, while customers are answered', async () => {
  const queues = ['SignalsQueue', 'ConversationsQueue', 'AssignmentsQueue', 'TimersQueue'];
  const { aws, names } = yard.stack;
  const nonsense = (queue: string) => `{"nonsense": "${queue}`;
  for (const queue of queues) {
    await callAws(aws.endpoint, 'sqs', 'SendMessage', {
      QueueUrl: names.queueUrl(queue),
      MessageBody: nonsense(queue),
      ...(queue !== 'TimersQueue' && { MessageGroupId: 'nonsense', MessageDeduplicationId: queue }),
    });
  }
  await yard.wecom.phone('wmBeside').write(ACCOUNT, '人工');
  await yard.until('the customer is served', () => yard.wecom.session(ACCOUNT, 'wmBeside').state === 3);

  await yard.quiet({ timeoutMs: 40_000 });
  for (const queue of queues) {
    expect(await deadLetters(queue.replace('Queue', 'DeadLetterQueue'))).toEqual([nonsense(queue)]);
  }
});

test('a pulled item that says neither what it is nor whose is set aside, and the rest of its page goes on', async () => {
  await write('wmOnPage', 'price');
  const pulls = yard.stack.calls.filter(({ action }) => action === '/cgi-bin/kf/sync_msg');
  const { cursor } = z.object({ cursor: z.string() }).parse(pulls.at(-1)?.request);
  const seconds = Math.floor(yard.stack.now() / 1000);
  const text = { send_time: seconds, origin: 3, msgtype: 'text', open_kfid: ACCOUNT, text: { content: 'hours' } };
  yard.stack.faults.add({
    action: '/cgi-bin/kf/sync_msg',
    fault: {
      kind: 'answer',
      status: 200,
      body: {
        errcode: 0,
        errmsg: 'ok',
        // The same cursor again: what WeCom has in truth comes with the next page.
        next_cursor: cursor,
        has_more: 1,
        msg_list: [
          { send_time: seconds, msgtype: 'text' },
          { ...text, msgid: 'nobodys' },
          'not even an object',
          { ...text, msgid: 'somebodys', external_userid: 'wmOnPage' },
        ],
      },
    },
  });
  await write('wmBehindPage', 'price');

  expect(yard.shown('wmOnPage')).toEqual([PRICE, HOURS]);
  expect(yard.shown('wmBehindPage')).toEqual([PRICE]);
  const letters = z
    .array(z.object({ openKfId: z.literal(ACCOUNT), itemId: z.string(), reason: z.string() }))
    .parse(await deadLetterObjects('SignalsDeadLetterQueue'));
  expect(letters).toHaveLength(3);
  expect(letters.map(({ itemId }) => itemId)).toContain('nobodys');
});

test('a message of a type that we do not know is kept, and answered like any question', async () => {
  await yard.wecom.phone('wmNewType').send(ACCOUNT, 'hologram', { beams: 3 });
  await yard.quiet();

  expect(yard.shown('wmNewType')).toHaveLength(1);
  expect(published(yard, 'wmNewType')[0]).toMatchObject({ type: 'message.received.v1' });
  expect((await finalState(yard, 'wmNewType')).left).toEqual({ pending: 0, unanswered: 0, unread: [] });
});

test('an effect so broken that not even its failure can be settled does not hold up its customer for ever', async () => {
  await putEffect('wmBrokenBadly', { kind: 'move', to: null });
  await write('wmBrokenBadly', 'price');

  expect(await endOf('wmBrokenBadly', await deadLetters('ConversationsDeadLetterQueue'))).toEqual(answeredAllTheSame);
});
