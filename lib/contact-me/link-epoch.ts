import { HOUR, type Instant, MINUTE } from '../platform/clock.ts';
import { type Day, dayOf, startOfNextDay } from '../platform/wall-clock.ts';
import { type AddCounts, eligible, type RotationFacts } from './eligibility.ts';
import { type Epoch, planEpoch, turnsAfterEpoch } from './epoch.ts';
import { addUp, countOpenTurns, noOpenTurns, type OpenTurns, pendingOf } from './open-turns.ts';
import { NO_TURNS, type Turns } from './turns.ts';
import type { ContactWay } from './way.ts';

/**
 * A `link` way's epochs, one after the other. Turns are numbered from 1 through the whole life of the way; an epoch has those after
 * `begins`, as many as were planned, unless the next epoch begins earlier.
 */
export interface LinkEpoch {
  readonly number: number;
  /** The last turn before it. */
  readonly begins: number;
  readonly madeAt: Instant;
  /** The facts that it was planned with: adds that were seen once count, also where an older reading comes after. */
  readonly revision: number;
  readonly seen?: Pick<LinkFacts, 'version' | 'adds' | 'addsAcrossWays'>;
  readonly plan: Epoch;
  /** Another epoch is due from this moment on although nothing happened. */
  readonly validUntil: Instant;
  /** The turns before it, whether each may still become an add, and how many each member ever had. */
  readonly before: Turns;
  readonly open: OpenTurns;
  readonly ever: Readonly<Record<string, number>>;
  readonly today: { readonly day: Day; readonly turns: Readonly<Record<string, number>> };
}

/** What an opening knows of its way. The turns are the store's own matter. */
export interface LinkFacts extends Omit<RotationFacts, 'turns' | 'pending' | 'at'> {
  /** Grows whenever members, duty, or configuration change; adds need not change it. An epoch of older facts is overtaken. */
  readonly revision: number;
  /** Grows with everything that is seen, adds included. */
  readonly version?: number;
  /** The day of the adds called `today`; absent, the day on which they are looked at. */
  readonly day?: Day;
}

/** What became of the epoch before. */
export interface Ended {
  readonly epoch: LinkEpoch;
  /** Turns whose member could not take it any more; nobody had them. */
  readonly skipped: ReadonlySet<number>;
}

/** Long enough that planning costs little, short enough that what is owed is soon made good. */
const EPOCH_TURNS = 200;
/** A way on which nobody can take a turn is looked at again after this time: turns without an add give their room back. */
const LOOK_AGAIN_MS = MINUTE;

/** Plans the epoch that begins after turn `begins`. */
export function planLinkEpoch(begins: number, read: LinkFacts, at: Instant, ended?: Ended): LinkEpoch {
  const facts = notOlder(read, at, ended?.epoch);
  const left = ended ? afterwards(ended, begins, facts, at) : fromNothing(facts, at);
  const { before, open, owed } = left;
  const plan = planEpoch({ ...facts, at, turns: before, pending: pendingOf(open), owed, length: EPOCH_TURNS });
  const { ever, today, number } = left;
  const validUntil = Math.min(...validities(facts, plan, at));
  const { revision, version, adds, addsAcrossWays } = facts;
  const seen = { ...(version !== undefined && { version }), adds, addsAcrossWays };
  return { number, begins, madeAt: at, revision, seen, plan, validUntil, before, open, ever, today };
}

/** The facts as they hold at this moment: what was read before midnight knows no adds of the new day. */
export function inDayOf(facts: LinkFacts, at: Instant): LinkFacts {
  const day = dayOf(facts.zone, at);
  if (facts.day === undefined || facts.day >= day) return facts;
  return { ...facts, day, adds: withoutToday(facts.adds), addsAcrossWays: withoutToday(facts.addsAcrossWays) };
}

const withoutToday = (adds: AddCounts): AddCounts =>
  Object.fromEntries(Object.entries(adds).map(([id, { total }]) => [id, { today: 0, total }]));

/** With the adds of the epoch before, where these were read earlier: turns that became those adds take no room as open ones any more. */
function notOlder(facts: LinkFacts, at: Instant, before?: LinkEpoch): LinkFacts {
  const seen = before?.seen;
  if (!seen || (facts.version ?? 0) >= (seen.version ?? 0)) return facts;
  const sameDay = dayOf(facts.zone, at) === before.today.day;
  const today = (adds: AddCounts): AddCounts => (sameDay ? adds : withoutToday(adds));
  const { version, adds, addsAcrossWays } = seen;
  return {
    ...facts,
    ...(version !== undefined && { version }),
    adds: today(adds),
    addsAcrossWays: today(addsAcrossWays),
  };
}

/** Whose turn this is; undefined when the epoch has no such turn. */
export function whoseTurn(epoch: LinkEpoch, turn: number): string | undefined {
  return epoch.plan.turns[turn - epoch.begins - 1];
}

/** The last turn of the epoch; none when nobody could take one: then it goes on until it is out of date. */
export function lastTurn({ begins, plan }: LinkEpoch): number {
  return plan.turns.length > 0 ? begins + plan.turns.length : Number.POSITIVE_INFINITY;
}

/** Time has passed or something has changed since the epoch was planned. */
export function isOutOfDate(epoch: LinkEpoch, facts: LinkFacts, at: Instant): boolean {
  return at >= epoch.validUntil || facts.revision > epoch.revision;
}

/**
 * Whether the member can still take a turn that was planned for him. Facts older than the plan say nothing against it. Open turns are
 * left out: this turn is one of them.
 */
export function canTake(epoch: LinkEpoch, facts: LinkFacts, agentId: string, at: Instant): boolean {
  if (facts.revision < epoch.revision) return true;
  return eligible({ ...facts, at, turns: NO_TURNS }).able.some((one) => one.agentId === agentId);
}

/** Turns by member up to and with turn `last`: ever, and on the epoch's day. */
export function turnsByMember(
  epoch: LinkEpoch,
  last: number,
  skipped: ReadonlySet<number> = new Set(),
): Pick<LinkEpoch, 'ever' | 'today'> {
  const given = givenIn({ epoch, skipped }, last);
  const { day, turns } = epoch.today;
  return { ever: addUp([epoch.ever, given]), today: { day, turns: addUp([turns, given]) } };
}

/** How long a turn without an add takes room: as long as its visitor is led back to the member, or until it is made good. */
export function openForMs({ makeGoodAfterMinutes, revisitMinutes }: ContactWay): number {
  return makeGoodAfterMinutes !== undefined ? makeGoodAfterMinutes * MINUTE : Math.max(revisitMinutes * MINUTE, HOUR);
}

type Left = Pick<LinkEpoch, 'number' | 'before' | 'open' | 'ever' | 'today'> & {
  readonly owed: Readonly<Record<string, number>>;
};

function fromNothing(facts: LinkFacts, at: Instant): Left {
  const today = { day: dayOf(facts.zone, at), turns: {} };
  return { number: 1, before: NO_TURNS, open: noOpenTurns(facts.adds), ever: {}, today, owed: {} };
}

function afterwards(ended: Ended, begins: number, facts: LinkFacts, at: Instant): Left {
  const { epoch, skipped } = ended;
  const taken = Math.max(0, begins - epoch.begins);
  const positions = new Set([...skipped].map((turn) => turn - epoch.begins - 1));
  const given = givenIn(ended, begins);
  const { open, lost } = countOpenTurns(epoch.open, given, { adds: facts.adds, at, openForMs: openForMs(facts.way) });
  const { ever, today } = turnsByMember(epoch, begins, skipped);
  const day = dayOf(facts.zone, at);
  return {
    number: epoch.number + 1,
    before: turnsAfterEpoch(epoch.before, epoch.plan, taken, positions),
    open,
    ever,
    today: day === today.day ? today : { day, turns: {} },
    owed: facts.way.makeGoodAfterMinutes === undefined ? {} : addUp([stillOwed(epoch, taken), lost]),
  };
}

/** What the plan left over, and what it would have made good in the turns that were not taken. */
function stillOwed({ plan }: LinkEpoch, taken: number): Readonly<Record<string, number>> {
  const untaken = plan.extra.filter((position) => position >= taken).flatMap((position) => plan.turns[position] ?? []);
  return addUp([plan.owed, ...untaken.map((agentId) => ({ [agentId]: 1 }))]);
}

/** The turns of the epoch that somebody had, by member. */
function givenIn({ epoch, skipped }: Ended, last: number): Readonly<Record<string, number>> {
  const taken = epoch.plan.turns.slice(0, Math.max(0, last - epoch.begins));
  const had = taken.filter((_, position) => !skipped.has(epoch.begins + position + 1));
  return addUp(had.map((agentId) => ({ [agentId]: 1 })));
}

/** Shifts and caps; midnight, so that turns are counted by the day; and where open turns matter, a part of the time that they stay open. */
function validities({ way, zone }: LinkFacts, plan: Epoch, at: Instant): Instant[] {
  const openFor = openForMs(way);
  return [
    startOfNextDay(zone, at),
    ...(plan.validUntil === undefined ? [] : [plan.validUntil]),
    ...(plan.turns.length === 0 ? [at + LOOK_AGAIN_MS] : []),
    ...(isCapped(way) || way.makeGoodAfterMinutes !== undefined ? [at + Math.max(MINUTE, openFor / 8)] : []),
  ];
}

function isCapped(way: ContactWay): boolean {
  const all = [way, ...way.members];
  const across = way.members.some((one) => (one.perDayAcrossWays ?? one.totalAcrossWays) !== undefined);
  return across || all.some(({ perDay, total }) => (perDay ?? total) !== undefined);
}
