import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { of } from '../../../lib/contact-me/turns.ts';
import { addsIn } from '../../../lib/contact-me/way-record.ts';
import { aLink } from './link-ways.ts';
import { type Rush, rush } from './rush.ts';

const WEIGHTS = { amy: 5, ben: 3, cat: 1, dan: 1 };
const members = (caps: Readonly<Record<string, object>> = {}) =>
  Object.entries(WEIGHTS).map(([agentId, weight]) => ({ agentId, weight, ...caps[agentId] }));
const weighted = aLink({ strategy: 'weighted', members: members() });

const sumOf = (counts: Readonly<Record<string, number>>): number =>
  Object.values(counts).reduce((sum, count) => sum + count, 0);

/** However it went: */
function expectSound({ opened, nobody, killed, counts, added, record, given }: Rush, openings: number): void {
  const turns = opened.map(({ turn }) => turn);
  // every turn was given once, and whatever is missing died with its process;
  expect(new Set(turns).size).toBe(turns.length);
  expect(opened.length + nobody + killed).toBe(openings);
  // an opening counted once, or died before it did; only where nobody can take a turn it may look again, and then nobody has those turns;
  expect([...new Set(opened.map((one) => one.counts))]).toEqual([1]);
  expect(counts).toBeGreaterThanOrEqual(openings - killed);
  expect(sumOf(given.ever)).toBeLessThanOrEqual(openings);
  expect(given.count).toBe(counts);
  // no add was lost or doubled.
  const counted = Object.entries(record.figures).map(([agentId, { total }]) => [agentId, addsIn(total)] as const);
  expect(Object.fromEntries(counted)).toEqual(added);
}

function expectShares({ ever }: Rush['given']): void {
  const all = sumOf(ever);
  const off = Object.entries(WEIGHTS).map(([agentId, weight]) => Math.abs(of(ever, agentId) - (all * weight) / 10));
  expect(Math.max(...off)).toBeLessThan(1);
}

describe('10,000 openings from 50 telephones at once, with processes killed at random and adds told twice in any order', () => {
  test('give every turn once, by the weights, for one write each, and no add is lost or doubled', async () => {
    const all = await rush(weighted, { openings: 10_000, clients: 50, seed: 5 });
    expectSound(all, 10_000);
    expectShares(all.given);
    expect([all.nobody, sumOf(all.given.ever)]).toEqual([0, all.counts]);
    expect(all.killed).toBeGreaterThan(200);
    // Plans, each of 200 turns, some made again after a death.
    expect(all.otherWrites).toBeLessThan(500);
  }, 20_000);

  test('offer nobody a turn beyond a cap', async () => {
    const caps = { amy: { perDay: 2500 }, ben: { total: 900 }, cat: { perDay: 3000 } };
    const way = aLink({ strategy: 'weighted', members: members(caps), perDay: 6000 });
    const all = await rush(way, { openings: 10_000, clients: 50, seed: 6 });
    expectSound(all, 10_000);
    const { ever } = all.given;
    expect(of(ever, 'amy')).toBeLessThanOrEqual(2500);
    expect(of(ever, 'ben')).toBe(900);
    expect(sumOf(ever)).toBe(6000);
    expect(all.nobody).toBeGreaterThan(3000);
  }, 20_000);
});

test('the same holds however the calls fall', async () => {
  const check = async (seed: number, clients: number, cap: number) => {
    const caps = { amy: { perDay: cap }, dan: { total: 5 } };
    const way = aLink({ strategy: 'weighted', members: members(caps), perDay: 250 });
    const all = await rush(way, { openings: 300, clients, seed });
    expectSound(all, 300);
    expect(of(all.given.ever, 'amy')).toBeLessThanOrEqual(cap);
    expect(of(all.given.ever, 'dan')).toBeLessThanOrEqual(5);
    expect(sumOf(all.given.ever)).toBeLessThanOrEqual(250);
  };
  const clients = fc.integer({ min: 1, max: 60 });
  await fc.assert(fc.asyncProperty(fc.nat(1e6), clients, fc.integer({ min: 1, max: 60 }), check), {
    numRuns: 20,
    examples: [
      [341954, 31, 1],
      [1941, 60, 1],
    ],
  });
});
