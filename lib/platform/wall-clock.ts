import * as z from 'zod';
import { type Instant, MINUTE } from './clock.ts';

/** What the clock on the wall says in a time zone. Days are `2026-10-01`, times of day are minutes since midnight. */

/** An IANA time zone, e.g. `Asia/Shanghai`. */
export const TimeZone = z.string().refine(isTimeZone, { error: 'is no time zone; write one like Asia/Shanghai' });

export const DEFAULT_ZONE = 'Asia/Shanghai';

/** A day of the calendar that exists: not `2026-02-30`. */
export const Day = z.string().refine((text) => /^\d{4}-\d{2}-\d{2}$/.test(text) && isDay(text), {
  error: 'is no day; write one like 2026-10-01',
});
export type Day = z.infer<typeof Day>;

export const WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
export type Weekday = (typeof WEEKDAYS)[number];

/** The day that the calendar on the wall shows. */
export function dayOf(zone: string, at: Instant): Day {
  return new Date(at + offsetAt(zone, at)).toISOString().slice(0, 10);
}

/** The time of day that the clock on the wall shows: `14:05`. */
export function timeOfDay(zone: string, at: Instant): string {
  return new Date(at + offsetAt(zone, at)).toISOString().slice(11, 16);
}

/** When the day that holds this moment began. Not always at 00:00: some zones put their clocks forward at midnight. */
export function startOfDay(zone: string, at: Instant): Instant {
  return momentOf(zone, dayOf(zone, at), 0);
}

/** When the next day begins: the moment at which daily counts start again. */
export function startOfNextDay(zone: string, at: Instant): Instant {
  return momentOf(zone, dayAfter(dayOf(zone, at)), 0);
}

/** The day so many days later; earlier, when negative. */
export function dayAfter(day: Day, days = 1): Day {
  return new Date(Date.parse(day) + days * 24 * 60 * MINUTE).toISOString().slice(0, 10);
}

export function weekdayOf(day: Day): Weekday {
  // JavaScript's week begins on Sunday.
  return WEEKDAYS[(new Date(day).getUTCDay() + 6) % 7] ?? 'sun';
}

/**
 * The first moment at which the clock on the wall shows this day and time, or later. So a time that is skipped in spring is the moment
 * of the change, one that comes twice in autumn is the first of the two, and a later time is never an earlier moment.
 * `minutes` may go beyond 24 hours, into the days after.
 */
export function momentOf(zone: string, day: Day, minutes: number): Instant {
  const wall = Date.parse(day) + minutes * MINUTE;
  const before = wall - offsetAt(zone, wall - A_DAY);
  const after = wall - offsetAt(zone, wall + A_DAY);
  if (offsetAt(zone, before) === wall - before) return before;
  if (offsetAt(zone, after) === wall - after) return after;
  return changeBetween(zone, after, before);
}

const A_DAY = 24 * 60 * MINUTE;

/** Zones change their clocks on quarters of an hour (of UTC), so what was asked about one holds within it. */
const QUARTER = 15 * MINUTE;

function changeBetween(zone: string, from: Instant, to: Instant): Instant {
  let early = Math.floor(from / QUARTER);
  let late = Math.ceil(to / QUARTER);
  const old = offsetAt(zone, early * QUARTER);
  while (late - early > 1) {
    const middle = Math.floor((early + late) / 2);
    if (offsetAt(zone, middle * QUARTER) === old) early = middle;
    else late = middle;
  }
  return late * QUARTER;
}

/** How far the zone is ahead of UTC, in milliseconds. */
function offsetAt(zone: string, at: Instant): number {
  const { format, known } = zoneOf(zone);
  const quarter = Math.floor(at / QUARTER);
  const found = known.get(quarter);
  if (found !== undefined) return found;
  const offset = readOffset(format.format(quarter * QUARTER));
  if (known.size >= MOST_KNOWN) known.clear();
  known.set(quarter, offset);
  return offset;
}

interface Zone {
  readonly format: Intl.DateTimeFormat;
  /** Offsets by quarter of an hour. Asking Intl takes microseconds, and a rotation of a hundred members asks thousands of times. */
  readonly known: Map<number, number>;
}

const zones = new Map<string, Zone>();
const MOST_KNOWN = 10_000;

function zoneOf(zone: string): Zone {
  const found = zones.get(zone);
  if (found) return found;
  const format = new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset' });
  const made = { format, known: new Map<number, number>() };
  zones.set(zone, made);
  return made;
}

/** From `10/1/2026, GMT+08:00`; UTC is `GMT` alone. */
function readOffset(text: string): number {
  const [, sign, hours, minutes, seconds = '0'] = /GMT([+-])(\d\d):(\d\d)(?::(\d\d))?$/.exec(text) ?? [];
  const size = (Number(hours ?? 0) * 60 + Number(minutes ?? 0)) * MINUTE + Number(seconds) * 1000;
  return sign === '-' ? -size : size;
}

function isTimeZone(text: string): boolean {
  try {
    return new Intl.DateTimeFormat('en-US', { timeZone: text }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

function isDay(text: string): boolean {
  const at = Date.parse(text);
  return !Number.isNaN(at) && new Date(at).toISOString().startsWith(text);
}
