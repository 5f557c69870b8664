import * as z from 'zod';
import type { Instant } from './clock.ts';
import { Day, dayAfter, dayOf, momentOf, WEEKDAYS, type Weekday, weekdayOf } from './wall-clock.ts';

/** Working hours: who is on when. */

const MIDNIGHT_AT_THE_END = '24:00';

/** `09:00`, as minutes since midnight. */
const TimeOfDay = z
  .string()
  .regex(/^([01]\d|2[0-3]):[0-5]\d$|^24:00$/, { error: 'is no time of day; write one like 09:00, up to 24:00' })
  .transform((text) => Number(text.slice(0, 2)) * 60 + Number(text.slice(3)));

const times = { from: TimeOfDay, to: TimeOfDay };
type Times = { readonly from: number; readonly to: number };

const beginsWithinTheDay = ({ from }: Times): boolean => from < DAY_MINUTES;
const BEGINS_TOO_LATE = {
  path: ['from'],
  error: `a slot cannot begin at ${MIDNIGHT_AT_THE_END}; write 00:00 of the day after`,
};
const hasLength = ({ from, to }: Times): boolean => from !== to;
const NO_LENGTH = { path: ['to'], error: 'the slot begins and ends at once; for the whole day write 00:00 to 24:00' };
const DAY_MINUTES = 24 * 60;

/** From one time of day to another. Where `to` is the earlier one, the slot ends on the day after: 22:00 to 06:00. */
export const DaySlot = z.strictObject(times).refine(beginsWithinTheDay, BEGINS_TOO_LATE).refine(hasLength, NO_LENGTH);
export type DaySlot = Readonly<z.infer<typeof DaySlot>>;

/** A slot on some days of every week; it belongs to the day on which it begins. */
export const WeeklySlot = z
  .strictObject({ days: z.array(z.enum(WEEKDAYS)).min(1, { error: 'name at least one weekday' }), ...times })
  .refine(beginsWithinTheDay, BEGINS_TOO_LATE)
  .refine(hasLength, NO_LENGTH);
export type WeeklySlot = Readonly<z.infer<typeof WeeklySlot>>;

/**
 * When somebody works. Without `weekly`, around the clock, holidays too. `dates` says what holds on single days, whatever else would: an
 * empty list is a day off. A night that began before runs to its end.
 */
export const Shifts = z
  .strictObject({ weekly: z.array(WeeklySlot).optional(), dates: z.record(Day, z.array(DaySlot)).default({}) })
  .refine(({ weekly, dates }) => weekly?.length !== 0 || Object.keys(dates).length > 0, {
    path: ['weekly'],
    error: 'there is no slot at all; write one, or leave weekly out for around the clock',
  });
export type Shifts = Readonly<z.infer<typeof Shifts>>;

/** Checked as shifts are, and kept as they are written: what is stored that way can be read again. */
export const WrittenShifts = z.unknown().superRefine((written, context) => {
  for (const issue of Shifts.safeParse(written).error?.issues ?? []) {
    // What is wrong with a key says the key's own schema.
    const [message = issue.message] = issue.code === 'invalid_key' ? issue.issues.map((inner) => inner.message) : [];
    context.addIssue({
      code: 'custom',
      path: issue.path,
      message: issue.code === 'invalid_value' ? oneOf(issue.values) : message,
    });
  }
});

const oneOf = (values: readonly unknown[]): string => `is not one of ${values.join(', ')}; write one of them`;

/** The days that are the same for everybody: on `holidays` no weekly slot holds, each of `workdays` stands for a weekday. */
export const Calendar = z
  .strictObject({
    holidays: z.array(Day).default([]),
    workdays: z.record(Day, z.enum(WEEKDAYS)).default({}),
  })
  .refine(({ holidays, workdays }) => holidays.every((day) => !Object.hasOwn(workdays, day)), {
    path: ['workdays'],
    error: 'a day cannot be both a holiday and a working day; keep it in one of the two',
  });
export type Calendar = Readonly<z.infer<typeof Calendar>>;

export const NO_CALENDAR: Calendar = { holidays: [], workdays: {} };

/** Shifts as they are written in a configuration: reading this gives the same shifts again. */
export function writtenShifts({ weekly, dates }: Shifts) {
  return {
    ...(weekly && { weekly: weekly.map((slot) => ({ days: slot.days, ...writtenSlot(slot) })) }),
    dates: Object.fromEntries(Object.entries(dates).map(([day, slots]) => [day, slots.map(writtenSlot)])),
  };
}

const writtenSlot = ({ from, to }: DaySlot) => ({ from: timeText(from), to: timeText(to) });

/** 540 minutes since midnight are `09:00`. */
function timeText(minutes: number): string {
  const two = (part: number): string => String(part).padStart(2, '0');
  return `${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}

/** Whether it is working time at this moment. Whoever has no shifts is always on. */
export function isOn(shifts: Shifts | undefined, calendar: Calendar, zone: string, at: Instant): boolean {
  return shifts === undefined || covers(spansOf(shifts, calendar, zone), zone, at);
}

/**
 * The next moment after this one at which `isOn` changes; undefined when it never does again. Slots that follow each other without a
 * gap have no edge in between.
 */
export function nextEdge(
  shifts: Shifts | undefined,
  calendar: Calendar,
  zone: string,
  at: Instant,
): Instant | undefined {
  if (shifts === undefined) return undefined;
  const spans = spansOf(shifts, calendar, zone);
  const now = covers(spans, zone, at);
  const today = dayOf(zone, at);
  const special = specialDays(shifts, calendar);
  let ordinary = 0;
  for (let day: Day | undefined = today; day; ) {
    const edges = edgesWithin(spans, zone, day).filter((edge) => edge > at);
    const found = edges.find((edge) => covers(spans, zone, edge) !== now);
    if (found !== undefined) return found;
    ordinary = special.has(day) ? 0 : ordinary + 1;
    // After a whole week of ordinary days (and the nights at both its ends) only a special day can change anything.
    day = ordinary > 8 ? nextSpecial(special, day) : dayAfter(day);
  }
  return undefined;
}

interface Span {
  readonly start: Instant;
  readonly end: Instant;
}
type SpansOf = (day: Day) => readonly Span[];

/** The slots that begin on a day, as moments. */
function spansOf(shifts: Shifts, calendar: Calendar, zone: string): SpansOf {
  const known = new Map<Day, readonly Span[]>();
  return (day) => {
    const found = known.get(day);
    if (found) return found;
    const spans = slotsOn(shifts, calendar, day).map(({ from, to }) => ({
      start: momentOf(zone, day, from),
      end: momentOf(zone, day, to > from ? to : to + DAY_MINUTES),
    }));
    known.set(day, spans);
    return spans;
  };
}

const WHOLE_DAY: readonly DaySlot[] = [{ from: 0, to: DAY_MINUTES }];

function slotsOn(shifts: Shifts, calendar: Calendar, day: Day): readonly DaySlot[] {
  const ownDay = shifts.dates[day];
  if (ownDay) return ownDay;
  if (!shifts.weekly) return WHOLE_DAY;
  const weekday: Weekday | undefined =
    calendar.workdays[day] ?? (isHoliday(calendar, day) ? undefined : weekdayOf(day));
  return weekday ? shifts.weekly.filter(({ days }) => days.includes(weekday)) : [];
}

const isHoliday = (calendar: Calendar, day: Day): boolean => calendar.holidays.includes(day);

/** A slot is no longer than a day, so what holds now began today or yesterday. */
function covers(spans: SpansOf, zone: string, at: Instant): boolean {
  const today = dayOf(zone, at);
  return [...spans(dayAfter(today, -1)), ...spans(today)].some(({ start, end }) => start <= at && at < end);
}

/** Where slots begin or end during this day, in order; its end included. */
function edgesWithin(spans: SpansOf, zone: string, day: Day): Instant[] {
  const start = momentOf(zone, day, 0);
  const end = momentOf(zone, day, DAY_MINUTES);
  const edges = [...spans(dayAfter(day, -1)), ...spans(day)].flatMap((span) => [span.start, span.end]);
  return edges.filter((edge) => start <= edge && edge <= end).sort((a, b) => a - b);
}

function specialDays(shifts: Shifts, calendar: Calendar): ReadonlySet<Day> {
  return new Set([...Object.keys(shifts.dates), ...calendar.holidays, ...Object.keys(calendar.workdays)]);
}

function nextSpecial(special: ReadonlySet<Day>, after: Day): Day | undefined {
  return [...special].filter((day) => day > after).sort()[0];
}
