import { describe, expect, test } from '@jest/globals';
import { type AdminHouse, adminHouse, INTERNAL, RIGHT } from '../support/admin-house.ts';
import { failingTables } from '../support/failing-tables.ts';
import { heardLog } from '../support/heard-log.ts';

/** What a caller is told of a failure here: no more than that there was one, and by which trace its log is found. */
const TOLD = {
  type: 'about:blank',
  title: 'Internal Server Error',
  status: 500,
  detail: 'Something went wrong here. The log has the details.',
  traceId: 'Root=1-2-3',
};

/** As the AWS SDK's errors are: a name, a message with whatever was asked, and more that nobody expects. */
const broken = () =>
  Object.assign(new Error(INTERNAL, { cause: new Error(INTERNAL) }), {
    $metadata: { requestId: INTERNAL },
    Item: INTERNAL,
  });

/** Asks rightly, and judges what was answered and logged, whatever became of it. */
async function judge(house: AdminHouse, pattern: string, what: string): Promise<number> {
  const [path = '', ask] = RIGHT[pattern] ?? [];
  const method = pattern.split(' ')[0] ?? '';
  const { result, lines, text } = await heardLog(() => house.ask(method, path, ask));
  const said = JSON.stringify([result.headers, result.body, result.cookies]);
  expect({ what, said: said.includes(INTERNAL), logged: text.includes(INTERNAL) }).toEqual({
    what,
    said: false,
    logged: false,
  });
  if (result.status === 500) expect({ what, ...result.body }).toEqual({ what, ...TOLD });
  const errors = lines.filter(({ level }) => level === 'error').length;
  expect({ what, errors }).toEqual({ what, errors: result.status === 500 || isHealth(pattern, result.status) ? 1 : 0 });
  return result.status;
}

/** It says 503 instead, and that in the log, too. */
const isHealth = (pattern: string, status: number): boolean => pattern === 'GET /health' && status === 503;

describe('whichever call of a table fails, nothing of the inside is said, and the log says it once', () => {
  test.each(Object.keys(RIGHT))('%s', async (pattern) => {
    const sound = failingTables();
    const house = await adminHouse({ table: sound.table });
    const furnished = sound.calls.length;
    expect(await judge(house, pattern, 'sound')).toBeLessThan(300);
    const count = sound.calls.length - furnished;
    expect(count).toBeGreaterThan(0);

    const statuses: number[] = [];
    for (let failing = 0; failing < count; failing++) {
      for (const after of [false, true]) {
        const tables = failingTables();
        const shaken = await adminHouse({ table: tables.table });
        let call = -1;
        tables.failWhen(() => {
          call += 1;
          return call === failing ? { error: broken(), after } : undefined;
        });
        const what = `${sound.calls[furnished + failing]} fails ${after ? 'after' : 'before'} it took effect`;
        statuses.push(await judge(shaken, pattern, what));
      }
    }
    // The count of requests is the first, before anything is done.
    expect(statuses.slice(0, 2)).toEqual([500, 500]);
  });
});

test.each([
  ['GET /accounts'],
  ['GET /accounts/{openKfId}/servicers'],
  ['POST /accounts/{openKfId}/servicers'],
  ['GET /knowledge'],
  ['POST /knowledge'],
  ['GET /entries/{id}'],
  ['GET /entries/{id}/code.svg'],
  ['GET /conversations/{id}/media/{message}'],
])('nor when something else breaks that it asks: %s', async (pattern) => {
  const house = await adminHouse();
  house.set({ wecom: 'breaks' });
  expect(await judge(house, pattern, 'breaks')).toBe(500);
});
