import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { MINUTE } from '../../../lib/platform/clock.ts';
import { HIGHEST_PRIORITY, orderOf } from '../../../lib/routing/line-order.ts';

interface Place {
  readonly r: string;
  readonly askedAt: number;
  readonly priority?: number;
}
const place = (r: string, minutes: number, priority?: number): Place => ({
  r,
  askedAt: minutes * MINUTE,
  ...(priority !== undefined && { priority }),
});
const order = (line: readonly Place[], agingMinutes?: number): string[] =>
  line.toSorted(orderOf(agingMinutes === undefined ? {} : { agingMinutes })).map(({ r }) => r);

const anyPlace = fc.record({
  r: fc.string({ minLength: 1, maxLength: 3 }),
  askedAt: fc.nat(100 * MINUTE),
  priority: fc.integer({ min: -200, max: 200 }),
});
const aging = fc.integer({ min: 1, max: 60 });

describe('the order of the line', () => {
  test('without priorities it is time, then the id', () => {
    expect(order([place('c', 2), place('b', 1), place('a', 1, 0)])).toEqual(['a', 'b', 'c']);
  });

  test('a higher priority goes first, by as many minutes as its steps are worth', () => {
    expect(order([place('plain', 0), place('urgent', 9, 1)], 10)).toEqual(['urgent', 'plain']);
    expect(order([place('plain', 0), place('urgent', 10, 1)], 10)).toEqual(['plain', 'urgent']);
    expect(order([place('plain', 0), place('urgent', 29, 3)], 10)).toEqual(['urgent', 'plain']);
    expect(order([place('low', 0, -1), place('plain', 9)], 10)).toEqual(['plain', 'low']);
  });

  test('is one order: two never each come first, and three never go round', () => {
    fc.assert(
      fc.property(anyPlace, anyPlace, anyPlace, aging, (a, b, c, agingMinutes) => {
        const compare = orderOf({ agingMinutes });
        expect(Math.sign(compare(a, b)) + Math.sign(compare(b, a))).toBe(0);
        if (compare(a, b) <= 0 && compare(b, c) <= 0) expect(compare(a, c)).toBeLessThanOrEqual(0);
      }),
    );
  });

  test('nobody starves: with urgent requests arriving for ever, the last one is served in bounded time', () => {
    const anyRun = fc.record({
      agingMinutes: fc.integer({ min: 1, max: 20 }),
      low: fc.integer({ min: -500, max: 5 }),
      // Each minute one arrives with any priority, however high, and one is served.
      arrivals: fc.array(fc.integer({ min: 0, max: 1_000_000 }), { minLength: 1, maxLength: 10 }),
    });
    fc.assert(
      fc.property(anyRun, ({ agingMinutes, low, arrivals }) => {
        const compare = orderOf({ agingMinutes });
        let line = [place('low', 0, low)];
        let servedAt: number | undefined;
        const bound = 2 * HIGHEST_PRIORITY * agingMinutes + 1;
        for (let minute = 0; minute <= bound && servedAt === undefined; minute += 1) {
          line.push(place(`n${minute}`, minute, arrivals[minute % arrivals.length]));
          line = line.sort(compare);
          if (line.shift()?.r === 'low') servedAt = minute;
        }
        expect(servedAt).toBeLessThanOrEqual(bound);
      }),
      { numRuns: 20 },
    );
  });
});
