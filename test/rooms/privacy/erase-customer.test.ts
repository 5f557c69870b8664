import { expect, test } from '@jest/globals';
import { type EraseCustomer, eraseCustomer } from '../../../lib/privacy/erase-customer.ts';
import type { House } from '../../../lib/privacy/find-traces.ts';
import type { Item, TableShape } from '../../../lib/store/table.ts';
import {
  contactWaysShape,
  conversationsShape,
  customersShape,
  routingShape,
  wecomShape,
} from '../../../lib/store/tables.ts';
import { memoryTable } from '../../support/memory-table.ts';
import { NOON } from '../../support/memory-wecom.ts';

const EVE = 'wmEve';
const CONVERSATION = `wk1:${EVE}`;
const AT = NOON;

/** A table that can be read whole. */
function house(shape: TableShape): House & { readonly items: Item[] } {
  const items: Item[] = [];
  const table = memoryTable(shape);
  const keyOf = (item: Item) =>
    Object.fromEntries(['id', 'entry', 'wayId'].flatMap((name) => (name in item ? [[name, String(item[name])]] : [])));
  return {
    table,
    items,
    async *scan() {
      for (const item of items) {
        const found = await table.get(keyOf(item), { consistent: true });
        if (found) yield found;
      }
    },
  };
}

/** What is kept, and owners who write down what they are asked. Only desks do it. */
async function aWorld(kept: { conversation?: Item; contact?: Item; way?: Item; desk?: Item } = {}) {
  const shapes = { conversations: conversationsShape('c'), customers: customersShape('u') };
  const conversations = memoryTable(shapes.conversations);
  const customers = memoryTable(shapes.customers);
  const houses = {
    'contact-ways': house(contactWaysShape('w')),
    routing: house(routingShape('r')),
    wecom: house(wecomShape('x')),
  };
  const keep = async (where: keyof typeof houses, item: Item) => {
    houses[where].items.push(item);
    await houses[where].table.put(item);
  };
  await keep('wecom', { id: 'account#wk1', openKfId: 'wk1' });
  if (kept.conversation) await conversations.put(kept.conversation);
  if (kept.contact) await customers.put(kept.contact);
  if (kept.way) await keep('contact-ways', kept.way);
  if (kept.desk) await keep('wecom', kept.desk);
  const asked: string[] = [];
  let looks = 0;
  const room: EraseCustomer = {
    archive: {
      conversations,
      customers,
      houses,
      files: { async *list() {}, get: async () => undefined, delete: async () => undefined },
    },
    clock: () => AT + looks,
    forgetConversation: async (conversationId, id) => void asked.push(`${conversationId} ${id}`),
    forgetContact: async (customerId) => void asked.push(customerId),
    rewriteWay: async (wayId, id) => void asked.push(`${wayId} ${id}`),
    forgetAtDesk: async (supervisorId, isHis) => {
      asked.push(`desk of ${supervisorId}`);
      const desk = { about: [CONVERSATION, 'wk1:wmBob'].filter((id) => !isHis(id)) };
      await houses.wecom.table.update({ id: `notices#${supervisorId}` }, { set: { desk } });
    },
    pause: async () => {
      looks += 1;
    },
  };
  return { ...eraseCustomer(room), asked, houses, conversations, customers };
}

const tombstone = (pending: readonly object[]): Item => ({
  conversationId: CONVERSATION,
  entry: 'state',
  state: { conversationId: CONVERSATION, erasedAt: AT, pending },
});

test('a way and a desk that still name him are written anew, before it is done', async () => {
  const world = await aWorld({
    way: { wayId: 'fair', entry: 'state', state: { folded: [`counted#${EVE}#amy#1`] } },
    desk: { id: 'notices#lead', desk: { about: [CONVERSATION, 'wk1:wmBob'] } },
  });
  expect(await world.survey(EVE, AT)).toMatchObject({ total: 2, toErase: { 'contact-ways': 1, wecom: 1 } });

  const half = await world.erase(EVE, AT, AT + 3);
  expect(half).toMatchObject({ done: false, toErase: { 'contact-ways': 1 } });
  expect(await world.houses.wecom.table.get({ id: 'notices#lead' })).toMatchObject({ desk: { about: ['wk1:wmBob'] } });
  expect(world.asked.filter((one) => one.startsWith('desk'))).toEqual(['desk of lead']);
  // Its writer is asked now and then, not at every look.
  expect(world.asked.filter((one) => one.startsWith('fair'))).toEqual([`fair erased-${AT}-${AT + 1}`]);

  await world.houses['contact-ways'].table.put({ wayId: 'fair', entry: 'state', state: { folded: ['configured#x'] } });
  expect(await world.erase(EVE, AT, AT + 3)).toMatchObject({ done: true });
});

test('it is not done before other systems were told', async () => {
  const told = { kind: 'publish', type: 'conversation.erased.v1', id: 'e1' };
  const world = await aWorld({ conversation: tombstone([told]) });
  expect(await world.erase(EVE, AT, AT)).toMatchObject({ done: false, total: 1 });

  await world.conversations.put(tombstone([]));
  expect(await world.erase(EVE, AT, AT)).toMatchObject({ done: true, tombstones: 1 });
});

test('what is of after the moment and told of him does not keep it from being done', async () => {
  const world = await aWorld({ conversation: tombstone([{ kind: 'publish', type: 'message.received.v1', id: 'e2' }]) });
  expect(await world.erase(EVE, AT, AT)).toMatchObject({ done: true });
});

// Times in tables are WeCom's and the functions'; the command's own clock is that of somebody's laptop.
test('what was there when he was looked for goes, also where the clock that looks is behind', async () => {
  const choice = (id: string, askedAt: number) => ({
    id,
    entry: 'choice#0001',
    choice: { request: { askedAt } },
    eve: CONVERSATION,
  });
  const world = await aWorld();
  const { table, items } = world.houses.routing;
  for (const one of [choice('request#r1', AT - 1000), choice('request#r2', AT + 90_000)]) {
    items.push(one);
    await table.put(one);
  }
  const { moment, total } = await world.survey(EVE, AT);
  expect({ moment, total }).toEqual({ moment: AT + 90_000, total: 2 });
  expect(await world.erase(EVE, moment, moment)).toMatchObject({ done: true, memories: 2 });
});

test('a time that no clock could have shown yet does not move the moment', async () => {
  const world = await aWorld();
  const { table, items } = world.houses.routing;
  const planned = { id: 'request#r1', entry: 'choice#0001', at: AT + 3 * 3_600_000, eve: CONVERSATION };
  items.push(planned);
  await table.put(planned);
  expect(await world.survey(EVE, AT)).toMatchObject({ moment: AT, total: 0 });
});

test('an erasure that was begun is ended with the moment that it had', async () => {
  const told = { kind: 'publish', type: 'conversation.erased.v1', id: 'e1' };
  const world = await aWorld({ conversation: tombstone([told]) });
  expect(await world.survey(EVE, AT + 5000)).toMatchObject({ begunAt: AT, moment: AT });
});

test('a way remembers an add as long as it may be told of it once more, so that it is not counted twice', async () => {
  const key = { wayId: 'fair', entry: `counted#${EVE}#amy#1` };
  const contact = (pending: readonly object[]): Item => ({
    customerId: EVE,
    entry: 'relations',
    state: { customerId: EVE, relations: { facts: {} }, erasedAt: AT, pending },
  });
  const world = await aWorld({
    // Its way was told, and then the writer died.
    contact: contact([{ kind: 'count', wayId: 'fair', entry: {} }]),
    way: { ...key, body: { at: AT - 1 }, arrivedAt: AT - 1, handledAt: AT - 1 },
  });
  const ways = world.houses['contact-ways'].table;
  expect(await world.erase(EVE, AT, AT + 3)).toMatchObject({ done: false, toErase: { 'contact-ways': 1 } });
  expect(await ways.get(key)).toBeDefined();

  await world.customers.put(contact([]));
  expect(await world.erase(EVE, AT, AT + 9)).toMatchObject({ done: true, memories: 1 });
  expect(await ways.get(key)).toBeUndefined();
});
