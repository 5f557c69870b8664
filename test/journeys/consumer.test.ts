import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import * as z from 'zod';
import { callAws } from '../../local/aws-call.ts';
import { packageStack } from '../../local/package-stack.ts';
import { type Stack, startStack } from '../../local/stack.ts';
import { runOpsOnAws } from '../support/run-command.ts';
import { ACCOUNT, openYard, type Yard } from '../support/yard.ts';

// Another system's stack beside ours, with a rule on our bus: examples/consumer.
const root = fileURLToPath(new URL('../../examples/consumer', import.meta.url));
let yard: Yard;
let consumer: Stack;

beforeAll(async () => {
  yard = await openYard({ house: { agents: { zhangsan: 2 } } });
  const packaged = await packageStack({
    stage: 'dev',
    root,
    also: ['holders-table.ts', '../../events', '../../package-lock.json'],
  });
  consumer = await startStack({
    packaged,
    beside: yard.stack,
    timeScale: 0.1,
    timeoutScale: 0.5,
    onLog: ({ line }) => yard.logs.push(`consumer: ${line}`),
  });
}, 180_000);

afterAll(async () => {
  await consumer?.stop();
  await yard?.close();
});

const Item = z.object({
  Item: z
    .object({ holder: z.object({ S: z.string() }).optional(), changes: z.object({ N: z.coerce.number() }).optional() })
    .optional(),
});

/** What the consumer knows of a customer's conversation. */
async function known(customer: string): Promise<{ holder?: string; changes?: number } | undefined> {
  const answer = await callAws(consumer.aws.endpoint, 'dynamodb', 'GetItem', {
    TableName: consumer.names.table('HoldersTable'),
    Key: { conversation: { S: `wecom-concierge/dev ${ACCOUNT}:${customer}` } },
    ConsistentRead: true,
  });
  const { Item: item } = Item.parse(answer);
  return item && { ...(item.holder && { holder: item.holder.S }), ...(item.changes && { changes: item.changes.N }) };
}

/** Has the bus deliver these events once more, as a replay of the archive does: with the ids that they had. */
async function replay(events: Stack['events']): Promise<void> {
  for (const event of events) {
    await callAws(yard.stack.aws.endpoint, 'events', 'PutEvents', {
      Entries: [
        {
          EventBusName: event.bus,
          Source: event.source,
          DetailType: event['detail-type'],
          Detail: JSON.stringify(event.detail),
        },
      ],
    });
  }
}

async function quiet(): Promise<void> {
  await yard.quiet();
  await consumer.settled({ timeoutMs: 40_000 });
}

test('another stack hears who has a conversation, and ignores a replay of the archive', async () => {
  await yard.wecom.phone('wmLISTENER').write(ACCOUNT, '转人工');
  await quiet();
  expect(await known('wmLISTENER')).toEqual({ holder: 'zhangsan', changes: 1 });

  // One callback led to all of this, and every event says so.
  const Told = z.object({ traceparent: z.string() });
  const traces = new Map(
    yard.stack.events.map((event) => [event['detail-type'], Told.parse(event.detail).traceparent.slice(3, 35)]),
  );
  expect(traces.get('message.received.v1')).toMatch(/^[0-9a-f]{32}$/);
  expect(traces.get('conversation.assigned.v1')).toBe(traces.get('message.received.v1'));
  expect(yard.logs.some((line) => line.includes(`"trace":"${traces.get('message.received.v1')}"`))).toBe(true);

  const heard = () => yard.logs.filter((line) => line.startsWith('consumer: ') && line.includes('verdict')).length;
  const told = [...yard.stack.events];
  const before = heard();
  await replay(told.toReversed());
  await quiet();
  await yard.until('the consumer heard the replay', () => heard() > before);
  await quiet();
  expect(await known('wmLISTENER')).toEqual({ holder: 'zhangsan', changes: 1 });
  const verdicts = yard.logs.flatMap((line) => /"verdict":"(\w+)"/.exec(line)?.[1] ?? []);
  expect(verdicts.toSorted()).toEqual(['news', 'repeat']);
}, 120_000);

test('it forgets a customer whom we forget, and a replay of the archive brings nothing back', async () => {
  yard.travel(2000);
  const before = [...yard.stack.events];
  const erased = await runOpsOnAws(yard.stack, ['erase', 'wmLISTENER', '--yes', '--json', '--wait', '60']);
  expect(erased).toMatchObject({ code: 0 });
  await quiet();
  expect(await known('wmLISTENER')).toEqual({});

  const heard = () => yard.logs.filter((line) => line.startsWith('consumer: ') && line.includes('verdict')).length;
  const heardBefore = heard();
  await replay(before);
  await yard.until('the consumer heard the replay', () => heard() > heardBefore);
  await quiet();
  expect(await known('wmLISTENER')).toEqual({});
}, 120_000);
