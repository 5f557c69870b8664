import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import * as z from 'zod';
import { dynamoClient, dynamoTable, ItemsNotRead } from '../../lib/store/dynamo-table.ts';
import {
  above,
  absent,
  all,
  any,
  atMost,
  below,
  type Change,
  type Condition,
  contains,
  equals,
  type Item,
  not,
  present,
  type Table,
  type TableShape,
} from '../../lib/store/table.ts';
import { conversationsShape, wecomShape } from '../../lib/store/tables.ts';
import { allPages } from '../support/all-pages.ts';
import { type Dynalite, localAccess, startDynalite } from '../support/dynalite.ts';
import { startLocalServer } from '../support/local-server.ts';
import { memoryTable } from '../support/memory-table.ts';

const conversations = conversationsShape('conversations');
const wecom = wecomShape('wecom');

let dynalite: Dynalite;
beforeAll(async () => {
  dynalite = await startDynalite([conversations, wecom]);
});
afterAll(() => dynalite.stop());

const kinds: readonly [string, (shape: TableShape) => Table][] = [
  ['DynamoDB', (shape) => dynamoTable(dynalite.client, shape)],
  ['memory', memoryTable],
];

describe.each(kinds)('a table in %s', (_name, open) => {
  // Every test has a conversation of its own, so that one table serves them all.
  const begin = (): { table: Table; id: string; key: (entry: string) => { conversationId: string; entry: string } } => {
    const id = randomUUID();
    return { table: open(conversations), id, key: (entry) => ({ conversationId: id, entry }) };
  };

  test('gives back an item as it was put, without what was undefined', async () => {
    const { table, key } = begin();
    const item = { ...key('state'), n: 1.5, s: '', yes: true, nothing: null, list: [1, 'a'], map: { deep: { x: 1 } } };
    expect(await table.put({ ...item, tags: new Set(['b', 'a']), gone: undefined })).toBe(true);
    expect(await table.get(key('state'), { consistent: true })).toEqual({ ...item, tags: new Set(['a', 'b']) });
    expect(await table.get(key('other'))).toBeUndefined();
  });

  test('keeps no hold on what it was given or gave out', async () => {
    const { table, key } = begin();
    const item = { ...key('state'), list: ['a'] };
    await table.put(item);
    item.list.push('b');
    const got = await table.get(key('state'), { consistent: true });
    expect(got).toEqual({ ...key('state'), list: ['a'] });
    if (Array.isArray(got?.list)) got.list.push('c');
    expect(await table.get(key('state'), { consistent: true })).toEqual({ ...key('state'), list: ['a'] });
  });

  test('replaces the whole item with a put', async () => {
    const { table, key } = begin();
    await table.put({ ...key('state'), old: 1 });
    await table.put({ ...key('state'), new: 2 });
    expect(await table.get(key('state'), { consistent: true })).toEqual({ ...key('state'), new: 2 });
  });

  test('puts once only where the item must be absent', async () => {
    const { table, key } = begin();
    expect(await table.put({ ...key('m1'), n: 1 }, absent('entry'))).toBe(true);
    expect(await table.put({ ...key('m1'), n: 2 }, absent('entry'))).toBe(false);
    expect(await table.get(key('m1'), { consistent: true })).toEqual({ ...key('m1'), n: 1 });
  });

  test('updates in place and answers with the item after or before', async () => {
    const { table, key } = begin();
    expect(await table.update(key('state'), { set: { n: 1, dropped: undefined } })).toEqual({ ...key('state'), n: 1 });
    const before = await table.update(key('state'), { remove: ['n'], set: { s: 'x' } }, { returning: 'before' });
    expect(before).toEqual({ ...key('state'), n: 1 });
    expect(await table.get(key('state'), { consistent: true })).toEqual({ ...key('state'), s: 'x' });
    expect(await table.update(key('new'), { set: { n: 1 } }, { returning: 'before' })).toEqual({});
    expect(await table.update(key('bare'), {})).toEqual(key('bare'));
  });

  test('answers undefined and changes nothing when the condition of an update does not hold', async () => {
    const { table, key } = begin();
    expect(await table.update(key('state'), { set: { n: 1 } }, { condition: present('entry') })).toBeUndefined();
    expect(await table.get(key('state'), { consistent: true })).toBeUndefined();
  });

  test('adds to numbers and sets, and takes out of sets, whose last element takes the set with it', async () => {
    const { table, key } = begin();
    const added = await table.update(key('a'), { add: { n: 2, tags: new Set(['x', 'y']) } });
    expect(added).toEqual({ ...key('a'), n: 2, tags: new Set(['x', 'y']) });
    await table.update(key('a'), { add: { n: -5, tags: new Set(['y', 'z']) } });
    expect(await table.get(key('a'), { consistent: true })).toEqual({
      ...key('a'),
      n: -3,
      tags: new Set(['x', 'y', 'z']),
    });
    await table.update(key('a'), { delete: { tags: new Set(['x', 'unknown']) } });
    const emptied = await table.update(key('a'), { delete: { tags: new Set(['y', 'z']) } });
    expect(emptied).toEqual({ ...key('a'), n: -3 });
    expect(await table.update(key('a'), { delete: { tags: new Set(['y']) } })).toEqual({ ...key('a'), n: -3 });
  });

  test.each<[string, Change]>([
    ['an empty set', { add: { tags: new Set<string>() } }],
    ['one attribute changed twice', { set: { n: 1 }, add: { n: 1 } }],
    ['a number added to a text', { add: { s: 1 } }],
    ['a set taken out of a text', { delete: { s: new Set(['x']) } }],
    ['a new key', { set: { entry: 'other' } }],
    ['an index key of the wrong type', { set: { unread: 5 } }],
  ])('refuses %s', async (_what, change) => {
    const { table, key } = begin();
    await table.put({ ...key('a'), s: 'text' });
    await expect(table.update(key('a'), change)).rejects.toThrow();
    expect(await table.get(key('a'), { consistent: true })).toEqual({ ...key('a'), s: 'text' });
  });

  test('refuses an empty key, an unknown index, and a consistent read of a global one', async () => {
    const { table, key, id } = begin();
    await expect(table.put({ ...key('') })).rejects.toThrow();
    await expect(table.query({ index: 'nowhere', partition: id })).rejects.toThrow();
    await expect(table.query({ index: 'attention', partition: id, consistent: true })).rejects.toThrow();
  });

  test('refuses a key that is too long, and a page that begins where nothing of what is read can be', async () => {
    const { table, id, key } = begin();
    await table.put({ ...key('a'), arrivedAt: 1 });
    await expect(table.get({ conversationId: 'x'.repeat(2049), entry: 'a' })).rejects.toThrow();
    const read = (after: Item, index?: string) => table.query({ partition: id, after, ...(index && { index }) });
    expect((await read(key('0'))).items).toHaveLength(1);
    for (const strange of [
      {},
      { conversationId: id },
      { ...key('a'), more: 'x' },
      { conversationId: 'x', entry: 'a' },
    ]) {
      await expect(read(strange)).rejects.toThrow();
    }
    expect((await read({ ...key('0'), arrivedAt: 0 }, 'timeline')).items).toHaveLength(1);
    await expect(read(key('a'), 'timeline')).rejects.toThrow();
  });

  test('deletes, with a condition or without, also what is not there', async () => {
    const { table, key } = begin();
    await table.put({ ...key('a'), version: 2 });
    expect(await table.delete(key('a'), equals('version', 1))).toBe(false);
    expect(await table.get(key('a'), { consistent: true })).toBeDefined();
    expect(await table.delete(key('a'), equals('version', 2))).toBe(true);
    expect(await table.delete(key('a'))).toBe(true);
    expect(await table.delete(key('a'), present('entry'))).toBe(false);
  });

  const sample = {
    n: 3,
    same: 3,
    s: 'abc',
    yes: true,
    tags: new Set(['x', 'y']),
    list: ['x'],
    map: { a: 1, b: 2 },
    limit: 4,
  };
  test.each<[Condition, boolean]>([
    [equals('n', 3), true],
    [equals('n', '3'), false],
    [equals('yes', true), true],
    [equals('missing', 3), false],
    [not(equals('missing', 3)), true],
    [below('missing', 3), false],
    [above('missing', 3), false],
    [not(above('missing', 3)), true],
    [atMost('n', 3), true],
    [below('n', 3), false],
    [above('n', 2), true],
    [{ is: '>=', attribute: 'n', than: 4 }, false],
    [{ is: '<', attribute: 's', than: 'abd' }, true],
    [{ is: '<', attribute: 's', than: 5 }, false],
    [below('n', { attribute: 'limit' }), true],
    [below('n', { attribute: 'missing' }), false],
    [below('missing', { attribute: 'limit' }), false],
    [{ is: '<=', attribute: 'missing', than: { attribute: 'alsoMissing' } }, false],
    [{ is: '=', attribute: 'missing', than: { attribute: 'alsoMissing' } }, false],
    [{ is: '=', attribute: 'n', than: { attribute: 'same' } }, true],
    [below({ size: 'tags' }, 3), true],
    [below({ size: 'tags' }, 2), false],
    [below({ size: 'missing' }, 3), false],
    [below({ size: 'missing' }, { attribute: 'alsoMissing' }), false],
    [below({ size: 'n' }, 100), false],
    [{ is: '=', attribute: { size: 'list' }, than: 1 }, true],
    [{ is: '=', attribute: { size: 'map' }, than: 2 }, true],
    [{ is: '=', attribute: { size: 's' }, than: 3 }, true],
    [contains('tags', 'x'), true],
    [contains('tags', 'z'), false],
    [contains('list', 'x'), true],
    [contains('s', 'bc'), true],
    [contains('n', '3'), false],
    [contains('missing', 'x'), false],
    [all(present('n'), absent('missing')), true],
    [all(present('n'), present('missing')), false],
    [any(present('missing'), present('n')), true],
    [any(present('missing'), absent('n')), false],
    [any(present('n'), all(absent('n'), absent('s'))), true],
    [all(any(present('n'), absent('n')), absent('s')), false],
  ])('%j of the sample is %p', async (condition, expected) => {
    const { table, key } = begin();
    await table.put({ ...key('sample'), ...sample });
    expect(await table.put({ ...key('sample'), ...sample }, condition)).toBe(expected);
  });

  const itself: Condition = { is: '=', attribute: 'n', than: { attribute: 'n' } };
  test.each([all(), any(), itself])('refuses %j, which DynamoDB cannot say', async (condition) => {
    const { table, key } = begin();
    const refused = async (): Promise<unknown> => await table.put(key('a'), condition);
    await expect(refused()).rejects.toThrow();
  });

  describe("the claim of an agent's place", () => {
    const claimOf = (place: string): Condition =>
      all(
        equals('duty', 'on'),
        any(
          contains('serving', place),
          all(absent('serving'), above('capacity', 0)),
          below({ size: 'serving' }, { attribute: 'capacity' }),
        ),
      );
    const claim = (table: Table, key: { conversationId: string; entry: string }, place: string) =>
      table.update(key, { add: { serving: new Set([place]) } }, { condition: claimOf(place) });

    test('is refused by a missing agent, who is not made by it', async () => {
      const { table, key } = begin();
      expect(await claim(table, key('agent'), 'c1#r1')).toBeUndefined();
      expect(await table.get(key('agent'), { consistent: true })).toBeUndefined();
    });

    test.each<[string, Item]>([
      ['has capacity 0', { duty: 'on', capacity: 0 }],
      ['has no capacity at all', { duty: 'on' }],
      ['is off duty', { duty: 'off', capacity: 3 }],
    ])('is refused by an agent who %s', async (_why, agent) => {
      const { table, key } = begin();
      await table.put({ ...key('agent'), ...agent });
      expect(await claim(table, key('agent'), 'c1#r1')).toBeUndefined();
    });

    test('may be repeated, and never exceeds the capacity, also when all claim at once', async () => {
      const { table, key } = begin();
      await table.put({ ...key('agent'), duty: 'on', capacity: 2 });
      const claims = await Promise.all(['a', 'b', 'c', 'd'].map((place) => claim(table, key('agent'), place)));
      expect(claims.filter((done) => done !== undefined)).toHaveLength(2);
      const [held] = [...new Set(['a', 'b', 'c', 'd'])].filter((_place, index) => claims[index] !== undefined);
      const again = await claim(table, key('agent'), held ?? '');
      expect(again?.serving).toHaveProperty('size', 2);
    });

    test('is free again once the place is given back', async () => {
      const { table, key } = begin();
      await table.put({ ...key('agent'), duty: 'on', capacity: 1 });
      await claim(table, key('agent'), 'a');
      expect(await claim(table, key('agent'), 'b')).toBeUndefined();
      await table.update(key('agent'), { delete: { serving: new Set(['a']) } });
      expect(await claim(table, key('agent'), 'b')).toBeDefined();
    });
  });

  test('reads many items by their keys, in any number, leaving out what is missing', async () => {
    const { table, key } = begin();
    const entries = Array.from({ length: 130 }, (_, index) => `e${index}`);
    await Promise.all(entries.map((entry) => table.put({ ...key(entry) })));
    const found = await table.getMany([...entries, 'missing', 'e0'].map(key));
    expect(found.map((item) => item.entry).sort()).toEqual([...entries].sort());
    expect(await table.getMany([])).toEqual([]);
  });

  describe('a query', () => {
    const filled = async () => {
      const started = begin();
      const entries = ['b', 'a', 'a#2', 'a#10', 'B', 'é', '中', 'ab'];
      for (const entry of entries) await started.table.put(started.key(entry));
      return started;
    };
    const entriesOf = (items: readonly Item[]) => items.map((item) => item.entry);

    test('goes by the bytes of the sort key, either way', async () => {
      const { table, id } = await filled();
      const sorted = ['B', 'a', 'a#10', 'a#2', 'ab', 'b', 'é', '中'];
      expect(entriesOf((await table.query({ partition: id, consistent: true })).items)).toEqual(sorted);
      const back = await table.query({ partition: id, descending: true, consistent: true });
      expect(entriesOf(back.items)).toEqual(sorted.toReversed());
      expect((await table.query({ partition: randomUUID() })).items).toEqual([]);
    });

    test('takes a bound on the sort key', async () => {
      const { table, id } = await filled();
      const begins = await table.query({ partition: id, sort: { beginsWith: 'a' }, consistent: true });
      expect(entriesOf(begins.items)).toEqual(['a', 'a#10', 'a#2', 'ab']);
      const most = await table.query({ partition: id, sort: { atMost: 'a#10' }, consistent: true });
      expect(entriesOf(most.items)).toEqual(['B', 'a', 'a#10']);
    });

    test.each([false, true])('comes in pages that together are the whole (descending: %p)', async (descending) => {
      const { table, id } = await filled();
      const whole = await table.query({ partition: id, descending, consistent: true });
      expect(await allPages(table, { partition: id, descending, limit: 3, consistent: true })).toEqual(whole.items);
    });

    test('goes on behind the page even when its last item is gone', async () => {
      const { table, id, key } = await filled();
      const first = await table.query({ partition: id, limit: 2, consistent: true });
      await table.delete(key('a'));
      const second = await table.query({ partition: id, limit: 2, after: first.next ?? {}, consistent: true });
      expect(entriesOf(second.items)).toEqual(['a#10', 'a#2']);
    });

    test('of a local index sees a write at once, and only items that have its key', async () => {
      const { table, id, key } = begin();
      const unread = async () =>
        entriesOf((await table.query({ index: 'unread', partition: id, consistent: true })).items);
      await table.put({ ...key('m1'), unread: '2' });
      await table.put({ ...key('m2'), unread: '1', body: { text: 'x' } });
      await table.put({ ...key('state') });
      expect(await unread()).toEqual(['m2', 'm1']);
      await table.update(key('m2'), { remove: ['unread'] });
      expect(await unread()).toEqual(['m1']);
      await table.update(key('state'), { set: { unread: '0' } });
      expect(await unread()).toEqual(['state', 'm1']);
      await table.delete(key('m1'));
      expect(await unread()).toEqual(['state']);
    });

    test('of a global index goes by its number, and gives keys alone where the index has no more', async () => {
      const { table, key, id } = begin();
      await table.put({ ...key('m1'), attention: id, attentionAt: 20, body: 'x' });
      await table.put({ ...key('m2'), attention: id, attentionAt: 3 });
      await table.put({ ...key('m3'), attention: id, attentionAt: 100 });
      await table.put({ ...key('m4'), attention: id });
      await table.put({ ...key('m5'), attentionAt: 1 });
      const { items } = await table.query({ index: 'attention', partition: id, sort: { atMost: 20 } });
      expect(items).toEqual([
        { ...key('m2'), attention: id, attentionAt: 3 },
        { ...key('m1'), attention: id, attentionAt: 20 },
      ]);
      expect(await allPages(table, { index: 'attention', partition: id, limit: 1 })).toHaveLength(3);
    });
  });

  test('of single items only has no sort key, and its index may hold whole items', async () => {
    const table = open(wecom);
    const id = randomUUID();
    await table.put({ id, attention: id, attentionAt: 1, cursor: 'c' });
    expect(await table.get({ id }, { consistent: true })).toHaveProperty('cursor', 'c');
    expect((await table.query({ index: 'attention', partition: id })).items).toEqual([
      { id, attention: id, attentionAt: 1, cursor: 'c' },
    ]);
    expect((await table.query({ partition: id, consistent: true })).items).toHaveLength(1);
    await expect((async () => await table.query({ partition: id, sort: { beginsWith: 'x' } }))()).rejects.toThrow();
  });
});

describe('items that DynamoDB leaves unprocessed', () => {
  const BatchGet = z.object({
    RequestItems: z.object({ conversations: z.object({ Keys: z.array(z.record(z.string(), z.unknown())) }) }),
  });

  /** Answers BatchGetItem with this many of the keys asked for, as a throttled DynamoDB does. */
  async function throttled(take: (call: number) => number) {
    const asked: number[] = [];
    const server = await startLocalServer((body) => {
      const keys = BatchGet.parse(body).RequestItems.conversations.Keys;
      asked.push(keys.length);
      const given = take(asked.length);
      const rest = keys.slice(given);
      return {
        Responses: { conversations: keys.slice(0, given) },
        UnprocessedKeys: rest.length > 0 ? { conversations: { Keys: rest, ConsistentRead: true } } : {},
      };
    });
    const client = dynamoClient(localAccess(server.url));
    const stop = async (): Promise<void> => {
      client.destroy();
      await server.stop();
    };
    return { table: dynamoTable(client, conversations, async () => {}), asked, stop };
  }
  const keys = ['a', 'b', 'c', 'd', 'e'].map((entry) => ({ conversationId: 'c', entry }));

  test('are asked for again, alone', async () => {
    const { table, asked, stop } = await throttled((call) => call);
    expect(await table.getMany(keys)).toEqual(keys);
    expect(asked).toEqual([5, 4, 2]);
    await stop();
  });

  test('are an error when they stay so, not a shorter answer', async () => {
    const { table, asked, stop } = await throttled(() => 0);
    await expect(table.getMany(keys)).rejects.toThrow(ItemsNotRead);
    expect(asked).toEqual([5, 5, 5, 5, 5]);
    await stop();
  });
});
