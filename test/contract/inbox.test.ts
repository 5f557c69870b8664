import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { DAY, MINUTE, SECOND } from '../../lib/platform/clock.ts';
import { dynamoTable } from '../../lib/store/dynamo-table.ts';
import { pullOrder, timeOrder } from '../../lib/store/entry-order.ts';
import { attentionShard, inbox, isExpired, needingAttention, newEntries } from '../../lib/store/inbox.ts';
import type { Table, TableShape } from '../../lib/store/table.ts';
import { conversationsShape, routingShape } from '../../lib/store/tables.ts';
import { type Dynalite, startDynalite } from '../support/dynalite.ts';
import { memoryTable } from '../support/memory-table.ts';

const noon = Date.UTC(2026, 0, 15, 12);
const shapes = { conversations: conversationsShape('conversations'), routing: routingShape('routing') };

let dynalite: Dynalite;
beforeAll(async () => {
  dynalite = await startDynalite([shapes.conversations, shapes.routing]);
});
afterAll(() => dynalite.stop());

const kinds: readonly [string, TableShape, (shape: TableShape) => Table][] = [
  ['conversations in DynamoDB', shapes.conversations, (shape) => dynamoTable(dynalite.client, shape)],
  ['conversations in memory', shapes.conversations, memoryTable],
  ['teams in DynamoDB', shapes.routing, (shape) => dynamoTable(dynalite.client, shape)],
  ['teams in memory', shapes.routing, memoryTable],
];

describe.each(kinds)('the inbox of %s', (_name, shape, open) => {
  const begin = (settings = { attentionAfterMs: 2 * MINUTE, keepMs: 10 * DAY }) => {
    const table = open(shape);
    const owner = randomUUID();
    const box = inbox(table, settings);
    const put = (entry: string, at = noon) => box.put({ owner, entry, order: timeOrder(at), body: { entry }, at });
    const stored = (entry: string) => table.get({ [shape.partition]: owner, entry }, { consistent: true });
    const unread = async (limit = 100) => (await box.unread(owner, limit)).entries.map((entry) => entry.entry);
    return { table, owner, box, put, stored, unread };
  };

  test('gives back what was put, in order, however it came in', async () => {
    const { owner, box } = begin();
    const later = { owner, entry: 'm#2', order: pullOrder(3, 1), body: { text: 'b' }, at: noon };
    const sooner = { owner, entry: 'm#9', order: pullOrder(3, 0), body: { text: 'a', at: [1] }, at: noon };
    const timer = { owner, entry: 'timer', order: timeOrder(noon), body: {}, at: noon };
    for (const entry of [later, timer, sooner]) expect(await box.put(entry)).toBe('new');
    expect(await box.unread(owner, 10)).toEqual({
      entries: [sooner, later, timer].map(({ owner: _owner, ...entry }) => ({ ...entry, tries: 0 })),
      more: false,
    });
  });

  test('knows an entry that it has, and lets a repeat change nothing', async () => {
    const { owner, box, put } = begin();
    await put('m1');
    const again = { owner, entry: 'm1', order: timeOrder(noon + 1), body: { entry: 'other' }, at: noon + 1 };
    expect(await box.put(again)).toBe('known');
    const { entries } = await box.unread(owner, 10);
    expect(entries).toEqual([{ entry: 'm1', order: timeOrder(noon), body: { entry: 'm1' }, at: noon, tries: 0 }]);
  });

  test('knows a handled entry too: a repeat does not come back as new', async () => {
    const { owner, box, put, unread } = begin();
    await put('m1');
    await box.settle(owner, ['m1'], noon);
    expect(await put('m1', noon + DAY)).toBe('known');
    expect(await unread()).toEqual([]);
  });

  test('what was taken in and never marked is no news, though others that came later stand before it', async () => {
    const { owner, box, put, unread } = begin();
    await put('taken in', noon + 1);
    await put('before', noon);
    const news = async (limit: number, folded: readonly string[], first: boolean) => {
      const page = await box.unread(owner, limit);
      return (await newEntries(box, owner, folded, page, { first, at: noon })).map(({ entry }) => entry);
    };
    // The page ends before it, and the state that takes in `before` will know of `before` alone.
    expect(await news(1, ['taken in'], true)).toEqual(['before']);
    expect(await unread()).toEqual(['before']);
    await put('after', noon + 2);
    expect(await news(1, ['before'], true)).toEqual([]);
    expect(await news(1, ['before'], false)).toEqual(['after']);
  });

  test('tells when there is more than was asked for, and only then', async () => {
    const { owner, box, put } = begin();
    for (const entry of ['m1', 'm2', 'm3']) await put(entry, noon + Number(entry.slice(1)));
    const two = await box.unread(owner, 2);
    expect([two.entries.map((entry) => entry.entry), two.more]).toEqual([['m1', 'm2'], true]);
    expect((await box.unread(owner, 3)).more).toBe(false);
  });

  test('keeps owners apart', async () => {
    const { box, put } = begin();
    await put('m1');
    expect((await box.unread(randomUUID(), 10)).entries).toEqual([]);
  });

  test('settles what was read and no more; settled entries stay as history that ends', async () => {
    const { owner, box, put, unread, stored } = begin();
    await put('m1');
    await put('m2');
    await box.settle(owner, ['m1'], noon + SECOND);
    expect(await unread()).toEqual(['m2']);
    const history = await stored('m1');
    expect(history).toEqual({
      [shape.partition]: owner,
      entry: 'm1',
      body: { entry: 'm1' },
      arrivedAt: noon,
      handledAt: noon + SECOND,
      expiresAt: (noon + SECOND + 10 * DAY) / SECOND,
    });
    expect(isExpired(history ?? {}, noon + 10 * DAY)).toBe(false);
    expect(isExpired(history ?? {}, noon + 11 * DAY)).toBe(true);
  });

  test('never makes an entry by settling, trying or setting aside', async () => {
    const { owner, box, stored } = begin();
    await box.settle(owner, ['erased'], noon);
    expect(await box.tried(owner, 'erased')).toBe(0);
    await box.setAside(owner, 'erased', 'unreadable', noon);
    expect(await stored('erased')).toBeUndefined();
  });

  test('lets the first settling stand', async () => {
    const { owner, box, put, stored } = begin();
    await put('m1');
    await box.settle(owner, ['m1'], noon);
    await box.settle(owner, ['m1'], noon + DAY);
    await box.setAside(owner, 'm1', 'late', noon + DAY);
    expect(await stored('m1')).toMatchObject({ handledAt: noon });
    expect(await stored('m1')).not.toHaveProperty('dead');
  });

  test('remembers handled entries for four days, however short the retention', async () => {
    const { owner, box, put, stored } = begin({ attentionAfterMs: MINUTE, keepMs: 0 });
    await put('m1');
    await box.settle(owner, ['m1'], noon);
    expect(await stored('m1')).toHaveProperty('expiresAt', (noon + 4 * DAY) / SECOND);
  });

  test('never lets an unread entry expire', async () => {
    const { put, stored } = begin();
    await put('m1');
    expect(await stored('m1')).not.toHaveProperty('expiresAt');
  });

  test('counts tries, and sets an entry aside with its reason while later ones go on', async () => {
    const { owner, box, put, unread, stored } = begin();
    await put('poison');
    await put('m2', noon + 1);
    expect([await box.tried(owner, 'poison'), await box.tried(owner, 'poison')]).toEqual([1, 2]);
    expect((await box.unread(owner, 1)).entries[0]).toMatchObject({ entry: 'poison', tries: 2 });
    await box.setAside(owner, 'poison', 'fold-failed', noon);
    expect(await unread()).toEqual(['m2']);
    expect(await stored('poison')).toMatchObject({ dead: 'fold-failed', tries: 2, handledAt: noon });
    expect(await put('poison')).toBe('known');
  });

  test('puts an entry that was set aside back where it stood, with all its tries, and for the sweep to see', async () => {
    const { owner, box, put, unread, stored } = begin();
    await put('poison');
    await put('later', noon + 2);
    await box.tried(owner, 'poison');
    await box.setAside(owner, 'poison', 'fold-failed', noon);
    expect(await box.putBack(owner, 'poison', noon + MINUTE)).toBe('unread');
    expect(await unread()).toEqual(['poison', 'later']);
    expect((await box.unread(owner, 1)).entries[0]).toMatchObject({ order: timeOrder(noon), tries: 0 });
    expect(await stored('poison')).toMatchObject({ attentionAt: noon + 3 * MINUTE, attention: attentionShard(owner) });
    for (const name of ['dead', 'handledAt', 'expiresAt', 'order'])
      expect(await stored('poison')).not.toHaveProperty(name);

    // Whoever was killed before he could note it does it again.
    expect(await box.putBack(owner, 'poison', noon + DAY)).toBe('unread');
    expect(await stored('poison')).toMatchObject({ attentionAt: noon + 3 * MINUTE });
    await box.settle(owner, ['poison'], noon);
    expect(await box.putBack(owner, 'poison', noon)).toBe('handled');
    expect(await unread()).toEqual(['later']);
    expect(await box.putBack(owner, 'erased', noon)).toBe('gone');
    expect(await stored('erased')).toBeUndefined();
  });

  test('what was taken in is handled, though a slower process set it aside first: it is not put back to be taken in again', async () => {
    const { owner, box, put, unread, stored } = begin();
    await put('m1');
    await box.setAside(owner, 'm1', 'failed repeatedly', noon);
    await box.settle(owner, ['m1'], noon + SECOND);
    expect(await box.putBack(owner, 'm1', noon + MINUTE)).toBe('handled');
    expect(await unread()).toEqual([]);
    for (const name of ['dead', 'order']) expect(await stored('m1')).not.toHaveProperty(name);
  });

  test('puts back what an older version set aside, which kept no place, by its arrival', async () => {
    const { owner, box, put, table, unread, stored } = begin();
    await put('old', noon + 1);
    await put('next', noon + 2);
    await box.setAside(owner, 'old', 'fold-failed', noon);
    await table.update({ [shape.partition]: owner, entry: 'old' }, { remove: ['order'] });
    expect(await box.putBack(owner, 'old', noon)).toBe('unread');
    expect(await unread()).toEqual(['old', 'next']);
    // What was erased meanwhile has nothing to be handled.
    await box.setAside(owner, 'old', 'fold-failed', noon);
    await table.update({ [shape.partition]: owner, entry: 'old' }, { remove: ['body'] });
    expect(await box.putBack(owner, 'old', noon)).toBe('gone');
    expect(await stored('old')).not.toHaveProperty('unread');
  });

  test('takes a try back that was not the fault of the entry, and never more than there were', async () => {
    const { owner, box, put, stored } = begin();
    await put('m1');
    await put('m2', noon + 1);
    await box.tried(owner, 'm1');
    await box.tried(owner, 'm1');
    await box.untried(owner, ['m1', 'm2', 'erased']);
    expect((await box.unread(owner, 10)).entries.map((entry) => entry.tries)).toEqual([1, 0]);
    expect(await stored('erased')).toBeUndefined();
  });

  test('shows the sweep what is overdue, until it is handled', async () => {
    const { table, owner, box, put } = begin();
    const overdue = async (at: number) =>
      (await needingAttention(table, at, 1000)).filter((one) => one.owner === owner);
    await put('m1', noon);
    await put('m2', noon + MINUTE);
    expect(await overdue(noon + 2 * MINUTE - 1)).toEqual([]);
    expect(await overdue(noon + 2 * MINUTE)).toEqual([{ owner, attentionAt: noon + 2 * MINUTE }]);
    expect(await overdue(noon + DAY)).toEqual([{ owner, attentionAt: noon + 2 * MINUTE }]);
    await box.settle(owner, ['m1'], noon);
    await box.setAside(owner, 'm2', 'unreadable', noon);
    expect(await overdue(noon + DAY)).toEqual([]);
  });
});

describe('what needs attention', () => {
  test('is looked for in every shard, the longest overdue first, up to a limit', async () => {
    const table = memoryTable(shapes.conversations);
    const box = inbox(table, { attentionAfterMs: 0, keepMs: 0 });
    const owners = Array.from({ length: 40 }, (_, index) => `owner${index}`);
    for (const [index, owner] of owners.entries())
      await box.put({ owner, entry: 'm', order: timeOrder(noon), body: {}, at: noon + index });
    expect(new Set(owners.map(attentionShard)).size).toBe(8);
    expect((await needingAttention(table, noon + DAY, 100)).map((one) => one.owner)).toEqual(owners);
    expect((await needingAttention(table, noon + DAY, 3)).map((one) => one.owner)).toEqual(owners.slice(0, 3));
  });

  test('names an owner once, however much of it is overdue, so that none hides another', async () => {
    const table = memoryTable(shapes.conversations);
    const box = inbox(table, { attentionAfterMs: 0, keepMs: 0 });
    const put = (owner: string, entry: string, at: number) =>
      box.put({ owner, entry, order: timeOrder(at), body: {}, at });
    for (let entry = 0; entry < 1100; entry += 1) await put('crowd', `m${entry}`, noon + entry);
    const hidden = Array.from({ length: 100 }, (_, index) => `owner${index}`).filter(
      (owner) => attentionShard(owner) === attentionShard('crowd'),
    );
    for (const owner of hidden) await put(owner, 'm', noon + 2000);
    const found = await needingAttention(table, noon + DAY, 500);
    expect(found.map(({ owner }) => owner)).toEqual(['crowd', ...hidden]);
  });

  test.each(['conversation', 'c/1', '客户'])('puts %s into one of eight shards, always the same', (owner) => {
    expect(attentionShard(owner)).toMatch(/^a[0-7]$/);
    expect(attentionShard(owner)).toBe(attentionShard(owner));
  });
});

describe('the order of entries', () => {
  const place = fc.tuple(fc.nat({ max: 999_999 }), fc.nat({ max: 9999 }));
  const close = fc.tuple(fc.nat({ max: 12 }), fc.nat({ max: 12 }));

  test('as texts is that of version, then index', () => {
    fc.assert(
      fc.property(fc.oneof(place, close), fc.oneof(place, close), (a, b) => {
        const difference = a[0] - b[0] || a[1] - b[1];
        const [left, right] = [pullOrder(...a), pullOrder(...b)];
        expect(Math.sign(Buffer.compare(Buffer.from(left), Buffer.from(right)))).toBe(Math.sign(difference));
      }),
    );
  });

  test('puts what came by itself behind what was pulled', () => {
    const orders = [pullOrder(7, 12), pullOrder(8, 0), timeOrder(noon), timeOrder(noon + 1)];
    expect(orders.toReversed().toSorted()).toEqual(orders);
  });

  test.each([-1, 0.5, Number.NaN, 1e15])('has no place for %p', (time) => {
    expect(() => timeOrder(time)).toThrow(RangeError);
  });
});
