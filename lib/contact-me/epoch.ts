import type { Instant } from '../platform/clock.ts';
import { type Able, eligible, type RotationFacts, roomOfWay, validUntil } from './eligibility.ts';
import { chooseNext, sharesOf } from './rotate.ts';
import { giveExtraTurn, giveTurn, of, type Share, type Turns } from './turns.ts';
import type { WayStrategy } from './way.ts';

/**
 * The next turns of a `link` way, fixed: an opening counts itself with one write, and its number says whose turn it is. Weights
 * and caps are already in, so that nothing has to be checked then. An epoch is never changed; when it is used up, out of date or
 * overtaken (duty, configuration), the next one is planned.
 */
export interface Epoch {
  /** Whose turn each position is. Shorter than asked for when caps leave no more; empty when nobody can. */
  readonly turns: readonly string[];
  /** Positions that make an earlier turn good; they are apart from the shares. */
  readonly extra: readonly number[];
  /** Who shares the turns from a position on: fewer, once a cap is reached. */
  readonly spells: readonly Spell[];
  readonly from: 'members' | 'backups' | 'nobody';
  /** Turns that are still to be made good after this epoch. */
  readonly owed: Readonly<Record<string, number>>;
  /** From this moment on another plan can be due although nothing happened. */
  readonly validUntil?: Instant;
}

interface Spell {
  readonly from: number;
  readonly shares: readonly Share[];
}

export interface EpochFacts extends RotationFacts {
  /** Turns that led to no add, by agent, when they are to be made good. */
  readonly owed?: Readonly<Record<string, number>>;
  /** How many turns to plan. */
  readonly length: number;
}

/**
 * Plans an epoch: nobody is in it more often than his caps leave room for, and shares go on from the turns given before.
 * Turns that are owed come on top of the shares, spread over the epoch, and take at most half of it. Only strategies with shares make turns
 * good: `least-added-today` does so by itself, and `fixed` promises none.
 */
export function planEpoch(facts: EpochFacts): Epoch {
  const { strategy } = facts.way;
  const { able, from } = eligible(facts);
  const until = validUntil(facts);
  const size = Math.min(facts.length, roomOfWay(facts));
  const owed = facts.owed ?? {};
  const extras = makesGood(strategy) ? extraTurns(able, owed, Math.floor(size / 2)) : [];
  const shared = sharedTurns(strategy, withoutRoomOf(able, extras), facts.turns);
  const turns: string[] = [];
  const extra: number[] = [];
  const spells: Spell[] = [];
  while (turns.length < size) {
    const due = extras.length > 0 && turns.length >= placeOf(extra.length, extras.length, size);
    const one = due ? undefined : shared.next().value;
    const agentId = one?.agentId ?? extras[extra.length];
    if (agentId === undefined) break;
    if (!one) extra.push(turns.length);
    else if (spells.at(-1)?.shares !== one.shares) spells.push({ from: turns.length, shares: one.shares });
    turns.push(agentId);
  }
  return {
    turns,
    extra,
    spells,
    from: turns.length > 0 ? from : 'nobody',
    owed: makesGood(strategy) ? without(owed, extras) : {},
    ...(until === undefined ? {} : { validUntil: until }),
  };
}

/**
 * The turns after the first `taken` positions of an epoch that was planned with these. `skipped` are the positions whose member had gone
 * off duty by then, so that the opening took another one: nobody had those turns.
 */
export function turnsAfterEpoch(
  turns: Turns,
  epoch: Epoch,
  taken: number,
  skipped: ReadonlySet<number> = new Set(),
): Turns {
  const extra = new Set(epoch.extra);
  let spell = -1;
  return epoch.turns.slice(0, taken).reduce((sofar, agentId, position) => {
    if (epoch.spells[spell + 1]?.from === position) spell += 1;
    if (skipped.has(position)) return sofar;
    if (extra.has(position)) return giveExtraTurn(sofar, agentId);
    return giveTurn(sofar, epoch.spells[spell]?.shares ?? [], agentId);
  }, turns);
}

interface SharedTurn {
  readonly agentId: string;
  readonly shares: readonly Share[];
}

/** Turn after turn by the strategy, until nobody has room. `shares` is the same object as long as the same members share. */
function* sharedTurns(
  strategy: WayStrategy,
  able: readonly Able[],
  before: Turns,
): Generator<SharedTurn, undefined, undefined> {
  let turns = before;
  let here = able.filter(({ room }) => room > 0);
  let shares = sharesOf(strategy, here);
  while (true) {
    const agentId = chooseNext(strategy, here, turns);
    if (agentId === undefined) return undefined;
    yield { agentId, shares };
    turns = giveTurn(turns, shares, agentId);
    here = here.map((one) => (one.agentId === agentId ? { ...one, room: one.room - 1, load: one.load + 1 } : one));
    if (here.every(({ room }) => room > 0)) continue;
    here = here.filter(({ room }) => room > 0);
    shares = sharesOf(strategy, here);
  }
}

const makesGood = (strategy: WayStrategy): boolean => strategy === 'round-robin' || strategy === 'weighted';

/** Who gets an extra turn, in order: the one who is owed most, one at a time, as far as there is room. */
function extraTurns(able: readonly Able[], owed: Readonly<Record<string, number>>, atMost: number): string[] {
  const claims = able.map(({ agentId, room }) => ({ agentId, left: Math.min(of(owed, agentId), room) }));
  const extras: string[] = [];
  while (extras.length < atMost) {
    const most = claims.reduce<(typeof claims)[number] | undefined>(
      (found, one) => (one.left > (found?.left ?? 0) ? one : found),
      undefined,
    );
    if (!most) break;
    most.left -= 1;
    extras.push(most.agentId);
  }
  return extras;
}

/** Spread over the epoch: the position of each of so many extra turns. */
const placeOf = (index: number, extras: number, size: number): number =>
  index < extras ? Math.floor(((index + 0.5) * size) / extras) : Number.POSITIVE_INFINITY;

/** Extra turns take room under the caps like all others. */
function withoutRoomOf(able: readonly Able[], extras: readonly string[]): Able[] {
  const counts = countOf(extras);
  return able.map((one) => ({ ...one, room: one.room - (counts.get(one.agentId) ?? 0) }));
}

function without(owed: Readonly<Record<string, number>>, extras: readonly string[]): Record<string, number> {
  const counts = countOf(extras);
  const rest = Object.entries(owed).map(([id, turns]): [string, number] => [id, turns - (counts.get(id) ?? 0)]);
  return Object.fromEntries(rest.filter(([, turns]) => turns > 0));
}

function countOf(agentIds: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const agentId of agentIds) counts.set(agentId, (counts.get(agentId) ?? 0) + 1);
  return counts;
}
