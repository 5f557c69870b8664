import { describe, expect, test } from '@jest/globals';
import { HOUR, MINUTE, SECOND } from '../../../lib/platform/clock.ts';
import { textOf } from '../../support/memory-wecom.ts';
import { memoryWorld } from '../../support/memory-world.ts';

const rules = {
  rules: [
    { id: 'hours', contains: ['hours'], reply: { text: 'Nine to five' } },
    { id: 'price', contains: ['price'], reply: { text: 'Ten yuan' } },
  ],
  fallback: 'Pardon?',
};
const heard = (world: Awaited<ReturnType<typeof memoryWorld>>) =>
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

  test('a reply that WeCom refuses because an agent just took the session is not lost: the person has the question', async () => {
    const world = await memoryWorld({ rules });
    world.wecom.says('eve', 'your hours?');
    await world.callback();
    world.wecom.agentTakes('eve', 'amy');
    world.wecom.says('eve', 'the price?');
    // The callback about the taking is late; the message's own page has both, so cut it.
    world.wecom.pageSize = 1;
    await world.callback();
    expect((await world.conversation('eve')).session).toMatchObject({ state: 'person', agentId: 'amy' });
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
    expect(HOUR).toBeGreaterThan(SECOND);
  });
});
