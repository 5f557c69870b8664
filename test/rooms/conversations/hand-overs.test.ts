import { describe, expect, test } from '@jest/globals';
import type { HandOverTo } from '../../../lib/conversations/conversation.ts';
import { MINUTE, SECOND } from '../../../lib/platform/clock.ts';
import { DESK, type MemoryWorld, memoryWorld, TEAM } from '../../support/memory-world.ts';

// Hand-overs go as far as WeCom's one-way states allow: from a person to another person or to the end, from the pool to a person.

const EVE = `${DESK}:eve`;
const SALES = 'sales';

/** Two teams: amy and ben serve the account, cat is in sales. */
async function twoTeams(capacities: Readonly<Record<string, number>> = {}): Promise<MemoryWorld> {
  const agents = { amy: 1, ben: 1, cat: 1, ...capacities };
  const world = await memoryWorld({ agents });
  await world.routing.saveTeam({ teamId: TEAM, agents: ['amy', 'ben'], endAfterSilenceSeconds: 1800 });
  await world.routing.saveTeam({ teamId: SALES, agents: ['cat'], endAfterSilenceSeconds: 1800 });
  for (const [agentId, capacity] of Object.entries(agents)) {
    await world.routing.saveAgent({ agentId, capacity, duty: 'on', teams: [agentId === 'cat' ? SALES : TEAM] });
  }
  return world;
}

let count = 0;
async function handOver(world: MemoryWorld, to: HandOverTo, noteId?: string): Promise<string> {
  count += 1;
  const id = `h${count}`;
  const entry = { kind: 'hand-over' as const, id, by: 'boss', to, at: world.clock() };
  await world.post.tell(EVE, { ...entry, ...(noteId !== undefined && { noteId }) });
  await world.run();
  return id;
}

const says = async (world: MemoryWorld, text: string): Promise<void> => {
  world.wecom.says('eve', text);
  await world.callback();
};

/** Who has a place for whom, once each. */
async function holders(world: MemoryWorld): Promise<string[]> {
  const places = Object.entries(await world.places());
  return places.flatMap(([agentId, elements]) => elements.filter((one) => one.startsWith(EVE)).map(() => agentId));
}

const outcomes = (world: MemoryWorld) =>
  world
    .events()
    .flatMap(({ type, data }) =>
      type.startsWith('hand-over.')
        ? [type === 'hand-over.done.v1' ? `done ${data.agentId ?? 'bot'}` : `refused ${data.reason}`]
        : [],
    );

/** How a conversation comes into each state. */
const states = {
  ended: async (world: MemoryWorld) => {
    await says(world, '转人工');
    world.wecom.agentEnds('eve');
    await world.callback();
  },
  bot: (world: MemoryWorld) => says(world, 'hello'),
  waiting: async (world: MemoryWorld) => {
    for (const agentId of ['amy', 'ben'])
      await world.routing.claim(agentId, `${DESK}:other${agentId}#x`, world.clock());
    await says(world, '转人工');
  },
  pool: async (world: MemoryWorld) => {
    for (const agentId of ['amy', 'ben'])
      await world.routing.claim(agentId, `${DESK}:other${agentId}#x`, world.clock());
    await says(world, 'hello');
    world.wecom.poolTakes('eve');
    await world.callback();
    await says(world, 'anybody?');
    await world.wakeAll();
    await world.run();
  },
  person: (world: MemoryWorld) => says(world, '转人工'),
};

const toAgent = { agentId: 'cat', teamId: SALES };
const toTeam = { teamId: SALES };
const rows: readonly [
  from: keyof typeof states,
  to: HandOverTo,
  then: { state: string; agentId?: string },
  how: string,
][] = [
  ['ended', toAgent, { state: 'ended' }, 'refused no-session'],
  ['ended', toTeam, { state: 'ended' }, 'refused no-session'],
  ['ended', 'bot', { state: 'ended' }, 'refused no-session'],
  ['bot', toAgent, { state: 'person', agentId: 'cat' }, 'done cat'],
  ['bot', toTeam, { state: 'person', agentId: 'cat' }, 'done cat'],
  ['bot', 'bot', { state: 'bot' }, 'refused already-there'],
  ['waiting', toAgent, { state: 'person', agentId: 'cat' }, 'done cat'],
  ['waiting', toTeam, { state: 'person', agentId: 'cat' }, 'done cat'],
  ['waiting', 'bot', { state: 'bot' }, 'done bot'],
  ['pool', toAgent, { state: 'person', agentId: 'cat' }, 'done cat'],
  ['pool', toTeam, { state: 'person', agentId: 'cat' }, 'done cat'],
  ['pool', 'bot', { state: 'pool' }, 'refused one-way'],
  ['person', toAgent, { state: 'person', agentId: 'cat' }, 'done cat'],
  ['person', toTeam, { state: 'person', agentId: 'cat' }, 'done cat'],
  ['person', 'bot', { state: 'ended' }, 'done bot'],
];

test.each(rows)('from %s to %j: then %j, %s', async (from, to, then, how) => {
  const world = await twoTeams();
  await states[from](world);
  await handOver(world, to);

  expect(world.wecom.session('eve')).toEqual(then);
  expect(outcomes(world)).toEqual([how]);
  expect(await holders(world)).toEqual(then.agentId === undefined ? [] : [then.agentId]);
  const { session, pending, handOver: open, handOverWish } = await world.conversation('eve');
  expect(session).toMatchObject(then);
  expect([pending, open, handOverWish]).toEqual([[], undefined, undefined]);
});

describe('to the bot', () => {
  test('the session with the person ends with its end text, and the customer’s next message is answered by the bot', async () => {
    const world = await twoTeams();
    await says(world, '转人工');
    await handOver(world, 'bot');
    expect(world.events('session.ended.v1').map(({ data }) => data)).toMatchObject([{ by: 'hand-over' }]);
    const before = world.wecom.delivered.length;
    await says(world, 'hello again');

    expect(world.wecom.session('eve').state).toBe('bot');
    expect(world.wecom.delivered.slice(before)).toHaveLength(1);
    expect((await world.conversation('eve')).request).toBeUndefined();
  });

  test('who stood in line does not any more, and is not counted as waiting for a person', async () => {
    const world = await twoTeams();
    await states.waiting(world);
    await handOver(world, 'bot');

    expect(await world.routing.line(TEAM)).toEqual([]);
    const { request, personWait } = await world.conversation('eve');
    expect([request, personWait]).toEqual([undefined, undefined]);
  });

  test('what WeCom refuses again and again is told, and the person keeps the session', async () => {
    const world = await twoTeams();
    await says(world, '转人工');
    for (let n = 0; n < 5; n += 1) world.wecom.befall('moveSession', 95016);
    await handOver(world, 'bot');
    await world.pass(5 * MINUTE);

    expect(outcomes(world)).toEqual(['refused wecom']);
    expect(await holders(world)).toEqual(['amy']);
  });
});

describe('from person to person', () => {
  test('it stays with its holder, who may answer, until somebody has a place', async () => {
    const world = await twoTeams();
    await world.routing.claim('cat', `${DESK}:other#x`, world.clock());
    await says(world, '转人工');
    await handOver(world, toTeam);
    expect(world.wecom.session('eve').agentId).toBe('amy');
    expect(await holders(world)).toEqual(['amy']);
    world.wecom.agentAnswers('eve', 'amy', 'one moment');
    await world.callback();
    expect(outcomes(world)).toEqual([]);

    await world.desk.release('cat', `${DESK}:other#x`);
    await world.run();
    expect(world.wecom.session('eve').agentId).toBe('cat');
    expect(await holders(world)).toEqual(['cat']);
    expect(outcomes(world)).toEqual(['done cat']);
    expect(world.events('conversation.transferred.v1').map(({ data }) => data)).toMatchObject([
      { agentId: 'cat', from: 'amy', by: 'concierge', teamId: SALES },
    ]);
  });

  test('to one’s own team is to a colleague', async () => {
    const world = await twoTeams();
    await says(world, '转人工');
    await handOver(world, { teamId: TEAM });
    expect(world.wecom.session('eve').agentId).toBe('ben');
    expect(await holders(world)).toEqual(['ben']);
  });

  test('to who has it already is refused', async () => {
    const world = await twoTeams();
    await says(world, '转人工');
    await handOver(world, { agentId: 'amy', teamId: TEAM });
    expect(outcomes(world)).toEqual(['refused already-there']);
  });

  test('a colleague who takes it in WeCom’s client meanwhile has it, and no place is left over', async () => {
    const world = await twoTeams();
    await world.routing.claim('cat', `${DESK}:other#x`, world.clock());
    await says(world, '转人工');
    await handOver(world, toTeam);
    world.wecom.agentTransfers('eve', 'ben');
    await world.callback();
    await world.desk.release('cat', `${DESK}:other#x`);
    await world.pass(2 * MINUTE);

    expect(world.wecom.session('eve').agentId).toBe('ben');
    expect(await holders(world)).toEqual(['ben']);
    expect(outcomes(world)).toEqual(['done ben']);
  });

  test('a session that ends while it is pending ends it, and nobody’s place is kept', async () => {
    const world = await twoTeams();
    await world.routing.claim('cat', `${DESK}:other#x`, world.clock());
    await says(world, '转人工');
    await handOver(world, toTeam);
    world.wecom.agentEnds('eve');
    await world.callback();
    await world.desk.release('cat', `${DESK}:other#x`);
    await world.pass(2 * MINUTE);

    expect(outcomes(world)).toEqual(['refused session-ended']);
    expect(await holders(world)).toEqual([]);
    expect(await world.routing.line(SALES)).toEqual([]);
  });

  test('a later hand-over takes the place of one that is pending', async () => {
    const world = await twoTeams();
    await world.routing.claim('cat', `${DESK}:other#x`, world.clock());
    await says(world, '转人工');
    await handOver(world, toTeam);
    await handOver(world, { agentId: 'ben', teamId: TEAM });

    expect(outcomes(world)).toEqual(['refused replaced', 'done ben']);
    expect(await holders(world)).toEqual(['ben']);
    expect(await world.routing.line(SALES)).toEqual([]);
  });
});

describe('to one agent', () => {
  test('who is busy is waited for, and gets it when he is free', async () => {
    const world = await twoTeams();
    await says(world, 'hello');
    await world.routing.claim('ben', `${DESK}:other#x`, world.clock());
    await handOver(world, { agentId: 'ben', teamId: TEAM });
    await world.wait(MINUTE);
    expect(world.wecom.session('eve').state).toBe('bot');
    await world.desk.release('ben', `${DESK}:other#x`);
    await world.run();
    expect(world.wecom.session('eve').agentId).toBe('ben');
  });

  test('after five minutes his team takes it instead, to the second', async () => {
    const world = await twoTeams();
    await says(world, 'hello');
    await world.routing.claim('ben', `${DESK}:other#x`, world.clock());
    await handOver(world, { agentId: 'ben', teamId: TEAM });
    await world.wait(5 * MINUTE - SECOND);
    expect(world.wecom.session('eve').state).toBe('bot');
    await world.wait(10 * SECOND);
    expect(world.wecom.session('eve').agentId).toBe('amy');
    expect(outcomes(world)).toEqual(['done amy']);
  });

  test('whom WeCom refuses is not waited for: his team takes it at once', async () => {
    const world = await twoTeams();
    await says(world, 'hello');
    world.wecom.agentReceives('ben', false);
    await handOver(world, { agentId: 'ben', teamId: TEAM });
    expect(world.wecom.session('eve').agentId).toBe('amy');
    expect(await holders(world)).toEqual(['amy']);
  });

  test('a customer who waits keeps the time since when', async () => {
    const world = await twoTeams();
    await states.waiting(world);
    const { askedAt } = (await world.conversation('eve')).request ?? {};
    world.skip(3 * MINUTE);
    await world.routing.claim('cat', `${DESK}:other#x`, world.clock());
    await handOver(world, toTeam);

    expect(await world.routing.line(TEAM)).toEqual([]);
    expect(await world.routing.line(SALES)).toMatchObject([{ conversationId: EVE, askedAt }]);
  });
});

test('the same hand-over put twice happens once', async () => {
  const world = await twoTeams();
  await says(world, 'hello');
  const entry = { kind: 'hand-over' as const, id: 'twice', by: 'boss', to: toTeam, at: world.clock() };
  expect(await world.post.tell(EVE, entry)).toBe('new');
  await world.run();
  expect(await world.post.tell(EVE, entry)).toBe('known');
  await world.run();
  expect(outcomes(world)).toEqual(['done cat']);
});

test('wherever a function dies, a hand-over to a colleague ends with one holder, his place taken and no other, and one outcome', async () => {
  const play = async (harm?: (world: MemoryWorld) => void): Promise<[MemoryWorld, number]> => {
    const world = await twoTeams();
    await says(world, '转人工');
    const entry = { kind: 'hand-over' as const, id: 'h', by: 'boss', to: toAgent, at: world.clock() };
    await world.post.tell(EVE, entry);
    const before = world.outsideCalls();
    harm?.(world);
    await world.run();
    const calls = world.outsideCalls() - before;
    await world.pass(12 * MINUTE);
    return [world, calls];
  };
  const [, calls] = await play();
  expect(calls).toBeGreaterThan(10);
  for (let call = 1; call <= calls; call += 1) {
    for (const harm of ['dies-before', 'dies-after'] as const) {
      const [world] = await play((one) => one.harm(call, harm));
      expect([call, harm, world.wecom.session('eve').agentId]).toEqual([call, harm, 'cat']);
      expect([call, harm, await holders(world)]).toEqual([call, harm, ['cat']]);
      expect([call, harm, new Set(outcomes(world))]).toEqual([call, harm, new Set(['done cat'])]);
    }
  }
});

test('who is handed to another line keeps his priority and his language; skills wanted of the first team bind nobody there', async () => {
  const wanted = { priority: 5, language: 'en', skills: { billing: 2 } };
  const rules = { rules: [{ id: 'bill', contains: ['bill'], handOver: wanted }] };
  const world = await memoryWorld({ agents: { amy: 0 }, rules });
  await world.routing.saveTeam({ teamId: SALES, agents: [], endAfterSilenceSeconds: 1800 });
  await says(world, 'bill');
  await handOver(world, { teamId: SALES });
  const [request] = await world.routing.line(SALES);
  expect(request).toMatchObject({ priority: 5, seenLanguage: 'en' });
  expect(request?.skills).toBeUndefined();
  expect(request?.language).toBeUndefined();
});
