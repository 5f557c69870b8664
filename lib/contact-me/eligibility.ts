import type { Instant } from '../platform/clock.ts';
import { type Calendar, isOn, nextEdge } from '../platform/shifts.ts';
import { startOfNextDay } from '../platform/wall-clock.ts';
import { of, type Turns } from './turns.ts';
import type { ContactWay, WayMember, WayState } from './way.ts';

/** Adds by member: of the day that holds `at`, and ever. Every add counts, a new customer's or not. */
export type AddCounts = Readonly<Record<string, { readonly today: number; readonly total: number }>>;

/** All that decides who takes the next turn. */
export interface RotationFacts extends WayState {
  /** With its departments expanded: `withDepartments`. */
  readonly way: ContactWay;
  readonly calendar: Calendar;
  readonly zone: string;
  readonly turns: Turns;
  readonly adds: AddCounts;
  readonly addsAcrossWays: AddCounts;
  /** `link`: turns that were given and may still become adds. They take room under the caps, or a cap would be offered twice. */
  readonly pending?: Readonly<Record<string, number>>;
  readonly at: Instant;
}

export type Because =
  | 'off-duty'
  | 'set-aside'
  | 'off-shift'
  | 'full-today'
  | 'full'
  | 'full-today-across-ways'
  | 'full-across-ways'
  | 'way-paused'
  | 'way-full-today'
  | 'way-full';

/** Somebody who can take a turn. */
export interface Able {
  readonly agentId: string;
  readonly weight: number;
  /** How many turns he may be offered before a cap is reached; without one, infinite. */
  readonly room: number;
  /** Adds of today, and turns that may still become some. */
  readonly load: number;
}

export interface PassedOver<Reason = Because> {
  readonly agentId: string;
  readonly because: Reason;
}

export interface Eligibility {
  readonly able: readonly Able[];
  readonly passedOver: readonly PassedOver[];
  readonly from: 'members' | 'backups';
}

/** Who can take a turn now: the members, in order; when none can, the backups. And why the others cannot. */
export function eligible(facts: RotationFacts): Eligibility {
  const { members, backups } = facts.way;
  const found = judgeAll(
    facts,
    members.map((member) => ({ member, shifts: true })),
  );
  if (found.able.length > 0 || backups.length === 0) return { ...found, from: 'members' };
  const caps = new Map(members.map((member) => [member.agentId, member]));
  const instead = judgeAll(
    facts,
    backups.map((agentId) => ({ member: { ...caps.get(agentId), agentId, weight: 1 }, shifts: false })),
  );
  const standIns = new Set(backups);
  const others = found.passedOver.filter(({ agentId }) => !standIns.has(agentId));
  return { able: instead.able, passedOver: [...others, ...instead.passedOver], from: 'backups' };
}

/** How many turns the whole way may still be offered; infinite without a cap. */
export function roomOfWay(facts: RotationFacts): number {
  const { today, ever } = wayRooms(facts);
  return Math.min(today, ever);
}

/**
 * The next moment at which time alone can change who is eligible: a shift's edge, or midnight where something is counted by the day.
 * Whoever is out for another reason than the time is left out of this.
 */
export function validUntil(facts: RotationFacts): Instant | undefined {
  const { way, calendar, zone, at } = facts;
  if (way.paused) return undefined;
  const edges = way.members
    .filter(({ agentId }) => presence(facts, agentId) === undefined)
    .flatMap(({ shifts }) => nextEdge(shifts, calendar, zone, at) ?? []);
  const moments = countsByDay(way) ? [...edges, startOfNextDay(zone, at)] : edges;
  return moments.length > 0 ? Math.min(...moments) : undefined;
}

function countsByDay({ perDay, strategy, members }: ContactWay): boolean {
  const byMember = members.some((one) => one.perDay !== undefined || one.perDayAcrossWays !== undefined);
  return perDay !== undefined || strategy === 'least-added-today' || byMember;
}

interface Candidate {
  readonly member: WayMember;
  /** Whether his shifts hold. */
  readonly shifts: boolean;
}

function judgeAll(facts: RotationFacts, candidates: readonly Candidate[]): Pick<Eligibility, 'able' | 'passedOver'> {
  const closed = wayIsClosed(facts);
  const able: Able[] = [];
  const passedOver: PassedOver[] = [];
  for (const candidate of candidates) {
    const { agentId, weight } = candidate.member;
    const caps = capsOf(facts, candidate.member);
    const because =
      closed ?? presence(facts, agentId) ?? offShift(facts, candidate) ?? caps.find(({ left }) => left <= 0)?.because;
    if (because) {
      passedOver.push({ agentId, because });
    } else {
      const load = addsOf(facts.adds, agentId).today + of(facts.pending ?? {}, agentId);
      able.push({ agentId, weight, load, room: Math.min(...caps.map(({ left }) => left)) });
    }
  }
  return { able, passedOver };
}

function wayIsClosed(facts: RotationFacts): Because | undefined {
  if (facts.way.paused) return 'way-paused';
  const { today, ever } = wayRooms(facts);
  if (ever <= 0) return 'way-full';
  return today <= 0 ? 'way-full-today' : undefined;
}

/** Whoever got an add counts, also who has left the way since. */
function wayRooms({ way, adds, pending = {} }: RotationFacts): { readonly today: number; readonly ever: number } {
  const waiting = sum(Object.values(pending));
  const counted = Object.values(adds);
  return {
    today: room(way.perDay, sum(counted.map(({ today }) => today)) + waiting),
    ever: room(way.total, sum(counted.map(({ total }) => total)) + waiting),
  };
}

function presence({ duty, setAside }: RotationFacts, agentId: string): Because | undefined {
  if (Object.hasOwn(duty, agentId) && duty[agentId] === 'off') return 'off-duty';
  return Object.hasOwn(setAside, agentId) ? 'set-aside' : undefined;
}

function offShift({ calendar, zone, at }: RotationFacts, { member, shifts }: Candidate): Because | undefined {
  return shifts && !isOn(member.shifts, calendar, zone, at) ? 'off-shift' : undefined;
}

/** A member's caps with the room that is left, the lasting ones first, so that the reason given is the one that matters most. */
function capsOf(facts: RotationFacts, member: WayMember): { because: Because; left: number }[] {
  const here = addsOf(facts.adds, member.agentId);
  const everywhere = addsOf(facts.addsAcrossWays, member.agentId);
  const waiting = of(facts.pending ?? {}, member.agentId);
  return [
    { because: 'full', left: room(member.total, here.total + waiting) },
    { because: 'full-across-ways', left: room(member.totalAcrossWays, everywhere.total + waiting) },
    { because: 'full-today', left: room(member.perDay, here.today + waiting) },
    { because: 'full-today-across-ways', left: room(member.perDayAcrossWays, everywhere.today + waiting) },
  ];
}

const room = (cap: number | undefined, taken: number): number => (cap ?? Number.POSITIVE_INFINITY) - taken;

const NO_ADDS = { today: 0, total: 0 };
const addsOf = (adds: AddCounts, agentId: string) =>
  (Object.hasOwn(adds, agentId) ? adds[agentId] : undefined) ?? NO_ADDS;

const sum = (numbers: readonly number[]): number => numbers.reduce((all, one) => all + one, 0);
