import { describe, expect, test } from '@jest/globals';
import { DAY, HOUR, MINUTE, SECOND } from '../../../lib/platform/clock.ts';
import { wecomShape } from '../../../lib/store/tables.ts';
import { syncMessages } from '../../../lib/wecom/sync-messages.ts';
import { weComStore } from '../../../lib/wecom/wecom-store.ts';
import { memoryTable } from '../../support/memory-table.ts';
import { NOON, textOf } from '../../support/memory-wecom.ts';
import { DESK, type MemoryWorld, memoryWorld } from '../../support/memory-world.ts';

const rules = { rules: [{ id: 'hours', contains: ['hours'], reply: { text: 'Nine to five' } }] };
const heard = (world: MemoryWorld): string[] =>
  world.wecom.delivered.map(({ customerId, content }) => `${customerId}: ${textOf(content)}`);
const pulls = (world: MemoryWorld): number => world.wecom.calls.filter(({ api }) => api === 'syncMessages').length;
const text = (msgid: string, customer: string, send_time: number) => ({
  msgid,
  open_kfid: DESK,
  external_userid: customer,
  origin: 3,
  msgtype: 'text',
  send_time,
  text: { content: 'hours?' },
});

describe('pages', () => {
  test('all of them are read, also behind an empty one', async () => {
    const world = await memoryWorld({ rules });
    world.wecom.pageSize = 1;
    world.wecom.emptyPageFirst = true;
    for (const customer of ['eve', 'bob', 'cal']) world.wecom.says(customer, 'hours?');
    await world.callback();
    expect(pulls(world)).toBe(4);
    expect(heard(world).sort()).toEqual(['bob: Nine to five', 'cal: Nine to five', 'eve: Nine to five']);
  });

  test('a customer who enters is greeted before others of the same page are looked at', async () => {
    const world = await memoryWorld({ rules: { ...rules, greeting: { text: 'Welcome' } } });
    for (let number = 0; number < 30; number += 1) world.wecom.says(`c${number}`, 'hours?');
    world.wecom.enters('eve');
    await world.callback();
    expect(heard(world)[0]).toBe('eve: Welcome');
  });

  test('an item that cannot be read is set aside, and the others of its page go on', async () => {
    const world = await memoryWorld({ rules });
    world.wecom.feed({
      msgid: 'odd',
      msgtype: 'text',
      origin: 3,
      send_time: NOON / SECOND,
      text: { content: 'secret' },
    });
    world.wecom.says('eve', 'hours?');
    await world.callback();
    expect(heard(world)).toEqual(['eve: Nine to five']);
    expect(world.setAside).toEqual([{ openKfId: DESK, itemId: 'odd', reason: 'external_userid is missing' }]);
  });

  test('a page that somebody else pulled meanwhile moves no cursor back', async () => {
    const world = await memoryWorld({ rules });
    world.wecom.says('eve', 'hours?');
    await world.news();
    await world.news('another');
    await world.run();
    const account = await world.tables.wecom.get({ id: `account#${DESK}` });
    expect(account).toMatchObject({ cursor: 'c1', firstPullDone: true });
    expect(heard(world)).toEqual(['eve: Nine to five']);
  });
});

describe('tokens', () => {
  test('one that is older than ten minutes is not sent', async () => {
    const world = await memoryWorld({ rules });
    world.wecom.badTokens.add('old');
    await world.news('old');
    world.wecom.says('eve', 'hours?');
    world.skip(10 * MINUTE);
    await world.run();
    expect(pulls(world)).toBe(1);
    expect(heard(world)).toEqual(['eve: Nine to five']);
  });

  test('one that WeCom refuses (95007) is left out, once', async () => {
    const world = await memoryWorld({ rules });
    world.wecom.badTokens.add('bad');
    world.wecom.says('eve', 'hours?');
    await world.callback('bad');
    expect(pulls(world)).toBe(2);
    expect(heard(world)).toEqual(['eve: Nine to five']);
  });

  test('a pull that runs out of time goes on without the token that WeCom refused', async () => {
    const world = await memoryWorld({ rules });
    world.wecom.badTokens.add('bad');
    world.wecom.pageSize = 1;
    for (const customer of ['eve', 'bob']) world.wecom.says(customer, 'hours?');
    await world.news('bad');
    // The first page takes the whole minute that the function has.
    world.onCall('wecom', () => world.skip(25 * SECOND));
    await world.stepOf('signals');
    world.onCall('wecom', undefined);
    expect(world.queues.signals.contents()).toEqual([expect.not.objectContaining({ token: 'bad' })]);
    await world.wait(2 * MINUTE);
    expect(heard(world)).toHaveLength(2);
  });
});

describe('the first pull', () => {
  test('what is older than the limit becomes history and is not answered; what follows is', async () => {
    const world = await memoryWorld({ rules, answerNothingOlderThan: HOUR });
    world.wecom.feed(text('old', 'eve', (NOON - 2 * DAY) / SECOND));
    world.wecom.says('bob', 'hours?');
    await world.callback();
    expect(heard(world)).toEqual(['bob: Nine to five']);
    const { items } = await world.store.history(`${DESK}:eve`);
    expect(items.map(({ entry }) => entry)).toEqual(['msg#old']);
    world.wecom.says('eve', 'hours?');
    await world.callback();
    expect(heard(world)).toEqual(['bob: Nine to five', 'eve: Nine to five']);
  });

  test('a later pull answers what waited through an outage, however long', async () => {
    const world = await memoryWorld({ rules, answerNothingOlderThan: HOUR });
    await world.callback();
    world.wecom.says('eve', 'hours?');
    world.skip(5 * HOUR);
    await world.callback();
    expect(heard(world)).toEqual(['eve: Nine to five']);
  });
});

describe('accounts', () => {
  test('one that is withdrawn is not pulled any more, and starts again when it is granted', async () => {
    const world = await memoryWorld({ rules });
    await world.callback();
    world.skip(SECOND);
    await world.accountsChanged({ withdrawn: [DESK] });
    world.wecom.accounts = [];
    world.wecom.says('eve', 'hours?');
    world.skip(SECOND);
    const before = pulls(world);
    await world.callback();
    await world.pass(10 * MINUTE);
    expect(pulls(world)).toBe(before);
    world.wecom.accounts = [{ openKfId: DESK, name: 'Desk', managed: true }];
    await world.accountsChanged({ granted: [DESK] });
    expect(heard(world)).toEqual(['eve: Nine to five']);
  });

  test('one that WeCom says is not ours (48007) stops, and a callback after the grant starts it again', async () => {
    const world = await memoryWorld({ rules });
    world.wecom.says('eve', 'hours?');
    world.wecom.befall('syncMessages', 48007);
    await world.callback();
    expect(heard(world)).toEqual([]);
    world.skip(5 * SECOND);
    await world.callback();
    expect(heard(world)).toEqual(['eve: Nine to five']);
  });

  test('a lost callback is made good by the sweep', async () => {
    const world = await memoryWorld({ rules });
    await world.callback();
    world.wecom.says('eve', 'hours?');
    await world.pass(7 * MINUTE);
    expect(heard(world)).toEqual(['eve: Nine to five']);
  });

  test("an agent's status goes to presence, not into a conversation", async () => {
    const world = await memoryWorld({ rules });
    world.wecom.agentReceives('amy', false);
    await world.callback();
    const [amy] = await world.routing.agents(['amy']);
    expect(amy?.presence[DESK]?.status).toBe('stopped');
    expect(world.setAside).toEqual([]);
  });
});

test('a pull that does not move on rests instead of asking without end', async () => {
  const store = weComStore(memoryTable(wecomShape('wecom')));
  await store.startAccount({ openKfId: DESK, app: 'main', at: NOON });
  let asked = 0;
  const armed: number[] = [];
  const unused = async (): Promise<never> => Promise.reject(new Error('not called'));
  const sync = syncMessages({
    store,
    corpId: 'ww',
    clock: () => NOON,
    random: () => 0,
    answerNothingOlderThan: HOUR,
    kfFor: () => ({
      ...{ sendMessage: unused, sendOnEvent: unused, readSession: unused, moveSession: unused },
      ...{ listAccounts: unused, readEntrances: unused, listServicers: async () => [] },
      syncMessages: async () => {
        asked += 1;
        return { items: [], nextCursor: 'still here', hasMore: true };
      },
    }),
    deliver: unused,
    hearCard: unused,
    notePresence: unused,
    noteListed: unused,
    signal: unused,
    armPull: async (pull, at) => void (pull.token === 'T' && armed.push(at - NOON)),
    setAside: unused,
  });
  const pull = {
    v: 1,
    kind: 'pull',
    app: 'main',
    openKfId: DESK,
    token: 'T',
    createdAt: NOON,
    receivedAt: NOON,
  } as const;
  await sync([pull], NOON + HOUR);
  expect(asked).toBeLessThan(10);
  expect(armed).toEqual([5 * SECOND]);
});

describe('an item that the table refuses', () => {
  test('is set aside, and what stands around it is kept', async () => {
    const kept = new Set<string>();
    const aside: unknown[] = [];
    const store = weComStore(memoryTable(wecomShape('wecom')));
    await store.startAccount({ openKfId: DESK, app: 'main', at: NOON });
    const unused = async (): Promise<never> => Promise.reject(new Error('not called'));
    const sync = syncMessages({
      store,
      corpId: 'ww',
      clock: () => NOON,
      random: () => 0,
      answerNothingOlderThan: HOUR,
      kfFor: () => ({
        sendMessage: unused,
        sendOnEvent: unused,
        readSession: unused,
        moveSession: unused,
        listAccounts: unused,
        readEntrances: unused,
        listServicers: async () => [],
        syncMessages: async () => ({
          items: ['m1', 'm2', 'm3'].map((id) => text(id, 'eve', NOON / 1000)).concat(text('m4', 'bob', NOON / 1000)),
          nextCursor: 'c1',
          hasMore: false,
        }),
      }),
      deliver: async (_account, _customer, items) => {
        for (const { item } of items) {
          if (item.id === 'm2')
            throw Object.assign(new Error('too odd'), { name: 'ValidationException', $metadata: {} });
          kept.add(item.id);
        }
      },
      hearCard: async () => undefined,
      notePresence: async () => {},
      noteListed: async () => {},
      signal: async () => {},
      armPull: async () => {},
      setAside: async (record) => void aside.push(record),
    });

    const pull = {
      v: 1,
      kind: 'pull',
      app: 'main',
      openKfId: DESK,
      token: 'T',
      createdAt: NOON,
      receivedAt: NOON,
    } as const;
    await sync([pull], NOON + HOUR);

    expect([...kept].toSorted()).toEqual(['m1', 'm3', 'm4']);
    expect(aside).toMatchObject([{ openKfId: DESK, itemId: 'm2' }]);
    expect(await store.readAccount(DESK)).toMatchObject({ cursor: 'c1' });
  });
});
