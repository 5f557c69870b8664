import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { MINUTE, SECOND } from '../../../lib/platform/clock.ts';
import { isInfrastructureError } from '../../../lib/platform/infrastructure.ts';
import type { Mishap } from '../../support/befallen.ts';
import { isDeath, type MemoryWorld, memoryWorld } from '../../support/memory-world.ts';

const AGENTS = ['amy', 'ben'] as const;
type Step =
  | { readonly do: 'asks' | 'ends' | 'is taken'; readonly who: number; readonly agent: (typeof AGENTS)[number] }
  | { readonly do: 'taps'; readonly card: number; readonly answer: 'take' | 'pass' }
  | { readonly do: 'callback' | 'run' | 'step' | 'sweep' | 'wakes' }
  | { readonly do: 'passes'; readonly seconds: number }
  | { readonly do: 'befalls'; readonly api: 'cards' | 'moveSession' | 'readSession'; readonly how: Mishap }
  | { readonly do: 'harms'; readonly call: number; readonly how: 'dies-before' | 'dies-after' | 'fails-after' };

const mishap = fc.constantFrom<Mishap>('not-connected', 'lost-before', 'lost-after', -1, 45009, 60020);
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constantFrom('asks' as const, 'asks' as const, 'ends' as const, 'is taken' as const),
      who: fc.nat(2),
      agent: fc.constantFrom(...AGENTS),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('taps' as const),
      card: fc.nat(3),
      answer: fc.constantFrom('take' as const, 'pass' as const),
    }),
  },
  { weight: 8, arbitrary: fc.record({ do: fc.constantFrom('callback', 'callback', 'run', 'step', 'sweep', 'wakes') }) },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('passes' as const), seconds: fc.constantFrom(1, 20, 61, 400) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('befalls' as const),
      api: fc.constantFrom('cards', 'cards', 'moveSession', 'readSession'),
      how: fc.oneof(mishap, fc.constantFrom<Mishap>(81013, 95019)),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('harms' as const),
      call: fc.integer({ min: 1, max: 25 }),
      how: fc.constantFrom('dies-before', 'dies-after', 'fails-after'),
    }),
  },
) as fc.Arbitrary<Step>;

async function act(world: MemoryWorld, one: Step): Promise<void> {
  const { wecom, cards } = world;
  switch (one.do) {
    case 'asks':
      wecom.says(`eve${one.who}`, '转人工');
      return;
    case 'ends':
      if (wecom.session(`eve${one.who}`).state === 'person') wecom.agentEnds(`eve${one.who}`);
      return;
    case 'is taken':
      if (['new', 'bot'].includes(wecom.session(`eve${one.who}`).state)) wecom.agentTakes(`eve${one.who}`, one.agent);
      return;
    case 'taps': {
      // Any of the latest cards, whatever became of it.
      const card = cards.shown.at(-1 - one.card);
      return card && world.taps(card.agentId, one.answer, card.task);
    }
    case 'callback':
      return world.callback();
    case 'run':
      return world.run();
    case 'step':
      await world.step();
      return;
    case 'sweep':
      return world.sweep();
    case 'wakes':
      return world.wakeAll();
    case 'passes':
      return world.skip(one.seconds * SECOND);
    case 'befalls':
      return one.api === 'cards' ? cards.befall(one.how) : wecom.befall(one.api, one.how);
    case 'harms':
      return world.harm(one.call, one.how);
  }
}

/** Plays a story; then agents take what they are shown and end it, until nobody waits. What is wrong then; nothing, if all is well. */
async function play(steps: readonly Step[], seed: number): Promise<unknown[]> {
  const offer = { seconds: 60, offDutyAfter: 20, mode: 'card' as const };
  const world = await memoryWorld({ seed, agents: { amy: 1, ben: 1 }, terms: { offer } });
  for (const one of steps) await act(world, one);
  const { wecom, cards } = world;
  wecom.befallAll(undefined);
  cards.befallAll(undefined);
  world.harmless();
  await world.callback();
  for (let round = 0; round < 60; round += 1) {
    await world.pass(40 * SECOND, 20 * SECOND);
    for (const card of cards.shown.filter(({ says }) => says === undefined))
      await world.taps(card.agentId, 'take', card.task);
    await world.run();
    // The last ones keep what they have.
    for (const who of wecom.customers())
      if (round < 50 && round % 5 === 4 && wecom.session(who).state === 'person') wecom.agentEnds(who);
    await world.callback();
  }
  await world.pass(3 * MINUTE);

  const expected: Record<string, number> = { amy: 0, ben: 0 };
  const problems: unknown[] = [];
  for (const who of wecom.customers()) {
    const { session, request, pending, cards: known = [] } = await world.conversation(who);
    const { agentId } = wecom.session(who);
    if (session.agentId !== agentId) problems.push(`${who}: ours ${session.agentId}, WeCom's ${agentId}`);
    if (request) problems.push(`${who}: still asks`);
    if (pending.length > 0) problems.push(`${who}: still to tell ${pending.map(({ kind }) => kind)}`);
    if (known.some(({ ended }) => ended === undefined)) problems.push(`${who}: a card is still out`);
    if (agentId) expected[agentId] = (expected[agentId] ?? 0) + 1;
  }
  for (const [agentId, places] of Object.entries(await world.places()))
    if (places.length !== expected[agentId])
      problems.push(`${agentId}: ${places.length} of ${expected[agentId]} places`);
  if (world.overClaimed().length > 0) problems.push('claimed beyond the capacity');
  const moved = wecom
    .customers()
    .flatMap((who) => wecom.servedBy(who).map(({ agentId, at }) => `${who} ${agentId} ${at}`));
  if (new Set(moved).size < moved.length) problems.push('moved twice');
  const mistakes = world.failures.filter((error) => !isInfrastructureError(error) && !isDeath(error));
  return [...problems, ...mistakes, ...world.setAside];
}

test('whatever becomes of cards, taps and functions, a customer has one holder, and every place is a session or an offer', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 30, size: 'max' }), fc.nat(), async (steps, seed) => {
      expect(await play(steps, seed)).toEqual([]);
    }),
    { numRuns: 40 },
  );
});
