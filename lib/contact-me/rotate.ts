import type { Instant } from '../platform/clock.ts';
import { WAY_MEMBERS } from '../wecom/contact-limits.ts';
import { type Able, type Because, eligible, type PassedOver, type RotationFacts, validUntil } from './eligibility.ts';
import { giveTurn, nextTurn, of, type Share, type Turns } from './turns.ts';
import type { WayStrategy } from './way.ts';

/** Who is next on a contact way, and whom WeCom should list. */
export interface Rotation {
  /** Who takes the next turn; nobody, when the list is only kept because WeCom's may not be empty. */
  readonly next?: string;
  /** What WeCom's list should be: at most 100, and empty only when there never was anybody. */
  readonly listed: readonly string[];
  /** Why everybody else cannot take a turn, or is not listed although he could. */
  readonly passedOver: readonly PassedOver<Because | 'not-yet' | 'list-full'>[];
  readonly from: 'members' | 'backups' | 'last-good' | 'nobody';
  /** Somebody has to see to it. `list-cut`: more than 100 could take a turn, and WeCom lists no more. */
  readonly alarm?: 'nobody-can' | 'way-full' | 'list-cut';
  /** From this moment on the answer can be another one although nothing happened. Absent: time alone does not change it. */
  readonly validUntil?: Instant;
}

/** Pure: the same facts give the same answer. */
export function rotate(facts: RotationFacts): Rotation {
  const { way, turns } = facts;
  const { able, passedOver, from } = eligible(facts);
  const until = validUntil(facts);
  const time = until === undefined ? {} : { validUntil: until };
  const next = chooseNext(way.strategy, able, turns);
  if (next === undefined) return { ...lastGood(facts, passedOver), ...time };
  const ids = able.map(({ agentId }) => agentId);
  const listed = way.mode === 'turn' ? [next] : listWith(next, ids);
  const because = way.mode === 'turn' ? ('not-yet' as const) : ('list-full' as const);
  const others = ids.filter((agentId) => !listed.includes(agentId)).map((agentId) => ({ agentId, because }));
  const cut = way.mode !== 'turn' && others.length > 0;
  return { next, listed, passedOver: [...passedOver, ...others], from, ...(cut ? { alarm: 'list-cut' } : {}), ...time };
}

/**
 * The turns after one more that went to this member, with the facts as they were then. Where WeCom picks, it is called for each add with
 * whoever really got it.
 */
export function turnsAfter(facts: RotationFacts, agentId: string): Turns {
  return giveTurn(facts.turns, sharesOf(facts.way.strategy, eligible(facts).able), agentId);
}

/** Who is next of those who can; undefined when nobody can. */
export function chooseNext(strategy: WayStrategy, able: readonly Able[], turns: Turns): string | undefined {
  if (strategy === 'fixed') return able[0]?.agentId;
  if (strategy === 'least-added-today') return leastLoaded(able, turns);
  return nextTurn(turns, sharesOf(strategy, able));
}

/** Each one's share of the turns: by weight only where the strategy says so. */
export function sharesOf(strategy: WayStrategy, able: readonly Able[]): Share[] {
  return able.map(({ agentId, weight }) => ({ agentId, weight: strategy === 'weighted' ? weight : 1 }));
}

function leastLoaded(able: readonly Able[], turns: Turns): string | undefined {
  const byLoad = able.toSorted((a, b) => a.load - b.load || of(turns.last, a.agentId) - of(turns.last, b.agentId));
  return byLoad[0]?.agentId;
}

/**
 * Always the same hundred while the same can take a turn, or the list would change with each add; but the next one is among
 * them.
 */
function listWith(next: string, ids: readonly string[]): string[] {
  const listed = ids.slice(0, WAY_MEMBERS);
  return listed.includes(next) ? listed : [...listed.slice(0, -1), next];
}

/**
 * WeCom's list may not become empty: what it does then is not documented, and the code is printed. So the last list stays, without
 * those whom WeCom would refuse, unless nobody else is on it.
 */
function lastGood(facts: RotationFacts, passedOver: readonly PassedOver[]): Rotation {
  const kept = facts.lastGood.filter((agentId) => !Object.hasOwn(facts.setAside, agentId));
  const listed = kept.length > 0 ? kept : facts.lastGood;
  const from = listed.length > 0 ? 'last-good' : 'nobody';
  return { listed, passedOver, from, ...alarmFor(passedOver) };
}

function alarmFor(passedOver: readonly PassedOver[]): Pick<Rotation, 'alarm'> {
  const because = passedOver[0]?.because;
  if (because === 'way-paused') return {};
  return { alarm: because === 'way-full' || because === 'way-full-today' ? 'way-full' : 'nobody-can' };
}
