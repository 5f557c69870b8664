import { describe, expect, test } from '@jest/globals';
import { operations } from '../../lib/admin/operations.ts';
import type { Ask } from '../support/admin-console.ts';
import { publishedStatuses } from '../support/admin-contract.ts';
import { type AdminHouse, adminHouse, CONVERSATION, QUIET, RIGHT } from '../support/admin-house.ts';
import { failingTables } from '../support/failing-tables.ts';

/** Asks, and gives the status. That the answer is as it was published, the house itself sees to: it throws where it is not. */
type Provoke = (house: AdminHouse) => Promise<number>;

const [NEW, ANOTHER] = [{ 'if-none-match': '*' }, { 'if-match': '"another"' }];
const LONG = 'x'.repeat(513);
const conversation = `conversations/${encodeURIComponent(CONVERSATION)}`;

const asks =
  (method: string, path: string, more: Ask = {}): Provoke =>
  async ({ ask }) =>
    (await ask(method, path, more)).status;

/** The same, once the world is so. */
const where =
  (facts: Parameters<AdminHouse['set']>[0], then: Provoke): Provoke =>
  async (house) => {
    house.set(facts);
    return then(house);
  };

const right = (pattern: string, more: Ask = {}): Provoke => {
  const [path, ask] = RIGHT[pattern] ?? [''];
  return asks(pattern.split(' ')[0] ?? '', path, { ...ask, ...more });
};

/** Both of WeCom's moods, at an address that asks it. */
const ofWeCom = (pattern: string) => ({
  422: where({ wecom: 'refuses' }, right(pattern)),
  503: where({ wecom: 'sleeps' }, right(pattern)),
});
const withoutPicture = (pattern: string) => ({ 503: where({ picture: 'none' }, right(pattern)) });
const withoutLink = (pattern: string) => ({ 503: where({ wecom: 'sleeps' }, right(pattern)) });

/** What brings forth those answers and refusals that an address has of its own. What they have in common is in `COMMON`. */
const OWN: Readonly<Record<string, Readonly<Record<number, Provoke>>>> = {
  'GET /decisions/{r}': { 404: asks('GET', 'decisions/none') },
  'GET /figures': { 400: asks('GET', 'figures'), 404: asks('GET', 'figures', { query: 'team=none' }) },
  'GET /conversations/{id}/media/{message}': {
    404: asks('GET', `${conversation}/media/m2`),
    409: where({ file: 'not yet' }, right('GET /conversations/{id}/media/{message}')),
    410: where({ file: { is: 'expired' } }, right('GET /conversations/{id}/media/{message}')),
  },
  'POST /conversations/{id}/hand-over': {
    409: asks('POST', `conversations/${encodeURIComponent(QUIET)}/hand-over`, { body: { to: 'bot' } }),
  },
  'PUT /contact-ways/{id}': {
    201: asks('PUT', 'contact-ways/fair', { body: { name: 'Fair', mode: 'link', members: ['ann'] }, headers: NEW }),
    422: right('PUT /contact-ways/{id}', { body: { name: 'Expo', mode: 'none', members: [] } }),
  },
  'PUT /quick-replies/{id}': {
    201: asks('PUT', 'quick-replies/late', { body: { en: 'Closed' }, headers: NEW }),
    422: right('PUT /quick-replies/{id}', { body: { zh: 7 } }),
  },
  'GET /contact-ways/{id}/code': withoutPicture('GET /contact-ways/{id}/code'),
  'GET /contact-ways/{id}/code.svg': withoutPicture('GET /contact-ways/{id}/code.svg'),
  'GET /contact-ways/{id}/code.png': {
    ...withoutPicture('GET /contact-ways/{id}/code.png'),
    406: where({ picture: 'jpeg' }, right('GET /contact-ways/{id}/code.png')),
  },
  'GET /entries/{id}': withoutLink('GET /entries/{id}'),
  'GET /entries/{id}/code.svg': withoutLink('GET /entries/{id}/code.svg'),
  'GET /entries/{id}/code.png': withoutLink('GET /entries/{id}/code.png'),
  'GET /accounts': ofWeCom('GET /accounts'),
  'GET /accounts/{openKfId}/servicers': ofWeCom('GET /accounts/{openKfId}/servicers'),
  'POST /accounts/{openKfId}/servicers': {
    ...ofWeCom('POST /accounts/{openKfId}/servicers'),
    404: asks('POST', 'accounts/wkNobodys/servicers'),
  },
  'POST /accounts/{openKfId}/observe': {
    409: async (house) => {
      await asks('POST', 'accounts/wkSupport/release')(house);
      return right('POST /accounts/{openKfId}/observe')(house);
    },
  },
  'GET /knowledge': ofWeCom('GET /knowledge'),
  'POST /knowledge': {
    ...ofWeCom('POST /knowledge'),
    400: asks('POST', 'knowledge', { body: { dryRun: 'maybe' } }),
    404: where({ hasFaq: false }, right('POST /knowledge')),
  },
};

/** The address with another id, of the same length where it has to be long. */
const renamed = (path: string, name: string): string =>
  path.replace(/expo|hours|poster|bob|wkSupport(%3AwmEve(%23r1)?)?/, name);

/** What any address may be asked for, and whom it refuses. */
const COMMON: Readonly<Record<number, (pattern: string, path: string) => Provoke>> = {
  400: (pattern, path) =>
    path === renamed(path, LONG)
      ? right(pattern, { query: 'cursor=zzz' })
      : asks(pattern.split(' ')[0] ?? '', renamed(path, LONG), RIGHT[pattern]?.[1]),
  401: (pattern) => right(pattern, { as: null }),
  403: (pattern) => right(pattern, { as: pattern.startsWith('GET') ? 'viewer of sales' : 'viewer of all' }),
  404: (pattern, path) => asks(pattern.split(' ')[0] ?? '', renamed(path, 'none'), RIGHT[pattern]?.[1]),
  412: (pattern) => right(pattern, { headers: ANOTHER }),
  428: (pattern) => right(pattern, { headers: {} }),
};

const documented = [...publishedStatuses].map(
  ([pattern, statuses]) => [pattern, statuses.toSorted((a, b) => a - b)] as const,
);

test('the document has every operation, and this house a right request for each', () => {
  expect(documented.map(([pattern]) => pattern).sort()).toEqual(Object.keys(operations).sort());
  expect(Object.keys(RIGHT).sort()).toEqual(Object.keys(operations).sort());
});

describe('every answer that the document promises is seen, in the shape that it promises', () => {
  test.each(documented)('%s', async (pattern, statuses) => {
    const [path = ''] = RIGHT[pattern] ?? [];
    const seen = new Set<number>();
    const usual = await adminHouse();
    seen.add(await right(pattern)(usual));

    for (const status of statuses.filter((one) => one >= 200 && !seen.has(one) && one !== 429 && one !== 500)) {
      const provoke = OWN[pattern]?.[status] ?? COMMON[status]?.(pattern, path);
      if (provoke) seen.add(await provoke(await adminHouse()));
    }

    const busy = await adminHouse({ callsPerMinute: 2 });
    seen.add(await right(pattern)(busy));
    seen.add(await right(pattern)(busy));

    const tables = failingTables();
    const broken = await adminHouse({ table: tables.table });
    tables.failWhen(() => ({ error: new Error('broken'), after: false }));
    seen.add(await right(pattern)(broken));

    if (pattern === 'GET /health') {
      tables.failWhen((call) =>
        call.startsWith('routing.') ? { error: new Error('broken'), after: false } : undefined,
      );
      seen.add(await right(pattern)(broken));
    }
    expect([...seen].sort((a, b) => a - b)).toEqual(statuses);
  });
});
