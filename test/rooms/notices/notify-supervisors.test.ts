import { expect, test } from '@jest/globals';
import { noticesStore } from '../../../lib/notices/notices-store.ts';
import { notifySupervisors } from '../../../lib/notices/notify-supervisors.ts';
import { NoticeTerms, Supervisor } from '../../../lib/notices/supervisor.ts';
import { MINUTE } from '../../../lib/platform/clock.ts';
import type { Table } from '../../../lib/store/table.ts';
import { wecomShape } from '../../../lib/store/tables.ts';
import { WeComError, WeComUnreachable } from '../../../lib/wecom/errors.ts';
import { memoryTable } from '../../support/memory-table.ts';
import { NOON, news } from './samples.ts';

type Trouble = 'unreachable' | 'refused' | 'invalid';

/** The use on a table in memory, with a WeCom that may be in trouble. */
function aRoom(given: { supervisors?: object[]; agentId?: number | undefined; wrap?: (table: Table) => Table } = {}) {
  const store = noticesStore((given.wrap ?? ((table) => table))(memoryTable(wecomShape('wecom'))));
  const sent: { to: string; text: string }[] = [];
  const world = { now: NOON, trouble: [] as Trouble[], sent, store };
  const supervisors = (given.supervisors ?? [{ id: 'lead', language: 'en' }]).map((one) => Supervisor.parse(one));
  const use = notifySupervisors({
    store,
    clock: () => world.now,
    zone: 'Asia/Shanghai',
    random: () => 0,
    settings: async () => ({ supervisors, terms: NoticeTerms.parse({}) }),
    lineOf: async () => ({ count: 1, since: NOON }),
    agentIdOf: () => ('agentId' in given ? given.agentId : 1000002),
    async send(_app, { users, text }) {
      const trouble = world.trouble.shift();
      const api = 'message/send';
      if (trouble === 'unreachable') throw new WeComUnreachable({ api, reason: 'time-out', mayHaveActed: true });
      if (trouble === 'refused') throw new WeComError({ api, errcode: 40058 });
      if (trouble !== 'invalid') for (const to of users) sent.push({ to, text });
      return { invalidUsers: trouble === 'invalid' ? [...users] : [] };
    },
  });
  return { ...use, world };
}

const expired = (agentId = 'amy', teamId = 'support') =>
  news('offer.expired.v1', { agentId, teamId, missed: 1, afterMs: 1 });

test('each supervisor hears of his teams, once, however often the event comes', async () => {
  const { hear, world } = aRoom({
    supervisors: [{ id: 'lead' }, { id: 'sales-lead', teams: ['sales'] }, { id: 'support-lead', teams: ['support'] }],
  });
  const one = expired();
  await Promise.all([hear(one), hear(one)]);
  await hear(one);
  expect(world.sent.map(({ to }) => to).toSorted()).toEqual(['lead', 'support-lead']);
});

test('many events at once are all counted, whoever saves first', async () => {
  const { hear, look, world } = aRoom();
  await Promise.all(Array.from({ length: 8 }, () => hear(expired())));
  world.now += 5 * MINUTE;
  await look('lead');
  const times = world.sent.map(({ text }) => (text.includes('once') ? 1 : Number(/(\d+) times/.exec(text)?.[1])));
  expect(times.reduce((sum, one) => sum + one, 0)).toBe(8);
  expect(world.sent).toHaveLength(2);
});

test('without supervisors, and without the app’s agentId, nobody is called and nothing is written', async () => {
  for (const room of [aRoom({ supervisors: [] }), aRoom({ agentId: undefined })]) {
    await room.hear(expired());
    await room.look('lead');
    expect(room.world.sent).toEqual([]);
    expect(await room.world.store.overdue(Number.MAX_SAFE_INTEGER, 10)).toEqual([]);
  }
});

test('while WeCom sleeps the message waits, and the sweep finds it', async () => {
  const { hear, look, world } = aRoom();
  world.trouble = ['unreachable'];
  await hear(expired());
  expect(world.sent).toEqual([]);
  world.now += 2 * MINUTE;
  expect(await world.store.overdue(world.now, 10)).toMatchObject([{ owner: 'lead' }]);
  await look('lead');
  expect(world.sent).toEqual([{ to: 'lead', text: expect.stringMatching(/^20:00 /) }]);
  expect(await world.store.overdue(Number.MAX_SAFE_INTEGER, 10)).toEqual([]);
});

test.each<[Trouble]>([['refused'], ['invalid']])(
  'what is %s is not sent again, and keeps nothing back',
  async (trouble) => {
    const { hear, look, world } = aRoom();
    world.trouble = [trouble];
    await hear(expired());
    await hear(expired('bob'));
    world.now += 5 * MINUTE;
    await look('lead');
    expect(world.sent).toHaveLength(1);
    expect(world.sent[0]?.text).toContain('bob');
  },
);

test('one that crashed anywhere while it told loses nothing: the event comes again, or the sweep looks', async () => {
  // The table fails at its n-th call, then works again.
  for (let fails = 1; fails < 9; fails += 1) {
    let calls = 0;
    const count = () => {
      calls += 1;
      if (calls === fails) throw new Error('the function was killed');
    };
    const { hear, look, world } = aRoom({
      wrap: (table) => ({
        ...table,
        get: async (...given) => {
          count();
          return await table.get(...given);
        },
        update: async (...given) => {
          count();
          return await table.update(...given);
        },
      }),
    });
    const one = expired();
    await hear(one).catch(() => hear(one));
    world.now += 2 * MINUTE;
    for (const { owner } of await world.store.overdue(world.now, 10)) await look(owner);
    // WeCom shows the same text once.
    expect(new Set(world.sent.map(({ text }) => text)).size).toBe(1);
    expect(await world.store.overdue(Number.MAX_SAFE_INTEGER, 10)).toEqual([]);
  }
});

test('somebody who is no supervisor any more is told nothing of what was gathered', async () => {
  const supervisors = [{ id: 'lead' }];
  const { hear, world } = aRoom({ supervisors });
  world.trouble = ['unreachable'];
  await hear(expired());
  const after = notifySupervisors({
    store: world.store,
    clock: () => NOON + MINUTE,
    zone: 'Asia/Shanghai',
    random: () => 0,
    settings: async () => ({ supervisors: [], terms: NoticeTerms.parse({}) }),
    lineOf: async () => ({ count: 0, since: NOON }),
    agentIdOf: () => 1,
    send: () => Promise.reject(new Error('nobody is to be called')),
  });
  await after.look('lead');
  expect(await world.store.overdue(Number.MAX_SAFE_INTEGER, 10)).toEqual([]);
});
