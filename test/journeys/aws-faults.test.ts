import { createHash } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { conversationIdOf } from '../../lib/conversations/conversation.ts';
import { MINUTE, SECOND } from '../../lib/platform/clock.ts';
import { dynamoClient, dynamoTable } from '../../lib/store/dynamo-table.ts';
import { pullOrder } from '../../lib/store/entry-order.ts';
import { inbox } from '../../lib/store/inbox.ts';
import { conversationsShape } from '../../lib/store/tables.ts';
import type { Fault } from '../../local/faults.ts';
import type { OutsideCall } from '../../local/outside-call.ts';
import { finalState, published } from '../support/final-state.ts';
import { ACCOUNT, openYard, type Yard } from '../support/yard.ts';

// AWS is asked too often, loses an answer, does half of a batch, shows yesterday's index. Nothing is lost, nothing doubled.

let yard: Yard;
beforeAll(async () => {
  yard = await openYard({ house: { agents: { zhangsan: 100 } } });
  await story('wmFirst');
});
afterEach(() => {
  yard.wecom.faults.clear();
  yard.stack.faults.clear();
});
afterAll(() => yard.close());

/** A question, then a person, who ends: every table, queue and the bus take part. */
async function story(customer: string): Promise<void> {
  const phone = yard.wecom.phone(customer);
  await phone.write(ACCOUNT, 'hours');
  await yard.quiet();
  await phone.write(ACCOUNT, '人工');
  await yard.quiet();
  // Sooner an agent cannot end it.
  await yard.until('an agent serves', () => yard.wecom.session(ACCOUNT, customer).state === 3);
  await yard.wecom.client('zhangsan').end(ACCOUNT, customer);
  await yard.quiet();
}

const right = {
  session: { state: 'ended', agentId: undefined, toRead: undefined },
  inWeCom: { state: 4, servicer: undefined },
  place: undefined,
  request: false,
  left: { pending: 0, unanswered: 0, unread: [] },
  line: 0,
  serving: { zhangsan: 0 },
  fallbacks: 0,
  shown: ['每天 9:00–18:00 · daily 9 to 6', '转接中 · connecting', '已结束 · ended'],
  history: [
    'assigned',
    'message',
    'message',
    'sent answer sent',
    'sent connecting sent',
    'sent ended sent',
    'session-changed',
  ],
  events: [
    'message.received.v1',
    'message.answered.v1',
    'message.received.v1',
    'message.answered.v1',
    'conversation.assigned.v1',
    'session.ended.v1',
    'message.answered.v1',
  ],
};

const READS = ['GetItem', 'Query', 'BatchGetItem'];
const ofTable = (logicalId: string, what: 'reads' | 'writes') => (call: OutsideCall) =>
  call.service === 'dynamodb' &&
  READS.includes(call.action) === (what === 'reads') &&
  JSON.stringify(call.request).includes(`"${yard.stack.names.table(logicalId)}"`);
const ofQueue = (logicalId: string) => (call: OutsideCall) =>
  call.action === 'SendMessage' && String(Object(call.request).QueueUrl).endsWith(nameOf(logicalId));
const nameOf = (queueId: string) => yard.stack.names.queueUrl(queueId).split('/').at(-1) ?? '';

/** A lost answer that the SDK's own repetition gets over; then troubles that outlast it, so that the invocation fails. */
const troubles: Record<string, { fault: Fault; times: number }> = {
  'lose an answer': { fault: { kind: 'lose-answer' }, times: 1 },
  'lose all answers of a call': { fault: { kind: 'lose-answer' }, times: 3 },
  'are throttled for as long as the SDK tries': { fault: { kind: 'throttle' }, times: 3 },
};

let customers = 0;
async function tellWith(match: (call: OutsideCall) => boolean, { fault, times }: { fault: Fault; times: number }) {
  const customer = `wmAws${++customers}`;
  // Rules, gates and tokens that functions remember for seconds are read anew.
  yard.travel(10 * SECOND);
  const added = yard.stack.faults.add({ match, fault, times });
  await story(customer);
  expect(added.hits).toBe(times);
  expect(await finalState(yard, customer)).toEqual(right);
}

describe('the same end, when', () => {
  const tables = ['ConversationsTable', 'RoutingTable', 'WeComTable'].flatMap((table) => [
    [`reads of ${table}`, () => ofTable(table, 'reads')] as const,
    [`writes of ${table}`, () => ofTable(table, 'writes')] as const,
  ]);
  const queues = ['SignalsQueue', 'ConversationsQueue', 'AssignmentsQueue'].map(
    (queue) => [`messages to ${queue}`, () => ofQueue(queue)] as const,
  );
  const places = [
    ...tables,
    ['reads of RepliesTable', () => ofTable('RepliesTable', 'reads')] as const,
    ...queues,
    ['events', () => (call: OutsideCall) => call.action === 'PutEvents'] as const,
  ];
  const cases = places.flatMap(([place, match]) =>
    // The SDK waits long between throttled tries, and does so in the same way for all: the tables stand for the rest.
    Object.keys(troubles)
      .filter((trouble) => place.includes('Table') || !trouble.includes('throttled'))
      .map((trouble) => [place, trouble, match] as const),
  );

  test.each(cases)('%s %s', async (_place, trouble, match) => {
    const how = troubles[trouble];
    if (how) await tellWith(match(), how);
  });
});

test.each([1, 6])('the bus takes events only in part, %i times: each event is on it, under one id', async (times) => {
  const added = yard.stack.faults.add({ action: 'PutEvents', fault: { kind: 'partial-batch' }, times });
  const customer = `wmPartly${times}`;
  await story(customer);
  expect(added.hits).toBeGreaterThanOrEqual(1);
  expect(published(yard, customer).map(({ type }) => type)).toEqual(right.events);
});

test('an index that shows nothing yet: the sweep finds the unread message the next time', async () => {
  const customer = 'wmStale';
  await yard.wecom.phone(customer).write(ACCOUNT, 'hours');
  await yard.quiet();
  // A message lies in the inbox, and its wake was lost.
  const table = dynamoTable(
    dynamoClient(yard.stack.aws),
    conversationsShape(yard.stack.names.table('ConversationsTable')),
  );
  const at = yard.stack.now();
  const body = { id: 'm2', app: 'main', sentAt: at, kind: 'message', type: 'text', text: 'price', content: {} };
  await inbox(table, { attentionAfterMs: MINUTE, keepMs: MINUTE }).put({
    owner: conversationIdOf(ACCOUNT, customer),
    entry: 'msg#m2',
    order: pullOrder(9999, 0),
    body,
    at,
  });

  const stale = yard.stack.faults.add({
    function: 'sweep',
    match: ({ request }) => JSON.stringify(request).includes('conversations'),
    fault: { kind: 'stale' },
    times: 100,
  });
  await yard.pass(2 * MINUTE);
  expect(stale.hits).toBeGreaterThan(0);
  expect(yard.shown(customer)).toHaveLength(1);

  stale.remove();
  await yard.pass(MINUTE);
  expect(yard.shown(customer)).toHaveLength(2);
});

test('eventually consistent reads that find nothing yet: no message is lost for it', async () => {
  const stale = yard.stack.faults.add({
    match: ({ function: name, request }) => name !== 'sweep' && JSON.stringify(request).includes('conversations'),
    fault: { kind: 'stale' },
    times: 1000,
  });
  await story('wmEventually');
  expect(await finalState(yard, 'wmEventually')).toEqual(right);
  // The state and the inbox are read consistently (consistency rule 3), so there is nothing to be stale.
  expect(stale.hits).toBe(0);
});

/** SQS says that it has this message, and has not. */
function swallowed(message: object): Fault {
  const MD5OfMessageBody = createHash('md5').update(JSON.stringify(message)).digest('hex');
  return { kind: 'answer', status: 200, body: { MessageId: '00000000-0000-0000-0000-000000000000', MD5OfMessageBody } };
}

test('a wake is lost inside SQS: the sweep wakes the conversation', async () => {
  const lost = yard.stack.faults.add({
    function: 'sync-messages',
    match: ofQueue('ConversationsQueue'),
    fault: swallowed({ v: 1, conversationId: conversationIdOf(ACCOUNT, 'wmLostWake') }),
  });
  await yard.wecom.phone('wmLostWake').write(ACCOUNT, 'hours');
  await yard.quiet();
  expect(lost.hits).toBe(1);
  expect(yard.shown('wmLostWake')).toEqual([]);

  await yard.pass(2 * MINUTE);
  expect(yard.shown('wmLostWake')).toEqual(['每天 9:00–18:00 · daily 9 to 6']);
});

test('the wake of a team is lost inside SQS: the sweep finds the request', async () => {
  const lost = yard.stack.faults.add({
    function: 'route-message',
    match: ofQueue('AssignmentsQueue'),
    fault: swallowed({ v: 1, teamId: 'support' }),
  });
  await yard.wecom.phone('wmLostTeam').write(ACCOUNT, '人工');
  await yard.quiet();
  expect(lost.hits).toBe(1);
  expect(yard.shown('wmLostTeam')).toEqual([]);

  await yard.pass(2 * MINUTE);
  expect(yard.wecom.session(ACCOUNT, 'wmLostTeam')).toMatchObject({ state: 3 });
  await yard.wecom.client('zhangsan').end(ACCOUNT, 'wmLostTeam');
  await yard.quiet();
});

test('DynamoDB gives half of the agents at a time: an agent is found', async () => {
  await yard.furnish({ agents: { zhangsan: 100, lisi: 0, wangwu: 0 } });
  const customer = 'wmHalf';
  const added = yard.stack.faults.add({ action: 'BatchGetItem', fault: { kind: 'partial-batch' }, times: 2 });
  await story(customer);
  expect(added.hits).toBe(2);
  expect(yard.shown(customer)).toEqual(right.shown);
});
