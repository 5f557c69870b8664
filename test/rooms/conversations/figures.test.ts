import { expect, test } from '@jest/globals';
import { MINUTE, SECOND } from '../../../lib/platform/clock.ts';
import { type MemoryWorld, memoryWorld } from '../../support/memory-world.ts';

/** Every kind of figure: answered by the bot, given, let lie, passed on, answered by a person, and abandoned. */
async function life(world: MemoryWorld): Promise<void> {
  const { wecom } = world;
  wecom.says('eve', 'hours?');
  await world.callback();
  world.skip(SECOND);
  wecom.says('eve', 'human');
  await world.callback();
  await world.pass(90 * SECOND, 45 * SECOND);
  const { agentId = '' } = wecom.session('eve');
  wecom.agentAnswers('eve', agentId);
  await world.callback();
  wecom.agentTransfers('eve', agentId === 'amy' ? 'ben' : 'amy');
  await world.callback();
  world.skip(SECOND);
  wecom.says('bob', 'human');
  await world.callback();
  await world.pass(90 * SECOND, 45 * SECOND);
  wecom.agentEnds('bob');
  await world.callback();
  await world.pass(12 * MINUTE, 4 * MINUTE);
}

async function noted(world: MemoryWorld): Promise<string[]> {
  const figures = await world.figures();
  return figures.map(({ what, agentId }) => `${what} ${agentId ?? ''}`).toSorted();
}

const newWorld = () =>
  memoryWorld({
    agents: { amy: 1, ben: 1 },
    offerSeconds: 60,
    rules: { rules: [{ id: 'hours', contains: ['hours'], reply: { text: 'Nine to five' } }] },
  });

test.each(['dies-before', 'dies-after', 'fails-before', 'fails-after'] as const)(
  'a function that %s any one outside call leaves each figure there once',
  async (how) => {
    const smooth = await newWorld();
    await life(smooth);
    const calls = smooth.outsideCalls();
    const wanted = await noted(smooth);
    const kinds = new Set(wanted.map((figure) => figure.split(' ')[0]));
    expect([...kinds]).toEqual(['abandoned', 'assigned', 'bot-answer', 'expired', 'person-answer', 'transferred']);
    for (let call = 1; call <= calls; call += 1) {
      const world = await newWorld();
      world.harm(call, how);
      await life(world);
      expect({ call, noted: await noted(world) }).toEqual({ call, noted: wanted });
    }
  },
);
