import fc from 'fast-check';
import type { RotationFacts } from '../../../lib/contact-me/eligibility.ts';
import { NO_TURNS } from '../../../lib/contact-me/turns.ts';
import { ContactWay, WayMode, WayStrategy } from '../../../lib/contact-me/way.ts';
import { HOUR, type Instant } from '../../../lib/platform/clock.ts';
import { NO_CALENDAR } from '../../../lib/platform/shifts.ts';
import { WEEKDAYS } from '../../../lib/platform/wall-clock.ts';

export const SHANGHAI = 'Asia/Shanghai';
/** 2026-10-01 is a Thursday. */
export const china = (text: string): Instant => Date.parse(`${text}+08:00`);
export const NOON = china('2026-10-01T12:00');

/** A way as it is configured; members may be given by name alone. */
export function aWay({ members = ['amy', 'ben', 'cat'], ...rest }: Record<string, unknown> = {}): ContactWay {
  const named = Array.isArray(members)
    ? members.map((one) => (typeof one === 'string' ? { agentId: one } : one))
    : members;
  return ContactWay.parse({ wayId: 'fair', name: 'Fair', mode: 'turn', members: named, ...rest });
}

/** Noon of a day on which nothing has happened yet. */
export function facts(way: ContactWay = aWay(), changed: Partial<RotationFacts> = {}): RotationFacts {
  const nothing = { duty: {}, setAside: {}, turns: NO_TURNS, adds: {}, addsAcrossWays: {}, lastGood: [] };
  return { way, calendar: NO_CALENDAR, zone: SHANGHAI, at: NOON, ...nothing, ...changed };
}

const cap = fc.option(fc.integer({ min: 1, max: 6 }), { nil: undefined, freq: 2 });
const hour = fc.integer({ min: 0, max: 23 }).map((n) => `${String(n).padStart(2, '0')}:00`);
const anyShifts = fc
  .record({ days: fc.uniqueArray(fc.constantFrom(...WEEKDAYS), { minLength: 1 }), from: hour, to: hour })
  .filter(({ from, to }) => from !== to)
  .map((slot) => ({ weekly: [slot] }));
const without = (record: object): object =>
  Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined));
const member = fc
  .record({
    weight: fc.integer({ min: 1, max: 100 }),
    shifts: fc.option(anyShifts, { nil: undefined, freq: 2 }),
    perDay: cap,
    total: cap,
    perDayAcrossWays: cap,
    totalAcrossWays: cap,
  })
  .map(without);

/** Any way: every strategy and mode, with weights, shifts, caps and backups. */
export const anyWay: fc.Arbitrary<ContactWay> = fc
  .record({
    mode: fc.constantFrom(...WayMode.options),
    strategy: fc.constantFrom(...WayStrategy.options),
    members: fc.array(member, { minLength: 1, maxLength: 8 }),
    backups: fc.uniqueArray(fc.constantFrom('m0', 'm1', 'xen', 'yan'), { maxLength: 2 }),
    perDay: fc.option(fc.integer({ min: 1, max: 20 }), { nil: undefined, freq: 2 }),
  })
  .map(({ members, ...way }) =>
    aWay({ ...without(way), members: members.map((one, index) => ({ ...one, agentId: `m${index}` })) }),
  );

const AGENTS = ['m0', 'm1', 'm2', 'm3', 'm4', 'xen', 'yan'];
const someAgents = fc.uniqueArray(fc.constantFrom(...AGENTS), { maxLength: 4 });
const adds = fc.dictionary(
  fc.constantFrom(...AGENTS),
  fc.tuple(fc.nat(4), fc.nat(3)).map(([today, before]) => ({ today, total: today + before })),
);

/** Any moment of any way: some off duty, some set aside, some adds, some turns still open. */
export const anyFacts: fc.Arbitrary<RotationFacts> = fc
  .record({ way: anyWay, off: someAgents, aside: someAgents, here: adds, elsewhere: adds, hours: fc.nat(24 * 14) })
  .chain((drawn) =>
    fc
      .record({
        lastGood: fc.uniqueArray(fc.constantFrom(...AGENTS), { maxLength: 3 }),
        open: fc.dictionary(fc.constantFrom(...AGENTS), fc.nat(2)),
      })
      .map(({ lastGood, open }) =>
        facts(drawn.way, {
          duty: Object.fromEntries(drawn.off.map((agentId) => [agentId, 'off'])),
          setAside: Object.fromEntries(
            drawn.aside.map((agentId) => [agentId, { reason: 'not-verified', since: NOON }]),
          ),
          adds: drawn.here,
          addsAcrossWays: Object.fromEntries(
            AGENTS.map((id) => {
              const [one, other] = [drawn.here[id], drawn.elsewhere[id]];
              return [
                id,
                { today: (one?.today ?? 0) + (other?.today ?? 0), total: (one?.total ?? 0) + (other?.total ?? 0) },
              ];
            }),
          ),
          pending: open,
          lastGood,
          at: NOON + drawn.hours * HOUR,
        }),
      ),
  );
