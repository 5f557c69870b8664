import type { LinkEpoch } from '../../../lib/contact-me/link-epoch.ts';
import type { Share, Turns } from '../../../lib/contact-me/turns.ts';

/** Turns while the same members with the same weights share them. */
export interface Stretch {
  readonly wayId: string;
  readonly turns: number;
  /** The most that anybody was ahead of or behind his share, after any turn. */
  readonly worst: number;
  /** Turns that WeCom gave to somebody else than the next one. */
  readonly elsewhere: number;
}

const sum = (numbers: readonly number[]): number => numbers.reduce((all, one) => all + one, 0);

/** How far the fullest or the emptiest hand is from its share. */
function deviation(given: ReadonlyMap<string, number>, shares: readonly Share[]): number {
  const all = sum(shares.map(({ weight }) => weight));
  const turns = sum(shares.map(({ agentId }) => given.get(agentId) ?? 0));
  return Math.max(
    0,
    ...shares.map(({ agentId, weight }) => Math.abs((given.get(agentId) ?? 0) - (turns * weight) / all)),
  );
}

/** The stretches of a `turn` or `pool` way, read from its record each time it is saved. */
export function stretchLedger() {
  interface Open extends Stretch {
    readonly weights: string;
    readonly countBefore: number;
    readonly elsewhereBefore: number;
  }
  const closed: Stretch[] = [];
  const open = new Map<string, Open>();

  return {
    saved(wayId: string, turns: Turns, elsewhere: number): void {
      const shares = Object.entries(turns.weights).map(([agentId, weight]) => ({ agentId, weight }));
      const given = sum(Object.values(turns.given));
      if (given === 0) return;
      const weights = JSON.stringify(turns.weights);
      const before = open.get(wayId);
      const goesOn = before?.weights === weights && given >= before.turns;
      if (before && !goesOn) closed.push(before);
      const base =
        before && goesOn ? before.elsewhereBefore : (before?.elsewhereBefore ?? 0) + (before?.elsewhere ?? 0);
      const worst = deviation(new Map(Object.entries(turns.given)), shares);
      open.set(wayId, {
        wayId,
        weights,
        turns: given,
        worst: Math.max(worst, goesOn ? (before?.worst ?? 0) : 0),
        countBefore: turns.count - given,
        elsewhereBefore: base,
        elsewhere: elsewhere - base,
      });
    },
    all: (): Stretch[] => [...closed, ...open.values()],
  };
}

/**
 * The stretches of a `link` way, read from its epochs: whose each turn was, and who shared it. A turn that was passed over ends what can be
 * said of its stretch: its member had gone.
 */
export function stretchesOf(
  wayId: string,
  epochs: readonly LinkEpoch[],
  taken: ReadonlyMap<number, string>,
): Stretch[] {
  const stretches: Stretch[] = [];
  let weights = '';
  let given = new Map<string, number>();
  let broken = false;
  for (const [index, { plan, begins }] of epochs.entries()) {
    const end = epochs[index + 1]?.begins ?? Number.POSITIVE_INFINITY;
    const extra = new Set(plan.extra);
    for (const [position, planned] of plan.turns.entries()) {
      const turn = begins + position + 1;
      const agentId = taken.get(turn);
      if (turn > end || extra.has(position)) continue;
      const shares = plan.spells.findLast(({ from }) => from <= position)?.shares ?? [];
      const next = JSON.stringify(shares.toSorted((a, b) => (a.agentId < b.agentId ? -1 : 1)));
      if (next !== weights) [weights, given, broken] = [next, new Map(), false];
      if (agentId !== planned) broken = true;
      if (broken || agentId === undefined) continue;
      given.set(agentId, (given.get(agentId) ?? 0) + 1);
      stretches.push({ wayId, turns: sum([...given.values()]), worst: deviation(given, shares), elsewhere: 0 });
    }
  }
  return stretches;
}

/** Adds that each member should have had by the shares in force when each was made, and those that he had. */
export function addShares() {
  const ways = new Map<string, Map<string, { fair: number; had: number }>>();
  return {
    add(wayId: string, agentId: string, shares: readonly Share[]): void {
      // Whoever came by an old list took nothing from those who share.
      if (!shares.some((one) => one.agentId === agentId)) return;
      const hands = ways.get(wayId) ?? new Map<string, { fair: number; had: number }>();
      ways.set(wayId, hands);
      const all = sum(shares.map(({ weight }) => weight));
      for (const share of shares) {
        const hand = hands.get(share.agentId) ?? { fair: 0, had: 0 };
        hands.set(share.agentId, hand);
        hand.fair += share.weight / all;
        if (share.agentId === agentId) hand.had += 1;
      }
    },
    worstOf: (wayId: string): number =>
      Math.max(0, ...[...(ways.get(wayId)?.values() ?? [])].map(({ fair, had }) => Math.abs(had - fair))),
  };
}
