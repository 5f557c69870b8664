import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import * as z from 'zod';
import { operations } from '../../lib/admin/operations.ts';
import { pageOf, writeCursor } from '../../lib/admin/paging.ts';
import { emptyConversation } from '../../lib/conversations/conversation.ts';
import { DAY, SECOND } from '../../lib/platform/clock.ts';
import { chooseAgent } from '../../lib/routing/choose-agent.ts';
import { recordOf } from '../../lib/routing/decision-record.ts';
import { pullOrder } from '../../lib/store/entry-order.ts';
import { anAgent, someFacts } from '../rooms/routing/routing-facts.ts';
import { type AdminConsole, adminConsole, NOON } from '../support/admin-console.ts';
import { adminWays } from '../support/admin-ways.ts';

const SEVEN = ['1', '2', '3', '4', '5', '6', '7'];
const CONVERSATION = 'wkDesk:wmEve';
const R = `${CONVERSATION}#r1`;

interface List {
  readonly path: string;
  fill(console: AdminConsole): Promise<void>;
  /** What tells the items of an answer apart. */
  ids(body: unknown): readonly string[];
}

const each = async (use: (one: string, index: number) => Promise<unknown>): Promise<void> => {
  for (const [index, one] of SEVEN.entries()) await use(one, index);
};
const WAY = { name: 'Expo', mode: 'pool', members: ['ann'] };

/** The values of one field of everything that lies under a name. */
const named =
  (list: string, field: string) =>
  (body: unknown): string[] => {
    const found = z.record(z.string(), z.unknown()).parse(body)[list];
    return z
      .array(z.looseObject({ [field]: z.coerce.string() }))
      .parse(found)
      .map((one) => String(one[field]));
  };
const Folders = z.looseObject({ folders: z.array(z.unknown()) });

/** Every list, filled with seven. Strange codes and accounts are there from the beginning (`filled`). */
const LISTS: Readonly<Record<string, List>> = {
  'GET /audit': {
    path: 'audit',
    // Two of each month, so that pages end within months and between them.
    fill: (console) =>
      each(async (one, index) => {
        await console.ask('POST', `contact-ways/none${one}/pause`);
        if (index % 2 === 1) console.travel(31 * DAY);
      }),
    ids: named('records', 'id'),
  },
  'GET /teams': {
    path: 'teams',
    fill: ({ routing }) => each((one) => routing.saveTeam({ teamId: one, agents: [], endAfterSilenceSeconds: 600 })),
    ids: named('teams', 'id'),
  },
  'GET /decisions/{r}': {
    path: `decisions/${encodeURIComponent(R)}`,
    async fill({ routing, conversations }) {
      await conversations.save(emptyConversation(CONVERSATION, NOON), 0, NOON);
      const facts = someFacts([anAgent('ann')]);
      const decision = chooseAgent(facts);
      await each((_, index) =>
        routing.recordChoice(
          {
            ...{ r: R, n: index + 1, agentId: 'ann', element: `${R}${index}`, why: decision.why },
            ...{ request: facts.request, status: 'told' as const },
          },
          NOON,
          recordOf('support', facts, decision),
        ),
      );
    },
    ids: named('decisions', 'n'),
  },
  'GET /conversations/{id}/history': {
    path: `conversations/${encodeURIComponent(CONVERSATION)}/history`,
    async fill({ conversations }) {
      await conversations.save(emptyConversation(CONVERSATION, NOON), 0, NOON);
      await each((one, index) => {
        const at = NOON + index * SECOND;
        const body = { id: one, app: 'main', sentAt: at, kind: 'message', type: 'text', text: one };
        const place = { entry: `msg#${one}`, order: pullOrder(1, index) };
        return conversations.inbox.put({ owner: CONVERSATION, ...place, body, at });
      });
    },
    ids: named('entries', 'entry'),
  },
  'GET /contact-ways': {
    path: 'contact-ways',
    fill: ({ ask }) =>
      each((one) => ask('PUT', `contact-ways/w${one}`, { body: WAY, headers: { 'if-none-match': '*' } })),
    ids: named('contactWays', 'id'),
  },
  'GET /contact-ways/strange-codes': {
    path: 'contact-ways/strange-codes',
    fill: async () => undefined,
    ids: named('strangeCodes', 'configId'),
  },
  'GET /entries': {
    path: 'entries',
    fill: ({ entries }) => entries.saveEntrances(SEVEN.map((one) => ({ id: one, account: 'wk1', scene: one }))),
    ids: named('entries', 'id'),
  },
  'GET /quick-replies': {
    path: 'quick-replies',
    // Folders are kept together, also over the end of a page.
    fill: ({ library }) =>
      each((one, index) => library.saveQuickReply({ id: one, folder: ['a', 'b'][index % 2] ?? '', zh: one })),
    ids: (body) => Folders.parse(body).folders.flatMap(named('quickReplies', 'id')),
  },
  'GET /accounts': {
    path: 'accounts',
    fill: async () => undefined,
    ids: named('accounts', 'id'),
  },
};

async function filled({ fill }: List): Promise<AdminConsole> {
  const strangeCodes = async () => SEVEN.map((one) => ({ app: 'main', configId: one, orphaned: false }));
  const ways = adminWays({ nights: { lastNight: async () => undefined, strangeCodes } });
  const console = adminConsole({
    callsPerMinute: 100_000,
    kf: { listAccounts: async () => SEVEN.map((one) => ({ openKfId: one, name: one, managed: true })) },
    doubles: { ways },
  });
  await fill(console);
  return console;
}

test('these are all the lists', () => {
  const lists = Object.entries(operations).flatMap(([pattern, { query }]) => (query?.cursor ? [pattern] : []));
  expect(lists.sort()).toEqual(Object.keys(LISTS).sort());
});

describe.each(Object.entries(LISTS))('%s', (_, list) => {
  const { path, ids } = list;

  test.each([1, 2, 3, 7, 8])('pages of %d have together what one large page has, in its order', async (limit) => {
    const { ask } = await filled(list);
    const all = ids((await ask('GET', path, { query: 'limit=200' })).body);
    expect(new Set(all).size).toBe(7);
    const seen: string[] = [];
    let cursor = '';
    for (let pages = 0; pages < 20; pages++) {
      const { body } = await ask('GET', path, { query: `limit=${limit}${cursor}` });
      expect(ids(body).length).toBeLessThanOrEqual(limit);
      seen.push(...ids(body));
      if (body.next === undefined) break;
      cursor = `&cursor=${body.next}`;
    }
    expect(seen).toEqual(all);
  });

  test.each(['0', '201', '-1', '1.5', 'many', ''])('limit=%s is a problem that names it', async (limit) => {
    const { ask } = await filled(list);
    expect((await ask('GET', path, { query: `limit=${limit}` })).body).toMatchObject({
      status: 400,
      errors: [{ path: 'limit' }],
    });
  });

  test('a cursor that is none, or somebody’s invention, is a problem that names it, and never reaches a table', async () => {
    const { ask } = await filled(list);
    const first = await ask('GET', path, { query: 'limit=2' });
    const genuine: unknown = JSON.parse(Buffer.from(first.body.next, 'base64url').toString());
    const fields = Object.keys(Object(genuine));
    const forged = fc.oneof(
      fc.json(),
      // One of ours, with something else in one place, or one place more or less.
      fc
        .tuple(fc.constantFrom(...fields, 'more'), fc.oneof(fc.jsonValue(), fc.string({ minLength: 1025 })))
        .map(([name, value]) => JSON.stringify({ ...Object(genuine), [name]: value })),
      fc.constantFrom(...fields).map((name) => JSON.stringify({ ...Object(genuine), [name]: undefined })),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.string(),
          forged.map((json) => Buffer.from(json).toString('base64url')),
        ),
        async (cursor) => {
          const { status, body } = await ask('GET', path, { query: `cursor=${encodeURIComponent(cursor)}` });
          expect([200, 400]).toContain(status);
          if (status === 400) expect(body.errors).toMatchObject([{ path: 'cursor' }]);
        },
      ),
      { numRuns: 150 },
    );
    for (const cursor of [
      'zzz',
      '',
      writeCursor({}),
      writeCursor([]),
      writeCursor('next'),
      writeCursor({ key: 1, at: -1 }),
    ]) {
      expect((await ask('GET', path, { query: `cursor=${cursor}` })).body).toMatchObject({
        status: 400,
        errors: [{ path: 'cursor' }],
      });
    }
  });
});

test('no cursor has all the months looked at that there will ever be', async () => {
  const { ask } = adminConsole();
  for (const month of ['2026-02', '9999-12', '2026-13', '2026-00']) {
    const { status } = await ask('GET', 'audit', { query: `cursor=${writeCursor({ month })}` });
    expect([month, status]).toEqual([month, 400]);
  }
  expect((await ask('GET', 'audit', { query: `cursor=${writeCursor({ month: '1999-12' })}` })).body).toEqual({
    records: [],
  });
});

test('whatever comes and goes between two pages, what stays is seen once', () => {
  const page = (list: readonly string[], limit: number, cursor: string | undefined) => {
    const query = { limit: String(limit), ...(cursor !== undefined && { cursor }) };
    const request = { method: 'GET', path: '', domain: '', params: {}, query, headers: {}, body: Buffer.alloc(0) };
    const found = pageOf(request, list, (one) => one);
    if ('status' in found) throw new Error('No page');
    return found;
  };
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 4 }),
      fc.array(fc.tuple(fc.nat(), fc.nat(), fc.constantFrom('add', 'remove', 'remove the last seen')), {
        maxLength: 12,
      }),
      (limit, changes) => {
        let list = Array.from({ length: 12 }, (_, index) => `i${index}`);
        const staying = new Set(list);
        const seen: string[] = [];
        let cursor: string | undefined;
        for (let pages = 0; pages < 40; pages++) {
          const { items, next } = page(list, limit, cursor);
          seen.push(...items);
          if (next === undefined) break;
          cursor = next;
          const [at = 0, which = 0, what] = changes[pages] ?? [];
          const last = items.at(-1);
          if (what === 'add') list = list.toSpliced(at % (list.length + 1), 0, `new${pages}`);
          const gone =
            what === 'remove the last seen' ? last : what === 'remove' ? list[which % list.length] : undefined;
          if (gone === undefined) continue;
          staying.delete(gone);
          list = list.filter((one) => one !== gone);
        }
        expect(seen.filter((one) => staying.has(one)).sort()).toEqual([...staying].sort());
      },
    ),
    { numRuns: 500 },
  );
});
