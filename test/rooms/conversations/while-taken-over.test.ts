import { expect, test } from '@jest/globals';
import type { Attention } from '../../../lib/conversations/observe.ts';
import { SECOND } from '../../../lib/platform/clock.ts';
import { memoryWorld } from '../../support/memory-world.ts';

test('who writes while the account is taken over is answered within seconds of its end, and not before', async () => {
  let attention: Attention = 'adopting';
  const rules = { rules: [{ id: 'hours', contains: ['hours'], reply: { text: 'daily' } }] };
  const world = await memoryWorld({ agents: {}, rules, attention: () => attention });
  const said = () => world.wecom.delivered.length;
  world.wecom.says('eve', 'hours');
  await world.callback();
  await world.run();
  expect(said()).toBe(0);

  attention = 'serves';
  await world.run();
  expect(said()).toBe(0);
  world.skip(15 * SECOND);
  await world.run();
  expect(said()).toBe(1);
});
