import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { pushList } from '../../../lib/contact-me/push-list.ts';
import { emptyRecord, withRefused } from '../../../lib/contact-me/way-record.ts';
import { DAY, HOUR, MINUTE, SECOND } from '../../../lib/platform/clock.ts';
import { InfrastructureError } from '../../../lib/platform/infrastructure.ts';
import { GateClosed, WeComError } from '../../../lib/wecom/errors.ts';
import { memoryWays } from './memory-ways.ts';
import { NOON, SHANGHAI } from './rotation-facts.ts';

const members = ['amy', 'ben', 'cat'].map((agentId) => ({ agentId }));
const refusal = (errcode: number) => new WeComError({ api: 'externalcontact/update_contact_way', errcode });

async function aWorld(way: Record<string, unknown> = {}) {
  const world = memoryWays();
  await world.configure({ wayId: 'fair', members, ...way });
  return world;
}

async function add(world: ReturnType<typeof memoryWays>, agentId: string, customerId: string): Promise<void> {
  world.skip(SECOND);
  await world.greet(world.added('fair', agentId, customerId));
}

test('a code is made once, for several members and with our state, and then left alone', async () => {
  const world = await aWorld();
  await world.rotate('fair');
  await world.rotate('fair');

  expect(world.wecom.calls).toEqual(['createWay']);
  expect([...world.wecom.codes.values()]).toMatchObject([{ state: 'cc:test:fair', users: ['amy'], several: true }]);
});

test('adds that come in a burst make one change', async () => {
  const world = await aWorld();
  for (const [agentId, n] of ['amy', 'amy', 'ben'].entries()) await add(world, n, `wm${agentId}`);
  await world.rotate('fair');

  expect(world.wecom.calls.filter((name) => name === 'updateWay')).toHaveLength(1);
  expect(await world.listed('fair')).toEqual(['cat']);
  expect(await world.record('fair')).toMatchObject({ elsewhere: 1, turns: { count: 3 } });
});

test('a pool whose members all can take a turn is never rewritten for an add', async () => {
  const world = await aWorld({ mode: 'pool' });
  for (let n = 0; n < 5; n += 1) {
    await add(world, 'ben', `wm${n}`);
    await world.rotate('fair');
  }

  expect(world.wecom.calls).toEqual(['createWay']);
  expect((await world.record('fair')).waitingSince).toBeUndefined();
});

test('who reaches his daily cap leaves the list, and is back after midnight by a timer of that moment', async () => {
  const world = await aWorld({ mode: 'pool', members: [{ agentId: 'amy', perDay: 1 }, { agentId: 'ben' }] });
  await add(world, 'amy', 'wmOne');
  await world.rotate('fair');
  expect(await world.listed('fair')).toEqual(['ben']);

  world.skip(12 * HOUR - 10 * MINUTE);
  await world.rotate('fair');
  const midnight = world.timers.at(-1)?.dueAt ?? 0;
  expect(new Date(midnight).toISOString()).toBe('2026-10-01T16:00:00.000Z');
  world.skip(midnight - world.clock());
  await world.rotate('fair');
  expect(await world.listed('fair')).toEqual(['amy', 'ben']);
});

test('a limit of WeCom’s parks the list with a timer, and nothing is called before', async () => {
  const world = await aWorld();
  const gate = { app: 'main', api: 'externalcontact/update_contact_way', reason: 'errcode 45009' };
  world.wecom.fails.set('updateWay', [new GateClosed({ ...gate, until: world.clock() + MINUTE })]);
  await add(world, 'amy', 'wmOne');
  await world.rotate('fair');
  await world.rotate('fair');
  expect(world.wecom.calls.filter((name) => name === 'updateWay')).toHaveLength(1);

  world.skip((world.timers.at(-1)?.dueAt ?? 0) - world.clock());
  await world.rotate('fair');
  expect(await world.listed('fair')).toEqual(['ben']);
});

test.each([40098, 41054, 84074, 60111])(
  'after %i the member is set aside, told once, and the rest is listed',
  async (errcode) => {
    const world = await aWorld({ mode: 'pool' });
    // The printed code refuses, and so does every trial with ben in it: all three, then the half of him alone.
    world.wecom.fails.set('updateWay', [refusal(errcode)]);
    world.wecom.fails.set('createWay', [refusal(errcode), undefined, refusal(errcode)]);
    await world.configure({ wayId: 'fair', mode: 'pool', members: [...members].reverse(), name: 'Renamed' });

    expect(Object.keys((await world.record('fair')).refused)).toHaveLength(1);
    expect(world.types()).toEqual(['member.refused.v1']);
    expect(await world.listed('fair')).toHaveLength(2);
    expect([...world.wecom.codes.values()].map(({ state }) => state)).toEqual(['cc:test:fair']);
  },
);

test('where a refusal cannot be explained, it is said as it is, and the way goes on', async () => {
  const world = await aWorld({ mode: 'pool' });
  world.wecom.fails.set('updateWay', [refusal(40098)]);
  // No room for a code to try members on.
  world.wecom.fails.set('createWay', [refusal(41045)]);
  await add(world, 'amy', 'wmOne');
  await world.configure({ wayId: 'fair', mode: 'pool', members: members.slice(0, 2) });

  expect(await world.record('fair')).toMatchObject({ trouble: { reason: 'not-verified' }, pending: [] });
  expect((await world.record('fair')).figures.amy?.total.new).toBe(1);
  expect(world.facts.at(-1)).toMatchObject({ type: 'way.alarmed.v1', data: { reason: 'not-verified' } });
});

test('a code that is gone is said once, and no other one is printed in its stead', async () => {
  const world = await aWorld();
  world.wecom.fails.set('updateWay', [refusal(41044), refusal(41044)]);
  await add(world, 'amy', 'wmOne');
  await world.rotate('fair');
  world.skip(2 * HOUR);
  await world.rotate('fair');

  expect(world.facts.filter(({ type }) => type === 'way.alarmed.v1').map(({ data }) => data)).toEqual([
    { wayId: 'fair', reason: 'code-gone' },
  ]);
  expect(world.wecom.calls.filter((name) => name === 'createWay')).toHaveLength(1);
});

test('whoever is taken off duty leaves the list; with nobody left the last list stays, with an alarm', async () => {
  const world = await aWorld({ mode: 'pool', members: [{ agentId: 'amy' }] });
  const { inbox } = world.store;
  const body = { kind: 'duty', id: '1', agentId: 'amy', duty: 'off', at: world.clock() };
  await inbox.put({ owner: 'fair', entry: 'duty#1', order: 't1', body, at: world.clock() });
  await world.rotate('fair');

  expect(await world.listed('fair')).toEqual(['amy']);
  expect(world.types()).toEqual(['way.alarmed.v1']);
});

test('a cap across ways counts the adds of all ways, and a way whose member got one elsewhere is woken', async () => {
  const world = await aWorld({ mode: 'pool', members: [{ agentId: 'amy', perDayAcrossWays: 2 }, { agentId: 'ben' }] });
  await world.configure({ wayId: 'other', mode: 'pool', members });
  for (const wayId of ['fair', 'other']) {
    await world.greet(world.added(wayId, 'amy', `wm${wayId}`));
    await world.rotate(wayId);
  }
  expect(world.woken).toEqual(['fair']);
  await world.rotate('fair');

  expect(await world.listed('fair')).toEqual(['ben']);
  expect(await world.listed('other')).toEqual(['amy', 'ben', 'cat']);
});

test('adds of a way that nobody configured are counted, and WeCom is left alone', async () => {
  const world = memoryWays();
  await add(world, 'amy', 'wmOne');
  await world.rotate('fair');

  expect((await world.record('fair')).figures.amy?.total.new).toBe(1);
  expect(world.wecom.calls).toEqual([]);
});

test('departments are expanded by us: WeCom is given members only', async () => {
  const world = await aWorld({ mode: 'pool', members: [], departments: [{ departmentId: 7 }] });
  expect(await world.listed('fair')).toEqual(['amy', 'ben']);
});

test('adds that arrive repeated and shuffled are counted once, with one turn each', async () => {
  const agents = fc.array(fc.constantFrom('amy', 'ben', 'cat'), { minLength: 1, maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(agents, fc.infiniteStream(fc.nat(1000)), async (who, chance) => {
      const world = await aWorld({ mode: 'pool' });
      const news = who.map((agentId, n) => world.added('fair', agentId, `wm${n}`));
      const [...order] = [...news, ...news].map((one) => ({ one, place: chance.next().value ?? 0 }));
      for (const { one, place } of order.sort((a, b) => a.place - b.place)) {
        await world.greet(one);
        if (place % 3 === 0) await world.rotate('fair');
      }
      await world.rotate('fair');
      const { figures, turns } = await world.record('fair');
      const counted = Object.fromEntries(Object.entries(figures).map(([agentId, { total }]) => [agentId, total.new]));
      const expected = Object.fromEntries(
        [...new Set(who)].map((agentId) => [agentId, who.filter((one) => one === agentId).length]),
      );
      expect({ counted, count: turns.count }).toEqual({ counted: expected, count: who.length });
    }),
    { numRuns: 40 },
  );
});

test('a member whom WeCom goes on refusing is tried less and less often, once a day at last', () => {
  const waits: number[] = [];
  let record = emptyRecord('fair', SHANGHAI, NOON);
  for (let now = NOON, n = 0; n < 8; n += 1) {
    record = withRefused(record, { cat: 'unknown-member' }, now);
    const retryAt = record.refused.cat?.retryAt ?? now;
    waits.push((retryAt - now) / HOUR);
    now = retryAt;
  }
  expect(waits).toEqual([1, 1, 2, 4, 8, 16, 24, 24]);

  const other = withRefused(record, { cat: 'not-verified' }, NOON + 9 * DAY);
  expect(other.refused.cat?.retryAt).toBe(NOON + 9 * DAY + HOUR);
});

test('of a refused list only those are asked about who may not serve, as long as there are some', async () => {
  const world = await aWorld({ mode: 'pool' });
  const asked: string[] = [];
  const contact = {
    ...world.wecom.api,
    updateWay: async () => {
      throw refusal(60111);
    },
    followUsers: async () => ['amy', 'ben'],
    memberStatus: async (agentId: string) => {
      asked.push(agentId);
      return 'absent' as const;
    },
  };
  const content = { users: ['amy', 'ben', 'cat'], remark: 'Team', state: 'cc:test:fair', skipVerify: true };
  const task = { wayId: 'fair', push: { content, hash: 'h', since: NOON }, code: { configId: 'config1' } };
  const outcome = await pushList(
    { contact, stage: 'test', clock: world.clock, random: () => 0 },
    { ...task, scene: 'code', tries: 0, stale: false },
  );

  expect(outcome).toEqual({ is: 'members-refused', members: { cat: 'unknown-member' } });
  expect(asked).toEqual(['cat']);
});

test('what was due and changed nothing is not overdue for ever', async () => {
  const world = await aWorld();
  const at = world.clock();
  await world.tellWay('fair', [{ kind: 'set-aside', id: '1', agentId: 'cat', reason: 'renamed', at }]);
  await world.rotate('fair');
  const due = (await world.record('fair')).refused.cat?.retryAt ?? 0;
  world.skip(due - at - 5 * MINUTE);
  await world.rotate('fair');
  world.skip(5 * MINUTE);
  // By the timer: it is amy's turn as before.
  await world.rotate('fair');
  const saves = (await world.record('fair')).version;
  world.skip(5 * MINUTE);
  await world.rotate('fair');

  expect(await world.overdue()).toEqual([]);
  expect((await world.record('fair')).version).toBe(saves);
});

test('a configuration that cannot be read is not held against the entry that tells of it', async () => {
  const world = await aWorld();
  await world.save({ wayId: 'fair', members: members.slice(1) });
  let reads = 0;
  world.beforeWay(async () => {
    reads += 1;
    // The first is that of whoever begins, the second that of who has read the entry.
    if (reads % 2 === 0) throw new InfrastructureError('The table is throttled.');
  });
  for (let again = 0; again < 5; again += 1) await expect(world.rotate('fair', 3)).rejects.toThrow('throttled');
  const { entries } = await world.store.inbox.unread('fair', 10);
  expect(entries.map(({ tries }) => tries)).toEqual([0, 0]);

  world.beforeWay(async () => undefined);
  await world.rotate('fair', 3);
  expect(await world.listed('fair')).toEqual(['ben']);
});
