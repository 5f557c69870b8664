import { ContactWay, type WayMode, type WayStrategy } from '../../../lib/contact-me/way.ts';
import type { Day } from '../../../lib/platform/wall-clock.ts';

/** How large a company is, and how much happens in its day. */
export interface CompanySize {
  readonly members: number;
  readonly codes: Readonly<Record<WayMode, number>>;
  /** Customers who scan a printed code of WeCom's. */
  readonly scans: number;
  /** Customers who open our own address. */
  readonly openings: number;
  /** Scans, and openings, of one code within one minute. */
  readonly rush: number;
  /** The share of WeCom's events that come late: up to a minute and a half, and so in another order. */
  readonly lateEvents: number;
  readonly changedWays: number;
  readonly leavers: number;
}

export interface Company {
  readonly members: readonly string[];
  readonly departments: ReadonlyMap<number, readonly string[]>;
  readonly ways: readonly ContactWay[];
}

export type Random = () => number;

export const whole = (random: Random, from: number, to: number): number =>
  from + Math.floor(random() * (to - from + 1));

export function oneOf<T>(random: Random, all: readonly T[]): T {
  const found = all[Math.floor(random() * all.length)];
  if (found === undefined) throw new RangeError('One of nothing');
  return found;
}

const STRATEGIES: readonly WayStrategy[] = ['round-robin', 'weighted', 'least-added-today'];
const WORKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri'];
const DEPARTMENTS = 4;

/** A company's members and contact ways, always the same for the same numbers of `random`. `day` is one with hours of its own. */
export function planCompany(size: CompanySize, day: Day, random: Random): Company {
  const members = Array.from({ length: size.members }, (_, n) => `m${n}`);
  const departments = new Map(
    Array.from({ length: DEPARTMENTS }, (_, n) => [n + 1, some(random, members, whole(random, 4, 8))] as const),
  );
  const modes = Object.entries(size.codes).flatMap(([mode, count]) => Array.from({ length: count }, () => mode));
  const ways = modes.map((mode, n) => planWay(`w${n}`, mode, n, members, day, random));
  return { members, departments, ways };
}

function planWay(
  wayId: string,
  mode: string,
  n: number,
  members: readonly string[],
  day: Day,
  random: Random,
): ContactWay {
  const often = (share: number): boolean => random() < share;
  const strategy = n % 25 === 7 ? 'fixed' : oneOf(random, STRATEGIES);
  const chosen = some(random, members, whole(random, 3, Math.min(20, members.length)));
  const [shifted, capped, across] = [often(0.5), often(0.15), often(0.05)];
  const cap = whole(random, 3, 8);
  const terms = () => ({
    ...(strategy === 'weighted' && { weight: whole(random, 1, 5) }),
    ...(shifted && { shifts: shiftsOf(random, day) }),
    ...(capped && { perDay: cap }),
    ...(across && { perDayAcrossWays: whole(random, 20, 40) }),
  });
  return ContactWay.parse({
    wayId,
    name: `Team ${n}`,
    mode,
    strategy,
    members: chosen.map((agentId) => ({ agentId, ...terms() })),
    ...(n % 50 === 3 && { departments: [{ departmentId: 1 + (n % DEPARTMENTS), ...terms() }] }),
    ...(often(0.2) && { backups: some(random, members, 2) }),
    ...(often(0.05) && { perDay: whole(random, 20, 40) }),
    ...(mode === 'link' && often(0.5) && { makeGoodAfterMinutes: 30 }),
    welcome: { standard: { text: 'Welcome' } },
  });
}

/** By day, over midnight, on three days of the week, and by day but for one day that has hours of its own. */
function shiftsOf(random: Random, day: Day): object {
  const byDay = { days: WORKDAYS, from: '09:00', to: '18:00' };
  return oneOf(random, [
    { weekly: [byDay] },
    { weekly: [{ days: [...WORKDAYS, 'sat', 'sun'], from: '18:00', to: '02:00' }] },
    { weekly: [{ days: ['mon', 'thu', 'fri'], from: '10:00', to: '16:30' }] },
    { weekly: [byDay], dates: { [day]: [{ from: '08:00', to: '11:00' }] } },
  ]);
}

/** So many of them, each once, in any order. */
export function some<T>(random: Random, all: readonly T[], count: number): T[] {
  return all
    .map((one) => ({ one, at: random() }))
    .sort((a, b) => a.at - b.at)
    .slice(0, count)
    .map(({ one }) => one);
}
