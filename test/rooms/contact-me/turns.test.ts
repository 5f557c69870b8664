import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  forgetOthers,
  giveTurn,
  NO_TURNS,
  nextTurn,
  of,
  type Share,
  type Turns,
} from '../../../lib/contact-me/turns.ts';

const team = (weights: Record<string, number>): Share[] =>
  Object.entries(weights).map(([agentId, weight]) => ({ agentId, weight }));

/** Takes so many turns; gives whose they were, and what is remembered. */
function take(count: number, shares: readonly Share[], from: Turns = NO_TURNS): { whose: string[]; turns: Turns } {
  const whose: string[] = [];
  let turns = from;
  for (let n = 0; n < count; n += 1) {
    const next = nextTurn(turns, shares);
    if (next === undefined) break;
    whose.push(next);
    turns = giveTurn(turns, shares, next);
  }
  return { whose, turns };
}

/** Whether every share, after every turn, is the fair one give or take less than one turn. In whole numbers, so exactly. */
function expectFair(whose: readonly string[], shares: readonly Share[]): void {
  const all = shares.reduce((sum, { weight }) => sum + weight, 0);
  const given = new Map<string, number>();
  const drifts = whose.flatMap((agentId, index) => {
    given.set(agentId, (given.get(agentId) ?? 0) + 1);
    return shares.filter((one) => Math.abs((given.get(one.agentId) ?? 0) * all - (index + 1) * one.weight) >= all);
  });
  expect(drifts).toEqual([]);
}

const anyShares = (most: number) =>
  fc
    .array(fc.integer({ min: 1, max: 100 }), { minLength: 1, maxLength: most })
    .map((weights) => weights.map((weight, index) => ({ agentId: `m${index}`, weight })));

describe('shares of turns', () => {
  test('equal members take turns in the order of the list, round after round', () => {
    const { whose } = take(7, team({ amy: 1, ben: 1, cat: 1 }));
    expect(whose).toEqual(['amy', 'ben', 'cat', 'amy', 'ben', 'cat', 'amy']);
  });

  test('a heavy member is spread out, not served in a row', () => {
    expect(take(7, team({ amy: 5, ben: 1, cat: 1 })).whose).toEqual(['amy', 'amy', 'amy', 'ben', 'amy', 'cat', 'amy']);
  });

  test('never drift from the weights by one turn, for up to a hundred members with any weights', () => {
    const check = (shares: Share[]) => expectFair(take(shares.length * 4, shares).whose, shares);
    fc.assert(fc.property(anyShares(100), check), { numRuns: 60 });
  });

  test('come out exactly after as many turns as the weights add up to, and go on', () => {
    const check = (shares: Share[]) => {
      const all = shares.reduce((sum, { weight }) => sum + weight, 0);
      const { whose } = take(2 * all, shares);
      expectFair(whose, shares);
      for (const { agentId, weight } of shares) {
        expect(whose.slice(0, all).filter((one) => one === agentId)).toHaveLength(weight);
      }
    };
    fc.assert(fc.property(anyShares(8), check), { numRuns: 60 });
  });

  test('never drift either after others came and went, counted from the change on', () => {
    const rosters = fc.array(fc.tuple(anyShares(8), fc.integer({ min: 1, max: 30 })), { minLength: 2, maxLength: 8 });
    const check = (changes: [Share[], number][]) => {
      let turns = NO_TURNS;
      for (const [index, [shares, count]] of changes.entries()) {
        // Always another roster than before, so that a stretch begins.
        const roster = [...shares, { agentId: `guest${index % 2}`, weight: 1 + index }];
        const taken = take(count, roster, turns);
        expectFair(taken.whose, roster);
        turns = taken.turns;
      }
    };
    fc.assert(fc.property(rosters, check), { numRuns: 200 });
  });

  test('a light member gets his share although somebody comes or goes with every turn', () => {
    const core = { amy: 10, ben: 10, cat: 1 };
    const rosters = [team(core), team({ ...core, dan: 3 })];
    const fair: Record<string, number> = {};
    const had: Record<string, number> = {};
    let turns = NO_TURNS;
    for (let n = 0; n < 2000; n += 1) {
      const shares = rosters[n % 2] ?? [];
      const all = shares.reduce((sum, { weight }) => sum + weight, 0);
      for (const { agentId, weight } of shares) fair[agentId] = of(fair, agentId) + weight / all;
      const next = nextTurn(turns, shares) ?? '';
      had[next] = of(had, next) + 1;
      turns = giveTurn(turns, shares, next);
      for (const agentId of Object.keys(fair)) expect(Math.abs(of(had, agentId) - of(fair, agentId))).toBeLessThan(2);
    }
  });

  test('who returns is not given a burst of turns', () => {
    const all = team({ amy: 1, ben: 1, cat: 1 });
    const { turns } = take(10, all);
    const away = take(500, team({ amy: 1, ben: 1 }), turns);
    expect(take(3, all, away.turns).whose.toSorted()).toEqual(['amy', 'ben', 'cat']);
  });

  test('who was sent too many is not left out for long, also where somebody comes or goes with every turn', () => {
    const rosters = [team({ amy: 1, ben: 1, cat: 1 }), team({ amy: 1, ben: 1, cat: 1, dan: 1 })];
    let turns = NO_TURNS;
    for (let n = 0; n < 50; n += 1) turns = giveTurn(turns, rosters[0] ?? [], 'amy');
    const whose: string[] = [];
    for (let n = 1; n <= 10; n += 1) {
      const taken = take(1, rosters[n % 2] ?? [], turns);
      whose.push(...taken.whose);
      turns = taken.turns;
    }
    expect(whose).toContain('amy');
  });

  test('where adds go to others than the next one, the rest is served first until shares are even', () => {
    const shares = team({ amy: 1, ben: 1, cat: 1 });
    let turns = NO_TURNS;
    for (const receiver of ['amy', 'amy', 'amy']) turns = giveTurn(turns, shares, receiver);
    expect(take(6, shares, turns).whose).toEqual(['ben', 'cat', 'ben', 'cat', 'ben', 'cat']);
  });

  test('a turn that went to somebody outside leaves the shares of the rest as they are', () => {
    const shares = team({ amy: 3, ben: 2 });
    const { turns } = take(3, shares);
    const late = giveTurn(turns, shares, 'xen');
    expect(late.count).toBe(4);
    expect(take(7, shares, late).whose).toEqual(take(7, shares, turns).whose);
  });

  test('any receivers at all leave somebody to be next', () => {
    const check = (shares: Share[], receivers: number[]) => {
      let turns = NO_TURNS;
      for (const receiver of receivers) {
        turns = giveTurn(turns, shares, `m${receiver}`);
        expect(shares.map(({ agentId }) => agentId)).toContain(nextTurn(turns, shares));
      }
    };
    fc.assert(fc.property(anyShares(6), fc.array(fc.nat(7), { maxLength: 60 }), check));
  });
});

describe('what is remembered', () => {
  test('survives being stored, and names that objects have of themselves are names like others', () => {
    const shares = [
      { agentId: 'constructor', weight: 2 },
      { agentId: '__proto__', weight: 1 },
      { agentId: '7', weight: 1 },
    ];
    const stored = (turns: Turns): Turns => JSON.parse(JSON.stringify(turns));
    let turns = NO_TURNS;
    const whose: string[] = [];
    for (let n = 0; n < 8; n += 1) {
      const next = nextTurn(turns, shares) ?? '';
      whose.push(next);
      turns = stored(giveTurn(turns, shares, next));
    }
    expectFair(whose, shares);
    expect(whose.filter((one) => one === '__proto__')).toHaveLength(2);
  });

  test('members who left the way are forgotten', () => {
    const { turns } = take(4, team({ amy: 1, ben: 1 }));
    const after = giveTurn(turns, team({ amy: 1 }), 'amy');
    expect(Object.keys(forgetOthers(after, ['amy']).last)).toEqual(['amy']);
    expect(Object.keys(forgetOthers(after, ['amy']).credit)).toEqual(['amy']);
  });

  test('nobody is next of nobody', () => {
    expect(nextTurn(NO_TURNS, [])).toBeUndefined();
  });
});
