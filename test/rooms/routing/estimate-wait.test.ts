import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { HOUR, MINUTE } from '../../../lib/platform/clock.ts';
import { estimateWait } from '../../../lib/routing/estimate-wait.ts';
import { NOON } from './routing-facts.ts';

/** So many assignments, each so many minutes after the one before, the last one so long ago. */
const every = (minutes: number, count: number, ago = 0): number[] =>
  Array.from({ length: count }, (_, index) => NOON - (ago + index * minutes) * MINUTE);

describe('how long somebody still waits', () => {
  test('place in the line times the usual time between assignments', () => {
    expect(estimateWait(1, every(2, 10), NOON)).toEqual({ minutes: 2 });
    expect(estimateWait(4, every(2, 10), NOON)).toEqual({ minutes: 8 });
  });

  test('rounded up to whole minutes, and never none', () => {
    expect(estimateWait(1, every(1.1, 10), NOON)).toEqual({ minutes: 2 });
    expect(estimateWait(1, every(0, 10), NOON)).toEqual({ minutes: 1 });
  });

  test('unknown with too little to go by, or only things of long ago', () => {
    expect(estimateWait(1, [], NOON)).toBe('unknown');
    expect(estimateWait(1, every(1, 4), NOON)).toBe('unknown');
    expect(estimateWait(1, every(1, 20, 61), NOON)).toBe('unknown');
    expect(estimateWait(1, every(1, 5), NOON)).not.toBe('unknown');
  });

  test('a line that has come to a halt makes it longer', () => {
    expect(estimateWait(1, every(1, 10, 40), NOON)).toEqual({ minutes: 5 });
  });

  test('only the last twenty count: a team that got faster is believed', () => {
    const slowBefore = every(1.5, 20, 21);
    expect(estimateWait(10, [...every(1, 20), ...slowBefore], NOON)).toEqual({ minutes: 10 });
  });

  test('never shorter for a later place, whatever the order in which the times are told', () => {
    const times = fc.array(fc.nat(HOUR), { maxLength: 30 }).map((all) => all.map((ago) => NOON - ago));
    fc.assert(
      fc.property(times, fc.integer({ min: 1, max: 500 }), (at, place) => {
        const one = estimateWait(place, at, NOON);
        const later = estimateWait(place + 1, at.toReversed(), NOON);
        if (one === 'unknown' || later === 'unknown') return expect(later).toBe(one);
        expect(later.minutes).toBeGreaterThanOrEqual(one.minutes);
        expect(Number.isInteger(one.minutes) && one.minutes >= 1).toBe(true);
      }),
    );
  });

  test('a place that does not exist is a mistake', () => {
    expect(() => estimateWait(0, [], NOON)).toThrow(RangeError);
    expect(() => estimateWait(1.5, [], NOON)).toThrow(RangeError);
  });
});
