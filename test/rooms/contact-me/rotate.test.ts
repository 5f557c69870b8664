import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { RotationFacts } from '../../../lib/contact-me/eligibility.ts';
import { rotate, turnsAfter } from '../../../lib/contact-me/rotate.ts';
import { of } from '../../../lib/contact-me/turns.ts';
import { withDepartments } from '../../../lib/contact-me/way.ts';
import { DAY } from '../../../lib/platform/clock.ts';
import { Calendar } from '../../../lib/platform/shifts.ts';
import { anyFacts, aWay, china, facts, NOON } from './rotation-facts.ts';

const office = { weekly: [{ days: ['mon', 'tue', 'wed', 'thu', 'fri'], from: '09:00', to: '18:00' }] };
const night = { weekly: [{ days: ['thu'], from: '22:00', to: '06:00' }] };
const added = (today: number, total = today) => ({ today, total });
const why = (given: RotationFacts) =>
  Object.fromEntries(rotate(given).passedOver.map(({ agentId, because }) => [agentId, because]));

/** Lets so many customers come, each to the next member; gives whose they were. */
function customers(count: number, from: RotationFacts): string[] {
  const whose: string[] = [];
  let now = from;
  for (let n = 0; n < count; n += 1) {
    const { next } = rotate(now);
    if (next === undefined) break;
    whose.push(next);
    const counts = { today: (now.adds[next]?.today ?? 0) + 1, total: (now.adds[next]?.total ?? 0) + 1 };
    const adds = { ...now.adds, [next]: counts };
    now = { ...now, turns: turnsAfter(now, next), adds, addsAcrossWays: adds };
  }
  return whose;
}

describe('whom WeCom should list', () => {
  test('pool: all who can take a turn; turn: the next one only, and the others know why', () => {
    expect(rotate(facts(aWay({ mode: 'pool' })))).toMatchObject({ next: 'amy', listed: ['amy', 'ben', 'cat'] });
    const rotation = rotate(facts(aWay({ mode: 'turn' })));
    expect(rotation).toMatchObject({ next: 'amy', listed: ['amy'], from: 'members' });
    expect(rotation.passedOver).toEqual([
      { agentId: 'ben', because: 'not-yet' },
      { agentId: 'cat', because: 'not-yet' },
    ]);
  });

  test('each of the others is told why he was passed over', () => {
    const members = [
      { agentId: 'amy', shifts: { weekly: [{ days: ['fri'], from: '09:00', to: '18:00' }] } },
      { agentId: 'ben', perDay: 2 },
      { agentId: 'cat', total: 5 },
      { agentId: 'dan', perDayAcrossWays: 3 },
      { agentId: 'eve', totalAcrossWays: 9 },
      'fay',
      'gil',
      'hal',
    ];
    const given = facts(aWay({ mode: 'pool', members }), {
      adds: { ben: added(2), cat: added(0, 5), dan: added(1), eve: added(1) },
      addsAcrossWays: { ben: added(2), cat: added(0, 5), dan: added(3), eve: added(1, 9) },
      duty: { fay: 'off', hal: 'on' },
      setAside: { gil: { reason: 'not-verified', since: NOON } },
    });
    expect(rotate(given).listed).toEqual(['hal']);
    expect(why(given)).toEqual({
      amy: 'off-shift',
      ben: 'full-today',
      cat: 'full',
      dan: 'full-today-across-ways',
      eve: 'full-across-ways',
      fay: 'off-duty',
      gil: 'set-aside',
    });
  });

  test('no list is longer than a hundred, it stays the same while the same can take a turn, and somebody is told', () => {
    const everybody = Array.from({ length: 120 }, (_, index) => `m${index}`);
    const way = aWay({ mode: 'pool', members: [], departments: [{ departmentId: 7 }] });
    const given = facts(withDepartments(way, () => everybody));
    const { listed, alarm, passedOver } = rotate(given);
    expect(listed).toEqual(everybody.slice(0, 100));
    expect(alarm).toBe('list-cut');
    expect(passedOver).toHaveLength(20);
    expect(passedOver[0]).toEqual({ agentId: 'm100', because: 'list-full' });
    expect(rotate({ ...given, turns: turnsAfter(given, 'm3') }).listed).toEqual(listed);
  });

  test('outside all slots the last slot’s members do not stay next', () => {
    const way = aWay({ members: [{ agentId: 'amy', shifts: office }], backups: ['xen'] });
    const at = china('2026-10-01T18:00');
    expect(rotate(facts(way, { lastGood: ['amy'] }))).toMatchObject({ next: 'amy' });
    expect(rotate(facts(way, { lastGood: ['amy'], at }))).toMatchObject({
      next: 'xen',
      listed: ['xen'],
      from: 'backups',
    });
  });

  test('a night shift matches after midnight', () => {
    const way = aWay({
      members: [
        { agentId: 'amy', shifts: night },
        { agentId: 'ben', shifts: office },
      ],
    });
    expect(rotate(facts(way, { at: china('2026-10-02T03:00') })).next).toBe('amy');
    expect(rotate(facts(way, { at: china('2026-10-02T06:00') })).next).toBeUndefined();
  });
});

describe('when no member can take a turn', () => {
  const way = aWay({ mode: 'pool', backups: ['xen', 'yan'] });
  const off = { amy: 'off', ben: 'off', cat: 'off' } as const;

  test('backups take turns, one after the other, also those who are members off shift', () => {
    expect(customers(4, facts(way, { duty: off }))).toEqual(['xen', 'yan', 'xen', 'yan']);
    const shifted = aWay({ members: [{ agentId: 'amy', shifts: night }], backups: ['amy'] });
    expect(rotate(facts(shifted))).toMatchObject({ next: 'amy', from: 'backups', passedOver: [] });
  });

  test('a backup who is full as a member is not offered beyond his cap, and his days are counted afresh like anybody’s', () => {
    const full = aWay({ members: [{ agentId: 'amy', shifts: night, perDay: 1 }], backups: ['amy'] });
    expect(rotate(facts(full, { adds: { amy: added(1) } })).next).toBeUndefined();
    expect(rotate(facts(full, { adds: { amy: added(0, 1) }, at: NOON + DAY })).next).toBe('amy');
  });

  test('the last good list stays with an alarm, because WeCom’s list may not become empty', () => {
    const nobody = { duty: { ...off, xen: 'off', yan: 'off' }, lastGood: ['ben', 'cat'] } as const;
    const rotation = rotate(facts(way, nobody));
    expect(rotation).toMatchObject({ listed: ['ben', 'cat'], from: 'last-good', alarm: 'nobody-can' });
    expect(rotation).not.toHaveProperty('next');
    expect(why(facts(way, nobody))).toMatchObject({ ben: 'off-duty', xen: 'off-duty' });
  });

  test('the last good list loses whom WeCom refuses, but not its last one', () => {
    const refused = { reason: 'left', since: NOON };
    const duty = { ...off, xen: 'off', yan: 'off' } as const;
    const listed = (lastGood: string[]) => rotate(facts(way, { duty, lastGood, setAside: { ben: refused } })).listed;
    expect(listed(['ben', 'cat'])).toEqual(['cat']);
    expect(listed(['ben'])).toEqual(['ben']);
  });

  test('where there never was anybody, it says so', () => {
    const rotation = rotate(facts(aWay({ members: ['amy'] }), { duty: { amy: 'off' } }));
    expect(rotation).toMatchObject({ listed: [], from: 'nobody', alarm: 'nobody-can' });
  });

  test('a full way offers nobody, backups neither; a paused one is no alarm', () => {
    const full = aWay({ perDay: 3, backups: ['xen'] });
    const given = facts(full, { adds: { amy: added(2), gone: added(1) }, lastGood: ['amy'] });
    expect(rotate(given)).toMatchObject({ listed: ['amy'], from: 'last-good', alarm: 'way-full' });
    expect(why(given)).toMatchObject({ amy: 'way-full-today', xen: 'way-full-today' });
    const paused = rotate(facts(aWay({ paused: true }), { lastGood: ['amy'] }));
    expect(paused).toMatchObject({ listed: ['amy'], from: 'last-good' });
    expect(paused).not.toHaveProperty('alarm');
  });
});

describe('caps', () => {
  test('a cap for the day counts the day’s adds and not all that a member ever had', () => {
    const way = aWay({ members: [{ agentId: 'amy', perDay: 3 }] });
    expect(rotate(facts(way, { adds: { amy: added(2, 900) } })).next).toBe('amy');
    expect(rotate(facts(way, { adds: { amy: added(3, 3) } })).next).toBeUndefined();
  });

  test('the add that reaches a cap is the last one: no turn more is offered', () => {
    const members = [
      { agentId: 'amy', perDay: 2 },
      { agentId: 'ben', perDay: 1 },
      { agentId: 'cat', total: 1 },
    ];
    expect(customers(9, facts(aWay({ members })))).toEqual(['amy', 'ben', 'cat', 'amy']);
  });

  test('a turn that may still become an add takes room under a cap', () => {
    const way = aWay({ mode: 'link', members: [{ agentId: 'amy', perDay: 3 }] });
    expect(rotate(facts(way, { adds: { amy: added(2) }, pending: { amy: 1 } })).next).toBeUndefined();
    const across = aWay({ mode: 'link', members: [{ agentId: 'amy', perDayAcrossWays: 3 }] });
    expect(rotate(facts(across, { pending: { amy: 3 } })).next).toBeUndefined();
  });
});

describe('who is next', () => {
  test('round-robin leaves weights aside, weighted goes by them', () => {
    const members = [{ agentId: 'amy', weight: 2 }, { agentId: 'ben' }];
    expect(customers(4, facts(aWay({ members })))).toEqual(['amy', 'ben', 'amy', 'ben']);
    const weighted = customers(6, facts(aWay({ members, strategy: 'weighted' })));
    expect(weighted.filter((one) => one === 'amy')).toHaveLength(4);
  });

  test('least-added-today: whoever has fewest adds and open turns, then the one longest without', () => {
    const way = aWay({ strategy: 'least-added-today' });
    const adds = { amy: added(2), ben: added(1, 50), cat: added(1) };
    expect(rotate(facts(way, { adds })).next).toBe('ben');
    expect(rotate(facts(way, { adds, pending: { ben: 1 } })).next).toBe('cat');
    expect(customers(6, facts(way))).toEqual(['amy', 'ben', 'cat', 'amy', 'ben', 'cat']);
  });

  test('fixed: always the first of the list who can', () => {
    const way = aWay({ strategy: 'fixed', members: [{ agentId: 'amy', perDay: 2 }, 'ben'] });
    expect(customers(4, facts(way))).toEqual(['amy', 'amy', 'ben', 'ben']);
  });

  test('an add that went elsewhere is that member’s turn, and the one who was listed keeps his', () => {
    const start = facts();
    const afterAmy = { ...start, turns: turnsAfter(start, 'amy') };
    // A second customer scanned before WeCom knew of the change.
    const late = { ...afterAmy, turns: turnsAfter(afterAmy, 'amy') };
    expect(rotate(late).next).toBe('ben');
    expect(customers(4, late)).toEqual(['ben', 'cat', 'ben', 'cat']);
  });

  test('when everybody has had his turn the order does not jump', () => {
    expect(customers(9, facts()).join(' ')).toBe('amy ben cat amy ben cat amy ben cat');
  });
});

describe('how long an answer holds', () => {
  test('until the next edge of a shift, computed and not polled', () => {
    const way = aWay({ members: [{ agentId: 'amy', shifts: office }, 'ben'] });
    expect(rotate(facts(way)).validUntil).toBe(china('2026-10-01T18:00'));
    const calendar = Calendar.parse({ holidays: ['2026-10-02'] });
    expect(rotate(facts(way, { calendar, at: china('2026-10-01T18:00') })).validUntil).toBe(china('2026-10-05T09:00'));
  });

  test('until midnight where something is counted by the day, for ever where nothing is', () => {
    expect(rotate(facts(aWay({ perDay: 5 }))).validUntil).toBe(china('2026-10-02T00:00'));
    expect(rotate(facts(aWay({ strategy: 'least-added-today' }))).validUntil).toBe(china('2026-10-02T00:00'));
    expect(rotate(facts())).not.toHaveProperty('validUntil');
  });

  test('the edges of somebody who is off duty do not matter', () => {
    const way = aWay({ members: [{ agentId: 'amy', shifts: office }, 'ben'] });
    expect(rotate(facts(way, { duty: { amy: 'off' } }))).not.toHaveProperty('validUntil');
  });
});

describe('for any way at any moment', () => {
  test('nobody is next who is off duty, set aside, off shift, full or not on the way', () => {
    const check = (given: RotationFacts) => {
      const { next, from } = rotate(given);
      if (next === undefined) return;
      expect(given.duty[next]).not.toBe('off');
      expect(given.setAside[next]).toBeUndefined();
      const member = given.way.members.find(({ agentId }) => agentId === next);
      expect(from === 'members' ? member !== undefined : given.way.backups.includes(next)).toBe(true);
      const open = of(given.pending ?? {}, next);
      const [here, across] = [given.adds[next] ?? added(0), given.addsAcrossWays[next] ?? added(0)];
      expect(here.today + open).toBeLessThan(member?.perDay ?? Number.POSITIVE_INFINITY);
      expect(here.total + open).toBeLessThan(member?.total ?? Number.POSITIVE_INFINITY);
      expect(across.today + open).toBeLessThan(member?.perDayAcrossWays ?? Number.POSITIVE_INFINITY);
      expect(across.total + open).toBeLessThan(member?.totalAcrossWays ?? Number.POSITIVE_INFINITY);
    };
    fc.assert(fc.property(anyFacts, check), { numRuns: 1000 });
  });

  test('the list is never empty when there was a last good one, and holds the next member', () => {
    const check = (given: RotationFacts) => {
      const { next, listed, from } = rotate(given);
      if (given.lastGood.length > 0) expect(listed).not.toEqual([]);
      expect(next === undefined).toBe(from === 'last-good' || from === 'nobody');
      if (next !== undefined) expect(listed).toContain(next);
      expect(new Set(listed).size).toBe(listed.length);
    };
    fc.assert(fc.property(anyFacts, check), { numRuns: 500 });
  });

  test('everybody on the way is either listed or told why not', () => {
    const check = (given: RotationFacts) => {
      const { listed, passedOver, from } = rotate(given);
      const names = [...listed, ...passedOver.map(({ agentId }) => agentId)];
      const { members, backups } = given.way;
      const expected =
        from === 'members'
          ? members.map(({ agentId }) => agentId)
          : [...members.map(({ agentId }) => agentId), ...backups];
      expect(names).toEqual(expect.arrayContaining(expected));
      if (from !== 'last-good') expect(names.toSorted()).toEqual([...new Set(expected)].toSorted());
    };
    fc.assert(fc.property(anyFacts, check), { numRuns: 500 });
  });

  test('the answer stays the same until it says that it may change', () => {
    const check = (given: RotationFacts, share: number) => {
      const first = rotate(given);
      const end = first.validUntil ?? given.at + 10 * DAY;
      expect(end).toBeGreaterThan(given.at);
      const later = given.at + Math.floor((end - 1 - given.at) * share);
      const { validUntil: _, ...then } = rotate({ ...given, at: later });
      expect({ ...then, validUntil: first.validUntil }).toEqual({ ...first, validUntil: first.validUntil });
    };
    fc.assert(fc.property(anyFacts, fc.double({ min: 0, max: 1, noNaN: true }), check), { numRuns: 500 });
  });

  test('customers one after another never pass a cap, and shares stay within one turn while the same can take them', () => {
    const check = (given: RotationFacts) => {
      const { strategy } = given.way;
      let now = { ...given, pending: {} };
      let able = '';
      let had: Record<string, number> = {};
      for (let n = 0; n < 30; n += 1) {
        const { next, from } = rotate(now);
        if (next === undefined) break;
        const can = rotate({ ...now, way: { ...now.way, mode: 'pool' } }).listed;
        if (`${can}` !== able) had = {};
        able = `${can}`;
        had[next] = of(had, next) + 1;
        const weight = (agentId: string) =>
          strategy === 'weighted' && from === 'members'
            ? (given.way.members.find((one) => one.agentId === agentId)?.weight ?? 1)
            : 1;
        const all = can.reduce((sum, agentId) => sum + weight(agentId), 0);
        const turns = Object.values(had).reduce((sum, one) => sum + one, 0);
        if (strategy === 'round-robin' || strategy === 'weighted') {
          for (const agentId of can) {
            expect(Math.abs(of(had, agentId) * all - turns * weight(agentId))).toBeLessThan(all);
          }
        }
        const more = (adds: RotationFacts['adds']) => {
          const { today, total } = adds[next] ?? added(0);
          return { ...adds, [next]: { today: today + 1, total: total + 1 } };
        };
        now = { ...now, turns: turnsAfter(now, next), adds: more(now.adds), addsAcrossWays: more(now.addsAcrossWays) };
      }
      for (const { agentId, perDay } of given.way.members) {
        const before = given.adds[agentId]?.today ?? 0;
        expect(now.adds[agentId]?.today ?? 0).toBeLessThanOrEqual(Math.max(before, perDay ?? Number.POSITIVE_INFINITY));
      }
    };
    fc.assert(fc.property(anyFacts, check), { numRuns: 300 });
  });

  test('least-added-today: adds of those who can take a turn come within one of each other, and stay so', () => {
    const way = aWay({ strategy: 'least-added-today', members: ['amy', 'ben', 'cat', 'dan'] });
    const check = (start: number[]) => {
      const ids = way.members.map(({ agentId }) => agentId);
      const adds = Object.fromEntries(ids.map((id, index) => [id, added(start[index] ?? 0)]));
      const counts = new Map(ids.map((id, index) => [id, start[index] ?? 0]));
      // Enough to level what was uneven before.
      for (const id of customers(40, facts(way, { adds }))) counts.set(id, (counts.get(id) ?? 0) + 1);
      expect(Math.max(...counts.values()) - Math.min(...counts.values())).toBeLessThanOrEqual(1);
    };
    fc.assert(fc.property(fc.array(fc.nat(10), { minLength: 4, maxLength: 4 }), check));
  });
});
