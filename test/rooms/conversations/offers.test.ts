import { describe, expect, test } from '@jest/globals';
import { MINUTE, SECOND } from '../../../lib/platform/clock.ts';
import { type MemoryWorld, memoryWorld } from '../../support/memory-world.ts';

// An assignment is an offer until the agent answers. WeCom takes no session back from a person: only the next person can have it.

const OFFER = { offerSeconds: 60 };
const types = (world: MemoryWorld): string[] =>
  world
    .events()
    .flatMap((event) => (/^(offer|conversation)\./.test(event.type) ? [event.type.replace('.v1', '')] : []));

async function aCustomerIsGiven(agents: Readonly<Record<string, number>>): Promise<MemoryWorld> {
  const world = await memoryWorld({ ...OFFER, agents });
  world.wecom.says('eve', '转人工');
  await world.callback();
  return world;
}

async function later(world: MemoryWorld, milliseconds: number): Promise<void> {
  await world.wait(milliseconds);
}

test('an agent who answers in time has accepted, and nothing more happens', async () => {
  const world = await aCustomerIsGiven({ amy: 1, ben: 1 });
  world.skip(20 * SECOND);
  world.wecom.agentAnswers('eve', 'amy', 'hello');
  await world.callback();
  await later(world, 10 * MINUTE);

  expect(world.wecom.session('eve')).toEqual({ state: 'person', agentId: 'amy' });
  expect(types(world)).toEqual(['conversation.assigned', 'offer.accepted']);
  expect((await world.conversation('eve')).offer).toBeUndefined();
});

test('an offer that expires goes to the next agent, and the place of the first is free', async () => {
  const world = await aCustomerIsGiven({ amy: 1, ben: 1 });
  await later(world, 61 * SECOND);

  expect(world.wecom.session('eve')).toEqual({ state: 'person', agentId: 'ben' });
  expect(await world.places()).toEqual({ amy: [], ben: [expect.any(String)] });
  expect(types(world)).toEqual(['conversation.assigned', 'offer.expired', 'conversation.transferred']);
  expect((await world.conversation('eve')).place?.agentId).toBe('ben');
});

describe('where nobody else can take it', () => {
  test('the session stays with the agent, it is said once, and his late answer counts', async () => {
    const world = await aCustomerIsGiven({ amy: 1 });
    await later(world, 61 * SECOND);
    await later(world, 20 * MINUTE);
    expect(world.wecom.session('eve')).toEqual({ state: 'person', agentId: 'amy' });
    world.wecom.agentAnswers('eve', 'amy', 'sorry, hello');
    await world.callback();
    await later(world, MINUTE);

    expect(types(world)).toEqual(['conversation.assigned', 'offer.expired', 'conversation.waiting']);
    expect((await world.conversation('eve')).request).toBeUndefined();
    expect((await world.places()).amy).toHaveLength(1);
  });

  test('the next agent who has a place takes it over', async () => {
    const world = await memoryWorld({ ...OFFER, agents: { amy: 1, ben: 1 } });
    for (const customer of ['eve', 'joe']) {
      world.wecom.says(customer, '转人工');
      await world.callback();
    }
    const [first, second] = ['eve', 'joe'].map((customer) => world.wecom.session(customer).agentId ?? '');
    world.wecom.agentAnswers('joe', second ?? '', 'hello');
    await world.callback();
    await later(world, 61 * SECOND);
    expect(world.wecom.session('eve').agentId).toBe(first);
    world.wecom.agentEnds('joe');
    await world.callback();
    await world.run();

    expect(world.wecom.session('eve').agentId).toBe(second);
    expect((await world.places())[first ?? '']).toEqual([]);
  });
});

test('an agent who answers while the next one is being asked keeps the customer, and the other’s place is free again', async () => {
  const world = await aCustomerIsGiven({ amy: 1, ben: 1 });
  world.skip(61 * SECOND);
  // His answer is on its way when the time is up.
  world.wecom.agentAnswers('eve', 'amy', 'hello');
  await world.news();
  await world.run();
  await later(world, MINUTE);

  const holder = world.wecom.session('eve').agentId;
  const places = await world.places();
  expect(Object.entries(places).filter(([, taken]) => taken.length > 0)).toEqual([[holder, [expect.any(String)]]]);
  expect((await world.conversation('eve')).place?.agentId).toBe(holder);
});

test('an offer to somebody from whom a colleague takes the session in WeCom’s client is over', async () => {
  const world = await aCustomerIsGiven({ amy: 1, ben: 1 });
  world.wecom.agentTakes('eve', 'ben');
  await world.callback();
  await later(world, 2 * MINUTE);

  expect(world.wecom.session('eve')).toEqual({ state: 'person', agentId: 'ben' });
  expect(types(world)).toEqual(['conversation.assigned', 'conversation.transferred']);
  expect(await world.places()).toMatchObject({ amy: [] });
});

test('a session that ends while its offer runs offers nothing more', async () => {
  const world = await aCustomerIsGiven({ amy: 1, ben: 1 });
  world.wecom.agentEnds('eve');
  await world.callback();
  await later(world, 2 * MINUTE);

  expect(types(world)).not.toContain('offer.expired');
  expect(await world.places()).toEqual({ amy: [], ben: [] });
});

test('a session that ends while another agent is wanted wants none any more, and what the customer asks next is a question like any', async () => {
  const world = await aCustomerIsGiven({ amy: 1 });
  await later(world, 61 * SECOND);
  world.wecom.agentEnds('eve');
  world.wecom.says('eve', 'human');
  await world.callback();
  await later(world, 30 * SECOND);

  expect(world.wecom.session('eve')).toEqual({ state: 'person', agentId: 'amy' });
  expect(await world.routing.line('support')).toEqual([]);
  expect((await world.places()).amy).toHaveLength(1);
});

test('wherever a function dies, an expired offer ends with one holder, his place taken and no other', async () => {
  const calls = await countCalls();
  expect(calls).toBeGreaterThan(10);
  for (let call = 1; call <= calls; call += 1) {
    for (const harm of ['dies-before', 'dies-after'] as const) {
      const world = await aCustomerIsGiven({ amy: 1, ben: 1 });
      world.skip(61 * SECOND);
      world.harm(call, harm);
      await world.run();
      await world.pass(12 * MINUTE);
      const holder = world.wecom.session('eve').agentId ?? '';
      const taken = Object.entries(await world.places()).filter(([, elements]) => elements.length > 0);
      expect([call, harm, taken]).toEqual([call, harm, [[holder, [expect.any(String)]]]]);
      expect((await world.conversation('eve')).place?.agentId).toBe(holder);
    }
  }
});

async function countCalls(): Promise<number> {
  const world = await aCustomerIsGiven({ amy: 1, ben: 1 });
  world.skip(61 * SECOND);
  const before = world.outsideCalls();
  await world.run();
  return world.outsideCalls() - before;
}
