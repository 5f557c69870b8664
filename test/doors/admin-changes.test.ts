import { describe, expect, test } from '@jest/globals';
import * as z from 'zod';
import type { AccessStore } from '../../lib/access/access-store.ts';
import { operations } from '../../lib/admin/operations.ts';
import { DAY } from '../../lib/platform/clock.ts';
import { type AdminConsole, type Ask, adminConsole, SIGNER } from '../support/admin-console.ts';

const WAY = { name: 'Expo', mode: 'pool', members: ['amy'] };
const NEW = { headers: { 'if-none-match': '*' } };

/** What can be replaced, how it is made, and two ways to change it. */
const things: readonly [path: string, first: object, second: object, third: object][] = [
  ['contact-ways/expo', WAY, { ...WAY, members: ['amy', 'ben'] }, { ...WAY, paused: true }],
  ['quick-replies/hours', { zh: '九点' }, { zh: '八点' }, { zh: '七点' }],
  ['agents/amy/duty', { duty: 'on' }, { duty: 'off' }, { duty: 'off' }],
];

async function made(path: string, first: object, console = adminConsole()): Promise<AdminConsole> {
  if (path.startsWith('agents'))
    await console.routing.saveAgent({ agentId: 'amy', capacity: 1, duty: 'on', teams: [] });
  else expect((await console.ask('PUT', path, { body: first, ...NEW })).status).toBe(201);
  return console;
}

describe.each(things)('%s', (path, first, second, third) => {
  const over = (body: object, etag: string): Ask => ({ body, headers: { 'if-match': etag } });

  test('is changed only by whoever says what he saw', async () => {
    const { ask } = await made(path, first);
    const blind = await ask('PUT', path, { body: second });
    expect([blind.status, blind.body.title]).toEqual([428, 'Precondition Required']);
    const { etag } = await ask('GET', path);
    expect(etag).toMatch(/^"[\w-]{22}"$/);
    const changed = await ask('PUT', path, over(second, etag));
    expect(changed.status).toBe(200);
    expect(changed.etag).toBe((await ask('GET', path)).etag);
    expect(changed.etag).not.toBe(etag);
  });

  test('of two who saw the same, one is told that it is not that any more, and what it is', async () => {
    const { ask } = await made(path, first);
    const { etag } = await ask('GET', path);
    // Side by side, so that both look before either writes.
    const both = await Promise.all([ask('PUT', path, over(second, etag)), ask('PUT', path, over(third, etag))]);
    expect(both.map(({ status }) => status).sort()).toEqual([200, 412]);
    const now = (await ask('GET', path)).etag;
    const refused = both.find(({ status }) => status === 412);
    expect([refused?.etag, refused?.body.current]).toEqual([now, now]);
    expect(both.find(({ status }) => status === 200)?.etag).toBe(now);
  });

  test('an ETag of the past, a weak one and another’s change nothing', async () => {
    const { ask } = await made(path, first);
    const { etag } = await ask('GET', path);
    await ask('PUT', path, over(second, etag));
    const now = (await ask('GET', path)).etag;
    for (const tag of [etag, `W/${now}`, '"another"']) {
      expect((await ask('PUT', path, over(first, tag))).status).toBe(412);
    }
    expect((await ask('GET', path)).etag).toBe(now);
  });
});

describe.each(things.slice(0, 2))('%s', (path, first, second) => {
  test('is made only where there is none, and removed only as it was seen', async () => {
    const { ask } = await made(path, first);
    expect((await ask('PUT', path, { body: second, ...NEW })).status).toBe(412);
    const { etag } = await ask('GET', path);
    expect((await ask('DELETE', path)).status).toBe(428);
    expect((await ask('DELETE', path, { headers: { 'if-match': '"another"' } })).status).toBe(412);
    expect((await ask('DELETE', path, { headers: { 'if-match': etag } })).status).toBeLessThan(300);
    expect((await ask('GET', path)).status).toBe(404);
    expect((await ask('PUT', path, { body: first, headers: { 'if-match': etag } })).status).toBe(412);
  });

  test('of two who make it, one does', async () => {
    const { ask } = adminConsole();
    const both = await Promise.all([
      ask('PUT', path, { body: first, ...NEW }),
      ask('PUT', path, { body: second, ...NEW }),
    ]);
    expect(both.map(({ status }) => status).sort()).toEqual([201, 412]);
  });
});

test('what a configuration was applied over in between is not what somebody saw', async () => {
  const { ask, library } = await made('quick-replies/hours', { zh: '九点' });
  const { etag } = await ask('GET', 'quick-replies/hours');
  await library.saveQuickReply({ id: 'hours', folder: '', zh: '十点' });
  const refused = await ask('PUT', 'quick-replies/hours', { body: { zh: '八点' }, headers: { 'if-match': etag } });
  expect(refused.status).toBe(412);
});

describe('the record of changes', () => {
  const records = async ({ ask }: AdminConsole, query = '') => (await ask('GET', 'audit', { query })).body.records;

  test('says who, what, when, and from what to what, and none of the words', async () => {
    const console = await made('quick-replies/hours', { zh: '九点', folder: '常用' });
    const { etag } = await console.ask('GET', 'quick-replies/hours');
    const body = { zh: '秘密', folder: '常用' };
    const changed = await console.ask('PUT', 'quick-replies/hours', { body, headers: { 'if-match': etag } });
    const [last, first] = await records(console);
    expect(last).toEqual({
      id: expect.any(String),
      at: '2026-01-15T12:00:00.000Z',
      by: { kind: 'iam', name: SIGNER, role: 'operator' },
      operation: 'PUT /quick-replies/{id}',
      target: { id: 'hours' },
      wish: { folder: '常用' },
      body: expect.stringMatching(/^[\w-]{22}$/),
      before: etag,
      after: changed.etag,
      outcome: 'done',
      status: 200,
      traceId: 'Root=1-2-3',
    });
    expect(first).not.toHaveProperty('before');
    expect(JSON.stringify(await records(console))).not.toMatch(/秘密|九点/);
  });

  test('what was refused is in it, too; what was only looked at is not', async () => {
    const console = adminConsole();
    await console.ask('GET', 'teams');
    await console.ask('POST', 'contact-ways/none/pause');
    expect(await records(console)).toMatchObject([
      { operation: 'POST /contact-ways/{id}/pause', outcome: 'refused', status: 404 },
    ]);
  });

  test('has pages, newest first, over the turn of a month, and forgets what is too old', async () => {
    const console = adminConsole();
    for (let day = 0; day < 40; day += 10) {
      await console.ask('POST', `contact-ways/day${day}/pause`);
      console.travel(10 * DAY);
    }
    const seen: string[] = [];
    let cursor = '';
    for (let pages = 0; pages < 30; pages++) {
      const { body } = await console.ask('GET', 'audit', { query: `limit=3${cursor}` });
      seen.push(...body.records.map(({ target }: { target: { id: string } }) => target.id));
      if (body.next === undefined) break;
      cursor = `&cursor=${body.next}`;
    }
    expect(seen).toEqual(['day30', 'day20', 'day10', 'day0']);
    console.travel(375 * DAY);
    const { body } = await console.ask('GET', 'audit', { query: 'limit=200' });
    expect(body.records.map(({ target }: { target: { id: string } }) => target.id)).toEqual(['day30', 'day20']);
  });

  describe('is never missing', () => {
    class Killed extends Error {}
    /** Dies at the n-th call of the store, before or after it takes effect. */
    function dyingAt(call: 'begin' | 'end', how: 'before' | 'after') {
      return (store: AccessStore): AccessStore => ({
        ...store,
        async begin(...args) {
          if (call === 'begin' && how === 'before') throw new Killed();
          await store.begin(...args);
          if (call === 'begin' && how === 'after') throw new Killed();
        },
        async end(...args) {
          if (call === 'end' && how === 'before') throw new Killed();
          await store.end(...args);
          if (call === 'end' && how === 'after') throw new Killed();
        },
      });
    }

    test.each([
      ['before it is written', 'begin', 'before', [], 404],
      ['after it is written, before the change', 'begin', 'after', ['begun'], 404],
      ['after the change', 'end', 'before', ['begun'], 200],
      ['after its end was noted', 'end', 'after', ['done'], 200],
    ] as const)('a crash %s', async (_, call, how, outcomes, status) => {
      const console = adminConsole({ wrap: dyingAt(call, how) });
      await console.ask('PUT', 'quick-replies/hours', { body: { zh: '九点' }, ...NEW });
      expect((await records(console)).map(({ outcome }: { outcome: string }) => outcome)).toEqual(outcomes);
      expect((await console.ask('GET', 'quick-replies/hours')).status).toBe(status);
    });
  });
});

describe('answers are as the contract says', () => {
  test.each([
    ['GET', 'me'],
    ['GET', 'health'],
    ['GET', 'teams'],
    ['GET', 'figures'],
    ['GET', 'agents/{agentId}/duty'],
    ['GET', 'contact-ways'],
    ['GET', 'contact-ways/strange-codes'],
    ['GET', 'contact-ways/{id}'],
    ['GET', 'contact-ways/{id}/members/{agentId}/duty'],
    ['GET', 'quick-replies'],
    ['GET', 'quick-replies/{id}'],
    ['GET', 'entries'],
    ['GET', 'accounts'],
    ['GET', 'accounts/{openKfId}/servicers'],
    ['GET', 'audit'],
    ['POST', 'contact-ways/{id}/pause'],
  ])('%s %s', async (method, path) => {
    const console = await made('contact-ways/expo', WAY);
    await console.ask('PUT', 'quick-replies/expo', { body: { zh: '九点', folder: 'x' }, ...NEW });
    await made('agents/amy/duty', {}, console);
    await console.routing.saveTeam({ teamId: 'sales', agents: ['amy'], endAfterSilenceSeconds: 600 });
    await console.routing.assignAccount('*', 'sales');
    const filled = path.replace('{id}', 'expo').replace('{agentId}', 'amy').replace('{openKfId}', 'wkSales');
    const answer = await console.ask(method, filled, { query: path === 'figures' ? 'team=sales' : '' });
    const schema = operations[`${method} /${path}`]?.answers[answer.status];
    if (!(schema instanceof z.ZodType)) throw new Error(`The contract knows no answer ${answer.status}`);
    expect(schema.safeParse(answer.body).error).toBeUndefined();
  });
});

test('pages of a list follow each other, and a wrong one is a problem that names its field', async () => {
  const console = adminConsole();
  for (const id of ['a', 'b', 'c'])
    await console.ask('PUT', `contact-ways/${id}`, { body: { ...WAY, name: id }, ...NEW });
  const page = async (query: string) => (await console.ask('GET', 'contact-ways', { query })).body;
  const first = await page('limit=2');
  expect(first.contactWays.map(({ id }: { id: string }) => id)).toEqual(['a', 'b']);
  const { etag } = await console.ask('GET', 'contact-ways/b');
  await console.ask('DELETE', 'contact-ways/b', { headers: { 'if-match': etag } });
  const second = await page(`limit=2&cursor=${first.next}`);
  expect(second).toMatchObject({ contactWays: [{ id: 'c' }] });
  expect(second).not.toHaveProperty('next');
  expect(await page('limit=0')).toMatchObject({ status: 400, errors: [{ path: 'limit' }] });
  expect(await page('cursor=zzz')).toMatchObject({ status: 400, errors: [{ path: 'cursor' }] });
});
