import { expect, test } from '@jest/globals';
import { MINUTE } from '../../../lib/platform/clock.ts';
import { memoryWorld } from '../../support/memory-world.ts';

const rules = {
  rules: [
    { id: 'hours', contains: ['hours'], reply: { quick: 'hours' } },
    { id: 'returns', contains: ['return'], replies: [{ quick: 'hours' }, { card: 'amy' }, { quick: 'returns' }] },
    { id: 'price', contains: ['price'], reply: { text: '100' } },
  ],
  quickReplies: [
    { id: 'hours', zh: '九点到六点', en: 'Nine to six' },
    { id: 'returns', en: 'Within seven days' },
  ],
};

async function saidAfter(...texts: string[]) {
  const world = await memoryWorld({ rules });
  for (const text of texts) {
    world.wecom.says('eve', text);
    await world.callback();
  }
  return Object.fromEntries([...(await world.usage.usage())].map(([id, { total }]) => [id, total]));
}

test('each quick reply that a customer was told is counted; other words are not', async () => {
  expect(await saidAfter('hours', 'price', 'return', 'hours?')).toEqual({ hours: 3, returns: 1 });
});

test('a quick reply that two questions of one burst want is said and counted once', async () => {
  const world = await memoryWorld({ rules });
  world.wecom.says('eve', 'hours');
  world.wecom.says('eve', '请问 hours');
  await world.callback();
  expect((await world.usage.usage()).get('hours')?.total).toBe(1);
});

test('what WeCom refuses was not said', async () => {
  const world = await memoryWorld({ rules });
  world.wecom.befall('sendMessage', 40096);
  world.wecom.says('eve', 'hours');
  await world.callback();
  expect(world.events('reply.failed.v1')).toHaveLength(1);
  expect(await world.usage.usage()).toEqual(new Map());
});

test('a crash at any call leaves no use out, and counts none twice', async () => {
  for (let n = 1; n <= 16; n += 1) {
    for (const harm of ['dies-before', 'dies-after', 'fails-after'] as const) {
      const world = await memoryWorld({ rules });
      world.harm(n, harm);
      world.wecom.says('eve', 'hours');
      await world.callback();
      await world.pass(3 * MINUTE);
      const delivered = world.wecom.delivered.length;
      expect({ n, harm, delivered, total: (await world.usage.usage()).get('hours')?.total }).toEqual({
        n,
        harm,
        delivered: 1,
        total: 1,
      });
    }
  }
});
