import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { DAY, MINUTE } from '../../lib/platform/clock.ts';
import { routingStore } from '../../lib/routing/routing-store.ts';
import { dynamoClient, dynamoTable } from '../../lib/store/dynamo-table.ts';
import { inbox } from '../../lib/store/inbox.ts';
import { routingShape } from '../../lib/store/tables.ts';
import { callAws } from '../../local/aws-call.ts';
import { expectInStep } from '../support/in-step.ts';
import { runOps } from '../support/run-command.ts';
import { ACCOUNT, openYard, type Yard } from '../support/yard.ts';

// An operator looks at one conversation and sets it right, and sends dead letters back, by commands alone.

const WORDS = 'my secret is 42';
const ID = `${ACCOUNT}:wmStuck`;
let yard: Yard;
beforeAll(async () => {
  yard = await openYard({
    house: { agents: { ann: 2 } },
    wecom: { corp: { accounts: [{ openKfId: ACCOUNT, servicers: ['ann'] }] } },
  });
});
afterAll(() => yard.close());

const placesOfAnn = async () => [...((await yard.agents())[0]?.serving ?? [])];

test('a conversation is shown with holder, place, unread and line, and never with what was written', async () => {
  await yard.wecom.phone('wmStuck').write(ACCOUNT, WORDS);
  await yard.wecom.phone('wmStuck').write(ACCOUNT, '转人工');
  await yard.quiet();
  const { code, out } = await runOps(yard.stack, 'conversation', 'show', ID);
  expect(code).toBe(0);
  expect(out).toContain('session   person with ann');
  expect(out).toContain('place     ann\n');
  expect(out).toContain('unread    0');
  expect(out).not.toContain(WORDS);
  const json = JSON.parse((await runOps(yard.stack, 'conversation', 'show', ID, '--json')).out);
  expect(json).toMatchObject({ id: ID, unread: 0, places: [{ agentId: 'ann', held: true }] });
});

test('a place that nothing holds is given back, and the one that is held stays', async () => {
  const dynamo = dynamoClient(yard.stack.aws);
  const table = dynamoTable(dynamo, routingShape(yard.stack.names.table('RoutingTable')));
  const store = routingStore(table, inbox(table, { attentionAfterMs: MINUTE, keepMs: 30 * DAY }));
  await store.record('ann', `${ID}#lost`, yard.stack.now());
  dynamo.destroy();
  expect((await runOps(yard.stack, 'conversation', 'show', ID)).out).toContain('nothing holds it');
  // Nobody is asked where there is no terminal, and nothing is changed.
  expect((await runOps(yard.stack, 'conversation', 'release', ID)).code).toBe(1);
  expect(await placesOfAnn()).toHaveLength(2);

  // Killed and run again is the same as run twice.
  await Promise.all([1, 2].map(() => runOps(yard.stack, 'conversation', 'release', ID, '--yes')));
  await yard.quiet();
  await expectInStep(yard, ['wmStuck']);
  expect(await placesOfAnn()).toHaveLength(1);
});

test('the conversation is handed back to the bot, once, however often that is said', async () => {
  const { code } = await runOps(yard.stack, 'conversation', 'release', ID, '--to-bot', '--yes');
  expect(code).toBe(0);
  await yard.quiet();
  expect(await placesOfAnn()).toEqual([]);
  expect(yard.wecom.session(ACCOUNT, 'wmStuck').state).toBe(4);
  expect((await runOps(yard.stack, 'conversation', 'release', ID, '--to-bot', '--yes')).code).toBe(0);
  const done = yard.stack.events.filter((event) => event['detail-type'] === 'hand-over.done.v1');
  expect(done).toHaveLength(1);
});

test('a wake among the dead letters is shown, and wakes its conversation once it is sent again', async () => {
  const { aws, names } = yard.stack;
  const QueueUrl = names.queueUrl('ConversationsDeadLetterQueue');
  const body = { v: 1, conversationId: ID };
  await callAws(aws.endpoint, 'sqs', 'SendMessage', {
    ...{ QueueUrl, MessageBody: JSON.stringify(body), MessageGroupId: ID, MessageDeduplicationId: 'd1' },
  });
  const listed = await runOps(yard.stack, 'dead-letters', 'list', '--json');
  expect(listed.code).toBe(2);
  const [letter] = JSON.parse(listed.out).queues.flatMap((queue: { letters: unknown[] }) => queue.letters);
  expect(letter).toMatchObject({ queue: 'conversations.fifo', kind: 'wake', ids: { conversationId: ID } });
  expect((await runOps(yard.stack, 'dead-letters', 'show', letter.id)).out).toContain(`conversationId ${ID}`);

  const named = ['conversations', 'no-such-id', '--yes', '--json'];
  const other = await runOps(yard.stack, 'dead-letters', 'redrive', ...named);
  expect(other.err).toMatch(/^no-such-id: not there.*不存在/);
  expect([other.code, JSON.parse(other.out)]).toEqual([1, { moved: 0, left: 0, missing: ['no-such-id'] }]);
  const dropped = await runOps(yard.stack, 'dead-letters', 'drop', ...named);
  expect([dropped.code, JSON.parse(dropped.out)]).toEqual([1, { dropped: 0, missing: ['no-such-id'] }]);
  const nowhere = await runOps(yard.stack, 'dead-letters', 'redrive', '--all', '--stage', 'nowhere', '--yes');
  expect([nowhere.code, nowhere.err]).toEqual([1, expect.stringContaining('Stage nowhere has no dead letters')]);

  const before = yard.stack.calls.length;
  const { code, out } = await runOps(yard.stack, 'dead-letters', 'redrive', 'conversations', '--yes', '--json');
  expect({ code, out: JSON.parse(out) }).toEqual({ code: 0, out: { moved: 1, left: 0 } });
  await yard.quiet();
  const woken = yard.stack.calls.slice(before).filter((call) => call.function === 'route-message');
  expect(woken.length).toBeGreaterThan(0);
  expect((await runOps(yard.stack, 'dead-letters', 'list')).code).toBe(0);
});
