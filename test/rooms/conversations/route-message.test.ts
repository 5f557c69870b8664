import { describe, expect, test } from '@jest/globals';
import { HOUR, MINUTE } from '../../../lib/platform/clock.ts';
import { textOf } from '../../support/memory-wecom.ts';
import { type MemoryWorld, memoryWorld, TEAM } from '../../support/memory-world.ts';

const rules = {
  rules: [
    { id: 'hours', contains: ['hours'], reply: { text: 'Nine to five' } },
    { id: 'price', contains: ['price'], reply: { text: 'Ten yuan' } },
  ],
  fallback: 'Pardon?',
};
const heard = (world: MemoryWorld): string[] =>
  world.wecom.delivered.map(({ customerId, content }) => `${customerId}: ${textOf(content)}`);

describe('a message on its way', () => {
  test('a question that a rule knows is answered once', async () => {
    const world = await memoryWorld({ rules });
    world.wecom.says('eve', 'your hours?');
    await world.callback();
    await world.callback();
    expect(heard(world)).toEqual(['eve: Nine to five']);
    expect(world.failures).toEqual([]);
  });

  test('whoever asks for a person is told so and handed over, and no rule answers any more', async () => {
    const world = await memoryWorld({ rules });
    world.wecom.says('eve', '转人工');
    await world.callback();
    expect(world.wecom.session('eve')).toEqual({ state: 'person', agentId: 'amy' });
    world.wecom.says('eve', 'your hours?');
    await world.callback();
    expect(heard(world)).toHaveLength(1);
    expect((await world.places()).amy).toHaveLength(1);
  });

  test("a question that comes with the news that an agent took the session is the agent's", async () => {
    const world = await memoryWorld({ rules });
    world.wecom.says('eve', 'your hours?');
    await world.callback();
    world.wecom.agentTakes('eve', 'amy');
    world.wecom.says('eve', 'the price?');
    await world.callback();
    expect((await world.conversation('eve')).session).toMatchObject({ state: 'person', agentId: 'amy' });
    expect(heard(world)).toEqual(['eve: Nine to five']);
  });

  test('an agent who takes the session while we answer: WeCom refuses, and the person has the question', async () => {
    const world = await memoryWorld({ rules });
    world.wecom.says('eve', 'your hours?');
    await world.callback();
    world.wecom.says('eve', 'the price?');
    await world.news();
    await world.stepOf('signals');
    world.wecom.agentTakes('eve', 'amy');
    await world.run();
    expect(heard(world)).toEqual(['eve: Nine to five']);
    const { session, unanswered, place } = await world.conversation('eve');
    expect({ state: session.state, unanswered, agentId: place?.agentId }).toEqual({
      state: 'person',
      unanswered: [],
      agentId: 'amy',
    });
  });

  test('more entries than one page: all are taken in, and decided upon once', async () => {
    const world = await memoryWorld({ rules });
    for (let number = 0; number < 450; number += 1) world.wecom.says('eve', number % 2 ? 'hours' : 'price');
    await world.callback();
    expect(heard(world)).toEqual(['eve: Ten yuan\n\nNine to five']);
    expect(await world.unread('eve')).toEqual([]);
  });

  test('more entries than one page, and a function that dies behind a save: nothing waits for the sweep', async () => {
    const world = await memoryWorld({ rules });
    for (let number = 0; number < 250; number += 1) world.wecom.says('eve', 'hours');
    await world.news();
    await world.stepOf('signals');
    world.harm(2, 'dies-before');
    await world.run();
    expect(heard(world)).toEqual(['eve: Nine to five']);
    expect(await world.unread('eve')).toEqual([]);
    expect(world.events('message.received.v1')).toHaveLength(250);
  });

  test('a reply refused for the session state is decided again at once', async () => {
    const world = await memoryWorld({ rules });
    world.wecom.says('eve', 'your hours?');
    await world.callback();
    world.wecom.befall('sendMessage', 95018);
    world.wecom.says('eve', 'the price?');
    await world.callback();
    expect(heard(world)).toEqual(['eve: Nine to five', 'eve: Ten yuan']);
  });

  test('silence after the answer of the agent ends the session', async () => {
    const world = await memoryWorld({ rules });
    world.wecom.says('eve', 'human');
    await world.callback();
    world.wecom.agentAnswers('eve', 'amy');
    await world.callback();
    await world.pass(31 * MINUTE);
    expect(world.wecom.session('eve')).toEqual({ state: 'ended' });
    expect((await world.places()).amy).toEqual([]);
  });

  test('a session that WeCom does not let us end is tried now and then, not in a loop', async () => {
    const world = await memoryWorld({ rules });
    world.wecom.says('eve', 'human');
    await world.callback();
    world.wecom.agentAnswers('eve', 'amy');
    await world.callback();
    world.wecom.befall('moveSession', ...Array.from({ length: 1000 }, () => 95016));
    const moves = () => world.wecom.calls.filter(({ api }) => api === 'moveSession').length;
    const before = moves();
    await world.pass(35 * MINUTE);
    expect(moves()).toBeGreaterThan(before);
    expect(moves() - before).toBeLessThan(60);
    expect((await world.places()).amy).toHaveLength(1);
  });

  test('48 hours after the last message WeCom ends the session without a word: the place is free again', async () => {
    const world = await memoryWorld({ rules });
    world.wecom.says('eve', 'human');
    await world.callback();
    await world.pass(47 * HOUR, HOUR);
    expect((await world.places()).amy).toHaveLength(1);
    await world.pass(2 * HOUR, 10 * MINUTE);
    expect((await world.places()).amy).toEqual([]);
    expect((await world.conversation('eve')).session.state).toBe('ended');
  });

  test('a conversation that waits in line for 48 hours leaves it, and the customer may ask again', async () => {
    const world = await memoryWorld({ rules });
    world.wecom.agentReceives('amy', false);
    world.wecom.says('eve', 'human');
    await world.callback();
    await world.pass(49 * HOUR, HOUR);
    expect(await world.routing.line(TEAM)).toEqual([]);
    world.wecom.agentReceives('amy', true);
    world.wecom.says('eve', 'human');
    await world.callback();
    expect(world.wecom.session('eve')).toEqual({ state: 'person', agentId: 'amy' });
  });

  test('a message that was accepted and not delivered is recorded as failed', async () => {
    const world = await memoryWorld({ rules });
    world.wecom.says('eve', 'hours?');
    await world.callback();
    const [sent] = world.wecom.delivered;
    world.wecom.cannotDeliver('eve', sent?.id ?? '', 10);
    await world.callback();
    expect(world.events('reply.failed.v1').map(({ data }) => data)).toEqual([
      { messageId: sent?.id, reason: 'not-delivered', failType: 10 },
    ]);
  });
});
