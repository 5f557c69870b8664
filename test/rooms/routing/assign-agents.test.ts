import { describe, expect, test } from '@jest/globals';
import { MINUTE, SECOND } from '../../../lib/platform/clock.ts';
import { DEFAULT_ZONE } from '../../../lib/platform/wall-clock.ts';
import { assignAgents } from '../../../lib/routing/assign-agents.ts';
import { textOf } from '../../support/memory-wecom.ts';
import { DESK, type MemoryWorld, memoryWorld, TEAM } from '../../support/memory-world.ts';

const movesOf = (world: MemoryWorld): number => world.wecom.calls.filter(({ api }) => api === 'moveSession').length;
const heard = (world: MemoryWorld, customerId: string): string[] =>
  world.wecom.delivered.filter((one) => one.customerId === customerId).map(({ content }) => textOf(content));
/** A room of which nobody hears. */
const DEAF = {
  zone: DEFAULT_ZONE,
  tellConversation: async () => 'new' as const,
  armTimer: async () => {},
  publish: async () => {},
  setAside: async () => {},
};
async function asks(world: MemoryWorld, customerId: string): Promise<void> {
  world.wecom.says(customerId, 'human');
  await world.callback();
}

describe('choosing and refusing', () => {
  test.each([95014, 95019, 60253, 60011, 60111])(
    'an agent whom WeCom refuses (%i) is skipped for this conversation, and the next one is tried',
    async (errcode) => {
      const world = await memoryWorld({ agents: { amy: 1, ben: 1 } });
      world.wecom.befall('moveSession', errcode);
      await asks(world, 'eve');
      expect(world.wecom.session('eve')).toEqual({ state: 'person', agentId: 'ben' });
      expect(await world.places()).toEqual({ amy: [], ben: [expect.any(String)] });
    },
  );

  test('where WeCom refuses every agent, each is tried once, the customer waits and is told once', async () => {
    const world = await memoryWorld({ agents: { amy: 1, ben: 1 } });
    world.wecom.befall('moveSession', ...Array.from({ length: 50 }, () => 95019));
    await asks(world, 'eve');
    expect(movesOf(world)).toBe(2);
    expect(await world.places()).toEqual({ amy: [], ben: [] });
    await world.pass(5 * MINUTE);
    expect(movesOf(world)).toBe(2);
    expect(world.events('conversation.waiting.v1')).toHaveLength(1);
    expect(heard(world, 'eve')).toHaveLength(2);
    // After a while they are tried again.
    await world.pass(6 * MINUTE);
    expect(movesOf(world)).toBeGreaterThan(2);
  });

  test('who stopped receiving is not chosen, and gets what waits when receiving again', async () => {
    const world = await memoryWorld();
    world.wecom.agentReceives('amy', false);
    await asks(world, 'eve');
    expect(movesOf(world)).toBe(0);
    expect(world.events('conversation.waiting.v1')).toHaveLength(1);
    world.skip(SECOND);
    world.wecom.agentReceives('amy', true);
    await world.callback();
    expect(world.wecom.session('eve')).toEqual({ state: 'person', agentId: 'amy' });
  });

  test('an older status does not replace a newer one', async () => {
    const { routing, desk, clock } = await memoryWorld();
    await desk.notePresence('amy', DESK, { status: 'stopped', at: clock() });
    await desk.notePresence('amy', DESK, { status: 'receiving', at: clock() - SECOND });
    const [amy] = await routing.agents(['amy']);
    expect(amy?.presence[DESK]?.status).toBe('stopped');
  });

  test('a question right after the end goes back to the same agent', async () => {
    const world = await memoryWorld({ agents: { amy: 2, ben: 2 } });
    await asks(world, 'eve');
    world.wecom.agentAnswers('eve', 'amy');
    world.wecom.agentEnds('eve');
    await world.callback();
    world.wecom.says('eve', 'one more thing');
    await world.callback();
    expect(world.wecom.session('eve')).toEqual({ state: 'person', agentId: 'amy' });
  });
});

describe('the waiting line', () => {
  test('a request that is taken back leaves the line', async () => {
    const world = await memoryWorld({ agents: { amy: 1 } });
    await asks(world, 'eve');
    await asks(world, 'bob');
    expect(await world.routing.line(TEAM)).toHaveLength(1);
    world.wecom.agentTakes('bob', 'amy');
    await world.callback();
    expect(await world.routing.line(TEAM)).toEqual([]);
    expect((await world.places()).amy).toHaveLength(2);
    expect(world.overClaimed()).toEqual([]);
  });

  test('someone with room is served though the head of the line can be served by nobody', async () => {
    const world = await memoryWorld({ agents: { amy: 1 } });
    world.wecom.befall('moveSession', 95019);
    await asks(world, 'eve');
    world.skip(SECOND);
    await asks(world, 'bob');
    expect(world.wecom.session('bob')).toEqual({ state: 'person', agentId: 'amy' });
    expect((await world.routing.line(TEAM)).map(({ conversationId }) => conversationId)).toEqual([`${DESK}:eve`]);
  });

  test('a conversation that cannot be reached does not hold up those behind it', async () => {
    const world = await memoryWorld({ agents: { amy: 2 } });
    for (const customer of ['eve', 'bob']) {
      world.wecom.says(customer, 'human');
      await world.news();
      await world.stepOf('signals');
      await world.stepOf('conversations');
      world.skip(SECOND);
    }
    let puts = 0;
    world.trouble('conversations put assigned#', () => {
      puts += 1;
      return puts === 1;
    });
    await world.stepOf('assignments');
    expect((await world.routing.line(TEAM)).map(({ conversationId }) => conversationId)).toEqual([`${DESK}:eve`]);
    await world.run();
    expect(world.wecom.session('eve')).toEqual({ state: 'person', agentId: 'amy' });
  });

  test('a line whose wake got lost is found by the sweep', async () => {
    const world = await memoryWorld({ agents: { amy: 1 } });
    await asks(world, 'eve');
    await asks(world, 'bob');
    // An agent gets room without anybody waking the team.
    await world.routing.saveAgent({ agentId: 'amy', capacity: 2, duty: 'on', teams: [TEAM] });
    await world.pass(3 * MINUTE);
    expect(world.wecom.session('bob')).toEqual({ state: 'person', agentId: 'amy' });
  });

  test.each(['tellConversation', 'removeFromLine'] as const)(
    'whoever outlived a wake does not take a request out of the line that came back meanwhile (%s)',
    async (slowCall) => {
      const { routing, desk, clock } = await memoryWorld();
      const asked = { r: 'r1', conversationId: `${DESK}:eve`, openKfId: DESK, askedAt: clock() };
      const room = { ...DEAF, store: routing, clock, tellConversation: async () => 'known' as const };
      const quick = assignAgents(room);
      let happened = false;
      const meanwhile = async (): Promise<void> => {
        if (happened) return;
        happened = true;
        await quick(TEAM);
        await desk.release('amy', `${DESK}:eve#r1`);
        await desk.refused(TEAM, asked, 1, 'amy');
        await quick(TEAM);
      };
      const slow = assignAgents({
        ...room,
        store: {
          ...routing,
          async removeFromLine(...line) {
            if (slowCall === 'removeFromLine') await meanwhile();
            return routing.removeFromLine(...line);
          },
        },
        async tellConversation() {
          if (slowCall === 'tellConversation') await meanwhile();
          return 'known';
        },
      });
      await desk.requestAgent({ teamId: TEAM, ...asked });
      await slow(TEAM);
      expect((await routing.line(TEAM)).map(({ r }) => r)).toEqual(['r1']);
    },
  );

  test('a team that wakes again and again does not ask every time whether its places are to be audited', async () => {
    const world = await memoryWorld();
    let looks = 0;
    const store = {
      ...world.routing,
      async beginAudit(): Promise<boolean> {
        looks += 1;
        return false;
      },
    };
    const assign = assignAgents({ ...DEAF, clock: world.clock, store });
    for (let wake = 0; wake < 10; wake += 1) await assign(TEAM);
    expect(looks).toBe(1);
    world.skip(5 * MINUTE);
    await assign(TEAM);
    expect(looks).toBe(2);
  });

  test('the place of a session that was transferred follows to the other agent', async () => {
    const world = await memoryWorld({ agents: { amy: 1, ben: 1 } });
    await asks(world, 'eve');
    world.wecom.agentTransfers('eve', 'ben');
    await world.callback();
    expect(await world.places()).toEqual({ amy: [], ben: [expect.any(String)] });
    expect(world.events('conversation.transferred.v1').map(({ data }) => data)).toMatchObject([
      { agentId: 'ben', from: 'amy', by: 'wecom' },
    ]);
  });
});

describe('offers', () => {
  test('an agent who lets three in a row expire is off duty, gets nothing more, and keeps whom he has', async () => {
    const world = await memoryWorld({ agents: { amy: 9 }, offerSeconds: 60 });
    for (const customer of ['eve', 'bob', 'sam']) await asks(world, customer);
    await world.wait(61 * SECOND);
    expect(world.events('agent.off-duty.v1').map(({ data }) => data)).toEqual([
      { agentId: 'amy', teamId: TEAM, reason: 'missed-offers', missed: 3 },
    ]);
    await asks(world, 'tom');
    expect(world.wecom.session('tom')).not.toMatchObject({ state: 'person' });
    expect(world.wecom.session('eve')).toEqual({ state: 'person', agentId: 'amy' });
    await world.routing.setDuty('amy', 'on', world.clock());
    await world.desk.wake(TEAM);
    await world.run();
    expect(world.wecom.session('tom')).toEqual({ state: 'person', agentId: 'amy' });
  });

  test('an answer in between begins the count anew', async () => {
    const world = await memoryWorld({ agents: { amy: 9 }, offerSeconds: 60 });
    for (const customer of ['eve', 'bob']) await asks(world, customer);
    await world.wait(61 * SECOND);
    await asks(world, 'sam');
    world.skip(SECOND);
    world.wecom.agentAnswers('sam', 'amy');
    await world.callback();
    await asks(world, 'tom');
    await world.wait(61 * SECOND);
    expect(world.events('agent.off-duty.v1')).toEqual([]);
    expect(await world.routing.agents(['amy'])).toMatchObject([{ duty: 'on' }]);
  });
});
