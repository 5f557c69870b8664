import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { applyBusiness, LineWouldStrand, readArrangement } from '../../lib/configuration/apply-business.ts';
import { type Arrangement, arrangementOf } from '../../lib/configuration/arrangement.ts';
import { planBusiness } from '../../lib/configuration/plan-business.ts';
import { readBusiness } from '../../lib/configuration/read-business.ts';
import { contactWayStore } from '../../lib/contact-me/contact-way-store.ts';
import { libraryStore } from '../../lib/media/library-store.ts';
import { noticesStore } from '../../lib/notices/notices-store.ts';
import { entranceStore } from '../../lib/replies/entrance-store.ts';
import { faqStore } from '../../lib/replies/faq-store.ts';
import { quickReplyStore } from '../../lib/replies/quick-reply-store.ts';
import { ruleSetStore } from '../../lib/replies/rule-set-store.ts';
import { routingStore } from '../../lib/routing/routing-store.ts';
import { inbox } from '../../lib/store/inbox.ts';
import type { Table } from '../../lib/store/table.ts';
import { contactWaysShape, repliesShape, routingShape, wecomShape } from '../../lib/store/tables.ts';
import { memoryTable } from '../support/memory-table.ts';

const noon = Date.UTC(2026, 0, 15, 12);
const sample = readFileSync(new URL('../../config/sample.yml', import.meta.url), 'utf8');

function wanted(yaml: string): Arrangement {
  const read = readBusiness(yaml);
  if (!read.ok) throw new Error(JSON.stringify(read.problems));
  return arrangementOf(read.business);
}

/** Two teams on two accounts, with rules. */
const before = wanted(`
agents:
  - { id: amy, capacity: 2 }
  - { id: bob, capacity: 1 }
teams:
  - { id: support, accounts: ['*'], agents: [amy, bob] }
  - { id: sales, accounts: [wkSales], agents: [bob] }
replies:
  - accounts: ['*', wkSales]
    rules:
      - { id: hours, exact: [hours], reply: { text: nine to five } }
      - { id: photo, types: [image], handOver: true }
calendar: { holidays: [2026-10-01] }
contactWays:
  - { id: desk, name: Desk, mode: turn, members: [amy, bob] }
  - { id: expo, name: Expo, mode: pool, members: [{ id: bob, shifts: { weekly: [{ days: [mon], from: 09:00, to: 18:00 }] } }] }
`);
/** Bob is gone and so is his team; the order of rules and some fields changed. */
const after = wanted(`
agents:
  - { id: amy, capacity: 3 }
  - { id: eve, capacity: 1, duty: off }
teams:
  - { id: support, accounts: ['*', wkNew], agents: [eve, amy], endAfterSilenceSeconds: 600 }
replies:
  - accounts: ['*']
    rules:
      - { id: photo, types: [image, voice], handOver: true }
      - { id: hours, exact: [hours], reply: { text: ten to six } }
      - { id: price, exact: [price], reply: { text: it depends } }
calendar: { holidays: [2026-10-02] }
contactWays:
  - { id: desk, name: Desk, mode: turn, members: [eve, amy] }
`);

function world(wrap: (table: Table) => Table = (table) => table) {
  const routing = wrap(memoryTable(routingShape('routing')));
  const replies = wrap(memoryTable(repliesShape('replies')));
  const people = routingStore(routing, inbox(routing, { attentionAfterMs: 1000, keepMs: 1000 }));
  const ruleSets = ruleSetStore(replies);
  const waysTable = wrap(memoryTable(contactWaysShape('ways')));
  const ways = contactWayStore(waysTable, inbox(waysTable, { attentionAfterMs: 1000, keepMs: 1000 }));
  const notices = noticesStore(wrap(memoryTable(wecomShape('wecom'))));
  const stores = {
    people,
    replies: { ...ruleSets, ...quickReplyStore(replies), ...faqStore(replies), ...entranceStore(replies) },
    ways,
    notices,
    media: libraryStore(replies),
    clock: () => noon,
  };
  return { people, ruleSets, ways, notices, stores };
}

test('what was applied is what the functions find', async () => {
  const { stores, people, ruleSets } = world();
  await applyBusiness(stores, before);
  expect(await people.teamOf('wkSales')).toEqual({ teamId: 'sales', agents: ['bob'], endAfterSilenceSeconds: 1800 });
  expect(await people.teamOf('wkOther')).toMatchObject({ teamId: 'support', agents: ['amy', 'bob'] });
  expect(await people.agents(['bob'])).toMatchObject([{ capacity: 1, duty: 'on', teams: ['sales', 'support'] }]);
  expect((await ruleSets.ruleSetFor('wkSales')).ruleSet.rules.map(({ id }) => id)).toEqual(['hours', 'photo']);
});

test.each([
  ['the sample', wanted(sample)],
  ['another', before],
])('applying %s twice changes nothing the second time', async (_, arrangement) => {
  const { stores } = world();
  const first = await applyBusiness(stores, arrangement);
  expect(first.changes.length).toBeGreaterThan(0);
  expect(await applyBusiness(stores, arrangement)).toEqual({ changes: [], teamsToWake: [], waysToWake: [] });
});

test('a plan says what is new, changed and removed, and where', () => {
  expect(planBusiness(before, after)).toEqual([
    {
      kind: 'agents',
      id: 'amy',
      how: 'changed',
      details: ['capacity: 2 → 3'],
    },
    { kind: 'agents', id: 'eve', how: 'new', details: [] },
    { kind: 'agents', id: 'bob', how: 'removed', details: [] },
    {
      kind: 'teams',
      id: 'support',
      how: 'changed',
      details: ['agents: added eve; removed bob', 'endAfterSilenceSeconds: 1800 → 600'],
    },
    { kind: 'teams', id: 'sales', how: 'removed', details: [] },
    { kind: 'accounts', id: 'wkNew', how: 'new', details: [] },
    { kind: 'accounts', id: 'wkSales', how: 'removed', details: [] },
    {
      kind: 'ruleSets',
      id: '*',
      how: 'changed',
      details: [
        'rules.photo.types: added voice',
        'rules.hours.reply.text: "nine to five" → "ten to six"',
        'rules.price: new',
        'rules: in another order',
      ],
    },
    { kind: 'ruleSets', id: 'wkSales', how: 'removed', details: [] },
    {
      kind: 'waySettings',
      id: 'calendar',
      how: 'changed',
      details: ['holidays: added 2026-10-02; removed 2026-10-01'],
    },
    {
      kind: 'contactWays',
      id: 'desk',
      how: 'changed',
      details: ['members.eve: new', 'members.bob: removed'],
    },
    { kind: 'contactWays', id: 'expo', how: 'removed', details: [expect.stringContaining('printed code')] },
  ]);
});

test('a plan from nothing is all new, and to nothing all removed', () => {
  const nothing = wanted('contactWays: []');
  const without = { ...before, waySettings: {} };
  expect(new Set(planBusiness(nothing, without).map(({ how }) => how))).toEqual(new Set(['new']));
  expect(new Set(planBusiness(before, nothing).map(({ how }) => how))).toEqual(new Set(['removed']));
  expect(planBusiness(before, before)).toEqual([]);
});

test('what disappears from the file serves no new customers, and those who are served keep their places', async () => {
  const { stores, people, ruleSets } = world();
  await applyBusiness(stores, before);
  await people.claim('bob', 'conversation#r', noon);
  await applyBusiness(stores, after);
  expect(await people.agents(['bob'])).toMatchObject([
    { duty: 'off', teams: [], serving: new Set(['conversation#r']) },
  ]);
  expect(await people.claim('bob', 'other#r', noon)).toBe('full');
  expect(await people.teamOf('wkSales')).toMatchObject({ teamId: 'support' });
  expect((await ruleSets.ruleSetFor('wkSales')).ruleSet.rules.map(({ id }) => id)).toEqual(['photo', 'hours', 'price']);
  expect(planBusiness(await readArrangement(stores), after)).toEqual([]);
});

test('changing an agent leaves places, presence and last work as they are', async () => {
  const { stores, people } = world();
  await applyBusiness(stores, before);
  await people.claim('amy', 'conversation#r', noon);
  await people.notePresence('amy', 'wkA', { status: 'receiving', at: noon });
  const [was] = await people.agents(['amy']);
  await applyBusiness(stores, after);
  expect(await people.agents(['amy'])).toEqual([{ ...was, capacity: 3, teams: ['support'] }]);
});

test('contact ways are as the file says, and what it does not name stays', async () => {
  const { stores, ways } = world();
  await applyBusiness(stores, before);
  expect((await ways.ways()).map(({ wayId }) => wayId)).toEqual(['desk', 'expo']);
  await applyBusiness(stores, wanted('agents: []'));
  expect((await ways.ways()).map(({ wayId }) => wayId)).toEqual(['desk', 'expo']);
  expect((await ways.settings()).calendar.holidays).toEqual(['2026-10-01']);
  await applyBusiness(stores, wanted('welcome: { standard: { text: Hi } }'));
  expect(await ways.settings()).toMatchObject({
    calendar: { holidays: ['2026-10-01'] },
    welcome: { standard: { text: 'Hi' } },
  });
  await applyBusiness(stores, wanted('contactWays: []'));
  expect(await ways.ways()).toEqual([]);
});

test('the ways that changed are woken, and everybody when the calendar did', async () => {
  const { stores } = world();
  expect((await applyBusiness(stores, before)).waysToWake).toEqual(['desk', 'expo']);
  const { calendar: _, ...settings } = after.waySettings ?? {};
  const renamed = [...(before.contactWays ?? [])].map(([id, way]) => [id, { ...way, perDay: 5 }] as const);
  const one = {
    ...before,
    waySettings: settings,
    contactWays: new Map([...(before.contactWays ?? []), ...renamed.slice(1)]),
  };
  expect(await applyBusiness(stores, one)).toMatchObject({ waysToWake: ['expo'], teamsToWake: [] });
  const holidays = { ...one, waySettings: { calendar: { holidays: [], workdays: {} } } };
  const woken = { waysToWake: ['desk', 'expo'], teamsToWake: ['support', 'sales'] };
  expect(await applyBusiness(stores, holidays)).toMatchObject(woken);
});

test('every team is woken after a change, also one that was removed', async () => {
  const { stores } = world();
  await applyBusiness(stores, before);
  expect((await applyBusiness(stores, after)).teamsToWake).toEqual(['support', 'sales']);
});

const waiting = { r: 'r1', conversationId: 'wkSales:wm1', openKfId: 'wkSales', askedAt: noon, excluded: {} };

test('a team is not removed while customers wait in its line and nobody stays to serve them', async () => {
  const { stores, people } = world();
  await applyBusiness(stores, before);
  await people.putInLine('sales', waiting);
  await expect(applyBusiness(stores, after)).rejects.toEqual(new LineWouldStrand('sales', 1));
  expect(planBusiness(await readArrangement(stores), before)).toEqual([]);
});

test('a removed team’s line is still served by an agent who stays', async () => {
  const { stores, people } = world();
  await applyBusiness(stores, before);
  await people.putInLine('sales', waiting);
  const onlySupport = { ...before, teams: new Map([...before.teams].filter(([id]) => id !== 'sales')) };
  const accounts = new Map([...before.accounts].filter(([id]) => id !== 'wkSales'));
  const { teamsToWake } = await applyBusiness(stores, { ...onlySupport, accounts });
  expect(teamsToWake).toContain('sales');
  expect((await people.team('sales'))?.agents).toEqual(['bob']);
  expect(await people.claim('bob', 'wkSales:wm1#r1', noon)).toBe('taken');
});

test('an apply that died at any write is completed by the next one', async () => {
  const writesOf = async (dieAfter: number): Promise<number> => {
    let left = Number.POSITIVE_INFINITY;
    let writes = 0;
    const { stores } = world((table) =>
      dying(table, () => {
        writes += 1;
        left -= 1;
        return left >= 0;
      }),
    );
    await applyBusiness(stores, before);
    writes = 0;
    left = dieAfter;
    const died = await applyBusiness(stores, after).then(
      () => false,
      () => true,
    );
    expect(died).toBe(dieAfter < Number.POSITIVE_INFINITY);
    const written = writes;
    left = Number.POSITIVE_INFINITY;
    await applyBusiness(stores, after);
    expect(planBusiness(await readArrangement(stores), after)).toEqual([]);
    return written;
  };
  const all = await writesOf(Number.POSITIVE_INFINITY);
  expect(all).toBeGreaterThan(10);
  for (let n = 0; n < all; n++) await writesOf(n);
});

test('an apply that died on the way to one file leaves nothing behind when another file follows', async () => {
  const nothing = wanted('contactWays: []');
  for (let n = 0; n < 30; n++) {
    let left = n;
    const { stores, people, ruleSets, ways } = world((table) => dying(table, () => left-- > 0));
    await applyBusiness(stores, before).catch(() => undefined);
    left = Number.POSITIVE_INFINITY;
    await applyBusiness(stores, nothing);
    expect(await people.teamOf('wkSales')).toBeUndefined();
    expect((await people.agents(['amy', 'bob'])).map(({ duty }) => duty)).not.toContain('on');
    expect((await ruleSets.ruleSetFor('wkSales')).ruleSet.rules).toEqual([]);
    expect(await ways.ways()).toEqual([]);
  }
});

/** A table whose writes fail once `alive` says no. */
function dying(table: Table, alive: () => boolean): Table {
  const living = <Arguments extends unknown[], Answer>(write: (...of: Arguments) => Promise<Answer>) => {
    return async (...of: Arguments): Promise<Answer> => {
      if (!alive()) throw new Error('died');
      return write(...of);
    };
  };
  return { ...table, put: living(table.put), update: living(table.update), delete: living(table.delete) };
}

test('more teams, agents and accounts than a page holds are all found', async () => {
  const ids = Array.from({ length: 150 }, (_, index) => `a${index}`);
  const many = wanted(
    JSON.stringify({
      agents: ids.map((id) => ({ id, capacity: 1 })),
      teams: ids.map((id) => ({ id, accounts: [`wk${id}`], agents: [id] })),
    }),
  );
  // As DynamoDB, which ends a page where it likes.
  const { stores } = world((table) => ({ ...table, query: (query) => table.query({ limit: 7, ...query }) }));
  await applyBusiness(stores, many);
  expect(planBusiness(await readArrangement(stores), many)).toEqual([]);
});

test('supervisors are saved together, and a removed one is told nothing more', async () => {
  const { stores, notices } = world();
  const two = wanted(`
agents: [{ id: amy, capacity: 2 }]
teams: [{ id: support, accounts: ['*'], agents: [amy] }]
supervisors:
  - { id: Eve, teams: [support], language: en }
  - { id: bob, quiet: { weekly: [{ days: [sun], from: 00:00, to: 24:00 }] } }
notices: { perHour: 10 }
`);
  const { changes, teamsToWake } = await applyBusiness(stores, two);
  expect(changes.filter(({ kind }) => kind === 'supervisors' || kind === 'notices')).toEqual([
    { kind: 'supervisors', id: 'eve', how: 'new', details: [] },
    { kind: 'supervisors', id: 'bob', how: 'new', details: [] },
    { kind: 'notices', id: 'notices', how: 'changed', details: ['perHour: 20 → 10'] },
  ]);
  expect(teamsToWake).toEqual(['support']);
  expect(await notices.settings()).toMatchObject({
    supervisors: [
      { id: 'eve', teams: ['support'], language: 'en' },
      { id: 'bob', teams: ['*'], language: 'zh', quiet: { weekly: [{ days: ['sun'], from: 0, to: 1440 }] } },
    ],
    terms: { app: 'main', perHour: 10, perHourOfAKind: 6, mergeMinutes: 5 },
  });

  const one = { ...two, supervisors: new Map([...two.supervisors].slice(0, 1)) };
  expect(await applyBusiness(stores, one)).toEqual({
    changes: [{ kind: 'supervisors', id: 'bob', how: 'removed', details: [] }],
    teamsToWake: [],
    waysToWake: [],
  });
  expect((await notices.settings()).supervisors.map(({ id }) => id)).toEqual(['eve']);
});
