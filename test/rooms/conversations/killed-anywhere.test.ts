import { expect, test } from '@jest/globals';
import { MINUTE, SECOND } from '../../../lib/platform/clock.ts';
import { textOf } from '../../support/memory-wecom.ts';
import { type MemoryWorld, memoryWorld, type PublishedEvent } from '../../support/memory-world.ts';

const texts = { waiting: 'Wait', closed: 'Closed', connecting: 'Connecting', ended: 'Bye', nobody: 'Nobody' };

/** A customer's whole story: greeted, answered, handed over, transferred, ended for silence; another one waits meanwhile. */
async function life(world: MemoryWorld): Promise<void> {
  const { wecom } = world;
  wecom.enters('eve');
  await world.callback();
  wecom.says('eve', 'hours?');
  await world.callback();
  world.skip(SECOND);
  wecom.says('eve', 'human');
  await world.callback();
  await world.pass(2 * MINUTE, 30 * SECOND);
  world.skip(SECOND);
  wecom.says('bob', 'human');
  await world.callback();
  wecom.agentAnswers('eve', 'amy');
  await world.callback();
  await world.pass(2 * MINUTE, 30 * SECOND);
  wecom.agentTransfers('eve', 'ben');
  await world.callback();
  wecom.agentAnswers('eve', 'ben');
  await world.callback();
  await world.pass(40 * MINUTE, 8 * MINUTE);
}

async function outcome(world: MemoryWorld) {
  const places = Object.entries(await world.places()).map(([agentId, elements]) => [agentId, elements.length]);
  const { wecom } = world;
  const all = wecom.delivered.map(({ customerId, content }) => `${customerId}: ${textOf(content)}`).sort();
  // The code for it comes once and may die with the function: a courtesy, said once or not at all (consistency rule 7).
  expect(all.filter((one) => one.endsWith(texts.ended)).length).toBeLessThanOrEqual(1);
  return {
    said: all.filter((one) => !one.endsWith(texts.ended)),
    sessions: ['eve', 'bob'].map((customerId) => wecom.session(customerId)),
    ours: await Promise.all(
      ['eve', 'bob'].map(async (customerId) => {
        const { session, pending, unanswered, request } = await world.conversation(customerId);
        return { state: session.state, agentId: session.agentId, pending, unanswered, request };
      }),
    ),
    places,
    unread: [await world.unread('eve'), await world.unread('bob')],
    line: await world.routing.line('support'),
    events: [...new Set(world.events().filter(isNoEndText).map(nameOf))].sort(),
  };
}

/** A code is good for one message and WeCom knows no repeat of it: said or uncertain, both are true (consistency rule 11). */
function nameOf({ subject, sequence, type, data }: PublishedEvent): string {
  return `${subject} ${sequence} ${data.purpose === 'greeting' ? 'greeting by code' : type}`;
}

const isNoEndText = ({ data }: PublishedEvent): boolean => data.purpose !== 'ended';

const newWorld = () =>
  memoryWorld({
    agents: { amy: 1, ben: 1 },
    endAfterSilenceSeconds: 1500,
    rules: {
      texts,
      greeting: { text: 'Welcome' },
      rules: [{ id: 'hours', contains: ['hours'], reply: { text: 'Nine to five' } }],
    },
  });

test.each(['dies-before', 'dies-after', 'fails-before', 'fails-after'] as const)(
  'a function that %s any one outside call leaves the same final state, and says the same to everybody',
  async (how) => {
    const smooth = await newWorld();
    await life(smooth);
    const calls = smooth.outsideCalls();
    const wanted = await outcome(smooth);
    expect(wanted.said).toContain('eve: Nine to five');
    expect(wanted.sessions).toMatchObject([{ state: 'ended' }, { state: 'person' }]);
    expect(wanted.ours).toMatchObject([
      { pending: [], request: undefined },
      { state: 'person', pending: [] },
    ]);
    for (let call = 1; call <= calls; call += 1) {
      const world = await newWorld();
      world.harm(call, how);
      await life(world);
      expect({ call, ...(await outcome(world)) }).toEqual({ call, ...wanted });
    }
  },
);
