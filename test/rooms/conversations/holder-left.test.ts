import { expect, test } from '@jest/globals';
import { MINUTE, SECOND } from '../../../lib/platform/clock.ts';
import { type MemoryWorld, memoryWorld } from '../../support/memory-world.ts';

// Whoever serves a customer leaves. WeCom takes no session back from a person: only the next person can have it.

const duty = (world: MemoryWorld, agentId: string, duty: 'on' | 'off') =>
  world.routing.saveAgent({ agentId, capacity: 1, duty, teams: ['support'] });

/** A customer whom amy serves, and has answered. Ben may be there, too. */
async function amyServes({ ben }: { ben: 'on' | 'off' }): Promise<MemoryWorld> {
  const world = await memoryWorld({ agents: { amy: 1, ben: 1 } });
  await duty(world, 'ben', 'off');
  world.wecom.says('eve', '转人工');
  await world.callback();
  world.wecom.agentAnswers('eve', 'amy', 'hello');
  await world.callback();
  await duty(world, 'ben', ben);
  return world;
}

async function amyLeaves(world: MemoryWorld): Promise<void> {
  world.skip(SECOND);
  await world.desk.agentLeft('amy', 'deleted', world.clock());
  await world.run();
}

const waiting = (world: MemoryWorld) => world.events('conversation.waiting.v1').map(({ data }) => data.because);

test('the customer is given to another agent, with exactly one place', async () => {
  const world = await amyServes({ ben: 'on' });
  await amyLeaves(world);
  expect(world.wecom.session('eve')).toEqual({ state: 'person', agentId: 'ben' });
  expect(await world.places()).toEqual({ amy: [], ben: [expect.any(String)] });
  expect(world.events('conversation.transferred.v1')).toMatchObject([
    { data: { agentId: 'ben', from: 'amy', by: 'concierge' } },
  ]);
});

test('with nobody free it stays, that is said once, and whoever gets room takes it', async () => {
  const world = await amyServes({ ben: 'off' });
  await amyLeaves(world);
  await world.wait(10 * MINUTE);
  expect(world.wecom.session('eve')).toEqual({ state: 'person', agentId: 'amy' });
  expect(waiting(world)).toEqual(['holder-left']);
  await duty(world, 'ben', 'on');
  await world.desk.wake('support');
  await world.run();
  expect(world.wecom.session('eve').agentId).toBe('ben');
  expect((await world.places()).amy).toEqual([]);
});

test('a capacity is not exceeded for it', async () => {
  const world = await amyServes({ ben: 'on' });
  world.wecom.says('joe', '转人工');
  await world.callback();
  expect(world.wecom.session('joe').agentId).toBe('ben');
  await amyLeaves(world);
  expect(world.wecom.session('eve').agentId).toBe('amy');
  world.wecom.agentEnds('joe');
  await world.callback();
  await world.run();
  expect(world.wecom.session('eve').agentId).toBe('ben');
});

test('an open offer is over with him: nobody else is asked for twice', async () => {
  const world = await memoryWorld({ agents: { amy: 1, ben: 1 }, offerSeconds: 60 });
  world.wecom.says('eve', '转人工');
  await world.callback();
  await amyLeaves(world);
  await world.wait(2 * SECOND);
  expect(world.wecom.session('eve').agentId).toBe('ben');
  expect((await world.conversation('eve')).offer?.agentId).toBe('ben');
  expect(world.events('offer.expired.v1')).toEqual([]);
});

test('whose session it is not, is not asked about; who was served by him before, is not held for him', async () => {
  const world = await amyServes({ ben: 'on' });
  world.wecom.agentEnds('eve');
  await world.callback();
  expect((await world.conversation('eve')).lastServedBy).toBe('amy');
  await world.post.tell('wkdesk:eve', { kind: 'holder-left', agentId: 'amy', at: world.clock() });
  await world.run();
  const conversation = await world.conversation('eve');
  expect(conversation.request).toBeUndefined();
  expect(conversation).not.toHaveProperty('lastServedBy');
});

test('who answers all the same is there, and keeps the customer', async () => {
  const world = await amyServes({ ben: 'off' });
  await amyLeaves(world);
  world.wecom.agentAnswers('eve', 'amy', 'still here');
  await world.callback();
  expect((await world.conversation('eve')).request).toBeUndefined();
  expect(world.wecom.session('eve').agentId).toBe('amy');
});

test('what a rule wanted of the one who left is wanted of the next one', async () => {
  const rules = { rules: [{ id: 'bill', contains: ['bill'], handOver: { skills: { billing: 2 }, priority: 3 } }] };
  const people = { amy: { skills: { billing: 3 } }, ben: { skills: { billing: 3 } } };
  const world = await memoryWorld({ agents: { amy: 1, ben: 1, cat: 1 }, offerSeconds: 60, rules, people });
  world.wecom.says('eve', 'bill');
  await world.callback();
  const { agentId: first = '' } = world.wecom.session('eve');
  world.skip(SECOND);
  await world.desk.agentLeft(first, 'deleted', world.clock());
  await world.run();
  expect(new Set([first, world.wecom.session('eve').agentId])).toEqual(new Set(['amy', 'ben']));
  expect((await world.conversation('eve')).offer?.wanted).toMatchObject({ skills: { billing: 2 }, priority: 3 });
});
