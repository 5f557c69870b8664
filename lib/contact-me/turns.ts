/**
 * Whose turn it is, by weight.
 *
 * As long as the same members with the same weights take turns (a *stretch*), each has had, after every turn, his fair share of the stretch's
 * turns give or take less than one. The k-th turn of a member with share s therefore has a window: not before turn ⌊(k−1)/s⌋ + 1 of the
 * stretch, not after turn ⌈k/s⌉. Among those whose window is open, the one whose window closes first is next; that this never
 * misses a window is a known result (Steiner's quota method; Pfair scheduling on one processor). The usual smooth
 * weighted round-robin has no such bound.
 *
 * When somebody comes or goes, a new stretch begins. What it still owes to each is carried over as `credit`: whoever waited is
 * served first, as far as no window is missed by it. So a light member is not forgotten where people come and go all the time.
 */
export interface Turns {
  /** All turns ever given. */
  readonly count: number;
  /** The number of each one's last turn. */
  readonly last: Readonly<Record<string, number>>;
  /** The weights that hold, and the turns given since they do. */
  readonly weights: Readonly<Record<string, number>>;
  readonly given: Readonly<Record<string, number>>;
  /** By how many turns each was behind (positive) or ahead when the stretch began. */
  readonly credit: Readonly<Record<string, number>>;
}

export const NO_TURNS: Turns = { count: 0, last: {}, weights: {}, given: {}, credit: {} };

/** Somebody who can take a turn now. `weight` is a whole number from 1. */
export interface Share {
  readonly agentId: string;
  readonly weight: number;
}

/** Who is next of those who can take a turn; on equal claims the one longest without a turn, then the first in the list. */
export function nextTurn(turns: Turns, shares: readonly Share[]): string | undefined {
  const stretch = inForce(turns, shares);
  const claims = claimsIn(stretch, shares);
  const turn = turnOf(stretch);
  const open = claims.filter(({ opens }) => opens <= turn);
  const waiting = open.filter(({ owed }) => owed > 0).reduce(best(byCredit), undefined);
  if (waiting && mayGoFirst(waiting, claims, turn)) return waiting.agentId;
  return open.reduce(best(byWindow), undefined)?.agentId;
}

/**
 * The turns after one more, which went to this member. It may be another than the next one: where WeCom picks, the turn is whose the add
 * is, and the others are served first until the shares are even again. `shares` is who could take a turn at that time; a turn
 * of somebody else (a customer who scanned late) leaves the shares of the rest as they are.
 */
export function giveTurn(turns: Turns, shares: readonly Share[], agentId: string): Turns {
  const stretch = inForce(turns, shares);
  const count = stretch.count + 1;
  const last = { ...stretch.last, [agentId]: count };
  if (!Object.hasOwn(stretch.weights, agentId)) return { ...stretch, count, last };
  return { ...stretch, count, last, given: { ...stretch.given, [agentId]: of(stretch.given, agentId) + 1 } };
}

/** The turns after one that makes an earlier one good: it is apart from the shares. */
export function giveExtraTurn(turns: Turns, agentId: string): Turns {
  const count = turns.count + 1;
  return { ...turns, count, last: { ...turns.last, [agentId]: count } };
}

/** The turns without those who are no longer on the way, so that they do not grow for ever. */
export function forgetOthers(turns: Turns, agentIds: readonly string[]): Turns {
  const kept = new Set(agentIds);
  const only = (record: Readonly<Record<string, number>>) =>
    Object.fromEntries(Object.entries(record).filter(([agentId]) => kept.has(agentId)));
  return { ...turns, last: only(turns.last), credit: only(turns.credit) };
}

/** Turns ahead of or behind his fair share with which a member comes into a new stretch: never more than one, so that no one returns to a burst. */
const MOST_CREDIT = 1;

/** The stretch that goes on, or the new one that begins with these members and weights. */
function inForce(turns: Turns, shares: readonly Share[]): Turns {
  const weights = Object.fromEntries(shares.map(({ agentId, weight }) => [agentId, weight]));
  const before = Object.entries(turns.weights);
  const same = before.length === shares.length && before.every(([id, weight]) => of(weights, id) === weight);
  if (same) return turns;
  const all = sum(Object.values(turns.weights));
  const given = sum(Object.values(turns.given));
  const carried = before.map(([agentId, weight]): [string, number] => {
    const behind = of(turns.credit, agentId) + (given * weight) / all - of(turns.given, agentId);
    return [agentId, Math.max(-MOST_CREDIT, Math.min(MOST_CREDIT, behind))];
  });
  return { ...turns, weights, given: {}, credit: { ...turns.credit, ...Object.fromEntries(carried) } };
}

/** The number, within the stretch, of the turn that is to be given. */
const turnOf = (stretch: Turns): number => sum(Object.values(stretch.given)) + 1;

interface Claim extends Share {
  readonly order: number;
  readonly given: number;
  /** The window of his next turn: numbers of turns in the stretch, both included. */
  readonly opens: number;
  readonly closes: number;
  /** What an earlier stretch left him with, until he has had his first turn in this one. */
  readonly owed: number;
  readonly last: number;
}

function claimsIn(stretch: Turns, shares: readonly Share[]): Claim[] {
  const all = sum(shares.map(({ weight }) => weight));
  return shares.map(({ agentId, weight }, order) => {
    const given = of(stretch.given, agentId);
    const opens = Math.floor((given * all) / weight) + 1;
    const closes = Math.ceil(((given + 1) * all) / weight);
    const owed = given === 0 ? of(stretch.credit, agentId) : 0;
    return { agentId, weight, order, given, opens, closes, owed, last: of(stretch.last, agentId) };
  });
}

/**
 * Whether all windows can still be met when he goes first: by no turn before his own window closes may more turns be due
 * from the others than there are left.
 */
function mayGoFirst(first: Claim, claims: readonly Claim[], turn: number): boolean {
  const all = sum(claims.map(({ weight }) => weight));
  const due = new Map<number, number>();
  for (const { agentId, weight, given } of claims) {
    if (agentId === first.agentId) continue;
    for (let k = given + 1; ; k += 1) {
      const closes = Math.max(turn, Math.ceil((k * all) / weight));
      if (closes >= first.closes) break;
      due.set(closes, (due.get(closes) ?? 0) + 1);
    }
  }
  let sofar = 0;
  return [...due.entries()]
    .sort(([a], [b]) => a - b)
    .every(([closes, turns]) => {
      sofar += turns;
      return sofar <= closes - turn;
    });
}

type Compare = (a: Claim, b: Claim) => number;

const byAge: Compare = (a, b) => a.last - b.last || a.order - b.order;
const byCredit: Compare = (a, b) => b.owed - a.owed || a.closes - b.closes || byAge(a, b);
const byWindow: Compare = (a, b) => a.closes - b.closes || b.owed - a.owed || byAge(a, b);

const best =
  (compare: Compare) =>
  (found: Claim | undefined, one: Claim): Claim =>
    found && compare(found, one) <= 0 ? found : one;

const sum = (numbers: readonly number[]): number => numbers.reduce((all, one) => all + one, 0);

/** A count, 0 when there is none. An agent may be called `constructor`. */
export function of(counts: Readonly<Record<string, number>>, agentId: string): number {
  return Object.hasOwn(counts, agentId) ? (counts[agentId] ?? 0) : 0;
}
