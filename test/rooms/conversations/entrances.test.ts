import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { DAY, MINUTE, SECOND } from '../../../lib/platform/clock.ts';
import { type Entrance, entranceOf, namedRuleSet, withChannel } from '../../../lib/replies/entrance.ts';
import { RuleSet } from '../../../lib/replies/rule-set.ts';
import { DESK, type MemoryWorld, memoryWorld } from '../../support/memory-world.ts';

const poster: Entrance = { id: 'poster', account: DESK, scene: 'poster' };
const expo: Entrance = { id: 'expo', account: DESK, scene: 'fair', team: 'sales', rules: 'fair', language: 'en' };
const hall2: Entrance = { id: 'hall-2', account: DESK, scene: 'fair', channel: '二号馆' };

const hours = (text: string) => ({ id: 'hours', contains: ['hours'], reply: { text } });

/** The account's team is amy's, the fair's is zoe's. */
async function aWorld(): Promise<MemoryWorld> {
  const world = await memoryWorld({
    agents: { amy: 5, zoe: 5 },
    rules: RuleSet.parse({ rules: [hours('Nine to five'), { id: 'hello', exact: ['1'], reply: { quick: 'hi' } }] }),
  });
  await world.routing.saveTeam({ teamId: 'support', agents: ['amy'], endAfterSilenceSeconds: 1800 });
  await world.routing.saveTeam({ teamId: 'sales', agents: ['zoe'], endAfterSilenceSeconds: 300 });
  await world.routing.saveAgent({ agentId: 'zoe', capacity: 5, duty: 'on', teams: ['sales'] });
  const ofFair = {
    greeting: { text: 'Welcome to the fair' },
    rules: [hours('Until six, at the fair'), { id: 'one', exact: ['1'], reply: { quick: 'hi' } }],
    quickReplies: [{ id: 'hi', zh: '你好', en: 'Hello' }],
  };
  await world.replies.save(namedRuleSet('fair'), RuleSet.parse(ofFair));
  await world.entrances.saveEntrances([poster, expo, hall2]);
  return world;
}

async function comes(world: MemoryWorld, scene: string, channel?: string, customer = 'eve'): Promise<void> {
  if (channel === undefined) world.wecom.enters(customer, scene);
  else {
    const event = {
      event_type: 'enter_session',
      open_kfid: DESK,
      external_userid: customer,
      scene,
      scene_param: channel,
    };
    world.wecom.feed({ msgtype: 'event', origin: 4, event });
  }
  await world.callback();
}
async function writes(world: MemoryWorld, text: string, customer = 'eve'): Promise<void> {
  world.wecom.says(customer, text);
  await world.callback();
}
const last = (world: MemoryWorld) => world.wecom.delivered.at(-1)?.content;

describe('which entrance', () => {
  test('the one of the scene and channel comes before the one of the scene alone', () => {
    const of = (origin: object) => entranceOf([poster, expo, hall2], origin)?.id;
    expect(of({ scene: 'fair' })).toBe('expo');
    expect(of({ scene: 'fair', channel: '二号馆' })).toBe('hall-2');
    expect(of({ scene: 'fair', channel: encodeURIComponent('二号馆') })).toBe('hall-2');
    expect(of({ scene: 'fair', channel: 'elsewhere' })).toBe('expo');
    expect(of({ scene: 'street', channel: '二号馆' })).toBeUndefined();
    expect(of({})).toBeUndefined();
  });

  test('a channel stands in the link as one parameter, whatever it is, and the rest of the link is as WeCom gave it', () => {
    const url = 'https://work.weixin.qq.com/kf/kfc1?enc_scene=ENCabc';
    expect(withChannel(url, undefined)).toBe(url);
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), (channel) => {
        fc.pre(channel.isWellFormed());
        const link = withChannel(url, channel);
        expect(link.startsWith(`${url}&scene_param=`)).toBe(true);
        expect([...new URL(link).searchParams]).toEqual([
          ['enc_scene', 'ENCabc'],
          ['scene_param', channel],
        ]);
      }),
    );
  });
});

describe('who comes by an entrance', () => {
  test('is greeted and answered by its rules, in its language where a message has none, and served by its team', async () => {
    const world = await aWorld();
    await comes(world, 'fair');
    expect(last(world)).toEqual({ type: 'text', text: 'Welcome to the fair' });
    await writes(world, 'hours?');
    expect(last(world)).toEqual({ type: 'text', text: 'Until six, at the fair' });
    await writes(world, '1');
    expect(last(world)).toEqual({ type: 'text', text: 'Hello' });
    await writes(world, '转人工');
    expect(world.wecom.session('eve')).toEqual({ state: 'person', agentId: 'zoe' });
    // The team's own silence holds.
    world.wecom.agentAnswers('eve', 'zoe');
    await world.callback();
    await world.pass(6 * MINUTE);
    expect(world.wecom.session('eve').state).toBe('ended');
  });

  test('belongs to it until he comes by another way; opening the chat from the list is none', async () => {
    const world = await aWorld();
    await comes(world, 'fair');
    world.wecom.enters('eve');
    await writes(world, 'hours?');
    expect(last(world)).toEqual({ type: 'text', text: 'Until six, at the fair' });
    await comes(world, 'street');
    await writes(world, 'hours?');
    expect(last(world)).toEqual({ type: 'text', text: 'Nine to five' });
    await writes(world, '转人工');
    expect(world.wecom.session('eve')).toEqual({ state: 'person', agentId: 'amy' });
  });

  test('has the account’s rules and team where the entrance names none', async () => {
    const world = await aWorld();
    await comes(world, 'fair', '二号馆');
    await writes(world, 'hours?');
    expect(last(world)).toEqual({ type: 'text', text: 'Nine to five' });
  });
});

describe('what counts for an entrance', () => {
  test('who entered, who wrote, and who came to a person, each once for a visit', async () => {
    const world = await aWorld();
    await comes(world, 'poster');
    await comes(world, 'poster', undefined, 'ann');
    await writes(world, 'hours?');
    await writes(world, 'hours?');
    await writes(world, '转人工');
    await comes(world, 'street');
    await writes(world, 'hours?', 'bob');

    const visits = { entered: 2, wrote: 1, handedOver: 1 };
    expect(await world.visits('poster')).toEqual({ today: visits, total: visits });
    expect((await world.figures()).map(({ what }) => what)).not.toContain('entered');
  });

  test('days are apart, and the total goes on', async () => {
    const world = await aWorld();
    await comes(world, 'poster');
    world.skip(DAY);
    await comes(world, 'poster');

    const { today, total } = await world.visits('poster');
    expect([today.entered, total.entered]).toEqual([1, 2]);
  });

  test('is the same, however often it is told', async () => {
    const world = await aWorld();
    // The function dies after each of its outside calls in turn, until one visit is through unharmed.
    for (let n = 1; n < 12; n += 1) {
      const customer = `c${n}`;
      world.wecom.enters(customer, 'poster');
      world.wecom.says(customer, 'hours?');
      await world.news();
      await world.stepOf('signals');
      world.harm(n, 'dies-after');
      await world.run();
      world.harmless();
      world.skip(SECOND);
      await world.wakeAll();
      await world.run();
    }
    expect((await world.visits('poster')).today).toEqual({ entered: 11, wrote: 11, handedOver: 0 });
  });

  test('a visit of before our time is where he came from, and counts nothing', async () => {
    const world = await aWorld();
    world.wecom.enters('eve', 'poster');
    world.skip(DAY);
    await world.callback();

    expect(await world.conversation('eve')).toMatchObject({ scene: 'poster', visit: { entrance: 'poster' } });
    expect((await world.visits('poster')).total.entered).toBe(0);
  });
});
