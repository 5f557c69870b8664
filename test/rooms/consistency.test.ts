import { describe, expect, test } from '@jest/globals';
import { emptyConversation } from '../../lib/conversations/conversation.ts';
import { decide } from '../../lib/conversations/decide.ts';
import { houseRules } from '../../lib/conversations/house-rules.ts';
import { HOUR, MINUTE, SECOND } from '../../lib/platform/clock.ts';
import { DEFAULT_ZONE } from '../../lib/platform/wall-clock.ts';
import { RuleSet } from '../../lib/replies/rule-set.ts';
import { timeOrder } from '../../lib/store/entry-order.ts';
import { needingAttention } from '../../lib/store/inbox.ts';
import { NOON, textOf } from '../support/memory-wecom.ts';
import { DESK, type MemoryWorld, memoryWorld, TEAM } from '../support/memory-world.ts';

/** The rules that keep our state, the queues and WeCom in step, each shown by what happens where it is needed. */
const rules = {
  greeting: { text: 'Welcome' },
  rules: [
    { id: 'hours', contains: ['hours'], reply: { text: 'Nine to five.' } },
    { id: 'price', contains: ['price'], reply: { text: 'Ten yuan.' } },
  ],
  fallback: 'Pardon?',
};
const harms = ['dies-before', 'dies-after', 'fails-before', 'fails-after'] as const;

const heard = (world: MemoryWorld, customerId: string): string[] =>
  world.wecom.delivered.filter((one) => one.customerId === customerId).map(({ content }) => textOf(content));
const callsOf = (world: MemoryWorld, api: string): number =>
  world.wecom.calls.filter((call) => call.api === api).length;
const typesOf = (world: MemoryWorld): string[] => world.events().map(({ type }) => type);

async function withEveAtAmys(): Promise<MemoryWorld> {
  const world = await memoryWorld({ rules });
  world.wecom.says('eve', 'human');
  await world.callback();
  return world;
}

describe('inbox and order', () => {
  test('rule 1: entries first, wake second, cursor last, so that a crash anywhere in a pull only repeats', async () => {
    const smooth = await memoryWorld({ rules });
    smooth.wecom.says('eve', 'hours?');
    smooth.wecom.says('bob', 'price?');
    await smooth.news();
    await smooth.step();
    const calls = smooth.outsideCalls();
    for (let call = 1; call <= calls; call += 1) {
      const world = await memoryWorld({ rules });
      world.wecom.says('eve', 'hours?');
      world.wecom.says('bob', 'price?');
      await world.news();
      world.harm(call, 'dies-after');
      await world.step();
      const account = await world.tables.wecom.get({ id: `account#${DESK}` });
      if (account?.version === 1) {
        const woken = world.queues.conversations.contents().map(({ conversationId }) => conversationId);
        expect(woken).toEqual(expect.arrayContaining([`${DESK}:eve`, `${DESK}:bob`]));
        expect(await world.unread('eve')).toHaveLength(1);
        expect(await world.unread('bob')).toHaveLength(1);
      }
      await world.run();
      expect([heard(world, 'eve'), heard(world, 'bob')]).toEqual([['Nine to five.'], ['Ten yuan.']]);
    }
  });

  test('rule 2: a message that is pulled again long after it was handled is not a new one', async () => {
    const world = await memoryWorld({ rules });
    world.wecom.says('eve', 'hours?');
    await world.callback();
    await world.tables.wecom.delete({ id: `account#${DESK}` });
    await world.callback();
    expect(callsOf(world, 'syncMessages')).toBe(2);
    expect(heard(world, 'eve')).toEqual(['Nine to five.']);
  });

  test('rule 3: the order is that of the pull, whatever the send times say', async () => {
    const world = await memoryWorld({ rules });
    const item = { origin: 3, open_kfid: DESK, external_userid: 'eve', msgtype: 'text' };
    world.wecom.says('eve', 'hello');
    world.wecom.feed({ ...item, msgid: 'x1', send_time: NOON / SECOND + 9, text: { content: 'price?' } });
    world.wecom.feed({ ...item, msgid: 'x2', send_time: NOON / SECOND, text: { content: 'hours?' } });
    await world.callback();
    expect(heard(world, 'eve')).toEqual(['Ten yuan.\n\nNine to five.']);
  });

  test('rule 4: a poisonous entry is set aside with its reason, and what comes behind it goes on without a sweep', async () => {
    const world = await memoryWorld({ rules });
    const owner = `${DESK}:eve`;
    await world.store.inbox.put({ owner, entry: 'bad', order: 'p0', body: { kind: 'nonsense' }, at: world.clock() });
    world.wecom.says('eve', 'hours?');
    world.wecom.says('bob', 'price?');
    await world.callback();
    expect(world.setAside).toEqual([{ conversationId: owner, entry: 'bad', reason: 'failed repeatedly' }]);
    expect(heard(world, 'eve')).toEqual(['Nine to five.']);
    expect(heard(world, 'bob')).toEqual(['Ten yuan.']);
    expect(await world.unread('eve')).toEqual([]);
  });

  test('rule 4: an effect that throws is set aside as well, and the customer is answered all the same', async () => {
    const world = await memoryWorld({ rules });
    const owner = `${DESK}:eve`;
    // Its event lacks what the catalogue asks for, so it can never be published.
    const body = { kind: 'answer', id: 'm0', app: 'main', sentAt: NOON, agentId: '', type: 'text', content: {} };
    await world.store.inbox.put({ owner, entry: 'odd', order: timeOrder(NOON), body, at: world.clock() });
    world.wecom.says('eve', 'hours?');
    await world.callback();
    world.wecom.says('eve', 'price?');
    await world.callback();
    expect(world.setAside).toMatchObject([{ conversationId: owner, reason: 'publish failed repeatedly' }]);
    expect(heard(world, 'eve')).toContain('Ten yuan.');
    expect((await world.conversation('eve')).pending).toEqual([]);
  });

  test('rule 4: an entry of a team is not set aside because our own table is throttled', async () => {
    const world = await memoryWorld({ rules });
    world.wecom.says('eve', 'human');
    await world.news();
    let refusals = 8;
    world.trouble('routing put line#', () => {
      refusals -= 1;
      return refusals >= 0;
    });
    await world.run();
    expect(world.failures).toHaveLength(8);
    expect(world.setAside).toEqual([]);
    expect(world.wecom.session('eve')).toEqual({ state: 'person', agentId: 'amy' });
  });

  test('rule 4: a recalled message stops nobody, wherever the function dies, and dies again', async () => {
    for (let first = 1; first <= 6; first += 1) {
      for (let second = 1; second <= 6; second += 1) {
        const world = await memoryWorld({ rules });
        const message = world.wecom.says('eve', 'hours?');
        world.wecom.recalls('eve', message);
        world.wecom.agentTakes('eve', 'amy');
        await world.news();
        await world.stepOf('signals');
        world.harm(first, 'dies-after');
        await world.stepOf('conversations');
        world.harmless();
        world.harm(second, 'dies-after');
        await world.stepOf('conversations');
        world.harmless();
        await world.run();
        expect(await world.unread('eve')).toEqual([]);
        expect(world.setAside).toEqual([]);
      }
    }
  });

  test('rule 4: a message too large for the table does not stop the pull of the account', async () => {
    const world = await memoryWorld({ rules });
    const sent = { open_kfid: DESK, external_userid: 'eve', send_time: NOON / SECOND, origin: 3 };
    const merged_msg = { title: 'chat record', item: [{ msg_content: 'x'.repeat(500 * 1024) }] };
    world.wecom.says('eve', 'hello');
    world.wecom.feed({ msgid: 'huge', ...sent, msgtype: 'merged_msg', merged_msg });
    await world.callback();
    const { items } = await world.store.history(`${DESK}:eve`);
    expect(items.find(({ entry }) => entry === 'msg#huge')?.body).toMatchObject({
      type: 'merged_msg',
      content: { tooLarge: expect.any(Number) },
    });
    for (const item of items) expect(JSON.stringify(item).length).toBeLessThan(400 * 1024);
  });

  test("rule 5: one customer's trouble holds up nobody else", async () => {
    const world = await memoryWorld({ rules });
    const owner = `${DESK}:eve`;
    await world.store.inbox.put({ owner, entry: 'bad', order: 'p0', body: {}, at: world.clock() });
    world.wecom.says('eve', 'hours?');
    world.wecom.says('bob', 'price?');
    await world.news();
    await world.step();
    await world.step();
    expect(heard(world, 'eve')).toEqual([]);
    expect(heard(world, 'bob')).toEqual(['Ten yuan.']);
  });
});

describe('decide, save, tell, settle', () => {
  test('rule 6: a burst is folded and answered once', async () => {
    const world = await memoryWorld({ rules });
    for (let number = 0; number < 4; number += 1) world.wecom.says('eve', 'hours?');
    for (let number = 0; number < 6; number += 1) world.wecom.says('eve', 'price?');
    await world.callback();
    expect(heard(world, 'eve')).toEqual(['Nine to five.\n\nTen yuan.']);
    expect(world.events('message.received.v1')).toHaveLength(10);
  });

  test('rule 6: one of the five messages is kept for the hand-over', () => {
    const house = houseRules(
      { ruleSet: RuleSet.parse(rules), version: 1 },
      { teamId: TEAM, endAfterSilenceSeconds: 60 },
      DEFAULT_ZONE,
    );
    const used = {
      ...emptyConversation(`${DESK}:eve`, NOON),
      app: 'main',
      session: { state: 'bot' as const, since: NOON, verifiedAt: NOON },
      window: { openedAt: NOON, sent: [NOON, NOON, NOON, NOON] },
    };
    const asked = { ...used, unanswered: [{ id: 'm1', type: 'text', text: 'hours?', at: NOON }] };
    expect(decide(asked, NOON, house).pending.map(({ kind }) => kind)).toEqual(['publish']);
    const assigned = {
      ...used,
      request: {
        r: 'r1',
        teamId: TEAM,
        askedAt: NOON,
        because: 'customer' as const,
        assigned: { n: 1, agentId: 'amy' },
      },
    };
    expect(decide(assigned, NOON, house).pending.map(({ kind }) => kind)).toEqual(['send', 'move']);
  });

  test('rule 6: while an answer is pending, nothing new is decided; it may be withdrawn if it was never tried', async () => {
    const world = await memoryWorld({ rules });
    world.wecom.says('eve', 'hours?');
    world.wecom.befall('sendMessage', 'lost-before');
    await world.callback();
    world.wecom.says('eve', 'price?');
    await world.callback();
    expect(await world.unread('eve')).toHaveLength(1);
    await world.wait(MINUTE);
    expect(heard(world, 'eve')).toEqual(['Nine to five.', 'Ten yuan.']);
  });

  test('rule 7: nothing is told before it is true: an assignment that WeCom refuses is no assignment', async () => {
    const world = await memoryWorld({ rules, agents: { amy: 1, ben: 1 } });
    world.wecom.befall('moveSession', 95019);
    world.wecom.says('eve', 'human');
    await world.callback();
    expect(world.events('assignment.refused.v1').map(({ data }) => data.agentId)).toEqual(['amy']);
    expect(world.events('conversation.assigned.v1').map(({ data }) => data.agentId)).toEqual(['ben']);
    expect(await world.places()).toMatchObject({ amy: [], ben: [expect.any(String)] });
  });

  test('rule 8: while the bus is away, customers are answered; their events come later, all of them', async () => {
    const world = await memoryWorld({ rules });
    let away = true;
    let tries = 0;
    world.trouble('bus', () => {
      tries += 1;
      return away && tries < 8;
    });
    world.wecom.says('eve', 'hours?');
    await world.news();
    await world.step();
    await world.step();
    world.wecom.says('eve', 'price?');
    await world.news();
    for (let step = 0; step < 3; step += 1) await world.step();
    expect(heard(world, 'eve')).toEqual(['Nine to five.', 'Ten yuan.']);
    expect(world.published).toEqual([]);
    away = false;
    await world.run();
    expect(typesOf(world)).toEqual([
      'message.received.v1',
      'message.answered.v1',
      'message.received.v1',
      'message.answered.v1',
    ]);
  });

  test('rule 8: while the bus is away, whoever asks for a person is handed over, however often the wake has failed', async () => {
    const world = await memoryWorld({ rules });
    world.trouble('bus', () => true);
    world.wecom.says('eve', 'hours?');
    await world.news();
    await world.stepOf('signals');
    for (let receives = 1; receives <= 3; receives += 1) await world.stepOf('conversations');
    world.wecom.says('eve', 'human');
    await world.news();
    await world.stepOf('signals');
    for (let round = 1; round <= 3; round += 1) {
      await world.stepOf('conversations');
      await world.stepOf('assignments');
    }
    expect(world.wecom.session('eve')).toEqual({ state: 'person', agentId: 'amy' });
    expect(world.published).toEqual([]);
  });

  test('rule 8: while WeCom sleeps, events go out', async () => {
    const world = await memoryWorld({ rules });
    world.wecom.says('eve', 'hours?');
    world.wecom.befall('sendMessage', 'not-connected');
    await world.callback();
    expect(heard(world, 'eve')).toEqual([]);
    expect(typesOf(world)).toEqual(['message.received.v1']);
  });

  test('rule 8: a timer beyond the reach of SQS is armed when it comes into reach', async () => {
    const world = await withEveAtAmys();
    world.wecom.agentAnswers('eve', 'amy');
    await world.callback();
    expect(world.queues.timers.contents()).toEqual([]);
    await world.pass(21 * MINUTE);
    expect(world.queues.timers.contents()).toHaveLength(1);
    await world.wait(9 * MINUTE);
    expect(world.wecom.session('eve')).toEqual({ state: 'ended' });
  });

  test('rule 9: a reply that waited through an outage is decided again with what was asked since', async () => {
    const world = await memoryWorld({ rules });
    world.wecom.says('eve', 'hours?');
    world.wecom.befall('sendMessage', 'not-connected', 'not-connected', 'not-connected');
    await world.callback();
    await world.wait(5 * SECOND);
    world.wecom.says('eve', 'price?');
    await world.callback();
    await world.wait(2 * MINUTE);
    expect(heard(world, 'eve')).toEqual(['Nine to five.\n\nTen yuan.']);
  });

  test('rule 9: a recalled question that waited through an outage is not answered', async () => {
    const world = await memoryWorld({ rules });
    const id = world.wecom.says('eve', 'hours?');
    world.wecom.befall('sendMessage', 'not-connected');
    await world.callback();
    world.wecom.recalls('eve', id);
    await world.callback();
    await world.wait(2 * MINUTE);
    expect(heard(world, 'eve')).toEqual([]);
  });

  test('rule 9: a welcome code that died is dropped and recorded', async () => {
    const world = await memoryWorld({ rules });
    world.wecom.enters('eve');
    world.skip(21 * SECOND);
    await world.callback();
    expect(callsOf(world, 'sendOnEvent')).toBe(0);
    expect(world.events('greeting.missed.v1').map(({ data }) => data.reason)).toEqual(['late']);
  });

  test('rule 10: a conversation that has nothing left to do looks so', async () => {
    const world = await memoryWorld({ rules });
    world.wecom.says('eve', 'hours?');
    await world.callback();
    expect((await world.conversation('eve')).pending).toEqual([]);
    expect(await needingAttention(world.tables.conversations, world.clock() + 100 * HOUR, 10)).toEqual([]);
  });
});

describe('unknown outcomes', () => {
  test.each([true, false])(
    'rule 11: a message whose answer was lost is not sent twice, whatever WeCom looks at first (%s)',
    async (first) => {
      const world = await memoryWorld({ rules });
      world.wecom.duplicates = { code: 40058, first };
      world.wecom.says('eve', 'hours?');
      world.wecom.befall('sendMessage', 'lost-after');
      await world.callback();
      await world.wait(2 * MINUTE);
      expect(callsOf(world, 'sendMessage')).toBe(2);
      expect(heard(world, 'eve')).toEqual(['Nine to five.']);
      expect(typesOf(world)).toEqual(['message.received.v1', 'message.answered.v1']);
    },
  );

  test('rule 11: a repeat that is refused for the state of the session is uncertain: recorded, and not said again', async () => {
    const world = await memoryWorld({ rules });
    world.wecom.says('eve', 'hours?');
    world.wecom.befall('sendMessage', 'lost-after', 95018);
    await world.callback();
    await world.wait(2 * MINUTE);
    expect(heard(world, 'eve')).toEqual(['Nine to five.']);
    expect(world.events('reply.failed.v1').map(({ data }) => data.reason)).toEqual(['uncertain']);
  });

  test('rule 12: a session change whose answer was lost is read back before anything else is chosen', async () => {
    const world = await memoryWorld({ rules, agents: { amy: 1, ben: 1 } });
    world.wecom.befall('moveSession', 'lost-after');
    world.wecom.says('eve', 'human');
    await world.callback();
    await world.wait(2 * MINUTE);
    expect(callsOf(world, 'moveSession')).toBe(1);
    expect(world.events('conversation.assigned.v1')).toHaveLength(1);
    expect(await world.places()).toEqual({ amy: [expect.any(String)], ben: [] });
  });

  test('rule 13: news of the session is a signal to read it, because it may be old', async () => {
    const world = await memoryWorld({ rules, agents: { amy: 1, ben: 1 } });
    world.wecom.says('eve', 'hours?');
    await world.callback();
    world.wecom.agentTakes('eve', 'amy');
    world.wecom.agentEnds('eve');
    world.wecom.agentReenters('eve', 'ben');
    world.wecom.pageSize = 1;
    await world.callback();
    expect((await world.conversation('eve')).session).toMatchObject({ state: 'person', agentId: 'ben' });
    expect(await world.places()).toEqual({ amy: [], ben: [expect.any(String)] });
    expect(world.events('conversation.assigned.v1').map(({ data }) => data.agentId)).toEqual(['ben']);
  });

  test('rule 13: what WeCom refuses for the session is read and decided again at once, not at the next message', async () => {
    const world = await memoryWorld({ rules });
    world.wecom.says('eve', 'hours?');
    await world.callback();
    world.wecom.befall('sendMessage', 95018);
    world.wecom.says('eve', 'price?');
    await world.callback();
    expect(heard(world, 'eve')).toEqual(['Nine to five.', 'Ten yuan.']);
  });

  test('rule 13: the first message of a session reads it: WeCom may have given it to a person already', async () => {
    const world = await memoryWorld({ rules });
    world.wecom.says('eve', 'hours?');
    world.wecom.agentTakes('eve', 'amy');
    await world.callback();
    expect(callsOf(world, 'sendMessage')).toBe(0);
    expect((await world.places()).amy).toHaveLength(1);
  });

  test('rule 13: agents who come back to an old session have their time to answer', async () => {
    const world = await withEveAtAmys();
    world.wecom.agentAnswers('eve', 'amy');
    world.wecom.agentEnds('eve');
    await world.callback();
    await world.pass(2 * HOUR, 10 * MINUTE);
    world.wecom.agentReenters('eve', 'amy');
    await world.callback();
    expect(world.wecom.session('eve')).toEqual({ state: 'person', agentId: 'amy' });
  });

  test('rule 13: a hand-over that had to wait leaves the session to the agent who took it meanwhile', async () => {
    const world = await memoryWorld({ rules, agents: { amy: 1, ben: 1 } });
    world.wecom.befall('moveSession', 45009);
    world.wecom.says('eve', 'human');
    await world.callback();
    expect((await world.conversation('eve')).request?.assigned?.agentId).toBe('amy');
    world.skip(10 * SECOND);
    world.wecom.agentTakes('eve', 'ben');
    await world.callback();
    await world.pass(5 * MINUTE);
    expect(world.wecom.servedBy('eve').map(({ agentId }) => agentId)).toEqual(['ben']);
    expect(await world.places()).toEqual({ amy: [], ben: [expect.any(String)] });
  });

  test('rule 13: an end that had to wait leaves the session to the agent to whom it was transferred meanwhile', async () => {
    const world = await memoryWorld({ rules, agents: { amy: 1, ben: 1 } });
    world.wecom.says('eve', 'human');
    await world.callback();
    world.skip(SECOND);
    world.wecom.agentAnswers('eve', 'amy');
    await world.callback();
    world.wecom.befall('moveSession', 45009);
    await world.pass(31 * MINUTE);
    expect((await world.conversation('eve')).pending).toMatchObject([{ kind: 'move', to: { state: 'ended' } }]);
    world.wecom.agentTransfers('eve', 'ben');
    await world.callback();
    await world.pass(3 * MINUTE);
    expect(world.wecom.session('eve')).toEqual({ state: 'person', agentId: 'ben' });
  });

  test('rule 13: a process that was frozen under way moves no session when it wakes up, long after its wake', async () => {
    const world = await memoryWorld({ rules, agents: { amy: 1, ben: 1 } });
    world.wecom.says('eve', 'human');
    await world.news();
    for (const queue of ['signals', 'conversations', 'assignments'] as const) await world.stepOf(queue);
    // It has just told the customer that somebody comes.
    world.trouble('conversations put sent#', () => {
      if (world.wecom.session('eve').state === 'person') return false;
      world.skip(10 * MINUTE);
      world.wecom.agentTakes('eve', 'ben');
      return false;
    });
    await world.callback();
    await world.pass(5 * MINUTE);
    expect(world.wecom.servedBy('eve').map(({ agentId }) => agentId)).toEqual(['ben']);
  });
});

describe('people and places', () => {
  test('rule 14: a choice that was recorded is followed, wherever the function dies: never two agents, and no place leaks', async () => {
    const smooth = await withEveAtAmys();
    const calls = smooth.outsideCalls();
    expect(calls).toBeGreaterThan(20);
    for (const how of harms) {
      for (let call = 1; call <= calls; call += 1) {
        const world = await memoryWorld({ rules, agents: { amy: 1, ben: 1 } });
        world.harm(call, how);
        world.wecom.says('eve', 'human');
        await world.callback();
        await world.pass(3 * MINUTE);
        const places = Object.values(await world.places()).flat();
        expect({ how, call, places: places.length, said: heard(world, 'eve').length }).toEqual({
          how,
          call,
          places: 1,
          said: 1,
        });
        expect(world.wecom.session('eve').state).toBe('person');
        expect(world.events('conversation.assigned.v1').filter(unlike)).toHaveLength(1);
      }
    }
  });

  test('rule 14: a request that is taken back while its choice is half made gives its place back', async () => {
    for (let call = 1; call <= 8; call += 1) {
      const world = await memoryWorld({ rules });
      world.wecom.says('eve', 'human');
      await world.news();
      await world.step();
      await world.step();
      // The team's function dies at some moment; meanwhile an agent who is in no team of ours takes the customer.
      world.harm(call, 'dies-after');
      await world.stepOf('assignments');
      world.harmless();
      world.wecom.agentTakes('eve', 'zoe');
      await world.news();
      await world.stepOf('signals');
      await world.stepOf('conversations');
      await world.run();
      expect({ call, ...(await world.places()) }).toEqual({ call, amy: [] });
    }
  });

  test('rule 15: neither a missing agent, nor capacity 0, nor a full agent, nor one off duty gets a place', async () => {
    const { routing, clock } = await memoryWorld({ agents: { amy: 1, nil: 0 } });
    expect(await routing.claim('nobody', 'c#r', clock())).toBe('full');
    expect(await routing.claim('nil', 'c#r', clock())).toBe('full');
    expect(await routing.claim('amy', 'c#r', clock())).toBe('taken');
    expect(await routing.claim('amy', 'c#r', clock())).toBe('held');
    expect(await routing.claim('amy', 'd#r', clock())).toBe('full');
    await routing.saveAgent({ agentId: 'amy', capacity: 5, duty: 'off', teams: [TEAM] });
    expect(await routing.claim('amy', 'd#r', clock())).toBe('full');
    const [amy] = await routing.agents(['amy']);
    expect([...(amy?.serving ?? [])]).toEqual(['c#r']);
    // What happens in WeCom's client is recorded whatever the capacity.
    await routing.saveAgent({ agentId: 'amy', capacity: 1, duty: 'off', teams: [TEAM] });
    expect(await routing.record('amy', 'e#seen1', clock())).toBe(true);
  });

  test('rule 16: a place that frees up goes to the longest waiting, and each is told once that he waits', async () => {
    const world = await memoryWorld({ rules });
    for (const customer of ['eve', 'bob', 'cal']) {
      world.wecom.says(customer, 'human');
      await world.callback();
      world.skip(SECOND);
    }
    await world.pass(3 * MINUTE);
    expect((await world.routing.line(TEAM)).map(({ conversationId }) => conversationId)).toEqual([
      `${DESK}:bob`,
      `${DESK}:cal`,
    ]);
    expect(heard(world, 'bob')).toHaveLength(1);
    world.wecom.agentEnds('eve');
    await world.callback();
    expect(world.wecom.session('bob')).toEqual({ state: 'person', agentId: 'amy' });
    expect(world.wecom.session('cal').state).toBe('bot');
    expect(heard(world, 'bob')).toHaveLength(2);
    expect(heard(world, 'cal')).toHaveLength(1);
  });
});

describe('outages', () => {
  test('rule 19: while WeCom sleeps, nothing is thrown; pulls and replies come when it wakes', async () => {
    const world = await memoryWorld({ rules });
    world.wecom.says('eve', 'hours?');
    world.wecom.befallAll('lost-before');
    await world.callback();
    await world.wait(5 * MINUTE);
    expect(world.failures).toEqual([]);
    world.wecom.befallAll(undefined);
    await world.wait(3 * MINUTE);
    expect(heard(world, 'eve')).toEqual(['Nine to five.']);
  });

  test('rule 20: pulls without a fresh token keep to five a minute', async () => {
    const world = await memoryWorld({ rules });
    await world.callback();
    const before = callsOf(world, 'syncMessages');
    for (let round = 0; round < 20; round += 1) {
      await world.pullWithoutToken();
      await world.run();
    }
    expect(callsOf(world, 'syncMessages') - before).toBe(5);
    world.wecom.says('eve', 'hours?');
    await world.wait(3 * MINUTE);
    expect(heard(world, 'eve')).toEqual(['Nine to five.']);
  });

  test.each([60020, 48002, 48007, 40001])('rule 21: %i is an outage of ours, not a failed message', async (errcode) => {
    const world = await memoryWorld({ rules });
    world.wecom.says('eve', 'hours?');
    world.wecom.befall('sendMessage', errcode, errcode);
    await world.callback();
    expect(world.events('reply.failed.v1')).toEqual([]);
    await world.wait(10 * MINUTE);
    expect(heard(world, 'eve')).toEqual(['Nine to five.']);
    expect(world.events('reply.failed.v1')).toEqual([]);
  });
});

/** Each event once, although a repeat of the same one may be published again. */
function unlike({ id }: { id: string }, index: number, all: readonly { id: string }[]): boolean {
  return all.findIndex((other) => other.id === id) === index;
}
