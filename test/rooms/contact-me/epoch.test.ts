import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { RotationFacts } from '../../../lib/contact-me/eligibility.ts';
import { type Epoch, planEpoch, turnsAfterEpoch } from '../../../lib/contact-me/epoch.ts';
import { rotate } from '../../../lib/contact-me/rotate.ts';
import { of } from '../../../lib/contact-me/turns.ts';
import { anyFacts, aWay, china, facts, NOON } from './rotation-facts.ts';

const link = (rest: Record<string, unknown> = {}) => aWay({ mode: 'link', ...rest });
const countOf = (turns: readonly string[]): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const agentId of turns) counts[agentId] = of(counts, agentId) + 1;
  return counts;
};
/** The turns that are shared by weight: all but those that make others good. */
const shared = ({ turns, extra }: Epoch): string[] => turns.filter((_, position) => !extra.includes(position));

/** Exactly: each share, after every turn, within one turn of the fair one. */
function expectFair(turns: readonly string[], weights: Readonly<Record<string, number>>): void {
  const all = Object.values(weights).reduce((sum, weight) => sum + weight, 0);
  const had: Record<string, number> = {};
  for (const [index, agentId] of turns.entries()) {
    had[agentId] = of(had, agentId) + 1;
    for (const [one, weight] of Object.entries(weights)) {
      expect(Math.abs(of(had, one) * all - (index + 1) * weight)).toBeLessThan(all);
    }
  }
}

describe('an epoch', () => {
  test('is the turns that rotating one by one would give, written down at once', () => {
    const members = [{ agentId: 'amy', weight: 2 }, 'ben'];
    expect(planEpoch({ ...facts(link()), length: 5 }).turns).toEqual(['amy', 'ben', 'cat', 'amy', 'ben']);
    const epoch = planEpoch({ ...facts(link({ strategy: 'weighted', members })), length: 6 });
    expect(countOf(epoch.turns)).toEqual({ amy: 4, ben: 2 });
    expect(epoch).toMatchObject({ from: 'members', extra: [], owed: {} });
  });

  test('has nobody more often than his caps leave room for, counting open turns, and gives the rest to the others', () => {
    const members = [{ agentId: 'amy', perDay: 5 }, { agentId: 'ben', total: 9 }, 'cat'];
    const given = facts(link({ members }), {
      adds: { amy: { today: 2, total: 40 }, ben: { today: 0, total: 8 } },
      pending: { amy: 1 },
    });
    expect(countOf(planEpoch({ ...given, length: 20 }).turns)).toEqual({ amy: 2, ben: 1, cat: 17 });
  });

  test('ends with the room of the way and is empty when nobody can take a turn', () => {
    const way = link({ perDay: 10 });
    const given = facts(way, { adds: { amy: { today: 4, total: 4 } }, pending: { ben: 2 } });
    expect(planEpoch({ ...given, length: 100 }).turns).toHaveLength(4);
    const off = facts(link({ members: ['amy'] }), { duty: { amy: 'off' } });
    expect(planEpoch({ ...off, length: 100 })).toMatchObject({ turns: [], from: 'nobody' });
  });

  test('goes to the backups when no member can, and holds until somebody’s shift begins', () => {
    const shifts = { weekly: [{ days: ['thu'], from: '14:00', to: '18:00' }] };
    const way = link({ members: [{ agentId: 'amy', shifts }], backups: ['xen', 'yan'] });
    const epoch = planEpoch({ ...facts(way), length: 4 });
    expect(epoch).toMatchObject({ turns: ['xen', 'yan', 'xen', 'yan'], from: 'backups' });
    expect(epoch.validUntil).toBe(china('2026-10-01T14:00'));
  });

  test('least-added-today counts the turns of the epoch itself, so that it does not send everybody to one', () => {
    const given = facts(link({ strategy: 'least-added-today' }), { adds: { amy: { today: 2, total: 2 } } });
    expect(planEpoch({ ...given, length: 7 }).turns.join(' ')).toBe('ben cat ben cat amy ben cat');
  });
});

describe('from epoch to epoch', () => {
  test('shares go on where the last epoch was left, wherever that was', () => {
    const weights = fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 2, maxLength: 8 });
    const cuts = fc.array(fc.tuple(fc.integer({ min: 1, max: 25 }), fc.double({ min: 0, max: 1, noNaN: true })), {
      maxLength: 8,
    });
    const check = (numbers: number[], epochs: [number, number][]) => {
      const members = numbers.map((weight, index) => ({ agentId: `m${index}`, weight }));
      let given = facts(link({ strategy: 'weighted', members }));
      const all: string[] = [];
      for (const [length, share] of epochs) {
        const epoch = planEpoch({ ...given, length });
        const taken = Math.ceil(length * share);
        all.push(...epoch.turns.slice(0, taken));
        given = { ...given, turns: turnsAfterEpoch(given.turns, epoch, taken) };
      }
      expectFair(all, Object.fromEntries(members.map(({ agentId, weight }) => [agentId, weight])));
    };
    fc.assert(fc.property(weights, cuts, check), { numRuns: 200 });
  });

  test('a skipped turn is nobody’s: after it the one who was skipped is first again', () => {
    const given = facts(link());
    const epoch = planEpoch({ ...given, length: 6 });
    const turns = turnsAfterEpoch(given.turns, epoch, 3, new Set([1]));
    expect(turns.count).toBe(2);
    expect(rotate({ ...given, turns }).next).toBe('ben');
  });

  test('what is remembered of an epoch that was used up equals what its planning went through, caps included', () => {
    const members = [{ agentId: 'amy', weight: 3, perDay: 2 }, { agentId: 'ben', weight: 2 }, 'cat'];
    const given = facts(link({ strategy: 'weighted', members }));
    const epoch = planEpoch({ ...given, length: 12 });
    expect(epoch.spells.map(({ shares }) => shares.length)).toEqual([3, 2]);
    const turns = turnsAfterEpoch(given.turns, epoch, 12);
    const later = { ...given, turns, adds: { amy: { today: 2, total: 2 } } };
    const after = shared(epoch).slice(epoch.spells[1]?.from);
    const next = planEpoch({ ...later, length: 9 });
    expectFair([...after, ...next.turns], { ben: 2, cat: 1 });
  });
});

describe('turns that led to no add', () => {
  test('are made good on top of the shares, spread over the epoch and told apart', () => {
    const given = facts(link());
    const epoch = planEpoch({ ...given, length: 16, owed: { ben: 3, cat: 1 } });
    expect(epoch.turns).toHaveLength(16);
    expect(countOf(epoch.extra.map((position) => epoch.turns[position] ?? ''))).toEqual({ ben: 3, cat: 1 });
    expect(countOf(shared(epoch))).toEqual({ amy: 4, ben: 4, cat: 4 });
    expect(epoch.extra).toEqual([2, 6, 10, 14]);
    expect(epoch.owed).toEqual({});
  });

  test('take half of an epoch at most; what is left stays owed, as does what is owed to somebody who cannot take it', () => {
    const given = facts(link(), { duty: { cat: 'off' } });
    const epoch = planEpoch({ ...given, length: 6, owed: { amy: 9, cat: 2 } });
    expect(epoch.extra).toHaveLength(3);
    expect(epoch.owed).toEqual({ amy: 6, cat: 2 });
  });

  test('bring the shares of adds together where one member’s openings are lost', () => {
    const members = ['amy', 'ben'];
    let given = facts(link({ members }));
    let owed: Record<string, number> = {};
    const adds: Record<string, number> = {};
    for (let n = 0; n < 40; n += 1) {
      const epoch = planEpoch({ ...given, length: 10, owed });
      const lost: string[] = [];
      // Every second customer of ben gives up before adding him.
      let opened = 0;
      for (const agentId of epoch.turns) {
        if (agentId === 'ben') opened += 1;
        if (agentId === 'ben' && opened % 2 === 0) lost.push(agentId);
        else adds[agentId] = of(adds, agentId) + 1;
      }
      owed = { ...epoch.owed, ben: of(epoch.owed, 'ben') + lost.length };
      given = { ...given, turns: turnsAfterEpoch(given.turns, epoch, epoch.turns.length) };
    }
    const all = of(adds, 'amy') + of(adds, 'ben');
    expect(of(adds, 'ben') / all).toBeGreaterThan(0.45);
  });
});

describe('for any way at any moment', () => {
  const owed = fc.dictionary(fc.constantFrom('m0', 'm1', 'm2', 'xen'), fc.integer({ min: 1, max: 6 }));
  const length = fc.integer({ min: 1, max: 40 });

  test('no cap can be passed by the turns of an epoch, and only those who can take a turn are in it', () => {
    const check = (given: RotationFacts, turns: number, due: Record<string, number>) => {
      const epoch = planEpoch({ ...given, length: turns, owed: due });
      const counts = countOf(epoch.turns);
      const can = rotate({ ...given, way: { ...given.way, mode: 'pool' } });
      expect(epoch.turns.length).toBeLessThanOrEqual(turns);
      for (const [agentId, count] of Object.entries(counts)) {
        expect(can.next).toBeDefined();
        expect(can.listed).toContain(agentId);
        const member = given.way.members.find((one) => one.agentId === agentId);
        const open = of(given.pending ?? {}, agentId) + count;
        const today = (adds: RotationFacts['adds']) => (adds[agentId]?.today ?? 0) + open;
        const ever = (adds: RotationFacts['adds']) => (adds[agentId]?.total ?? 0) + open;
        const none = Number.POSITIVE_INFINITY;
        expect(today(given.adds)).toBeLessThanOrEqual(member?.perDay ?? none);
        expect(ever(given.adds)).toBeLessThanOrEqual(member?.total ?? none);
        expect(today(given.addsAcrossWays)).toBeLessThanOrEqual(member?.perDayAcrossWays ?? none);
        expect(ever(given.addsAcrossWays)).toBeLessThanOrEqual(member?.totalAcrossWays ?? none);
      }
      const all = [...Object.values(given.adds).map(({ today }) => today), ...Object.values(given.pending ?? {})];
      const taken = all.reduce((sum, one) => sum + one, 0);
      if (epoch.turns.length > 0 && given.way.perDay) {
        expect(taken + epoch.turns.length).toBeLessThanOrEqual(given.way.perDay);
      }
    };
    fc.assert(fc.property(anyFacts, length, owed, check), { numRuns: 1000 });
  });

  test('shares are within one turn as long as the same members share, with and without turns made good', () => {
    const check = (given: RotationFacts, turns: number, due: Record<string, number>) => {
      if (given.way.strategy !== 'weighted' && given.way.strategy !== 'round-robin') return;
      const epoch = planEpoch({ ...given, length: turns, owed: due });
      const whose = shared(epoch);
      for (const [index, spell] of epoch.spells.entries()) {
        const end = epoch.spells[index + 1]?.from ?? epoch.turns.length;
        const before = epoch.extra.filter((position) => position < spell.from).length;
        const within = epoch.extra.filter((position) => position < end).length;
        const weights = Object.fromEntries(spell.shares.map(({ agentId, weight }) => [agentId, weight]));
        expectFair(whose.slice(spell.from - before, end - within), weights);
      }
    };
    fc.assert(fc.property(anyFacts, length, owed, check), { numRuns: 500 });
  });

  test('the same facts give the same epoch', () => {
    const check = (given: RotationFacts, turns: number) => {
      expect(planEpoch({ ...given, length: turns })).toEqual(planEpoch({ ...structuredClone(given), length: turns }));
    };
    fc.assert(fc.property(anyFacts, length, check), { numRuns: 100 });
  });
});

test('10,000 turns of twenty members in epochs of 500: every share within one turn of its weight', () => {
  const members = Array.from({ length: 20 }, (_, index) => ({ agentId: `m${index}`, weight: 1 + ((index * 7) % 13) }));
  let given = facts(link({ strategy: 'weighted', members }), { at: NOON });
  const all: string[] = [];
  while (all.length < 10_000) {
    const epoch = planEpoch({ ...given, length: 500 });
    all.push(...epoch.turns);
    given = { ...given, turns: turnsAfterEpoch(given.turns, epoch, 500) };
  }
  const counts = countOf(all);
  const weight = members.reduce((sum, one) => sum + one.weight, 0);
  for (const one of members) {
    expect(Math.abs(of(counts, one.agentId) - (all.length * one.weight) / weight)).toBeLessThan(1);
  }
});
