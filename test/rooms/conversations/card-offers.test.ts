import { describe, expect, test } from '@jest/globals';
import { MINUTE, SECOND } from '../../../lib/platform/clock.ts';
import type { Mishap } from '../../support/befallen.ts';
import { textOf } from '../../support/memory-wecom.ts';
import { DESK, type MemoryWorld, memoryWorld } from '../../support/memory-world.ts';

// Where agents are asked by card, the session stays with us until one of them takes it.

const TERMS = { terms: { offer: { seconds: 60, offDutyAfter: 3, mode: 'card' as const } } };

async function aCustomerAsks(agents: Readonly<Record<string, number>> = { amy: 1, ben: 1 }): Promise<MemoryWorld> {
  const world = await memoryWorld({ ...TERMS, agents });
  world.wecom.says('eve', '转人工');
  await world.callback();
  return world;
}

async function taps(world: MemoryWorld, agentId: string, answer: 'take' | 'pass', task?: string): Promise<void> {
  await world.taps(agentId, answer, task);
  await world.run();
}

const types = (world: MemoryWorld): string[] =>
  world
    .events()
    .flatMap(({ type }) => (/^(offer|conversation|assignment)\./.test(type) ? [type.replace('.v1', '')] : []));
const asked = (world: MemoryWorld): string[] => world.cards.shown.map(({ agentId }) => agentId);
const endings = (world: MemoryWorld) => world.cards.shown.map(({ agentId, says }) => [agentId, says]);
const said = (world: MemoryWorld): string[] => world.wecom.delivered.map(({ content }) => textOf(content));
const taken = async (world: MemoryWorld) =>
  Object.entries(await world.places()).flatMap(([agentId, places]) => places.map(() => agentId));

async function firstAndOther(world: MemoryWorld): Promise<[string, string]> {
  const first = asked(world)[0] ?? '';
  return [first, first === 'amy' ? 'ben' : 'amy'];
}

test('the agent is shown a card that says nothing of the customer, his place is held, and the session stays with us', async () => {
  const world = await aCustomerAsks();
  const [first] = await firstAndOther(world);

  expect(asked(world)).toEqual([first]);
  expect(world.wecom.session('eve').state).toBe('bot');
  expect(await taken(world)).toEqual([first]);
  const { card } = world.cards.shown[0] ?? {};
  expect(card?.buttons.map(({ key }) => key)).toEqual(['take', 'pass']);
  expect(JSON.stringify({ ...card, task: '' })).not.toMatch(/eve|转人工/);
  expect(types(world)).toEqual(['offer.made']);
  expect(said(world)).toHaveLength(1);
});

test('who takes the card gets the session, the customer hears it, and the card says so', async () => {
  const world = await aCustomerAsks();
  const [first] = await firstAndOther(world);
  world.skip(20 * SECOND);
  await taps(world, first, 'take');

  expect(world.wecom.session('eve')).toEqual({ state: 'person', agentId: first });
  expect(await taken(world)).toEqual([first]);
  expect(types(world)).toEqual(['offer.made', 'offer.accepted', 'conversation.assigned']);
  expect(endings(world)).toEqual([[first, '已接待']]);
  expect(said(world)).toHaveLength(2);
  await world.wait(10 * MINUTE);
  expect(types(world)).toHaveLength(3);
});

test('who passes it on is free again, and the next one is asked at once; nobody missed anything', async () => {
  const world = await aCustomerAsks();
  const [first, other] = await firstAndOther(world);
  await taps(world, first, 'pass');

  expect(asked(world)).toEqual([first, other]);
  expect(await taken(world)).toEqual([other]);
  expect(types(world)).toEqual(['offer.made', 'offer.passed', 'offer.made']);
  expect(endings(world)).toEqual([
    [first, '已让给同事'],
    [other, undefined],
  ]);
  await taps(world, other, 'take');
  expect(world.wecom.session('eve').agentId).toBe(other);
});

describe('a card that nobody answers', () => {
  test('expires to the second, and the next one is asked', async () => {
    const world = await aCustomerAsks();
    const [first, other] = await firstAndOther(world);
    world.skip(59 * SECOND);
    await world.run();
    expect(asked(world)).toEqual([first]);
    world.skip(SECOND);
    await world.run();

    expect(asked(world)).toEqual([first, other]);
    expect(await taken(world)).toEqual([other]);
    expect(world.events('offer.expired.v1').map(({ data }) => data)).toMatchObject([
      { agentId: first, missed: 1, afterMs: 60_000 },
    ]);
    expect(endings(world)[0]).toEqual([first, '已超时，转给同事']);
  });

  test('moves nothing when it is taken too late, and says that it is gone', async () => {
    const world = await aCustomerAsks();
    const [first, other] = await firstAndOther(world);
    world.cards.befallAll('not-connected');
    world.skip(61 * SECOND);
    await world.run();
    world.cards.befallAll(undefined);
    await taps(world, first, 'take');
    await world.wait(MINUTE);

    expect(world.wecom.session('eve').state).toBe('bot');
    expect(endings(world)[0]).toEqual([first, '已超时，转给同事']);
    expect(asked(world)).toContain(other);
  });

  test('goes back to the line when it was the last one’s, with an alarm, and everybody is asked again later', async () => {
    const world = await aCustomerAsks({ amy: 1, ben: 1 });
    await world.wait(3 * MINUTE);

    expect(await taken(world)).toEqual([]);
    expect(types(world)).toEqual([
      ...['offer.made', 'offer.expired', 'offer.made', 'offer.expired'],
      'conversation.waiting',
    ]);
    expect(said(world)).toHaveLength(1);
    await world.pass(12 * MINUTE);
    expect(asked(world).length).toBeGreaterThan(2);
  });

  test('sends an agent off duty who lets it happen again and again', async () => {
    const world = await memoryWorld({ ...TERMS, agents: { amy: 1 } });
    for (const customer of ['eve', 'joe', 'kim']) {
      world.wecom.says(customer, '转人工');
      await world.callback();
      await world.wait(62 * SECOND);
    }
    expect(world.events('agent.off-duty.v1').map(({ data }) => data)).toMatchObject([{ agentId: 'amy', missed: 3 }]);
    expect((await world.routing.agents(['amy']))[0]?.duty).toBe('off');
  });
});

test('taps on two devices, redelivered, and after one another count once, and the first of them', async () => {
  const world = await aCustomerAsks();
  const [first, other] = await firstAndOther(world);
  for (const answer of ['take', 'take', 'pass'] as const) {
    await world.taps(first, answer);
    await world.stepOf('signals');
    world.skip(SECOND);
  }
  await world.run();
  await taps(world, first, 'pass');
  await taps(world, first, 'take');

  expect(world.wecom.session('eve').agentId).toBe(first);
  expect(asked(world)).not.toContain(other);
  expect(types(world)).toEqual(['offer.made', 'offer.accepted', 'conversation.assigned']);
  expect(world.wecom.servedBy('eve')).toHaveLength(1);
  expect(endings(world)).toEqual([[first, '已接待']]);
});

test('what a customer writes meanwhile is left to the person', async () => {
  const world = await aCustomerAsks();
  const [first] = await firstAndOther(world);
  for (const text of ['hello?', '转人工', 'is anybody there']) world.wecom.says('eve', text);
  await world.callback();
  expect(said(world)).toHaveLength(1);
  expect(asked(world)).toEqual([first]);
  await taps(world, first, 'take');
  expect(world.wecom.session('eve').agentId).toBe(first);
});

describe('a session that goes elsewhere meanwhile', () => {
  test('to a colleague, in WeCom’s client: the card is gone, and taking it moves nothing', async () => {
    const world = await aCustomerAsks();
    const [first, other] = await firstAndOther(world);
    world.wecom.agentTakes('eve', other);
    await world.callback();
    expect(endings(world)).toEqual([[first, '已由他人处理']]);
    await taps(world, first, 'take');

    expect(world.wecom.session('eve').agentId).toBe(other);
    expect(await taken(world)).toEqual([other]);
  });

  test('and nobody has told us yet: WeCom is asked before anything moves', async () => {
    const world = await aCustomerAsks();
    const [first, other] = await firstAndOther(world);
    world.wecom.agentTakes('eve', other);
    await taps(world, first, 'take');

    expect(world.wecom.session('eve').agentId).toBe(other);
    expect(world.wecom.servedBy('eve')).toHaveLength(1);
    expect(await taken(world)).toEqual([other]);
    expect(endings(world)).toEqual([[first, '已由他人处理']]);
  });
});

describe('a card that cannot be shown', () => {
  test.each<Mishap>([81013, 60011, 60111, 40058])('to this agent (%s): the next one is asked', async (errcode) => {
    const world = await memoryWorld({ ...TERMS, agents: { amy: 1, ben: 1 } });
    world.cards.befall(errcode);
    world.wecom.says('eve', '转人工');
    await world.callback();

    expect(asked(world)).toHaveLength(1);
    expect(await taken(world)).toEqual(asked(world));
    expect(world.events('assignment.refused.v1').map(({ data }) => data)).toMatchObject([{ errcode, reason: 'card' }]);
  });

  test.each<Mishap>(['not-connected', 'lost-before', 'lost-after', -1, 45009])(
    'at once (%s) is shown once, as soon as it can be, and his time begins then',
    async (mishap) => {
      const world = await memoryWorld({ ...TERMS, agents: { amy: 1 } });
      world.cards.befall(mishap);
      world.wecom.says('eve', '转人工');
      await world.callback();
      if (mishap === 45009) {
        // WeCom's minute is as long as the offer.
        await world.wait(65 * SECOND);
        expect(world.events('offer.expired.v1')).toEqual([]);
        return;
      }
      await world.wait(50 * SECOND);
      await taps(world, 'amy', 'take');
      expect(asked(world)).toEqual(['amy']);
      expect(world.wecom.session('eve').agentId).toBe('amy');
    },
  );

  test('in time is over, and not held against the agent; customers are answered all the while', async () => {
    const world = await memoryWorld({ ...TERMS, agents: { amy: 1 }, rules: { fallback: 'pardon' } });
    world.cards.befallAll('lost-before');
    world.wecom.says('eve', '转人工');
    await world.callback();
    world.wecom.says('joe', 'a question');
    await world.callback();
    expect(world.wecom.delivered.map(({ customerId }) => customerId)).toEqual(['eve', 'joe']);
    await world.wait(70 * SECOND);

    expect(world.events('offer.expired.v1')).toEqual([]);
    expect(world.events('assignment.refused.v1').map(({ data }) => data)).toMatchObject([
      { agentId: 'amy', errcode: 0, reason: 'card' },
    ]);
    expect(await taken(world)).toEqual([]);
  });
});

test('an agent whom WeCom lets not take what he took is free again, and the next one is asked', async () => {
  const world = await aCustomerAsks();
  const [first, other] = await firstAndOther(world);
  world.wecom.befall('moveSession', 95019);
  await taps(world, first, 'take');

  expect(asked(world)).toEqual([first, other]);
  expect(await taken(world)).toEqual([other]);
  expect(endings(world)[0]).toEqual([first, '已由他人处理']);
});

test('wherever a function dies, between the card and the end of it there is one holder, his place and no other', async () => {
  for (const act of ['takes', 'passes', 'ignores'] as const) {
    const calls = await countCalls(act);
    expect(calls).toBeGreaterThan(10);
    for (let call = 1; call <= calls; call += 1) {
      for (const harm of ['dies-before', 'dies-after'] as const) {
        const world = await aCustomerAsks();
        world.harm(call, harm);
        await answers(world, act);
        await untilSomebodyHasIt(world);
        await world.pass(12 * MINUTE);
        const holder = world.wecom.session('eve').agentId ?? 'nobody';
        const { place } = await world.conversation('eve');
        const found = [await taken(world), place?.agentId, world.wecom.servedBy('eve').length];
        expect([act, call, harm, found]).toEqual([act, call, harm, [[holder], holder, 1]]);
        expect(world.overClaimed()).toEqual([]);
      }
    }
  }
});

/** Whoever is asked next takes it. */
async function untilSomebodyHasIt(world: MemoryWorld): Promise<void> {
  for (let looks = 0; world.wecom.session('eve').state !== 'person' && looks < 200; looks += 1) {
    await world.pass(10 * SECOND, 10 * SECOND);
    const card = world.cards.shown.at(-1);
    if (card && card.says === undefined) await taps(world, card.agentId, 'take', card.task);
  }
}

async function answers(world: MemoryWorld, act: 'takes' | 'passes' | 'ignores'): Promise<void> {
  const [first] = await firstAndOther(world);
  if (act === 'ignores') world.skip(61 * SECOND);
  else await world.taps(first, act === 'takes' ? 'take' : 'pass');
  await world.run();
}

async function countCalls(act: 'takes' | 'passes' | 'ignores'): Promise<number> {
  const world = await aCustomerAsks();
  const before = world.outsideCalls();
  await answers(world, act);
  return world.outsideCalls() - before;
}

describe('whatever happens meanwhile', () => {
  test('who leaves with a card out keeps nobody waiting for its end: the next one is asked at once, and he missed nothing', async () => {
    const world = await aCustomerAsks();
    const [first, other] = await firstAndOther(world);
    world.skip(SECOND);
    await world.desk.agentLeft(first, 'deleted', world.clock());
    await world.run();

    expect(asked(world)).toEqual([first, other]);
    expect(await taken(world)).toEqual([other]);
    expect(endings(world)[0]).toEqual([first, '已由他人处理']);
    expect(world.events('offer.expired.v1')).toEqual([]);
    await taps(world, other, 'take');
    expect(world.wecom.session('eve').agentId).toBe(other);
  });

  test('a customer who is handed over to another agent is offered to him by a card that says so', async () => {
    const world = await aCustomerAsks();
    const [first, other] = await firstAndOther(world);
    const to = { agentId: other, teamId: 'support' };
    await world.post.tell(`${DESK}:eve`, { kind: 'hand-over', id: 'h1', by: 'boss', to, at: world.clock() });
    await world.run();

    expect(asked(world)).toEqual([first, other]);
    expect(world.cards.shown[1]?.card.facts.map(({ value }) => value)).toContain('同事转交');
    expect(endings(world)[0]).toEqual([first, '已由他人处理']);
    expect(await taken(world)).toEqual([other]);
    await taps(world, first, 'take');
    await taps(world, other, 'take');
    expect(world.wecom.session('eve').agentId).toBe(other);
    expect(world.events('hand-over.done.v1').map(({ data }) => data.agentId)).toEqual([other]);
  });

  test('who gives up just as the agent passes him on stands in no line any more', async () => {
    const world = await aCustomerAsks({ amy: 1 });
    world.wecom.says('eve', '取消');
    await world.news();
    await world.taps('amy', 'pass');
    await world.run();

    expect((await world.conversation('eve')).request).toBeUndefined();
    expect(await world.routing.line('support')).toEqual([]);
    expect(await taken(world)).toEqual([]);
  });

  test('a customer in the pool cannot give up: WeCom has no way back from there, so the offer stands', async () => {
    const world = await memoryWorld({ ...TERMS, agents: { amy: 1, ben: 1 } });
    world.wecom.says('eve', '你好');
    world.wecom.poolTakes('eve');
    await world.callback();
    const [first] = await firstAndOther(world);
    const { request } = await world.conversation('eve');
    const before = said(world).length;
    world.wecom.says('eve', '取消');
    await world.callback();

    expect((await world.conversation('eve')).request?.r).toBe(request?.r);
    expect(said(world)).toHaveLength(before);
    await taps(world, first, 'take');
    expect(world.wecom.session('eve').agentId).toBe(first);
  });

  test('who comes in again by an entry of a team without cards is still only offered', async () => {
    const world = await aCustomerAsks();
    await world.routing.saveTeam({ teamId: 'sales', agents: ['amy'], endAfterSilenceSeconds: 300 });
    await world.entrances.saveEntrances([{ id: 'fair', account: DESK, scene: 'fair', team: 'sales' }]);
    world.wecom.enters('eve', 'fair');
    await world.callback();

    expect(world.wecom.session('eve').state).toBe('bot');
    expect(asked(world)).toHaveLength(1);
  });
});
