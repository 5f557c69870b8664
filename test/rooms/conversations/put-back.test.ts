import { expect, test } from '@jest/globals';
import { MINUTE, SECOND } from '../../../lib/platform/clock.ts';
import { pullOrder } from '../../../lib/store/entry-order.ts';
import { NOON, textOf } from '../../support/memory-wecom.ts';
import { DESK, memoryWorld } from '../../support/memory-world.ts';

const owner = `${DESK}:eve`;
const rules = {
  rules: [
    { id: 'hours', contains: ['hours'], reply: { text: 'Nine to five.' } },
    { id: 'price', contains: ['price'], reply: { text: 'Ten yuan.' } },
  ],
  fallback: 'Pardon?',
};

test('an entry that was set aside is put back once its cause is mended, and is answered once, also where no wake comes', async () => {
  const world = await memoryWorld({ rules });
  const heard = () => world.wecom.delivered.map(({ content }) => textOf(content));
  const entry = 'msg#odd';
  const message = { kind: 'message', id: 'odd', app: 'main', sentAt: NOON - SECOND, type: 'text', text: 'hours?' };
  await world.store.inbox.put({ owner, entry, order: pullOrder(0, 0), body: message, at: world.clock() });
  await world.store.inbox.setAside(owner, entry, 'failed repeatedly', world.clock());
  world.wecom.says('eve', 'price?');
  await world.callback();
  expect(heard()).toEqual(['Ten yuan.']);

  expect(await world.store.inbox.putBack(owner, entry, world.clock())).toBe('unread');
  // Whoever put it back was killed before he sent the wake: the sweep finds it.
  await world.pass(3 * MINUTE);
  expect(heard()).toEqual(['Ten yuan.', 'Nine to five.']);
  expect(await world.store.inbox.putBack(owner, entry, world.clock())).toBe('handled');
  await world.pass(3 * MINUTE);
  expect(heard()).toHaveLength(2);
});
