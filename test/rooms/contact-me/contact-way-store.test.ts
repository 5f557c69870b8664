import { describe, expect, test } from '@jest/globals';
import { contactWayStore, HouseSettings } from '../../../lib/contact-me/contact-way-store.ts';
import { DAY, MINUTE } from '../../../lib/platform/clock.ts';
import { inbox, needingAttention } from '../../../lib/store/inbox.ts';
import type { Table } from '../../../lib/store/table.ts';
import { contactWaysShape } from '../../../lib/store/tables.ts';
import { memoryTable } from '../../support/memory-table.ts';
import { aWay, NOON } from './rotation-facts.ts';

const settings = HouseSettings.parse({ calendar: { holidays: ['2026-10-01'] } });

function world(wrap: (table: Table) => Table = (table) => table) {
  const table = wrap(memoryTable(contactWaysShape('ways')));
  const store = contactWayStore(table, inbox(table, { attentionAfterMs: MINUTE, keepMs: 14 * DAY }));
  return {
    store,
    /** The ways that the sweep would wake after a minute. */
    found: async () => (await needingAttention(table, NOON + MINUTE, 10)).map(({ owner }) => owner).sort(),
    /** What the way's writer does with the entries that it has read. */
    async takeIn(wayId: string) {
      const { entries } = await store.inbox.unread(wayId, 100);
      await store.inbox.settle(
        wayId,
        entries.map(({ entry }) => entry),
        NOON,
      );
    },
  };
}

const changes: [string, (store: ReturnType<typeof world>['store']) => Promise<void>, string[]][] = [
  ['a new way', (store) => store.saveWay(aWay({ wayId: 'new' }), NOON), ['new']],
  ['a changed way', (store) => store.saveWay(aWay({ wayId: 'one', name: 'Changed' }), NOON), ['one']],
  ['a removed way', (store) => store.removeWay('one', NOON), ['one']],
  ['a changed calendar', (store) => store.saveSettings(settings, NOON), ['one', 'two']],
];

describe.each(changes)('%s', (_, change, wayIds) => {
  async function withTwoWays(wrap?: (table: Table) => Table) {
    const it = world(wrap);
    for (const wayId of ['one', 'two']) {
      await it.store.saveWay(aWay({ wayId }), NOON);
      await it.takeIn(wayId);
    }
    return it;
  }

  test('is found by the sweep within a minute when nobody is woken', async () => {
    const { store, found } = await withTwoWays();
    expect(await found()).toEqual([]);
    await change(store);
    expect(await found()).toEqual(wayIds);
  });

  test('is found also when a way was looked at just before it was written', async () => {
    let lookAt = async (): Promise<void> => undefined;
    const it = await withTwoWays((table) => ({
      ...table,
      async put(item, condition) {
        if (!('unread' in item)) await lookAt();
        return table.put(item, condition);
      },
      async delete(key, condition) {
        await lookAt();
        return table.delete(key, condition);
      },
    }));
    lookAt = async () => {
      for (const wayId of ['new', 'one', 'two']) await it.takeIn(wayId);
    };
    await change(it.store);
    expect(await it.found()).toEqual(wayIds);
  });

  test('is found when the process died at any write after the first', async () => {
    for (let alive = 1; alive < 6; alive += 1) {
      let left = Number.POSITIVE_INFINITY;
      const { store, found } = await withTwoWays((table) => dying(table, () => left-- > 0));
      const before = JSON.stringify([await store.ways(), await store.settings()]);
      left = alive;
      await change(store).catch(() => undefined);
      left = Number.POSITIVE_INFINITY;
      const written = JSON.stringify([await store.ways(), await store.settings()]) !== before;
      expect({ alive, found: written ? await found() : wayIds }).toEqual({ alive, found: wayIds });
    }
  });
});

function dying(table: Table, alive: () => boolean): Table {
  const living = <Arguments extends unknown[], Answer>(write: (...of: Arguments) => Promise<Answer>) => {
    return async (...of: Arguments): Promise<Answer> => {
      if (!alive()) throw new Error('died');
      return write(...of);
    };
  };
  return { ...table, put: living(table.put), delete: living(table.delete) };
}
