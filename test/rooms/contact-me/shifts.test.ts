import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { HOUR, type Instant, MINUTE } from '../../../lib/platform/clock.ts';
import { Calendar, isOn, NO_CALENDAR, nextEdge, Shifts } from '../../../lib/platform/shifts.ts';
import { dayOf, momentOf, startOfDay, startOfNextDay, TimeZone, WEEKDAYS } from '../../../lib/platform/wall-clock.ts';

const SHANGHAI = 'Asia/Shanghai';
/** 2026-10-01 is a Thursday. */
const china = (text: string): Instant => Date.parse(`${text}+08:00`);
const shifts = (written: unknown): Shifts => Shifts.parse(written);
const office = shifts({ weekly: [{ days: ['mon', 'tue', 'wed', 'thu', 'fri'], from: '09:00', to: '18:00' }] });
const nights = shifts({ weekly: [{ days: ['fri'], from: '22:00', to: '06:00' }] });
const onAt = (one: Shifts, text: string, calendar = NO_CALENDAR) => isOn(one, calendar, SHANGHAI, china(text));
const problems = (written: unknown): string => {
  const { error } = Shifts.safeParse(written);
  return error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('\n') ?? '';
};

describe('when somebody is on', () => {
  test('weekdays are looked at: no office hours on a Saturday', () => {
    expect(onAt(office, '2026-10-02T12:00')).toBe(true);
    expect(onAt(office, '2026-10-03T12:00')).toBe(false);
  });

  test('a slot begins with its first moment and ends before its last', () => {
    expect(onAt(office, '2026-10-02T08:59:59.999')).toBe(false);
    expect(onAt(office, '2026-10-02T09:00')).toBe(true);
    expect(onAt(office, '2026-10-02T17:59:59.999')).toBe(true);
    expect(onAt(office, '2026-10-02T18:00')).toBe(false);
  });

  test('a night shift crosses midnight and belongs to the day on which it begins', () => {
    expect(onAt(nights, '2026-10-02T21:59')).toBe(false);
    expect(onAt(nights, '2026-10-02T23:30')).toBe(true);
    expect(onAt(nights, '2026-10-03T05:59')).toBe(true);
    expect(onAt(nights, '2026-10-03T06:00')).toBe(false);
    // Friday's early morning is Thursday's night.
    expect(onAt(nights, '2026-10-02T03:00')).toBe(false);
  });

  test('a date of its own overrides the week, and an empty one is a day off after the night before', () => {
    const own = shifts({
      weekly: [{ days: ['thu', 'fri'], from: '22:00', to: '06:00' }],
      dates: { '2026-10-02': [], '2026-10-03': [{ from: '10:00', to: '11:00' }] },
    });
    expect(onAt(own, '2026-10-02T05:00')).toBe(true);
    expect(onAt(own, '2026-10-02T23:00')).toBe(false);
    expect(onAt(own, '2026-10-03T05:00')).toBe(false);
    expect(onAt(own, '2026-10-03T10:30')).toBe(true);
  });

  test('a holiday has no slots, a make-up working day has those of the weekday that it stands for', () => {
    const calendar = Calendar.parse({ holidays: ['2026-10-01', '2026-10-02'], workdays: { '2026-10-10': 'thu' } });
    expect(onAt(office, '2026-10-01T12:00', calendar)).toBe(false);
    expect(onAt(office, '2026-10-10T12:00', calendar)).toBe(true);
    expect(onAt(office, '2026-10-10T12:00')).toBe(false);
  });

  test('without shifts one is always on, and without weekly slots on all days but the dates, holidays too', () => {
    const calendar = Calendar.parse({ holidays: ['2026-10-01'] });
    const allButOne = shifts({ dates: { '2026-10-03': [] } });
    expect(isOn(undefined, calendar, SHANGHAI, china('2026-10-01T03:00'))).toBe(true);
    expect(onAt(allButOne, '2026-10-01T03:00', calendar)).toBe(true);
    expect(onAt(allButOne, '2026-10-03T03:00', calendar)).toBe(false);
  });

  test('slots are in the zone of the company, whatever the zone of the machine', () => {
    expect(isOn(office, NO_CALENDAR, 'America/New_York', Date.parse('2026-10-02T13:00:00Z'))).toBe(true);
    expect(isOn(office, NO_CALENDAR, SHANGHAI, Date.parse('2026-10-02T13:00:00Z'))).toBe(false);
  });
});

describe('where the clocks are changed', () => {
  const berlin = shifts({ weekly: [{ days: ['sat'], from: '22:00', to: '06:00' }] });
  const hours = (from: string, to: string): number =>
    [...Array(36).keys()].filter((hour) => {
      const at = Date.parse(from) + hour * HOUR;
      return at < Date.parse(to) && isOn(berlin, NO_CALENDAR, 'Europe/Berlin', at);
    }).length;

  test('a night is an hour shorter in spring and an hour longer in autumn, and ends at six', () => {
    expect(hours('2026-03-28T12:00Z', '2026-03-29T12:00Z')).toBe(7);
    expect(hours('2026-10-24T12:00Z', '2026-10-25T12:00Z')).toBe(9);
  });

  test('a time that is skipped is the moment of the change, one that comes twice the first', () => {
    expect(momentOf('Europe/Berlin', '2026-03-29', 150)).toBe(Date.parse('2026-03-29T01:00Z'));
    expect(momentOf('Europe/Berlin', '2026-10-25', 150)).toBe(Date.parse('2026-10-25T00:30Z'));
    expect(momentOf('Australia/Lord_Howe', '2026-10-04', 135)).toBe(Date.parse('2026-10-03T15:30Z'));
  });

  test('a day begins when the calendar shows it, also where midnight itself is skipped', () => {
    const noon = Date.parse('2026-04-24T10:00Z');
    expect(startOfDay('Africa/Cairo', noon)).toBe(Date.parse('2026-04-23T22:00Z'));
    expect(dayOf('Africa/Cairo', Date.parse('2026-04-23T21:59:59Z'))).toBe('2026-04-23');
    expect(dayOf('Africa/Cairo', Date.parse('2026-04-23T22:00Z'))).toBe('2026-04-24');
    expect(startOfNextDay('Africa/Cairo', noon) - startOfDay('Africa/Cairo', noon)).toBe(23 * HOUR);
  });
});

describe('the next change', () => {
  const edge = (one: Shifts, text: string, calendar = NO_CALENDAR) => nextEdge(one, calendar, SHANGHAI, china(text));

  test('is found over a week-end, over holidays, and over a year without any slot', () => {
    expect(edge(office, '2026-10-02T12:00')).toBe(china('2026-10-02T18:00'));
    expect(edge(office, '2026-10-02T18:00')).toBe(china('2026-10-05T09:00'));
    const golden = Calendar.parse({ holidays: [1, 2, 3, 4, 5, 6, 7, 8].map((day) => `2026-10-0${day}`) });
    const wednesdays = shifts({ weekly: [{ days: ['wed'], from: '09:00', to: '10:00' }] });
    expect(edge(wednesdays, '2026-10-01T00:00', golden)).toBe(china('2026-10-14T09:00'));
    const once = shifts({ weekly: [], dates: { '2027-09-30': [{ from: '08:00', to: '24:00' }] } });
    expect(edge(once, '2026-10-01T00:00')).toBe(china('2027-09-30T08:00'));
    expect(edge(once, '2027-09-30T08:00')).toBe(china('2027-10-01T00:00'));
    expect(edge(once, '2027-10-01T00:00')).toBeUndefined();
  });

  test('a whole week without a gap has none, and neither have no shifts', () => {
    const always = shifts({
      weekly: [
        { days: [...WEEKDAYS], from: '08:00', to: '20:00' },
        { days: [...WEEKDAYS], from: '20:00', to: '08:00' },
      ],
    });
    expect(edge(always, '2026-10-02T12:00')).toBeUndefined();
    expect(edge(always, '2026-10-02T12:00', Calendar.parse({ holidays: ['2027-05-01'] }))).toBe(
      china('2027-05-01T08:00'),
    );
    expect(nextEdge(undefined, NO_CALENDAR, SHANGHAI, china('2026-10-02T12:00'))).toBeUndefined();
  });
});

describe('what is refused', () => {
  test('a slot without length, with the mend', () => {
    expect(problems({ weekly: [{ days: ['mon'], from: '00:00', to: '00:00' }] })).toBe(
      'weekly.0.to: the slot begins and ends at once; for the whole day write 00:00 to 24:00',
    );
    expect(problems({ weekly: [{ days: ['mon'], from: '00:00', to: '24:00' }] })).toBe('');
  });

  test('times, days and zones that do not exist, and a week without any slot', () => {
    expect(problems({ weekly: [{ days: ['mon'], from: '9:00', to: '25:00' }] })).toContain(
      'weekly.0.from: is no time of day',
    );
    expect(problems({ weekly: [{ days: ['mon'], from: '24:00', to: '06:00' }] })).toContain('cannot begin at 24:00');
    expect(problems({ weekly: [{ days: [], from: '09:00', to: '10:00' }] })).toContain('at least one weekday');
    expect(problems({ dates: { '2026-02-30': [] } })).not.toBe('');
    expect(problems({ weekly: [] })).toContain('leave weekly out for around the clock');
    expect(Calendar.safeParse({ holidays: ['2026-10-01'], workdays: { '2026-10-01': 'mon' } }).success).toBe(false);
    expect(TimeZone.safeParse('Asia/Peking').success).toBe(false);
  });
});

describe('for all shifts', () => {
  const pad = (number: number): string => String(number).padStart(2, '0');
  const slot = fc
    .tuple(fc.integer({ min: 0, max: 95 }), fc.integer({ min: 1, max: 95 }))
    .map(([from, length]) => [from, (from + length) % 96].map((q) => `${pad(Math.floor(q / 4))}:${pad((q % 4) * 15)}`))
    .map(([from, to]) => ({ from, to }));
  const days = fc.uniqueArray(fc.constantFrom(...WEEKDAYS), { minLength: 1 });
  const date = fc
    .integer({ min: 0, max: 40 })
    .map((n) => new Date(Date.UTC(2026, 9, 1 + n)).toISOString().slice(0, 10));
  const anyShifts = fc
    .record({
      weekly: fc.array(
        fc.tuple(days, slot).map(([on, times]) => ({ days: on, ...times })),
        { minLength: 1, maxLength: 4 },
      ),
      dates: fc.dictionary(date, fc.array(slot, { maxLength: 2 }), { maxKeys: 4 }),
    })
    .map(shifts);
  const anyCalendar = fc
    .record({
      holidays: fc.uniqueArray(date, { maxLength: 8 }),
      make: fc.dictionary(date, fc.constantFrom(...WEEKDAYS), { maxKeys: 3 }),
    })
    .map(({ holidays, make }) =>
      Calendar.parse({ holidays: holidays.filter((day) => !Object.hasOwn(make, day)), workdays: make }),
    );
  const anyZone = fc.constantFrom(
    SHANGHAI,
    'Europe/Berlin',
    'America/New_York',
    'Australia/Lord_Howe',
    'Africa/Cairo',
    'UTC',
  );
  const anyMoment = fc.integer({ min: 0, max: 60 * 24 * 50 }).map((n) => Date.UTC(2026, 8, 25) + n * MINUTE);

  test('isOn is what counting minutes on the wall says', () => {
    const check = (one: Shifts, calendar: Calendar, at: Instant) => {
      const wall = new Date(at + 8 * HOUR);
      const minute = wall.getUTCHours() * 60 + wall.getUTCMinutes();
      const slots = (back: number) => {
        const then = new Date(wall.getTime() - back * 24 * HOUR);
        const day = then.toISOString().slice(0, 10);
        const own = one.dates[day];
        if (own) return own;
        const holiday = calendar.holidays.includes(day) ? undefined : WEEKDAYS[(then.getUTCDay() + 6) % 7];
        const weekday = calendar.workdays[day] ?? holiday;
        return (one.weekly ?? []).filter((weekly) => weekly.days.some((known) => known === weekday));
      };
      const today = slots(0).some(({ from, to }) => from <= minute && (minute < to || to < from));
      const yesterday = slots(1).some(({ from, to }) => to < from && minute < to);
      expect(isOn(one, calendar, SHANGHAI, at)).toBe(today || yesterday);
    };
    fc.assert(fc.property(anyShifts, anyCalendar, anyMoment, check), { numRuns: 500 });
  });

  test('edges come one after the other, each changes isOn, and nothing changes in between', () => {
    const check = (one: Shifts, calendar: Calendar, zone: string, start: Instant) => {
      let at = start;
      for (let n = 0; n < 8; n += 1) {
        const edge = nextEdge(one, calendar, zone, at);
        const now = isOn(one, calendar, zone, at);
        const end = edge ?? at + 20 * 24 * HOUR;
        expect(end).toBeGreaterThan(at);
        for (let between = at; between < end; between += Math.max(5 * MINUTE, (end - at) / 40)) {
          expect(isOn(one, calendar, zone, between)).toBe(now);
        }
        if (edge === undefined) return;
        expect(isOn(one, calendar, zone, edge - 1)).toBe(now);
        expect(isOn(one, calendar, zone, edge)).toBe(!now);
        at = edge;
      }
    };
    fc.assert(fc.property(anyShifts, anyCalendar, anyZone, anyMoment, check), { numRuns: 150 });
  });

  test('each moment is within its own day, and days follow each other without a gap', () => {
    const check = (zone: string, at: Instant) => {
      const [start, end] = [startOfDay(zone, at), startOfNextDay(zone, at)];
      expect(start <= at && at < end).toBe(true);
      expect([dayOf(zone, start), dayOf(zone, end - 1)]).toEqual([dayOf(zone, at), dayOf(zone, at)]);
      expect(startOfDay(zone, end)).toBe(end);
    };
    fc.assert(fc.property(anyZone, anyMoment, check), { numRuns: 500 });
  });
});
