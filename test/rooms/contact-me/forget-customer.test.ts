import { expect, test } from '@jest/globals';
import { SECOND } from '../../../lib/platform/clock.ts';
import { memoryWays } from './memory-ways.ts';

const EVE = 'wmEve';
const SAYS = { standard: { text: 'Hello' } };

async function aWorld() {
  const world = memoryWays();
  await world.configure({ wayId: 'fair', members: [{ agentId: 'amy' }], welcome: SAYS });
  return world;
}
type World = Awaited<ReturnType<typeof aWorld>>;

async function forget(world: World): Promise<void> {
  world.skip(2 * SECOND);
  await world.forget({ v: 1, kind: 'forget', customerId: EVE, at: world.clock() });
  world.skip(2 * SECOND);
}

test('a customer who is forgotten leaves counters and a moment, and no welcome', async () => {
  const world = await aWorld();
  await world.greet(world.added('fair', 'amy', EVE, { WelcomeCode: 'CODE' }));
  const { sequence } = await world.relations.read(EVE);
  await forget(world);

  expect(await world.relations.read(EVE)).toMatchObject({
    relations: { facts: {} },
    toLabel: {},
    pending: [],
    sequence: sequence + 1,
    erasedAt: expect.any(Number),
  });
});

test('a repeated callback of before brings nothing back, greets nobody and counts nothing', async () => {
  const world = await aWorld();
  const news = world.added('fair', 'amy', EVE, { WelcomeCode: 'CODE' });
  await world.greet(news);
  await forget(world);
  const before = await world.relations.read(EVE);
  const told = world.facts.length;
  await world.greet(news);
  await world.greet({ ...news, source: 'reconcile' });

  expect(await world.relations.read(EVE)).toEqual(before);
  expect(world.wecom.welcomes).toHaveLength(1);
  expect(world.facts).toHaveLength(told);
});

test('who comes back is a new customer, under numbers that go on', async () => {
  const world = await aWorld();
  await world.greet(world.added('fair', 'amy', EVE, { WelcomeCode: 'ONE' }));
  await forget(world);
  await world.greet(world.added('fair', 'amy', EVE, { WelcomeCode: 'TWO' }));
  await world.rotate('fair');

  expect(world.wecom.welcomes.map(({ code }) => code)).toEqual(['ONE', 'TWO']);
  expect((await world.record('fair')).figures.amy?.total.new).toBe(2);
  const numbers = world.facts.filter(({ subject }) => subject === EVE).map(({ sequence }) => sequence);
  expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
  expect(new Set(numbers).size).toBe(numbers.length);
});

test('what the way was still to be told is told all the same', async () => {
  const world = await aWorld();
  await world.greet(world.added('fair', 'amy', EVE));
  await forget(world);
  await world.rotate('fair');

  expect((await world.record('fair')).figures.amy?.total.new).toBe(1);
});

test('other systems are told once for each wish, under an id that a repeat has as well', async () => {
  const world = await aWorld();
  await world.greet(world.added('fair', 'amy', EVE));
  world.skip(2 * SECOND);
  const at = world.clock();
  const wish = { v: 1, kind: 'forget', customerId: EVE, at } as const;
  await world.forget(wish);
  await world.forget(wish);
  await world.forget({ ...wish, at: at - SECOND });
  const told = world.facts.filter(({ type }) => type === 'contact.erased.v1');
  expect(told).toEqual([
    expect.objectContaining({
      id: `erased#${EVE}#${at}`,
      subject: EVE,
      data: { customerId: EVE, upTo: new Date(at).toISOString() },
    }),
  ]);
  await forget(world);
  expect(world.facts.filter(({ type }) => type === 'contact.erased.v1')).toHaveLength(2);
});
