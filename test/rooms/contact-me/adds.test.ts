import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  type Counted,
  type CustomerRelations,
  episodesOf,
  foldContactEvent,
  NO_RELATIONS,
  type RelationEvent,
} from '../../../lib/contact-me/adds.ts';
import { DAY, HOUR, SECOND } from '../../../lib/platform/clock.ts';
import { NOON, SHANGHAI } from './rotation-facts.ts';

const CUSTOMER = 'wmEve';
const half = (at: number, more: Partial<RelationEvent> = {}): RelationEvent => full(at, { half: true, ...more });
const full = (at: number, more: Partial<RelationEvent> = {}): RelationEvent => ({
  type: 'added',
  agentId: 'amy',
  customerId: CUSTOMER,
  wayId: 'fair',
  at,
  half: false,
  ...more,
});
const gone = (at: number, more: Partial<RelationEvent> = {}): RelationEvent => ({
  type: 'deleted-by-customer',
  agentId: 'amy',
  customerId: CUSTOMER,
  at,
  ...more,
});
const transferred = (at: number): RelationEvent => gone(at, { type: 'deleted-by-agent', byTransfer: true });

function foldAll(events: readonly RelationEvent[]): { relations: CustomerRelations; counted: Counted[] } {
  let relations = NO_RELATIONS;
  const counted: Counted[] = [];
  for (const event of events) {
    const folded = foldContactEvent(relations, event, SHANGHAI);
    relations = folded.relations;
    counted.push(...folded.counted);
  }
  return { relations, counted };
}

/** What is counted after all corrections: `day kind agent way`, with how often. */
function totals(counted: readonly Counted[]): Record<string, number> {
  const sums = new Map<string, number>();
  for (const { day, kind, agentId, wayId, change } of counted) {
    const name = `${day} ${kind} ${agentId} ${wayId ?? '-'}`;
    sums.set(name, (sums.get(name) ?? 0) + change);
  }
  return Object.fromEntries([...sums].filter(([, sum]) => sum !== 0));
}
const counts = (...events: RelationEvent[]) => totals(foldAll(events).counted);

describe('one add', () => {
  const once = { '2026-10-01 new amy fair': 1 };

  test('half and full are one add, together, reversed, days apart or alone', () => {
    expect(counts(half(NOON), full(NOON))).toEqual(once);
    expect(counts(full(NOON + SECOND), half(NOON))).toEqual(once);
    expect(counts(half(NOON), full(NOON + 3 * DAY))).toEqual(once);
    expect(counts(half(NOON))).toEqual(once);
    expect(counts(full(NOON))).toEqual(once);
  });

  test('is counted on its first day, also when the news of that day came last', () => {
    expect(counts(full(NOON + 3 * DAY), half(NOON))).toEqual(once);
  });

  test('days are the company’s: 23:59 in Shanghai and a minute later are two', () => {
    const late = NOON + 12 * HOUR - SECOND;
    expect(counts(half(late))).toEqual(once);
    expect(counts(half(late + SECOND))).toEqual({ '2026-10-02 new amy fair': 1 });
  });

  test('the same event through two doors is one', () => {
    const { counted, relations } = foldAll([
      half(NOON),
      half(NOON),
      full(NOON + SECOND),
      full(NOON + SECOND),
      half(NOON),
    ]);
    expect(counted).toHaveLength(1);
    expect(relations.revision).toBe(2);
  });

  test('knows when the member has added the customer back', () => {
    expect(episodesOf(foldAll([half(NOON)]).relations)).toMatchObject([{ full: false }]);
    expect(episodesOf(foldAll([half(NOON), full(NOON + DAY)]).relations)).toMatchObject([{ full: true }]);
  });
});

describe('deleting and coming back', () => {
  test('a re-add is an add, but not of a new customer', () => {
    expect(counts(half(NOON), gone(NOON + DAY), half(NOON + 2 * DAY))).toEqual({
      '2026-10-01 new amy fair': 1,
      '2026-10-02 lost amy fair': 1,
      '2026-10-03 again amy fair': 1,
    });
  });

  test('CreateTime orders add and delete, not the order of arrival', () => {
    const late = counts(half(NOON + 2 * DAY), half(NOON), gone(NOON + DAY));
    expect(late).toEqual(counts(half(NOON), gone(NOON + DAY), half(NOON + 2 * DAY)));
  });

  test('a customer from before our time who deletes a member and comes back is not new', () => {
    expect(counts(gone(NOON), half(NOON + DAY))).toEqual({ '2026-10-02 again amy fair': 1 });
  });

  test('a hand-over to another member is no churn, and the customer is not new to that one', () => {
    const handOver = counts(full(NOON), transferred(NOON + DAY), full(NOON + DAY, { agentId: 'ben', wayId: 'other' }));
    expect(handOver).toEqual({ '2026-10-01 new amy fair': 1, '2026-10-02 again ben other': 1 });
  });

  test('add and delete within one second: who was there left and came back, who was not came and left', () => {
    const left = episodesOf(foldAll([full(NOON), gone(NOON)]).relations);
    expect(left).toMatchObject([{ startedAt: NOON, endedAt: NOON }]);
    const back = episodesOf(foldAll([full(NOON - DAY), full(NOON), gone(NOON)]).relations);
    expect(back).toMatchObject([{ endedAt: NOON }, { startedAt: NOON, kind: 'again' }]);
    expect(back[1]).not.toHaveProperty('endedAt');
  });
});

describe('whose add it is', () => {
  test('a second member who adds the same customer: already served by the first, counted apart', () => {
    const { relations, counted } = foldAll([full(NOON), full(NOON + HOUR, { agentId: 'ben' })]);
    expect(totals(counted)).toEqual({ '2026-10-01 new amy fair': 1, '2026-10-01 already-served ben fair': 1 });
    expect(episodesOf(relations)[1]).toMatchObject({ agentId: 'ben', kind: 'already-served', servedBy: 'amy' });
  });

  test('once the first has gone the customer is known, but served by nobody', () => {
    expect(counts(full(NOON), gone(NOON + HOUR), full(NOON + DAY, { agentId: 'ben' }))).toMatchObject({
      '2026-10-02 again ben fair': 1,
    });
  });

  test('the first event that names a way decides, and none of ours means unattributed', () => {
    const foreign: RelationEvent = { type: 'added', agentId: 'amy', customerId: CUSTOMER, at: NOON, half: true };
    expect(counts(foreign)).toEqual({ '2026-10-01 new amy -': 1 });
    expect(counts(foreign, full(NOON + SECOND))).toEqual({ '2026-10-01 new amy fair': 1 });
    expect(counts(half(NOON), full(NOON + SECOND, { wayId: 'other' }))).toEqual({ '2026-10-01 new amy fair': 1 });
    expect(counts(half(NOON), gone(NOON + DAY), { ...foreign, at: NOON + 2 * DAY })).toMatchObject({
      '2026-10-03 again amy -': 1,
    });
  });
});

describe('for any events in any order', () => {
  const WAYS = ['fair', 'other', undefined] as const;
  const anyEvent = fc
    .record({
      kind: fc.constantFrom('half', 'full', 'gone', 'transferred'),
      agentId: fc.constantFrom('amy', 'ben', '__proto__'),
      seconds: fc.nat(8).map((n) => n * 6 * HOUR),
      wayId: fc.constantFrom(...WAYS),
    })
    .map(({ kind, agentId, seconds, wayId }): RelationEvent => {
      const who = { agentId, customerId: CUSTOMER, at: NOON + seconds };
      if (kind === 'gone') return { type: 'deleted-by-customer', ...who };
      if (kind === 'transferred') return { type: 'deleted-by-agent', byTransfer: true, ...who };
      return { type: 'added', half: kind === 'half', ...who, ...(wayId === undefined ? {} : { wayId }) };
    });
  const events = fc.array(anyEvent, { maxLength: 12 });

  test('shuffled and repeated, they come to the same counts and the same episodes', () => {
    const twice = events.chain((all) =>
      fc.tuple(fc.constant(all), fc.shuffledSubarray([...all, ...all], { minLength: all.length * 2 })),
    );
    const check = ([inOrder, shuffled]: [RelationEvent[], RelationEvent[]]) => {
      const [one, other] = [foldAll(inOrder), foldAll(shuffled)];
      expect(totals(other.counted)).toEqual(totals(one.counted));
      expect(episodesOf(other.relations)).toEqual(episodesOf(one.relations));
    };
    fc.assert(fc.property(twice, check), { numRuns: 500 });
  });

  test('each episode is one add, at most one is new, and nothing is ever counted less than not at all', () => {
    const check = (all: RelationEvent[]) => {
      const { relations, counted } = foldAll(all);
      const sums = Object.entries(totals(counted));
      const adds = sums.filter(([name]) => !name.includes(' lost '));
      const episodes = episodesOf(relations);
      expect(adds.reduce((sum, [, count]) => sum + count, 0)).toBe(episodes.length);
      expect(episodes.filter(({ kind }) => kind === 'new').length).toBeLessThanOrEqual(1);
      expect(sums.filter(([, count]) => count < 0)).toEqual([]);
    };
    fc.assert(fc.property(events, check), { numRuns: 500 });
  });

  test('a fold that is repeated before it was saved has the same keys, and no two counts share one', () => {
    const check = (all: RelationEvent[]) => {
      const { counted } = foldAll(all);
      expect(new Set(counted.map(({ key }) => key)).size).toBe(counted.length);
      let relations = NO_RELATIONS;
      for (const event of all) {
        const first = foldContactEvent(relations, event, SHANGHAI);
        expect(foldContactEvent(relations, event, SHANGHAI)).toEqual(first);
        relations = first.relations;
      }
    };
    fc.assert(fc.property(events, check), { numRuns: 200 });
  });

  test('the record of somebody who adds and deletes all day long stays bounded, and repeats still count nothing', () => {
    const playing = Array.from({ length: 400 }, (_, n) =>
      n % 2 === 0 ? half(NOON + n * SECOND) : gone(NOON + n * SECOND),
    );
    const { relations, counted } = foldAll(playing);
    expect(relations.facts.amy?.length).toBeLessThanOrEqual(100);
    expect(totals(counted)).toEqual({
      '2026-10-01 new amy fair': 1,
      '2026-10-01 again amy fair': 199,
      '2026-10-01 lost amy fair': 200,
    });
    const again = playing.flatMap((event) => foldContactEvent(relations, event, SHANGHAI).counted);
    expect(again).toEqual([]);
  });
});

test('two customers in one second are both counted', () => {
  const eve = foldContactEvent(undefined, half(NOON), SHANGHAI).counted;
  const fay = foldContactEvent(undefined, half(NOON, { customerId: 'wmFay' }), SHANGHAI).counted;
  expect(new Set([...eve, ...fay].map(({ key }) => key)).size).toBe(2);
});
