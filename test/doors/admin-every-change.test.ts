import { describe, expect, test } from '@jest/globals';
import { SIGNER } from '../support/admin-console.ts';
import { type AdminHouse, adminHouse, RIGHT } from '../support/admin-house.ts';
import { failingTables, type TableCall } from '../support/failing-tables.ts';

/**
 * Every change, written by hand: whether it has to name an ETag (`must`), may, or has none to name, and another body or address with which it is
 * refused where it is made.
 */
const CHANGES: readonly (readonly [pattern: string, etag: 'must' | 'may' | 'none', refused: 'other' | 'body'])[] = [
  ['PUT /agents/{agentId}/duty', 'must', 'other'],
  ['POST /conversations/{id}/hand-over', 'none', 'other'],
  ['POST /conversations/{id}/free-places', 'none', 'other'],
  ['PUT /contact-ways/{id}', 'must', 'body'],
  ['DELETE /contact-ways/{id}', 'must', 'other'],
  ['POST /contact-ways/{id}/pause', 'may', 'other'],
  ['POST /contact-ways/{id}/resume', 'may', 'other'],
  ['PUT /contact-ways/{id}/members/{agentId}/duty', 'must', 'other'],
  ['PUT /quick-replies/{id}', 'must', 'body'],
  ['DELETE /quick-replies/{id}', 'must', 'other'],
  ['POST /accounts/{openKfId}/servicers', 'none', 'body'],
  ['POST /accounts/{openKfId}/observe', 'none', 'body'],
  ['POST /accounts/{openKfId}/adopt', 'none', 'other'],
  ['POST /accounts/{openKfId}/release', 'none', 'other'],
  ['POST /knowledge', 'none', 'body'],
];

const records = async ({ ask }: AdminHouse): Promise<readonly Readonly<Record<string, unknown>>[]> =>
  (await ask('GET', 'audit', { query: 'limit=200' })).body.records;

function requestOf(pattern: string) {
  const [path = '', ask = {}] = RIGHT[pattern] ?? [];
  return { method: pattern.split(' ')[0] ?? '', path, ask };
}

/** The address with an id that nothing here has; of accounts, all of them at once. */
const other = (path: string): string =>
  path.replace('accounts/wkSupport', 'accounts/*').replace(/expo|hours|bob|wkSupport%3AwmEve/, 'none');

test('these are all the changes', async () => {
  const { patterns } = await adminHouse();
  expect(CHANGES.map(([pattern]) => pattern).sort()).toEqual(patterns.filter((one) => !one.startsWith('GET ')).sort());
});

describe.each(CHANGES)('%s', (pattern, etag, refused) => {
  const { method, path, ask } = requestOf(pattern);

  test('is recorded with who, what and how it ended', async () => {
    const house = await adminHouse();
    const before = await records(house);
    const made = await house.ask(method, path, ask);
    const [last, ...rest] = await records(house);
    expect(rest).toEqual(before);
    expect(last).toMatchObject({
      by: { kind: 'iam', name: SIGNER, role: 'operator' },
      operation: pattern,
      outcome: 'done',
      status: made.status,
      traceId: 'Root=1-2-3',
    });
    expect(last?.after).toBe(made.headers.etag);
  });

  test('is recorded, too, where it was refused for what it is about', async () => {
    const house = await adminHouse();
    const before = await records(house);
    const wrong = refused === 'other' ? { path: other(path), ask } : { path, ask: { ...ask, body: [] } };
    const { status } = await house.ask(method, wrong.path, wrong.ask);
    expect(status).toBeGreaterThanOrEqual(400);
    const [last, ...rest] = await records(house);
    expect(rest).toEqual(before);
    expect(last).toMatchObject({ operation: pattern, outcome: 'refused', status });
  });

  test('whoever may not make it changes nothing, and leaves no record: the record is of changes', async () => {
    const house = await adminHouse();
    const before = await records(house);
    const refusals = [
      await house.ask(method, path, { ...ask, as: 'viewer of all' }),
      await house.ask(method, path, { ...ask, as: null }),
      await house.ask(method, path, { ...ask, as: 'operator of all', headers: { origin: 'https://evil.example' } }),
    ];
    expect(refusals.map(({ status }) => status)).toEqual([403, 401, 403]);
    expect(await records(house)).toEqual(before);
  });

  test('is not made where it cannot be recorded', async () => {
    const tables = failingTables();
    const house = await adminHouse({ table: tables.table });
    tables.failWhen((call) => (call === 'access.put' ? { error: new Error('broken'), after: false } : undefined));
    tables.calls.length = 0;
    expect((await house.ask(method, path, ask)).status).toBe(500);
    const isWrite = (call: TableCall) => /\.(put|update|delete)$/.test(call) && !call.startsWith('access.');
    expect(tables.calls.filter(isWrite)).toEqual([]);
  });

  test(`${etag === 'must' ? 'has to name' : etag === 'may' ? 'may name' : 'has no'} ETag`, async () => {
    const house = await adminHouse();
    const status = async (headers: Readonly<Record<string, string>>) =>
      (await house.ask(method, path, { ...ask, headers })).status;
    const outdated = { none: 200, may: 412, must: 412 }[etag];
    const unnamed = { none: 200, may: 200, must: 428 }[etag];
    const alike = (code: number) => (code < 300 ? 200 : code);
    expect([alike(await status({ 'if-match': '"another"' })), alike(await status({}))]).toEqual([outdated, unnamed]);
  });
});

test('of a change that broke off, nobody says that it was not made', async () => {
  const tables = failingTables();
  const house = await adminHouse({ table: tables.table });
  const isSaved = (call: TableCall) => call === 'replies.put' || call === 'replies.update' || call === 'replies.delete';
  tables.failWhen((call) => (isSaved(call) ? { error: new Error('no answer'), after: true } : undefined));
  const { method, path, ask } = requestOf('PUT /quick-replies/{id}');
  expect((await house.ask(method, path, ask)).status).toBe(500);
  expect((await records(house))[0]).toMatchObject({ operation: 'PUT /quick-replies/{id}', outcome: 'begun' });
  expect((await house.ask('GET', path)).body.zh).toBe('八点');
});
