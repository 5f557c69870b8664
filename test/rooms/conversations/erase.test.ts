import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { conversationIdOf } from '../../../lib/conversations/conversation.ts';
import { MINUTE, SECOND } from '../../../lib/platform/clock.ts';
import { firstOrder, pullOrder, timeOrder } from '../../../lib/store/entry-order.ts';
import { inbox } from '../../../lib/store/inbox.ts';
import { present } from '../../../lib/store/table.ts';
import { NOON, textOf } from '../../support/memory-wecom.ts';
import { DESK, type MemoryWorld, memoryWorld } from '../../support/memory-world.ts';

const newWorld = () =>
  memoryWorld({
    agents: { amy: 1 },
    rules: { rules: [{ id: 'hours', contains: ['hours'], reply: { text: 'Nine to five' } }] },
  });

const EVE = conversationIdOf(DESK, 'eve');

/** Somebody wants this customer to be forgotten; her writer has not looked yet. */
async function wish(world: MemoryWorld, id = 'wish'): Promise<void> {
  const at = world.clock();
  const body = { kind: 'erased', id, at };
  const settings = { attentionAfterMs: MINUTE, keepMs: 0 };
  const put = inbox(world.tables.conversations, settings).put;
  await put({ owner: EVE, entry: `erased#${id}`, order: firstOrder(at), body, at });
  await world.queues.conversations.send({ v: 1, conversationId: EVE }, { group: EVE });
}

async function kept(world: MemoryWorld): Promise<Record<string, unknown>[]> {
  return (await world.tables.conversations.query({ partition: EVE, consistent: true })).items;
}
const entries = async (world: MemoryWorld) => (await kept(world)).map(({ entry }) => entry);

async function loseCursor(world: MemoryWorld): Promise<void> {
  const change = { remove: ['cursor'] };
  await world.tables.wecom.update({ id: `account#${DESK}` }, change, { condition: present('cursor') });
}

/** The account's cursor is lost, so that WeCom gives three days again. */
async function replay(world: MemoryWorld): Promise<void> {
  await loseCursor(world);
  await world.callback();
}

async function says(world: MemoryWorld, text: string): Promise<void> {
  world.skip(2 * SECOND);
  world.wecom.says('eve', text);
  world.skip(2 * SECOND);
}

/** How many erasures other systems were told of: a repeat has the same id. */
const tellings = (world: MemoryWorld): number =>
  new Set(world.events().flatMap(({ id, type }) => (type === 'conversation.erased.v1' ? [id] : []))).size;

const saidToEve = (world: MemoryWorld) => world.wecom.delivered.map(({ content }) => textOf(content));

describe('a customer who is forgotten', () => {
  test('leaves nothing but a tombstone', async () => {
    const world = await newWorld();
    await says(world, 'SECRET hours');
    await world.callback();
    expect(await entries(world)).toHaveLength(3);

    await wish(world);
    await world.run();

    expect(await entries(world)).toEqual(['state']);
    expect(JSON.stringify(await kept(world))).not.toContain('SECRET');
    expect(await world.conversation('eve')).toMatchObject({ pending: [], unanswered: [], effects: expect.any(Number) });
  });

  test('is not brought back by a replay of what she wrote, and gets no second answer', async () => {
    const world = await newWorld();
    await says(world, 'SECRET hours');
    await world.callback();
    await wish(world);
    await world.run();
    await replay(world);

    expect(await entries(world)).toEqual(['state']);
    expect(saidToEve(world)).toEqual(['Nine to five']);
  });

  test('is a new customer with her next message', async () => {
    const world = await newWorld();
    await says(world, 'SECRET hours');
    await world.callback();
    await wish(world);
    await world.run();
    await says(world, 'hours again');
    await replay(world);

    expect(saidToEve(world)).toEqual(['Nine to five', 'Nine to five']);
    expect(await world.conversation('eve')).toMatchObject({ heard: { ever: 1 } });
    expect(JSON.stringify(await kept(world))).not.toContain('SECRET');
    const numbers = world.events().map(({ sequence }) => sequence);
    expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
    expect(new Set(numbers).size).toBe(numbers.length);
  });

  test('is told to other systems once, by ids alone, after everything that they were told of before', async () => {
    const world = await newWorld();
    await says(world, 'SECRET hours');
    await world.callback();
    await wish(world);
    await world.run();
    const upTo = new Date((await world.conversation('eve')).erasedAt ?? 0).toISOString();
    await world.queues.conversations.send({ v: 1, conversationId: EVE }, { group: EVE });
    await replay(world);

    const last = world.events().at(-1);
    expect(last).toMatchObject({ type: 'conversation.erased.v1', subject: EVE });
    expect(last?.data).toEqual({ openKfId: DESK, customerId: 'eve', upTo });
    expect(tellings(world)).toBe(1);
    expect(last?.sequence).toBe(Math.max(...world.events().map(({ sequence }) => sequence)));
  });

  test('an earlier wish that comes late is no news; a later one is', async () => {
    const world = await newWorld();
    await says(world, 'SECRET hours');
    await world.callback();
    const before = world.clock();
    await wish(world);
    await world.run();
    const late = { kind: 'erased', id: 'late', at: before };
    const settings = { attentionAfterMs: MINUTE, keepMs: 0 };
    await inbox(world.tables.conversations, settings).put({
      owner: EVE,
      entry: 'erased#late',
      order: firstOrder(before),
      body: late,
      at: before,
    });
    await world.queues.conversations.send({ v: 1, conversationId: EVE }, { group: EVE });
    await world.run();
    expect(tellings(world)).toBe(1);

    await says(world, 'SECRET again');
    await world.callback();
    await wish(world, 'second');
    await world.run();
    expect(tellings(world)).toBe(2);
  });

  test('leaves the line and frees the place of whoever served her', async () => {
    const world = await newWorld();
    await says(world, 'human');
    await world.callback();
    await world.run();
    await wish(world);
    await world.run();

    expect(await world.places()).toEqual({ amy: [] });
    expect(await world.routing.line('support')).toEqual([]);
  });

  test('need not wait until WeCom wakes up: what was still to be said to her is not said', async () => {
    const world = await newWorld();
    await says(world, 'SECRET hours');
    world.wecom.befall('sendMessage', ...Array.from({ length: 50 }, () => 'not-connected' as const));
    await world.callback();
    await wish(world);
    await world.run();
    expect(await entries(world)).toEqual(['state']);
    expect((await world.conversation('eve')).pending).toEqual([]);

    world.wecom.befallAll(undefined);
    await world.pass(10 * MINUTE);
    expect(saidToEve(world)).toEqual([]);
  });

  test('has the files of her messages seen to after their words are gone', async () => {
    const world = await newWorld();
    world.skip(2 * SECOND);
    world.wecom.says('eve', '', { type: 'image' });
    world.skip(2 * SECOND);
    await world.callback();
    const before = world.mediaWanted.length;
    await wish(world);
    await world.run();

    expect(world.mediaWanted.slice(before)).toHaveLength(1);
    expect(await entries(world)).toEqual(['state']);
  });
});

test.each(['dies-before', 'dies-after', 'fails-before', 'fails-after'] as const)(
  'a function that %s any one outside call while it forgets still forgets, and answers what comes later',
  async (how) => {
    const life = async (world: MemoryWorld): Promise<void> => {
      await says(world, 'SECRET human');
      await world.callback();
      await says(world, 'SECRET hours');
      await world.news();
      await wish(world);
      await world.run();
      await replay(world);
      await world.pass(3 * MINUTE);
    };
    const smooth = await newWorld();
    await life(smooth);
    for (let call = 1; call <= smooth.outsideCalls(); call += 1) {
      const world = await newWorld();
      world.harm(call, how);
      await life(world);
      expect({ call, kept: JSON.stringify(await kept(world)).includes('SECRET') }).toEqual({ call, kept: false });
      expect({ call, told: tellings(world) }).toEqual({ call, told: 1 });
      expect({ call, places: await world.places() }).toEqual({ call, places: { amy: [] } });
      expect({ call, left: (await entries(world)).filter((entry) => String(entry).startsWith('msg#')) }).toEqual({
        call,
        left: [],
      });
    }
  },
);

test('no interleaving of messages, pulls, replays and the wish leaves a word of before it', async () => {
  const step = fc.oneof(
    fc.constantFrom('says', 'news', 'step', 'replay', 'sweep', 'step', 'step'),
    fc.constant('wish'),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 25 }), fc.integer({ min: 1, max: 1000 }), async (steps, seed) => {
      const world = await memoryWorld({ seed, agents: { amy: 1 }, rules: { rules: [] } });
      let wishes = 0;
      for (const one of [...steps, 'wish']) {
        if (one === 'says') await says(world, `SECRET-${wishes} human`);
        else if (one === 'news') await world.news();
        else if (one === 'replay') await loseCursor(world);
        else if (one === 'sweep') await world.sweep();
        else if (one === 'step') await world.step();
        else {
          world.skip(2 * SECOND);
          wishes += 1;
          await wish(world, `wish${wishes}`);
          world.skip(2 * SECOND);
        }
      }
      await says(world, 'LATER');
      await replay(world);
      await world.pass(3 * MINUTE);
      const left = JSON.stringify(await kept(world));
      expect(left).not.toContain('SECRET');
      expect(left).toContain('LATER');
    }),
    { numRuns: 200 },
  );
});

test('the order of a wish stands before that of everything else', () => {
  const orders = [pullOrder(0, 0), timeOrder(0), firstOrder(NOON)];
  expect(orders.toSorted()[0]).toBe(firstOrder(NOON));
});
