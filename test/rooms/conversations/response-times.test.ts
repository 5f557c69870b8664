import { describe, expect, test } from '@jest/globals';
import { DAY, HOUR, MINUTE, SECOND } from '../../../lib/platform/clock.ts';
import { NOON } from '../../support/memory-wecom.ts';
import { DESK, type MemoryWorld, memoryWorld, TEAM, type WorldSettings } from '../../support/memory-world.ts';

const rules: WorldSettings['rules'] = {
  rules: [
    { id: 'hours', contains: ['hours'], reply: { text: 'Nine to five' } },
    { id: 'hush', contains: ['hush'], silent: true },
  ] as never,
};

const aWorld = (settings: WorldSettings = {}): Promise<MemoryWorld> => memoryWorld({ rules, ...settings });

async function writes(world: MemoryWorld, text: string, customer = 'eve'): Promise<string> {
  const id = world.wecom.says(customer, text);
  await world.callback();
  return id;
}

async function answers(world: MemoryWorld, agentId: string, customer = 'eve'): Promise<void> {
  world.wecom.agentAnswers(customer, agentId);
  await world.callback();
}

/** The times of all answers so far, in their order. */
const times = (world: MemoryWorld) =>
  world.events('message.answered.v1').flatMap(({ data }) => {
    const { by, afterMs, personAfterMs, whileClosed } = data;
    return [{ by, afterMs, personAfterMs, whileClosed }];
  });

const agentsTimes = (world: MemoryWorld) => times(world).filter(({ by }) => by === 'agent');

const facts = async (world: MemoryWorld, of?: string): Promise<string[]> =>
  (await world.figures(of))
    .map(({ what, agentId, ms, closed }) =>
      [what, agentId, ms, closed && 'closed'].filter((part) => part !== undefined).join(' '),
    )
    .toSorted();

/** The customer asks for a person and is given one, whose first answer comes after a minute. */
async function aServedCustomer(): Promise<MemoryWorld> {
  const world = await aWorld();
  await writes(world, '转人工');
  world.skip(MINUTE);
  await answers(world, 'amy');
  return world;
}

describe('who answers', () => {
  test('the bot’s answer is measured from the first of the messages that it answers', async () => {
    const world = await aWorld();
    world.wecom.says('eve', 'hello');
    world.skip(20 * SECOND);
    world.wecom.says('eve', 'hours?');
    world.skip(5 * SECOND);
    await world.callback();

    expect(times(world)).toEqual([{ by: 'concierge', afterMs: 25 * SECOND }]);
    expect(await facts(world)).toEqual([`bot-answer ${25 * SECOND}`]);
  });

  test('bot and human are measured apart: a hand-over’s wait begins with the message that led to it', async () => {
    const world = await aWorld();
    await writes(world, 'hours?');
    world.skip(10 * MINUTE);
    await writes(world, '转人工');
    world.skip(3 * MINUTE);
    await answers(world, 'amy');

    expect(agentsTimes(world)).toEqual([{ by: 'agent', afterMs: 3 * MINUTE, personAfterMs: 3 * MINUTE }]);
    expect(await facts(world)).toEqual(['assigned amy 0', 'bot-answer 0', `person-answer amy ${3 * MINUTE}`]);
  });

  test('only the first of several answers is measured; what was asked in between is, but is no first response', async () => {
    const world = await aServedCustomer();
    await answers(world, 'amy');
    await writes(world, 'and then?');
    world.skip(30 * SECOND);
    await answers(world, 'amy');

    expect(agentsTimes(world)).toEqual([
      { by: 'agent', afterMs: MINUTE, personAfterMs: MINUTE },
      { by: 'agent' },
      { by: 'agent', afterMs: 30 * SECOND },
    ]);
    expect(await facts(world)).toEqual(['assigned amy 0', 'person-answer amy', `person-answer amy ${MINUTE}`]);
  });

  test('a bot’s answer to another question in line ends its own wait, not the one for a person', async () => {
    const world = await aWorld();
    await writes(world, '转人工', 'joe');
    await writes(world, '转人工');
    world.skip(2 * MINUTE);
    await writes(world, 'hours?');
    world.skip(MINUTE);
    world.wecom.agentEnds('joe');
    await world.callback();
    await world.run();
    await answers(world, 'amy');

    const eve = world.events('message.answered.v1').filter(({ subject }) => subject === `${DESK}:eve`);
    expect(eve.map(({ data }) => data.afterMs)).toEqual([undefined, 0, undefined, 3 * MINUTE]);
    expect(eve.at(-1)?.data.personAfterMs).toBe(3 * MINUTE);
  });

  test('an agent whom WeCom itself gave the session is measured from the customer’s message', async () => {
    const world = await aWorld();
    world.wecom.says('eve', 'hello');
    world.wecom.agentTakes('eve', 'amy');
    await world.callback();
    world.skip(40 * SECOND);
    await answers(world, 'amy');

    expect(agentsTimes(world)).toEqual([{ by: 'agent', afterMs: 40 * SECOND, personAfterMs: 40 * SECOND }]);
  });

  test('so is one who has answered before we heard of it', async () => {
    const world = await aWorld();
    world.wecom.says('eve', 'hello');
    world.wecom.agentTakes('eve', 'amy');
    world.skip(40 * SECOND);
    await answers(world, 'amy');

    expect(agentsTimes(world)).toEqual([{ by: 'agent', afterMs: 40 * SECOND, personAfterMs: 40 * SECOND }]);
    expect(await facts(world)).toContain(`person-answer amy ${40 * SECOND}`);
  });
});

describe('across reassignment', () => {
  test('an offer that expired keeps the beginning', async () => {
    const world = await aWorld({ agents: { amy: 1, ben: 1 }, offerSeconds: 60 });
    await writes(world, '转人工');
    const first = world.wecom.session('eve').agentId ?? '';
    const second = first === 'amy' ? 'ben' : 'amy';
    await world.wait(80 * SECOND);
    await answers(world, second);

    expect(agentsTimes(world)).toEqual([{ by: 'agent', afterMs: 80 * SECOND, personAfterMs: 80 * SECOND }]);
    expect(await facts(world)).toEqual([
      `assigned ${first} 0`,
      `expired ${first} ${MINUTE}`,
      `person-answer ${second} ${80 * SECOND}`,
      `transferred ${second}`,
    ]);
  });

  test('a transfer before any answer keeps the beginning; one after it begins nothing', async () => {
    for (const [answered, wanted] of [
      [false, { by: 'agent', afterMs: 5 * MINUTE, personAfterMs: 5 * MINUTE }],
      [true, { by: 'agent' }],
    ] as const) {
      const world = await aWorld({ agents: { amy: 1, ben: 0 } });
      await writes(world, '转人工');
      if (answered) await answers(world, 'amy');
      world.skip(4 * MINUTE);
      world.wecom.agentTransfers('eve', 'ben');
      await world.callback();
      world.skip(MINUTE);
      await answers(world, 'ben');

      expect(agentsTimes(world).at(-1)).toEqual(wanted);
      expect(await facts(world)).toContain('transferred ben');
    }
  });

  test('how long it took until somebody was given counts from the message, through the line', async () => {
    const world = await aWorld();
    await writes(world, '转人工', 'joe');
    await writes(world, '转人工');
    world.skip(7 * MINUTE);
    world.wecom.agentEnds('joe');
    await world.callback();
    await world.run();

    expect(await facts(world)).toContain(`assigned amy ${7 * MINUTE}`);
  });
});

describe('nobody answers', () => {
  test('a session that ends before an answer is abandoned, in line or with an agent', async () => {
    const world = await aWorld();
    await writes(world, '转人工', 'joe');
    await writes(world, '转人工');
    world.skip(HOUR);
    world.wecom.agentEnds('joe');
    world.wecom.agentEnds('eve');
    await world.callback();
    await world.run();

    expect((await facts(world)).filter((fact) => fact.startsWith('abandoned'))).toEqual([
      `abandoned ${HOUR}`,
      `abandoned amy ${HOUR}`,
    ]);
  });

  test('a session that ends after the answer is not abandoned, nor is what the bot has answered', async () => {
    const world = await aServedCustomer();
    world.wecom.agentEnds('eve');
    await world.callback();
    await writes(world, 'hours?', 'joe');
    await world.pass(3 * DAY, HOUR);

    expect(world.events('session.ended.v1')).toHaveLength(1);
    expect((await world.conversation('joe')).awaited).toBeUndefined();
    expect(world.events('conversation.abandoned.v1')).toEqual([]);
  });

  test('what was asked in a session that ended is no part of the next one’s wait', async () => {
    const world = await aServedCustomer();
    await writes(world, 'and then?');
    world.skip(HOUR);
    world.wecom.agentEnds('eve');
    await world.callback();
    world.skip(HOUR);
    await writes(world, 'hours?');

    expect(times(world).at(-1)).toEqual({ by: 'concierge', afterMs: 0 });
  });

  test('what a rule leaves without an answer waits for none', async () => {
    const world = await aWorld();
    await writes(world, 'hush');
    world.skip(HOUR);
    await writes(world, 'hours?');

    expect(times(world)).toEqual([{ by: 'concierge', afterMs: 0 }]);
  });

  test('an answer that WeCom refuses ends no wait', async () => {
    const world = await aWorld();
    world.wecom.befall('sendMessage', 40059);
    await writes(world, 'hours?');
    world.skip(MINUTE);
    await writes(world, 'hours?');

    expect(times(world)).toEqual([{ by: 'concierge', afterMs: MINUTE }]);
  });
});

describe('messages that are taken back', () => {
  test('the only unanswered one ends the wait without a figure', async () => {
    const world = await aWorld();
    await writes(world, '转人工', 'joe');
    const id = await writes(world, '转人工');
    world.wecom.recalls('eve', id);
    await world.callback();
    world.wecom.agentEnds('joe');
    await world.callback();
    await world.run();
    await answers(world, 'amy');

    expect(agentsTimes(world)).toEqual([{ by: 'agent' }]);
    expect((await facts(world)).filter((fact) => fact.startsWith('person-answer'))).toEqual([]);
  });

  test('of several the wait begins with the next', async () => {
    const world = await aWorld();
    const id = world.wecom.says('eve', '转人工');
    world.skip(20 * SECOND);
    world.wecom.says('eve', 'please');
    await world.callback();
    world.wecom.recalls('eve', id);
    await world.callback();
    world.skip(40 * SECOND);
    await answers(world, 'amy');

    expect(agentsTimes(world)).toEqual([{ by: 'agent', afterMs: 40 * SECOND, personAfterMs: 40 * SECOND }]);
  });
});

describe('clocks and hours', () => {
  test('a wait that began while the account was closed says so, however it ends', async () => {
    // The clock begins at 12:12.
    const openingHours = { weekly: [{ days: ['sat', 'sun'], from: '14:00', to: '18:00' }] };
    const world = await aWorld({ rules: { ...rules, openingHours } as never });
    await writes(world, 'hours?');
    await writes(world, '转人工');
    world.skip(2 * HOUR);
    await answers(world, 'amy');
    await writes(world, 'and then?');
    await answers(world, 'amy');

    const wait = { afterMs: 2 * HOUR, personAfterMs: 2 * HOUR };
    expect(times(world)[0]).toEqual({ by: 'concierge', afterMs: 0, whileClosed: true });
    expect(agentsTimes(world)).toEqual([
      { by: 'agent', ...wait, whileClosed: true },
      { by: 'agent', afterMs: 0 },
    ]);
    expect(await facts(world)).toEqual([
      'assigned amy 0 closed',
      'bot-answer 0 closed',
      'person-answer amy',
      `person-answer amy ${2 * HOUR} closed`,
    ]);
  });

  test('history that WeCom gives again counts nowhere', async () => {
    const world = await aWorld();
    world.wecom.says('eve', '转人工');
    world.wecom.agentAnswers('eve', 'amy');
    world.skip(DAY);
    await world.callback();

    expect(times(world)).toEqual([]);
    expect((await world.conversation('eve')).awaited).toBeUndefined();
    expect(await facts(world)).toEqual([]);
  });

  test('a message that WeCom dates after its answer took no time', async () => {
    const world = await aWorld();
    await writes(world, 'hush');
    world.wecom.feed({
      msgid: 'ahead',
      origin: 3,
      open_kfid: DESK,
      external_userid: 'eve',
      msgtype: 'text',
      send_time: NOON / SECOND + 9,
      text: { content: 'hours?' },
    });
    await world.callback();

    expect(times(world)).toEqual([{ by: 'concierge', afterMs: 0 }]);
  });

  test('an account that no team serves has its own figures', async () => {
    const world = await aWorld({ agents: {} });
    await writes(world, 'hours?');

    expect(await facts(world, DESK)).toEqual(['bot-answer 0']);
    expect(await facts(world, TEAM)).toEqual([]);
  });
});
