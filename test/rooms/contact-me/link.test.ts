import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { LinkFacts } from '../../../lib/contact-me/link-epoch.ts';
import { linkStore, type Taken } from '../../../lib/contact-me/link-store.ts';
import { of } from '../../../lib/contact-me/turns.ts';
import { DAY, HOUR, MINUTE, SECOND } from '../../../lib/platform/clock.ts';
import { dynamoClient, dynamoTable } from '../../../lib/store/dynamo-table.ts';
import { type Dynalite, startDynalite } from '../../support/dynalite.ts';
import { memoryTable } from '../../support/memory-table.ts';
import {
  aLink,
  countingTable,
  inOrder,
  LINK_SHAPE,
  linkFacts,
  manyStores,
  numbersOf,
  openFromMany,
} from './link-ways.ts';
import { china, NOON } from './rotation-facts.ts';

const oneStore = (table = memoryTable(LINK_SHAPE)) => linkStore(table, table, () => new Promise(setImmediate));
const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1);
const countOf = (agentIds: readonly string[]): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const agentId of agentIds) counts[agentId] = of(counts, agentId) + 1;
  return counts;
};

/** Exactly: after every turn, each share within one turn of the fair one. */
function expectFair(turns: readonly string[], weights: Readonly<Record<string, number>>): void {
  const all = Object.values(weights).reduce((sum, weight) => sum + weight, 0);
  const had: Record<string, number> = {};
  const furthest = turns.map((agentId, index) => {
    had[agentId] = of(had, agentId) + 1;
    const off = Object.entries(weights).map(([one, weight]) => Math.abs(of(had, one) * all - (index + 1) * weight));
    return Math.max(...off) / all;
  });
  expect(Math.max(...furthest)).toBeLessThan(1);
}

/** A call takes from no to some turns of the event loop, so that calls overtake each other. */
function shuffling(seed: number): () => Promise<void> {
  let state = seed;
  return async () => {
    state = (state * 1103515245 + 12345) % 2147483648;
    for (let n = state % 4; n > 0; n -= 1) await new Promise(setImmediate);
  };
}

const WEIGHTS = { amy: 5, ben: 3, cat: 1, dan: 1 };
const weighted = aLink({
  strategy: 'weighted',
  members: Object.entries(WEIGHTS).map(([agentId, weight]) => ({ agentId, weight })),
});

describe('10,000 openings from 50 functions at once', () => {
  test('give every turn once, within one turn of the weights, with one write each', async () => {
    const items = memoryTable(LINK_SHAPE);
    const table = countingTable(items, shuffling(7));
    const counter = countingTable(items, shuffling(11));
    const taken = await openFromMany(manyStores(50, table, counter), 10_000, () => linkFacts(weighted));
    expect(numbersOf(taken)).toEqual(upTo(10_000));
    expectFair(inOrder(taken), WEIGHTS);
    expect(counter.calls).toEqual({ update: 10_000, put: 0, get: 0 });
    // 50 epochs of 200 turns: each is put once, named in the counter once, and the one before the last is let go.
    expect(table.calls.put).toBe(50);
    expect(table.calls.update).toBe(50 + 48);
  });

  test('whatever order their calls come in', async () => {
    const check = async (seed: number, functions: number) => {
      const table = countingTable(memoryTable(LINK_SHAPE), shuffling(seed));
      const taken = await openFromMany(manyStores(functions, table), 700, () => linkFacts(weighted));
      expect(numbersOf(taken)).toEqual(upTo(700));
      expectFair(inOrder(taken), WEIGHTS);
    };
    await fc.assert(fc.asyncProperty(fc.nat(1e6), fc.integer({ min: 1, max: 60 }), check), { numRuns: 20 });
  });
});

describe('over DynamoDB', () => {
  let dynalite: Dynalite;
  beforeAll(async () => {
    dynalite = await startDynalite([LINK_SHAPE]);
  });
  afterAll(() => dynalite.stop());

  test('1,000 openings from 50 functions at once give every turn once, and make each epoch once', async () => {
    const once = dynamoClient({ ...dynalite.access, attempts: 1 });
    const counter = countingTable(dynamoTable(once, LINK_SHAPE));
    const table = countingTable(dynamoTable(dynalite.client, LINK_SHAPE));
    const stores = Array.from({ length: 50 }, () => linkStore(table, counter));
    const taken = await openFromMany(stores, 1000, () => linkFacts(weighted));
    once.destroy();
    expect(numbersOf(taken)).toEqual(upTo(1000));
    expectFair(inOrder(taken), WEIGHTS);
    expect(counter.calls.update).toBe(1000);
    const { items } = await table.query({ partition: 'fair', sort: { beginsWith: 'epoch#' } });
    expect(items).toHaveLength(5);
  });
});

describe('a cap', () => {
  const capped = aLink({ members: [{ agentId: 'amy', perDay: 30 }, { agentId: 'ben', total: 7 }, 'cat'], perDay: 60 });

  test('is never offered beyond, however many openings come at once; then nobody can', async () => {
    const table = countingTable(memoryTable(LINK_SHAPE), shuffling(3));
    const taken = await openFromMany(manyStores(50, table), 400, () => linkFacts(capped));
    const counts = countOf(inOrder(taken));
    expect(counts).toEqual({ amy: 27, ben: 7, cat: 26 });
    expect(taken.filter((one) => one === 'nobody')).toHaveLength(340);
  });

  test('is never offered beyond while openings become adds and those who count them lag behind', async () => {
    const check = async (seed: number, lag: number, share: number) => {
      const way = aLink({
        members: [
          { agentId: 'amy', perDay: 12 },
          { agentId: 'ben', total: 20 },
        ],
        perDay: 25,
      });
      const store = oneStore();
      const adds: string[] = [];
      let at = NOON;
      const offered: string[] = [];
      for (let n = 0; n < 120; n += 1) {
        const seen = adds.slice(0, Math.max(0, adds.length - lag));
        const counts = Object.entries(countOf(seen)).map(
          ([id, count]) => [id, { today: count, total: count }] as const,
        );
        const given = linkFacts(way, { adds: Object.fromEntries(counts), addsAcrossWays: Object.fromEntries(counts) });
        const taken = await store.take('fair', given, at);
        if (taken !== 'nobody') offered.push(taken.agentId);
        if (taken !== 'nobody' && (n * 7919 + seed) % 100 < share) adds.push(taken.agentId);
        at += (seed % 5) * MINUTE;
      }
      const counts = countOf(offered);
      expect(of(counts, 'amy')).toBeLessThanOrEqual(12);
      expect(of(counts, 'ben')).toBeLessThanOrEqual(20);
      expect(offered.length).toBeLessThanOrEqual(25);
      expect(offered.length).toBeGreaterThan(20);
    };
    await fc.assert(fc.asyncProperty(fc.nat(1000), fc.nat(10), fc.nat(100), check), { numRuns: 60 });
  });

  test('has its room back when turns led to no add for as long as their visitors are remembered', async () => {
    const way = aLink({ members: [{ agentId: 'amy', total: 3 }], revisitMinutes: 120 });
    const store = oneStore();
    const take = (at: number) => store.take('fair', linkFacts(way), at);
    const first = [await take(NOON), await take(NOON), await take(NOON), await take(NOON)];
    expect(inOrder(first)).toEqual(['amy', 'amy', 'amy']);
    expect(await take(NOON + HOUR)).toBe('nobody');
    expect(await take(NOON + 2 * HOUR + 2 * MINUTE)).toMatchObject({ agentId: 'amy' });
  });

  test('of the day is open again after midnight', async () => {
    const way = aLink({ members: [{ agentId: 'amy', perDay: 2 }], revisitMinutes: 60 });
    const store = oneStore();
    const evening = china('2026-10-01T18:00');
    const full = linkFacts(way, { adds: { amy: { today: 2, total: 2 } } });
    await store.take('fair', linkFacts(way), evening);
    await store.take('fair', linkFacts(way), evening);
    expect(await store.take('fair', full, evening + MINUTE)).toBe('nobody');
    const nextDay = linkFacts(way, { adds: { amy: { today: 0, total: 2 } } });
    expect(await store.take('fair', nextDay, china('2026-10-02T00:00'))).toMatchObject({ agentId: 'amy' });
  });
});

test('who was full yesterday has his turns from midnight on, also by a view that was made before', async () => {
  const store = oneStore();
  const way = aLink({ members: [{ agentId: 'amy', perDay: 2 }, 'ben'] });
  const adds = { amy: { today: 2, total: 2 } };
  const yesterday = linkFacts(way, { adds, addsAcrossWays: adds, version: 5, day: '2026-10-01' });
  expect(inOrder([await store.take('fair', yesterday, NOON)])).toEqual(['ben']);
  const midnight = china('2026-10-02T00:00');
  const taken: Taken[] = [];
  for (const second of upTo(4)) taken.push(await store.take('fair', yesterday, midnight + second * SECOND));
  expect(countOf(inOrder(taken))).toEqual({ amy: 2, ben: 2 });
});

describe('when something changes', () => {
  test('who went off duty is passed over from this very opening on, and who comes on is in at once', async () => {
    const store = oneStore();
    const take = (given: LinkFacts) => store.take('fair', given, NOON);
    const both = linkFacts(aLink({ members: ['amy', 'ben'] }));
    expect(inOrder([await take(both), await take(both), await take(both)])).toEqual(['amy', 'ben', 'amy']);
    const without: LinkFacts = { ...both, revision: 2, duty: { ben: 'off' } };
    expect(inOrder([await take(without), await take(without)])).toEqual(['amy', 'amy']);
    const again: LinkFacts = { ...both, revision: 3 };
    expect(countOf(inOrder([await take(again), await take(again)]))).toMatchObject({ ben: expect.any(Number) });
  });

  test('old facts do not bring an old plan back', async () => {
    const store = oneStore();
    const both = linkFacts(aLink({ members: ['amy', 'ben'] }));
    await store.take('fair', { ...both, revision: 5, duty: { ben: 'off' } }, NOON);
    const late = [await store.take('fair', both, NOON), await store.take('fair', both, NOON)];
    expect(inOrder(late)).toEqual(['amy', 'amy']);
  });

  test('a shift that ended ends the plan, and the next one begins with the turn that noticed', async () => {
    const shifts = { weekly: [{ days: ['thu'], from: '09:00', to: '18:00' }] };
    const way = aLink({ members: [{ agentId: 'amy', shifts }, 'ben'] });
    const store = oneStore();
    const take = (time: string) => store.take('fair', linkFacts(way), china(`2026-10-01T${time}`));
    const taken = [await take('17:00'), await take('17:30'), await take('18:00'), await take('18:01')];
    expect(inOrder(taken)).toEqual(['amy', 'ben', 'ben', 'ben']);
    expect(numbersOf(taken)).toEqual([1, 2, 3, 4]);
  });

  test('in the rush, no turn is given twice and nobody gets one after he was seen off duty', async () => {
    const check = async (seed: number) => {
      const table = countingTable(memoryTable(LINK_SHAPE), shuffling(seed));
      let opened = 0;
      const members = ['amy', 'ben', 'cat'];
      const seen = (): LinkFacts => {
        opened += 1;
        const changes = Math.floor(opened / 90);
        const off = members[changes % 3] ?? '';
        return linkFacts(aLink({ members }), { revision: 1 + changes, duty: { [off]: 'off' } });
      };
      const offAt: string[] = [];
      const store = manyStores(20, table).map((one) => ({
        ...one,
        take: async (wayId: string, given: LinkFacts, at: number) => {
          const taken = await one.take(wayId, given, at);
          const latest = 1 + Math.floor(opened / 90);
          if (taken !== 'nobody' && given.revision === latest && given.duty[taken.agentId] === 'off') {
            offAt.push(taken.agentId);
          }
          return taken;
        },
      }));
      const taken = await openFromMany(store, 600, seen);
      const numbers = numbersOf(taken);
      expect(new Set(numbers).size).toBe(numbers.length);
      expect(taken).not.toContain('nobody');
      expect(offAt).toEqual([]);
    };
    await fc.assert(fc.asyncProperty(fc.nat(1e6), check), { numRuns: 20 });
  });
});

describe('when a function dies', () => {
  test('after counting, its turn counts as given', async () => {
    const table = memoryTable(LINK_SHAPE);
    const store = oneStore(table);
    const way = linkFacts(aLink({ members: ['amy', 'ben'] }));
    await store.take('fair', way, NOON);
    await table.update({ wayId: 'fair', entry: 'link' }, { add: { turn: 1 } });
    expect(inOrder([await store.take('fair', way, NOON)])).toEqual(['amy']);
  });

  test('before it made an epoch, another makes it', async () => {
    const table = memoryTable(LINK_SHAPE);
    await table.update({ wayId: 'fair', entry: 'link' }, { add: { turn: 1 } });
    const taken = await oneStore(table).take('fair', linkFacts(), NOON);
    expect(taken).toEqual({ turn: 2, agentId: 'ben' });
  });

  test('between making an epoch and naming it in the counter, that epoch ends early like all others', async () => {
    const table = memoryTable(LINK_SHAPE);
    const dying: typeof table = {
      ...table,
      update: async (key, change, options) => {
        if (change.set?.epoch !== undefined) throw new Error('died');
        return table.update(key, change, options);
      },
    };
    const way = aLink({ members: ['amy'] });
    // A plan without anybody has no end of its own.
    const nobodyThere = linkFacts(way, { duty: { amy: 'off' } });
    await expect(oneStore(dying).take('fair', nobodyThere, NOON)).rejects.toThrow('died');
    expect(await oneStore(table).take('fair', nobodyThere, NOON)).toBe('nobody');

    const taken = await oneStore(table).take('fair', linkFacts(way, { revision: 2 }), NOON);
    expect(taken).toEqual({ turn: 3, agentId: 'amy' });
  });

  test('a turn of the new epoch that is passed over before the counter names that epoch stays nobody’s', async () => {
    const table = memoryTable(LINK_SHAPE);
    const facts = linkFacts(aLink({ members: ['amy', 'ben'] }));
    const others = oneStore(table);
    for (let turn = 1; turn <= 200; turn += 1) await others.take('fair', facts, NOON);
    const slow: typeof table = {
      ...table,
      update: async (key, change, options) => {
        if (change.set?.epoch === 2)
          expect(await others.takeInstead('fair', 202, facts, NOON)).toMatchObject({ turn: 203 });
        return table.update(key, change, options);
      },
      put: async (item, condition) => {
        const written = await table.put(item, condition);
        if (String(item.entry).endsWith('2'))
          expect(await others.take('fair', facts, NOON)).toMatchObject({ turn: 202 });
        return written;
      },
    };
    await oneStore(slow).take('fair', facts, NOON);

    const { count, ever } = await oneStore(table).given('fair');
    expect([count, of(ever, 'amy') + of(ever, 'ben')]).toEqual([203, 202]);
  });

  test('anywhere, no turn is given twice and the others go on', async () => {
    const check = async (seed: number, dies: number) => {
      const table = countingTable(memoryTable(LINK_SHAPE), shuffling(seed));
      let calls = 0;
      const dying = countingTable(table, async () => {
        calls += 1;
        if (calls % dies === 0) throw new Error('killed');
      });
      const doomed = manyStores(10, dying).map((one) => ({
        ...one,
        take: (...args: Parameters<typeof one.take>) => one.take(...args).catch(() => 'nobody' as const),
      }));
      const see = () => linkFacts(weighted);
      const [sound, others] = await Promise.all([
        openFromMany(manyStores(10, table), 500, see),
        openFromMany(doomed, 500, see),
      ]);
      const numbers = numbersOf([...sound, ...others]);
      expect(new Set(numbers).size).toBe(numbers.length);
      expect(numbersOf(sound)).toHaveLength(500);
    };
    await fc.assert(fc.asyncProperty(fc.nat(1e6), fc.integer({ min: 2, max: 40 }), check), { numRuns: 20 });
  });
});

describe('turns without an add', () => {
  const lossy = (rest: Record<string, unknown>) => aLink({ members: ['amy', 'ben'], ...rest });

  /** Every second of ben's customers gives up. */
  async function aLongDay(way: ReturnType<typeof aLink>): Promise<{ turns: string[]; adds: Record<string, number> }> {
    const store = oneStore();
    const adds: Record<string, number> = {};
    const turns: string[] = [];
    let bens = 0;
    for (let n = 0; n < 600; n += 1) {
      const counts = Object.fromEntries(Object.entries(adds).map(([id, total]) => [id, { today: total, total }]));
      const taken = await store.take('fair', linkFacts(way, { adds: counts }), NOON - 10 * HOUR + n * MINUTE);
      if (taken === 'nobody') throw new Error('nobody');
      turns.push(taken.agentId);
      if (taken.agentId === 'ben') bens += 1;
      if (taken.agentId === 'amy' || bens % 2 === 0) adds[taken.agentId] = of(adds, taken.agentId) + 1;
    }
    return { turns, adds };
  }

  test('are made good after the time that the way says, so that adds come together', async () => {
    const { adds } = await aLongDay(lossy({ makeGoodAfterMinutes: 15 }));
    const share = of(adds, 'ben') / (of(adds, 'ben') + of(adds, 'amy'));
    expect(share).toBeGreaterThan(0.42);
    expect(share).toBeLessThan(0.55);
  });

  test('are left as they are unless the way says so', async () => {
    const { turns, adds } = await aLongDay(lossy({}));
    expect(countOf(turns)).toEqual({ amy: 300, ben: 300 });
    expect(adds).toEqual({ amy: 300, ben: 150 });
  });
});

describe('what was given', () => {
  test('is told by member, ever and of the day, without turns that were passed over', async () => {
    const store = oneStore();
    const way = linkFacts(aLink({ members: ['amy', 'ben'] }));
    expect(await store.given('fair')).toEqual({ count: 0, ever: {} });
    for (let n = 0; n < 250; n += 1) await store.take('fair', way, NOON);
    await store.takeInstead('fair', 250, way, NOON);
    expect(await store.given('fair')).toEqual({
      count: 251,
      ever: { amy: 126, ben: 124 },
      today: { day: '2026-10-01', turns: { amy: 126, ben: 124 } },
      next: 'ben',
    });
    await store.take('fair', way, NOON + DAY);
    const { ever, today } = await store.given('fair');
    expect(of(ever, 'amy') + of(ever, 'ben')).toBe(251);
    expect(today).toMatchObject({ day: '2026-10-02' });
  });

  test('says who is next wherever that is planned, also after an epoch that ended early', async () => {
    const store = oneStore();
    const foretold: boolean[] = [];
    for (let n = 0; n < 450; n += 1) {
      const way = linkFacts(
        aLink({ members: ['amy', 'ben', 'cat'] }),
        n < 90 ? {} : { revision: 2, duty: { cat: 'off' } },
      );
      const { next } = await store.given('fair');
      const taken = await store.take('fair', way, NOON);
      foretold.push(next !== undefined);
      // The plan of the facts before the change is out of date, and only the opening after it finds out.
      if (next !== undefined && n !== 90) expect(taken).toMatchObject({ agentId: next });
    }
    expect(foretold.filter((one) => !one)).toHaveLength(2);
  });

  test('old epochs are let go after a week, the last two stay', async () => {
    const table = memoryTable(LINK_SHAPE);
    const store = oneStore(table);
    for (let n = 0; n < 900; n += 1) await store.take('fair', linkFacts(), NOON);
    const { items } = await table.query({ partition: 'fair', sort: { beginsWith: 'epoch#' } });
    expect(items.map(({ expiresAt }) => expiresAt !== undefined)).toEqual([true, true, true, false, false]);
  });
});
