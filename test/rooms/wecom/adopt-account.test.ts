import { expect, test } from '@jest/globals';
import { HOUR, MINUTE, SECOND } from '../../../lib/platform/clock.ts';
import type { Signal } from '../../../lib/platform/wakes.ts';
import { wecomShape } from '../../../lib/store/tables.ts';
import { accountDutyStore } from '../../../lib/wecom/account-duty-store.ts';
import { adoptAccount, type TakenIn } from '../../../lib/wecom/adopt-account.ts';
import { WeComError } from '../../../lib/wecom/errors.ts';
import type { KfApi, KfSession } from '../../../lib/wecom/kf-api.ts';
import { memoryTable } from '../../support/memory-table.ts';

const NOON = Date.UTC(2026, 0, 15, 12);
const ACCOUNT = 'wkDesk';
const KNOWN = 6 * SECOND;

/** Pages of who wrote when, in hours before noon. */
type Pages = readonly (readonly [customer: string, hoursAgo: number][])[];

function world(pages: Pages, wish: { sessions?: Record<string, KfSession>; rations?: boolean[] } = {}) {
  let now = NOON;
  let rations = wish.rations ?? [];
  const taken: TakenIn[] = [];
  const asked: string[] = [];
  const later: number[] = [];
  const again: Signal[] = [];
  let pulled = 0;
  const unused = async (): Promise<never> => {
    throw new Error('not to be called');
  };
  const kf: KfApi = {
    ...{ sendMessage: unused, sendOnEvent: unused, moveSession: unused, listServicers: unused, listAccounts: unused },
    async syncMessages({ cursor = '0' }) {
      const page = Number(cursor);
      const items = (pages[page] ?? []).map(([customer, hours], index) => ({
        ...{ msgid: `m${page}-${index}`, open_kfid: ACCOUNT, external_userid: customer, origin: 3 },
        ...{ send_time: (NOON - hours * HOUR) / SECOND, msgtype: 'text', text: { content: 'words' } },
      }));
      return { items, nextCursor: String(page + 1), hasMore: page + 1 < pages.length };
    },
    async readEntrances(ids) {
      return new Map(ids.map((id) => [id, { scene: `of ${id}` }]));
    },
    async readSession(_, customer) {
      asked.push(customer);
      if (customer === 'wmGone') throw new WeComError({ api: 'kf/service_state/get', errcode: 95013 });
      return wish.sessions?.[customer] ?? { state: 'bot' };
    },
  };
  const duties = accountDutyStore(memoryTable(wecomShape('wecom')));
  const step = adoptAccount({
    store: {
      async takePull() {
        const [granted = true, ...rest] = rations;
        rations = rest;
        return granted ? { granted } : { granted, retryAt: now + MINUTE };
      },
    },
    duties,
    corpId: 'wwcorp',
    clock: () => now,
    random: () => 0,
    kfFor: () => kf,
    takeIn: async (_, customer) => void taken.push(customer),
    pullAt: async () => {
      pulled += 1;
    },
    goOn: async (signal) => void again.push(signal),
    goOnAt: async (_, at) => void later.push(at),
  });
  return {
    ...{ duties, taken, asked, later, again },
    pulled: () => pulled,
    begin: () => duties.begin(ACCOUNT, { id: 'run1', kind: 'adopt', app: 'main', startedAt: NOON }),
    tick: (ms: number) => {
      now += ms;
    },
    step: (deadline = Number.POSITIVE_INFINITY, run = 'run1') =>
      step({ v: 1, kind: 'run', app: 'main', openKfId: ACCOUNT, run, createdAt: NOON, receivedAt: NOON }, deadline),
  };
}

test('everybody of the last 48 hours is taken in once, with session and entrance; who wrote before is not', async () => {
  const pages: Pages = [
    [
      ['wmOld', 60],
      ['wmEve', 40],
    ],
    [
      ['wmEve', 2],
      ['wmAda', 1],
    ],
  ];
  const { begin, step, tick, taken, asked, duties, pulled } = world(pages, {
    sessions: { wmAda: { state: 'person', agentId: 'ann' } },
  });
  await begin();
  tick(KNOWN);
  await step();
  expect(asked).toEqual(['wmEve', 'wmAda']);
  expect(taken.map(({ customerId, scene, session }) => [customerId, scene, session.state])).toEqual([
    ['wmEve', 'of wmEve', 'bot'],
    ['wmAda', 'of wmAda', 'person'],
  ]);
  expect(await duties.duty(ACCOUNT)).toMatchObject({
    ...{ mode: 'serves', servedFrom: NOON },
    run: { customers: 2, held: 1, steps: 2, doneAt: NOON + KNOWN },
  });
  expect(pulled()).toBe(1);
});

test('nothing begins before every function knows of it', async () => {
  const { begin, step, later, asked } = world([[['wmEve', 1]]]);
  await begin();
  await step();
  expect([later, asked]).toEqual([[NOON + KNOWN], []]);
});

test('where the ration of pulls is used up, the run goes on later, and from the page where it was', async () => {
  const { begin, step, tick, later, asked, duties } = world([[['wmEve', 1]], [['wmAda', 1]]], {
    rations: [true, false],
  });
  await begin();
  tick(KNOWN);
  await step();
  expect(later).toEqual([NOON + KNOWN + MINUTE]);
  expect(await duties.duty(ACCOUNT)).toMatchObject({ mode: 'adopting', run: { steps: 1, cursor: '1' } });
  await step();
  expect(asked).toEqual(['wmEve', 'wmAda']);
});

test('where an invocation’s time is over, another one goes on, and asks for nobody twice', async () => {
  const { begin, step, tick, asked, again } = world([[['wmEve', 1]]]);
  await begin();
  tick(KNOWN);
  await step(NOON + KNOWN + 10 * SECOND);
  expect([again.length, asked]).toEqual([1, []]);
  await step();
  await step();
  expect(asked).toEqual(['wmEve']);
});

test('whose session WeCom does not tell is counted, and holds nobody up', async () => {
  const { begin, step, tick, taken, duties } = world([
    [
      ['wmGone', 1],
      ['wmEve', 1],
    ],
  ]);
  await begin();
  tick(KNOWN);
  await step();
  expect(taken.map(({ customerId }) => customerId)).toEqual(['wmEve']);
  expect((await duties.duty(ACCOUNT)).run).toMatchObject({ customers: 1, refused: 1 });
});

test('a run that is under way is found again, another one takes the place of the opposite, and an old signal does nothing', async () => {
  const { begin, step, tick, asked, duties } = world([[['wmEve', 1]]]);
  const first = await begin();
  expect((await duties.begin(ACCOUNT, { ...first, id: 'run2' })).id).toBe('run1');
  expect(await duties.observe(ACCOUNT, true, NOON)).toBe(false);
  expect((await duties.begin(ACCOUNT, { id: 'run3', kind: 'release', app: 'main', startedAt: NOON })).id).toBe('run3');
  tick(KNOWN);
  await step();
  expect(asked).toEqual([]);
  expect(await duties.duty(ACCOUNT)).toMatchObject({ mode: 'released' });
});

test('an account without a duty of its own has that of all', async () => {
  const { duties } = world([]);
  expect(await duties.duty(ACCOUNT)).toEqual({ mode: 'serves' });
  await duties.observe('*', true, NOON);
  expect((await duties.duty(ACCOUNT)).mode).toBe('observes');
  await duties.observe(ACCOUNT, false, NOON + 500);
  expect(await duties.duty(ACCOUNT)).toEqual({ mode: 'serves', since: NOON + 500, servedFrom: NOON });
});
