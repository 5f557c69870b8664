import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { dynamoTable } from '../../lib/store/dynamo-table.ts';
import type { Change, Condition, Item, Query, Table } from '../../lib/store/table.ts';
import { conversationsShape } from '../../lib/store/tables.ts';
import { allPages } from '../support/all-pages.ts';
import { type Dynalite, startDynalite } from '../support/dynalite.ts';
import { memoryTable } from '../support/memory-table.ts';

const shape = conversationsShape('conversations');

let dynalite: Dynalite;
beforeAll(async () => {
  dynalite = await startDynalite([shape]);
});
afterAll(() => dynalite.stop());

test('any sequence of operations comes to the same in memory as in DynamoDB', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(operation, { minLength: 1, maxLength: 20 }), async (operations) => {
      // One table serves all runs: each has partitions of its own.
      const run = randomUUID();
      const real = dynamoTable(dynalite.client, shape);
      const double = memoryTable(shape);
      for (const one of operations) {
        if (await measuresNothing(double, run, one)) continue;
        const expected = await outcome(() => operate(real, run, one));
        expect(await outcome(() => operate(double, run, one))).toEqual(expected);
      }
    }),
    { numRuns: 200 },
  );
});

test('an empty text has the size 0, as in DynamoDB', async () => {
  const table = memoryTable(shape);
  await table.put({ conversationId: 'o1', entry: 'a', s: '' });
  const empty: Condition = { is: '=', attribute: { size: 's' }, than: 0 };
  expect(await table.delete({ conversationId: 'o1', entry: 'a' }, empty)).toBe(true);
});

/** An operation as plain data, so that a failure can be read. `owner` is one of the run's partitions. */
type Operation =
  | { do: 'put'; owner: string; entry: string; attributes: Item; condition: Condition | undefined }
  | {
      do: 'update';
      owner: string;
      entry: string;
      change: Change;
      condition: Condition | undefined;
      returning: 'after' | 'before';
    }
  | { do: 'delete'; owner: string; entry: string; condition: Condition | undefined }
  | { do: 'get'; owner: string; entry: string }
  | { do: 'get many'; of: { owner: string; entry: string }[] }
  | { do: 'query'; owner: string; sort: Query['sort']; limit: number | undefined; descending: boolean }
  | { do: 'query unread'; owner: string; limit: number }
  | { do: 'query attention'; atMost: number; limit: number };

async function operate(table: Table, run: string, operation: Operation): Promise<unknown> {
  const keyOf = (of: { owner: string; entry: string }) => ({ conversationId: run + of.owner, entry: of.entry });
  switch (operation.do) {
    case 'put': {
      const attention = operation.attributes.attentionAt === undefined ? {} : { attention: run };
      return await table.put({ ...keyOf(operation), ...attention, ...operation.attributes }, operation.condition);
    }
    case 'update': {
      const { change, condition, returning } = operation;
      return await table.update(keyOf(operation), change, { returning, ...(condition && { condition }) });
    }
    case 'delete':
      return await table.delete(keyOf(operation), operation.condition);
    case 'get':
      return await table.get(keyOf(operation), { consistent: true });
    case 'get many':
      return (await table.getMany(operation.of.map(keyOf))).toSorted(byKey);
    case 'query': {
      const { owner, sort, limit, descending } = operation;
      return await allPages(table, {
        partition: run + owner,
        descending,
        consistent: true,
        ...(sort && { sort }),
        ...(limit && { limit }),
      });
    }
    case 'query unread': {
      const { owner, limit } = operation;
      const found = await allPages(table, { index: 'unread', partition: run + owner, limit, consistent: true });
      // Which of two equal index keys comes first is left open; that they come in order is not.
      return { order: found.map((item) => item.unread), items: found.toSorted(byKey) };
    }
    case 'query attention': {
      const { atMost, limit } = operation;
      const found = await allPages(table, { index: 'attention', partition: run, sort: { atMost }, limit });
      return { order: found.map((item) => item.attentionAt), items: found.toSorted(byKey) };
    }
  }
}

/** Whether an operation asks for the size of an empty text. The emulator takes it for nothing, which has none. */
async function measuresNothing(table: Table, run: string, operation: Operation): Promise<boolean> {
  if (!('condition' in operation) || !operation.condition) return false;
  const { owner, entry, condition } = operation;
  const item = await table.get({ conversationId: run + owner, entry }, { consistent: true });
  return measured(condition).some((attribute) => item?.[attribute] === '');
}

/** The attributes whose size a condition asks for. */
function measured(condition: Condition): string[] {
  if ('attribute' in condition) return typeof condition.attribute === 'string' ? [] : [condition.attribute.size];
  return condition.is === 'not' ? measured(condition.of) : condition.of.flatMap(measured);
}

/** What an operation came to; of a refusal only that it was one, for each table says it in its own words. */
async function outcome(doing: () => Promise<unknown>): Promise<unknown> {
  try {
    return { is: await doing() };
  } catch {
    return 'refused';
  }
}

function byKey(a: Item, b: Item): number {
  const [left, right] = [`${a.conversationId} ${a.entry}`, `${b.conversationId} ${b.entry}`];
  return left < right ? -1 : left > right ? 1 : 0;
}

const owner = fc.constantFrom('o1', 'o2');
const entry = fc.constantFrom('a', 'b', 'c');
const attribute = fc.constantFrom('n', 's', 'tags', 'unread', 'attentionAt');
const text = fc.constantFrom('', 'x', 'xy', 'z');
const number = fc.integer({ min: -3, max: 12 });
const tags = fc.uniqueArray(fc.constantFrom('x', 'y', 'z'), { minLength: 1 }).map((list) => new Set(list));
const limit = fc.integer({ min: 1, max: 3 });

const attributes = fc.record(
  {
    n: fc.oneof(number, text),
    s: text,
    tags,
    unread: fc.constantFrom('1', '2'),
    attentionAt: number,
    list: fc.array(text, { maxLength: 2 }),
  },
  { requiredKeys: [] },
);

const change: fc.Arbitrary<Change> = fc.record(
  {
    set: attributes,
    remove: fc.uniqueArray(attribute, { maxLength: 2 }),
    add: fc.record({ n: number, tags, attentionAt: number }, { requiredKeys: [] }),
    delete: fc.record({ tags }, { requiredKeys: [] }),
  },
  { requiredKeys: [] },
);

const { condition } = fc.letrec<{ condition: Condition }>((tie) => ({
  condition: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.record({ is: fc.constantFrom('absent' as const, 'present' as const), attribute }),
    fc.record({ is: fc.constant('contains' as const), attribute, element: fc.constantFrom('x', 'y') }),
    fc.record({
      is: fc.constantFrom('=' as const, '<' as const, '<=' as const, '>' as const, '>=' as const),
      attribute: fc.oneof(attribute, fc.record({ size: attribute })),
      than: fc.oneof(number, text, fc.record({ attribute })),
    }),
    fc.record({
      is: fc.constantFrom('all' as const, 'any' as const),
      of: fc.array(tie('condition'), { minLength: 1, maxLength: 3 }),
    }),
    fc.record({ is: fc.constant('not' as const), of: tie('condition') }),
  ),
}));
const maybeCondition = fc.option(condition, { nil: undefined });

const operation: fc.Arbitrary<Operation> = fc.oneof(
  {
    arbitrary: fc.record({ do: fc.constant('put' as const), owner, entry, attributes, condition: maybeCondition }),
    weight: 3,
  },
  {
    arbitrary: fc.record({
      do: fc.constant('update' as const),
      owner,
      entry,
      change,
      condition: maybeCondition,
      returning: fc.constantFrom('after' as const, 'before' as const),
    }),
    weight: 4,
  },
  fc.record({ do: fc.constant('delete' as const), owner, entry, condition: maybeCondition }),
  fc.record({ do: fc.constant('get' as const), owner, entry }),
  fc.record({ do: fc.constant('get many' as const), of: fc.array(fc.record({ owner, entry })) }),
  fc.record({
    do: fc.constant('query' as const),
    owner,
    sort: fc.option(fc.oneof(fc.record({ beginsWith: entry }), fc.record({ atMost: entry })), { nil: undefined }),
    limit: fc.option(limit, { nil: undefined }),
    descending: fc.boolean(),
  }),
  fc.record({ do: fc.constant('query unread' as const), owner, limit }),
  fc.record({ do: fc.constant('query attention' as const), atMost: number, limit }),
);
