import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { aheadOf, NO_TEAM_TURNS, type TeamTurns, takeOutOfTurn, takeTurn } from '../../../lib/routing/team-turns.ts';

interface Member {
  readonly agentId: string;
  readonly weight: number;
}

const next = (turns: TeamTurns, members: readonly Member[]): Member | undefined =>
  members.toSorted((a, b) => aheadOf(turns, a.agentId) - aheadOf(turns, b.agentId))[0];

/** Turns of those who can take each; gives how many each had, and what is remembered. */
function play(rounds: readonly (readonly Member[])[], from: TeamTurns = NO_TEAM_TURNS) {
  const had = new Map<string, number>();
  let turns = from;
  for (const able of rounds) {
    const chosen = next(turns, able);
    if (!chosen) continue;
    had.set(chosen.agentId, (had.get(chosen.agentId) ?? 0) + 1);
    turns = takeTurn(turns, chosen.agentId, chosen.weight);
  }
  return { had, turns };
}

const weights = fc.array(fc.integer({ min: 1, max: 100 }), { minLength: 2, maxLength: 8 });
const membersOf = (all: readonly number[]): Member[] => all.map((weight, index) => ({ agentId: `m${index}`, weight }));

describe('turns of a team', () => {
  test('between two who could take every turn, what they got differs by at most a turn of each, whoever else comes and goes', () => {
    const anyRounds = weights.chain((all) => {
      const [one, two, ...others] = membersOf(all);
      const both = [one, two].filter((member) => member !== undefined);
      const round = fc.subarray(others).map((some) => [...both, ...some]);
      const before = fc.array(fc.subarray(membersOf(all)), { maxLength: 40 });
      return fc.tuple(fc.constant(both), before, fc.array(round, { maxLength: 200 }));
    });
    fc.assert(
      fc.property(anyRounds, ([both, before, rounds]) => {
        const { had } = play(rounds, play(before).turns);
        const [a, b] = both.map(({ agentId, weight }) => ({
          turns: (had.get(agentId) ?? 0) / weight,
          one: 1 / weight,
        }));
        if (!a || !b) throw new Error('two members were drawn');
        expect(Math.abs(a.turns - b.turns)).toBeLessThanOrEqual((a.one + b.one) * (1 + 1e-4));
      }),
      { numRuns: 500 },
    );
  });

  test('come out exactly by weight after as many as the weights add up to', () => {
    const members = membersOf([5, 2, 1]);
    const { had } = play(Array.from({ length: 80 }, () => members));
    expect([...had.values()]).toEqual([50, 20, 10]);
  });

  test('who let turns pass comes back to his share, not to a burst', () => {
    const [amy, ben] = membersOf([1, 1]);
    if (!amy || !ben) throw new Error('two members');
    const { turns } = play(Array.from({ length: 50 }, () => [amy]));
    const { had } = play(
      Array.from({ length: 10 }, () => [amy, ben]),
      turns,
    );
    expect(had.get(ben.agentId)).toBeLessThanOrEqual(6);
  });

  test('out of turn, at most two turns are held against anybody', () => {
    let turns = NO_TEAM_TURNS;
    for (let n = 0; n < 50; n += 1) turns = takeOutOfTurn(turns, 'm0', 1);
    const { had } = play(
      Array.from({ length: 10 }, () => membersOf([1, 1])),
      turns,
    );
    expect(had.get('m0')).toBe(4);
  });

  test('only those are remembered who are ahead, so what is kept does not grow', () => {
    fc.assert(
      fc.property(fc.array(fc.subarray(membersOf([1, 3, 7, 100, 2])), { maxLength: 100 }), (rounds) => {
        const { turns } = play(rounds);
        expect(Object.values(turns).every((ahead) => Number.isInteger(ahead) && ahead > 0)).toBe(true);
        expect(Object.keys(turns).length).toBeLessThanOrEqual(5);
      }),
    );
  });
});
