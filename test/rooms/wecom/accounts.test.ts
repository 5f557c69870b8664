import { describe, expect, test } from '@jest/globals';
import { wecomShape } from '../../../lib/store/tables.ts';
import { type Account, weComStore } from '../../../lib/wecom/wecom-store.ts';
import { memoryTable } from '../../support/memory-table.ts';

const aStore = () => weComStore(memoryTable(wecomShape('wecom')));
const account = { openKfId: 'wk1', app: 'main' };

async function started(at = 100): Promise<{ store: ReturnType<typeof aStore>; read: () => Promise<Account> }> {
  const store = aStore();
  await store.startAccount({ ...account, at });
  const read = async (): Promise<Account> => {
    const found = await store.readAccount('wk1');
    if (!found) throw new Error('no account');
    return found;
  };
  return { store, read };
}

describe('following accounts', () => {
  test('an account that nobody granted is not known', async () => {
    expect(await aStore().readAccount('wk1')).toBeUndefined();
  });

  test('a granted account is to be pulled from the beginning, at once', async () => {
    const { store, read } = await started(100);
    expect(await read()).toMatchObject({ ...account, status: 'granted', version: 0, firstPullDone: false });
    expect((await read()).cursor).toBeUndefined();
    expect((await store.accountsDue(100, 10)).map(({ openKfId }) => openKfId)).toEqual(['wk1']);
  });

  test('a withdrawn account is asked for no more, and keeps its cursor', async () => {
    const { store, read } = await started(100);
    await store.moveCursor(await read(), { cursor: 'c1', at: 110, drained: true, attentionAt: 400 });
    expect(await store.stopAccount({ ...account, at: 200 })).toBe(true);
    expect(await read()).toMatchObject({ status: 'withdrawn', cursor: 'c1' });
    expect(await store.accountsDue(10_000, 10)).toEqual([]);
  });

  test('old news changes nothing: the latest grant or withdrawal counts, in whatever order they come', async () => {
    const { store, read } = await started(100);
    await store.stopAccount({ ...account, at: 300 });
    expect(await store.startAccount({ ...account, at: 200 })).toBe(false);
    expect((await read()).status).toBe('withdrawn');
    expect(await store.startAccount({ ...account, at: 400 })).toBe(true);
    expect(await store.stopAccount({ ...account, at: 300 })).toBe(false);
    expect((await read()).status).toBe('granted');
  });

  test('of two in the same second the grant counts, in whatever order they come', async () => {
    for (const grantFirst of [true, false]) {
      const store = aStore();
      const steps = [() => store.startAccount({ ...account, at: 5 }), () => store.stopAccount({ ...account, at: 5 })];
      for (const step of grantFirst ? steps : steps.reverse()) await step();
      expect((await store.readAccount('wk1'))?.status).toBe('granted');
    }
  });
});

describe('the cursor', () => {
  const move = { cursor: 'c1', at: 110, drained: false, attentionAt: 400 };

  test('is moved by one of two who read the same', async () => {
    const { store, read } = await started();
    const seen = await read();
    const moves = await Promise.all([store.moveCursor(seen, move), store.moveCursor(seen, { ...move, cursor: 'c9' })]);
    expect(moves.filter((moved) => moved !== undefined)).toHaveLength(1);
    expect(await read()).toEqual(moves.find((moved) => moved !== undefined));
  });

  test('is not moved by one who read the same cursor at an earlier version', async () => {
    const { store, read } = await started();
    const one = await store.moveCursor(await read(), move);
    if (!one) throw new Error('moved');
    const two = await store.moveCursor(one, { ...move, cursor: 'c2' });
    if (!two) throw new Error('moved');
    await store.moveCursor(two, move);
    expect((await read()).cursor).toBe(one.cursor);
    expect(await store.moveCursor(one, { ...move, cursor: 'lost' })).toBeUndefined();
  });

  test('does not move in a withdrawn account', async () => {
    const { store, read } = await started(100);
    const seen = await read();
    await store.stopAccount({ ...account, at: 200 });
    expect(await store.moveCursor(seen, move)).toBeUndefined();
    expect(await store.accountsDue(10_000, 10)).toEqual([]);
  });

  test('says what was pulled, and puts the next look off', async () => {
    const { store, read } = await started(100);
    await store.notePullDue('wk1', 105);
    const page = await store.moveCursor(await read(), move);
    expect(page).toMatchObject({ firstPullDone: false, lastPulledAt: 110, pullDue: 105, version: 1 });
    const last = await store.moveCursor(page ?? (await read()), { ...move, cursor: 'c2', drained: true });
    expect(last).toMatchObject({ cursor: 'c2', firstPullDone: true, version: 2, attentionAt: 400 });
    expect(last?.pullDue).toBeUndefined();
    expect(await store.accountsDue(399, 10)).toEqual([]);
    expect(await store.accountsDue(400, 10)).toHaveLength(1);
  });
});

describe('what is owed', () => {
  test('a pull that could not be finished is asked for when it is due', async () => {
    const { store, read } = await started(100);
    await store.notePullDue('wk1', 5000);
    expect((await read()).pullDue).toBe(5000);
    expect(await store.accountsDue(4999, 10)).toEqual([]);
    expect(await store.accountsDue(5000, 10)).toHaveLength(1);
  });

  test('nothing is owed to accounts that are not followed', async () => {
    const store = aStore();
    await store.notePullDue('wk1', 1);
    await store.noteServicersRead('wk1', 1);
    expect(await store.readAccount('wk1')).toBeUndefined();
  });

  test('the longest due come first, as many as were asked for', async () => {
    const store = aStore();
    for (const [openKfId, at] of [
      ['wk3', 30],
      ['wk1', 10],
      ['wk2', 20],
    ] as const) {
      await store.startAccount({ openKfId, app: 'main', at });
    }
    expect((await store.accountsDue(100, 2)).map(({ openKfId }) => openKfId)).toEqual(['wk1', 'wk2']);
  });

  test('when the servicers were read is remembered', async () => {
    const { store, read } = await started();
    await store.noteServicersRead('wk1', 777);
    expect((await read()).servicersReadAt).toBe(777);
  });
});
