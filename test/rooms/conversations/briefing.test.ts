import { expect, test } from '@jest/globals';
import { MINUTE } from '../../../lib/platform/clock.ts';
import { DESK, type MemoryWorld, memoryWorld, TEAM } from '../../support/memory-world.ts';

// Who serves is told in WeCom what he cannot see in his client: notes, and what did not reach the customer.

const EVE = `${DESK}:eve`;
const says = async (world: MemoryWorld, text: string): Promise<void> => {
  world.wecom.says('eve', text);
  await world.callback();
};
const handOver = async (world: MemoryWorld, id: string, agentId: string): Promise<void> => {
  const to = { agentId, teamId: TEAM };
  await world.post.tell(EVE, { kind: 'hand-over', id, by: 'boss', to, noteId: id, at: world.clock() });
  await world.run();
};
const briefs = (world: MemoryWorld) => world.briefs.map(({ v: _, brief: __, conversationId: ___, ...told }) => told);

test('nobody is told of a customer about whom there is nothing to tell', async () => {
  const world = await memoryWorld();
  await says(world, '转人工');
  expect(world.wecom.session('eve').agentId).toBe('amy');
  expect(world.briefs).toEqual([]);
});

test('the receiver of a hand-over is told who gave it to him, once, and not the giver', async () => {
  const world = await memoryWorld({ agents: { amy: 1, ben: 1 } });
  await says(world, '转人工');
  world.skip(3 * MINUTE);
  await handOver(world, 'h1', 'ben');
  await world.pass(5 * MINUTE);
  expect(briefs(world)).toEqual([
    { agentId: 'ben', at: expect.any(Number), by: 'boss', noteId: 'h1', waitedMs: 3 * MINUTE, unsent: {} },
  ]);
});

test('replies that were not sent are kept with their reason, told to who serves, and forgotten when a person answers', async () => {
  const world = await memoryWorld({ agents: { amy: 1 } });
  world.wecom.befall('sendMessage', 95002);
  await says(world, 'hello');
  expect((await world.conversation('eve')).unsent).toMatchObject([
    { reason: 'refused', errcode: 95002, purpose: 'fallback' },
  ]);
  expect(world.briefs).toEqual([]);
  await says(world, '转人工');
  expect(briefs(world)).toMatchObject([{ agentId: 'amy', unsent: { 95002: 1 } }]);

  world.wecom.agentAnswers('eve', 'amy', 'hello');
  await world.callback();
  expect((await world.conversation('eve')).unsent).toBeUndefined();
  await world.pass(2 * MINUTE);
  expect(world.briefs).toHaveLength(1);
});

test('what fails while a person serves is told to him as well', async () => {
  const world = await memoryWorld({ agents: { amy: 1 } });
  await says(world, 'hello');
  const [first] = world.wecom.delivered;
  await says(world, '转人工');
  expect(world.briefs).toEqual([]);
  world.wecom.cannotDeliver('eve', first?.id ?? '', 10);
  await world.callback();
  expect(briefs(world)).toMatchObject([{ agentId: 'amy', unsent: { 'not-delivered': 1 } }]);
});

test('a note goes on to the next until a person answers: whoever takes it over in the client is told, too', async () => {
  const world = await memoryWorld({ agents: { amy: 1, ben: 1, cat: 1 } });
  await says(world, '转人工');
  await handOver(world, 'h1', 'ben');
  world.wecom.agentTransfers('eve', 'cat');
  await world.callback();
  expect(briefs(world).map(({ agentId, noteId }) => [agentId, noteId])).toEqual([
    ['ben', 'h1'],
    ['cat', 'h1'],
  ]);
  world.wecom.agentAnswers('eve', 'cat', 'hello');
  await world.callback();
  world.wecom.agentTransfers('eve', 'amy');
  await world.callback();
  expect(world.briefs).toHaveLength(2);
});

test('at most twenty are kept', async () => {
  const world = await memoryWorld({ agents: {} });
  for (let n = 0; n < 25; n += 1) await says(world, `hm ${n}`);
  for (const one of world.wecom.delivered) for (let n = 0; n < 9; n += 1) world.wecom.cannotDeliver('eve', one.id, 10);
  await world.callback();
  expect((await world.conversation('eve')).unsent).toHaveLength(20);
});
