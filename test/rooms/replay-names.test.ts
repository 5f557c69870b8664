import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { nameOf, type ReplayWish } from '../../lib/events/replay.ts';

const place = { bus: 'wecom-concierge-dev', account: '000000000000', partition: 'aws', region: 'us-east-1' };
const at = Date.parse('2026-11-22T04:00:00Z');
/** Few of them, so that wishes are alike; some have long beginnings in common. */
const rule = fc.constantFrom('orders', 'orders-late', 'late', 'a'.repeat(64), `${'a'.repeat(63)}b`);
const wishes: fc.Arbitrary<ReplayWish> = fc.record({
  ...{ bus: fc.constant(place.bus), account: fc.constant(place.account), partition: fc.constant(place.partition) },
  region: fc.constant(place.region),
  from: fc.constant(at),
  to: fc.integer({ min: 1, max: 2 }).map((hours) => at + hours * 3_600_000),
  rules: fc.array(rule, { maxLength: 3 }),
  again: fc.option(fc.constantFrom('orders', 'late', 'a'.repeat(16)), { nil: undefined }),
});
/** What tells one replay from another: in which order rules are named, and how often, does not. */
const meaning = ({ from, to, rules, again }: ReplayWish): string =>
  JSON.stringify([from, to, again ?? null, [...new Set(rules)].sort()]);

// EventBridge knows a replay by its name alone (StartReplay): two wishes of one name are one replay, and the second is not done.
test('different replays have different names, which EventBridge takes', () => {
  fc.assert(
    fc.property(wishes, wishes, (one, other) => {
      expect(nameOf(one)).toMatch(/^[\w.-]{1,64}$/);
      expect(nameOf(one) === nameOf(other)).toBe(meaning(one) === meaning(other));
    }),
    { numRuns: 1000 },
  );
});

test('the same time for two rules whose names begin alike is two replays', () => {
  const wish = { ...place, from: at, to: at + 3_600_000, again: 'after-the-repair' };
  const names = ['orders-of-the-warehouse', 'orders-of-the-shop'].map((name) => nameOf({ ...wish, rules: [name] }));
  expect(new Set(names).size).toBe(2);
});
