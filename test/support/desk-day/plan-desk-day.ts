import { HOUR, type Instant, MINUTE, SECOND } from '../../../lib/platform/clock.ts';
import { Shifts } from '../../../lib/platform/shifts.ts';
import { seeded } from '../seeded.ts';

/** How large a contact centre's day is. */
export interface DeskSize {
  readonly agents: number;
  readonly customers: number;
  /** How many conversations an agent has at once. */
  readonly capacity: number;
  /** Of the offers, how many the agent does not see in time. */
  readonly ignored: number;
  /** Of the sessions, how many the agent forgets to end. */
  readonly forgotten: number;
}

/** A customer who asks for a person. Times of day are milliseconds after the doors open. */
export interface DeskCustomer {
  readonly id: string;
  readonly arrives: Instant;
  /** Who has heard nothing from a person after that does not look any more. */
  readonly patience: number;
  /** How often the agent writes, the first answer included. */
  readonly answers: number;
  /** What the agent's work between two answers takes when he has nothing else to do. */
  readonly work: number;
}

export interface DeskAgent {
  readonly id: string;
  readonly shifts: Shifts;
  /** When he is at his desk, as moments. */
  readonly atDesk: readonly { readonly from: Instant; readonly to: Instant }[];
}

export interface DeskPlan {
  readonly size: DeskSize;
  readonly seed: number;
  readonly opens: Instant;
  readonly closes: Instant;
  readonly customers: readonly DeskCustomer[];
  readonly agents: readonly DeskAgent[];
}

/** A Monday, 09:00 in Shanghai. */
const OPENS: Instant = Date.UTC(2026, 10, 23, 1);
const OPEN_FOR = 12 * HOUR;

/** How busy each hour is beside the others, from nine in the morning on. */
const BUSY = [0.7, 0.9, 1.1, 2.1, 1.7, 1, 0.9, 0.9, 1, 1.1, 1.2, 0.6];

/** Early, middle and late, each with a break around the middle that is not everybody's at once. */
const BEGINS = [9, 11, 13];

/** A day that is always the same for the same seed. */
export function planDeskDay(size: DeskSize, seed: number): DeskPlan {
  const random = seeded(seed);
  const arrivals = Array.from({ length: size.customers }, () => arrival(random)).sort((a, b) => a - b);
  const customers = arrivals.map((at, index) => ({
    id: `c${index}`,
    arrives: OPENS + at,
    patience: Math.round(longTailed(random, 8 * MINUTE, 0.6)),
    answers: 2 + Math.floor(random() * 4),
    work: Math.round(longTailed(random, 40 * SECOND, 0.5)),
  }));
  const agents = Array.from({ length: size.agents }, (_, index) => agentOf(index));
  return { size, seed, opens: OPENS, closes: OPENS + OPEN_FOR, customers, agents };
}

function arrival(random: () => number): number {
  const highest = Math.max(...BUSY);
  for (;;) {
    const at = Math.floor(random() * OPEN_FOR);
    if (random() * highest < (BUSY[Math.floor(at / HOUR)] ?? 0)) return at;
  }
}

/** Lognormal: most are near the middle, a few are many times as long. */
function longTailed(random: () => number, median: number, spread: number): number {
  const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  return median * Math.exp(spread * normal);
}

function agentOf(index: number): DeskAgent {
  const begin = BEGINS[index % BEGINS.length] ?? 9;
  const slot = (from: number, to: number) => ({ from: timeOfDay(from), to: timeOfDay(to) });
  // Half an hour, some three hours after the shift began.
  const pause = begin + 2.5 + (index % 4) * 0.5;
  const slots = [slot(begin, pause), slot(pause + 0.5, begin + 8)];
  const moment = (hours: number): Instant => OPENS + (hours - 9) * HOUR;
  return {
    id: `agent${index}`,
    shifts: Shifts.parse({
      weekly: slots.map((one) => ({ days: ['mon', 'tue', 'wed', 'thu', 'fri'], ...one })),
    }),
    atDesk: [
      { from: moment(begin), to: moment(pause) },
      { from: moment(pause + 0.5), to: moment(begin + 8) },
    ],
  };
}

const timeOfDay = (hours: number): string =>
  `${String(Math.floor(hours)).padStart(2, '0')}:${hours % 1 === 0 ? '00' : '30'}`;

/** A number in [0, 1) that is the same for the same words and seed, whatever else happens in the day. */
export function chance(seed: number, ...words: readonly string[]): number {
  let mixed = seed;
  for (const letter of words.join(' ')) mixed = Math.imul(mixed ^ letter.charCodeAt(0), 0x01000193);
  return seeded(mixed)();
}
