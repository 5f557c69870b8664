import { expect, test } from '@jest/globals';
import { accountDutyRoutes } from '../../lib/admin/account-duties.ts';
import { httpDoor } from '../../lib/platform/http-door.ts';
import { httpRouter } from '../../lib/platform/http-router.ts';
import { wecomShape } from '../../lib/store/tables.ts';
import { accountDutyStore } from '../../lib/wecom/account-duty-store.ts';
import { anHttpEvent } from '../rooms/platform/http-event.ts';
import { heldToContract } from '../support/admin-contract.ts';
import { memoryTable } from '../support/memory-table.ts';

const NOON = Date.UTC(2026, 0, 15, 12);

function world() {
  const signals: string[][] = [];
  let ids = 0;
  const routes = accountDutyRoutes(
    {
      duties: accountDutyStore(memoryTable(wecomShape('wecom'))),
      appOf: async () => 'desk',
      goOn: async (...signal) => void signals.push(signal),
      newId: () => `run${++ids}`,
    },
    () => NOON,
  );
  const door = heldToContract(httpDoor(httpRouter(routes)));
  async function call(method: string, path: string, body?: object) {
    const event = anHttpEvent({ method, ...(body && { body: JSON.stringify(body) }) });
    const answer = await door({ ...event, pathParameters: { proxy: path } });
    const { statusCode, body: text } = Object(answer);
    return { status: statusCode, body: JSON.parse(text) };
  }
  return { call, signals };
}

test('an account that nobody set is served; observed, it says so', async () => {
  const { call } = world();
  expect((await call('GET', 'accounts/wkDesk/duty')).body).toEqual({ account: 'wkDesk', mode: 'serves' });
  expect((await call('POST', 'accounts/wkDesk/observe', { on: true })).body).toMatchObject({ mode: 'observes' });
  expect((await call('POST', 'accounts/wkDesk/observe', { on: 'yes' })).status).toBe(400);
});

test('a run is begun with the account’s app, and asked for again it is the same, with another signal', async () => {
  const { call, signals } = world();
  const begun = await call('POST', 'accounts/wkDesk/adopt', {});
  expect(begun).toMatchObject({ status: 202, body: { mode: 'adopting', run: { id: 'run1', done: false } } });
  expect((await call('POST', 'accounts/wkDesk/adopt', {})).body.run.id).toBe('run1');
  expect(signals).toEqual([
    ['desk', 'wkDesk', 'run1'],
    ['desk', 'wkDesk', 'run1'],
  ]);
  expect((await call('POST', 'accounts/wkDesk/observe', { on: true })).status).toBe(409);
});

test('all accounts at once can be observed, and neither taken over nor released', async () => {
  const { call } = world();
  expect((await call('POST', 'accounts/*/observe', { on: true })).status).toBe(200);
  expect((await call('GET', 'accounts/wkOther/duty')).body.mode).toBe('observes');
  expect((await call('POST', 'accounts/*/release', {})).status).toBe(400);
});
