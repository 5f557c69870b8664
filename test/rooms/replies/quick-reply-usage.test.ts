import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { HOUR, MINUTE } from '../../../lib/platform/clock.ts';
import { quickReplyUsageStore } from '../../../lib/replies/quick-reply-usage-store.ts';
import { repliesShape } from '../../../lib/store/tables.ts';
import { memoryTable } from '../../support/memory-table.ts';

const NOON = Date.parse('2026-10-01T04:00:00Z');
const aStore = () => quickReplyUsageStore(memoryTable(repliesShape('replies')), 'Asia/Shanghai');

test('uses are counted by day of the corp and in all', async () => {
  const store = aStore();
  await store.count('a', ['hours', 'delivery', 'hours'], NOON);
  await store.count('b', ['hours'], NOON + 11 * HOUR);
  await store.count('c', ['hours'], NOON + 13 * HOUR);
  expect([...(await store.usage())]).toEqual([
    ['delivery', { total: 1, days: [{ day: '2026-10-01', said: 1 }] }],
    [
      'hours',
      {
        total: 3,
        days: [
          { day: '2026-10-01', said: 2 },
          { day: '2026-10-02', said: 1 },
        ],
      },
    ],
  ]);
});

test('however often a use is told again within the hour, it is counted once', async () => {
  const use = fc.record({ id: fc.nat(20), after: fc.nat(59) });
  await fc.assert(
    fc.asyncProperty(fc.array(use, { maxLength: 60 }), async (told) => {
      const store = aStore();
      // A use keeps its own time however late it is told.
      const at = (id: number) => NOON + id * 2 * MINUTE;
      for (const { id } of told.sort((a, b) => a.after - b.after)) await store.count(`use${id}`, ['hours'], at(id));
      expect((await store.usage()).get('hours')?.total ?? 0).toBe(new Set(told.map(({ id }) => id)).size);
    }),
  );
});

test('days that are long past are not counted one by one any more, and the item stays small', async () => {
  const table = memoryTable(repliesShape('replies'));
  const store = quickReplyUsageStore(table, 'Asia/Shanghai');
  for (let hour = 0; hour < 200 * 24; hour += 6) await store.count(`use${hour}`, ['hours'], NOON + hour * HOUR);
  const usage = (await store.usage()).get('hours');
  expect(usage?.total).toBe(800);
  expect(usage?.days).toHaveLength(90);
  expect(usage?.days.at(-1)).toMatchObject({ said: expect.any(Number) });
  const item = await table.get({ id: 'quick-reply-usage', entry: 'hours' });
  expect(Object.keys(item ?? {}).length).toBeLessThan(100);
});

test('what is said once a week keeps its item small, too', async () => {
  const table = memoryTable(repliesShape('replies'));
  const store = quickReplyUsageStore(table, 'Asia/Shanghai');
  for (let day = 0; day < 3 * 365; day += 7) await store.count(`use${day}`, ['hours'], NOON + day * 24 * HOUR);
  const item = await table.get({ id: 'quick-reply-usage', entry: 'hours' });
  expect(Object.keys(item ?? {}).filter((name) => name.startsWith('day#')).length).toBeLessThan(20);
});
