import { expect, test } from '@jest/globals';
import { type AdminServicers, servicerRoutes } from '../../lib/admin/servicers.ts';
import { SECOND } from '../../lib/platform/clock.ts';
import { httpDoor } from '../../lib/platform/http-door.ts';
import { httpRouter } from '../../lib/platform/http-router.ts';
import type { AlsoServing } from '../../lib/routing/servicers.ts';
import { GateClosed, MissingAppSecret, WeComError } from '../../lib/wecom/errors.ts';
import { anHttpEvent } from '../rooms/platform/http-event.ts';
import { heldToContract } from '../support/admin-contract.ts';
import { KF, NOON, routingYard } from '../support/routing-yard.ts';

/** The routes over a routing room in memory, and a list that WeCom keeps. `refuses`: whom it does not take, and why. */
async function world(
  more: {
    listed?: string[];
    refuses?: Record<string, number>;
    team?: object;
    kf?: object;
    tick?: number;
    also?: AlsoServing;
  } = {},
) {
  const yard = await routingYard({
    teams: [
      { agents: ['amy', 'ben'], overflow: [{ teamId: 'night', afterSeconds: 60 }], ...more.team },
      { teamId: 'night', agents: ['nia'] },
    ],
    agents: [
      { agentId: 'amy' },
      { agentId: 'ben' },
      { agentId: 'nia', teams: ['night'] },
      { agentId: 'old', teams: [] },
    ],
  });
  await yard.store.assignAccount(KF, 'support');
  const listed = new Set(more.listed ?? []);
  const asked: string[] = [];
  const refusal = (id: string) => more.refuses?.[id] ?? 0;
  const kf: Awaited<ReturnType<AdminServicers['kfOf']>> = {
    listServicers: async () => [...listed].map((agentId) => ({ agentId, status: 'receiving' as const })),
    listAccounts: async () => [
      { openKfId: KF, name: 'Desk', managed: true },
      { openKfId: 'wkother', name: 'Other', managed: false },
    ],
    async addServicer(_, id) {
      asked.push(`add ${id}`);
      if (refusal(id) === 0) listed.add(id);
      return { errcode: refusal(id) };
    },
    async removeServicer(_, id) {
      asked.push(`del ${id}`);
      listed.delete(id);
      return { errcode: 0 };
    },
    ...more.kf,
  };
  let now = NOON;
  const clock = () => {
    now += more.tick ?? 0;
    return now;
  };
  const { store, desk } = yard;
  const routes = servicerRoutes(
    {
      configured: store.configured,
      agents: store.agents,
      alsoServing: async () => () => more.also ?? { teams: [], agents: [] },
      kfOf: async () => kf,
      noteAdded: (agentId, openKfId, at) => desk.notePresence(agentId, openKfId, { status: 'unknown', at }),
    },
    clock,
  );
  const door = heldToContract(httpDoor(httpRouter(routes)));
  return {
    yard,
    listed,
    asked,
    async ask(method: string, path: string, body?: unknown) {
      const event = anHttpEvent({ method, ...(body !== undefined && { body: JSON.stringify(body) }) });
      const answer = await door({ ...event, rawPath: `/admin/v1/${path}`, pathParameters: { proxy: path } });
      return { status: answer.statusCode, body: JSON.parse(answer.body ?? 'null') };
    },
  };
}

const SERVICERS = `accounts/${KF}/servicers`;

test('an account shows whom its team and its helpers want, whom WeCom lists, and the difference', async () => {
  const { ask } = await world({ listed: ['amy', 'old'] });
  expect(await ask('GET', SERVICERS)).toEqual({
    status: 200,
    body: {
      account: KF,
      served: true,
      wanted: ['amy', 'ben', 'nia'],
      actual: [
        { id: 'amy', status: 'receiving' },
        { id: 'old', status: 'receiving' },
      ],
      departments: [],
      missing: ['ben', 'nia'],
      surplus: [{ id: 'old', holds: 0 }],
    },
  });
});

test('whom the replies of an account name is wanted, too, with those who help him out', async () => {
  const also = { teams: ['night'], agents: ['old'] };
  const { ask } = await world({ listed: ['amy', 'old'], team: { overflow: [] }, also });
  const { body } = await ask('GET', SERVICERS);
  expect(body).toMatchObject({ wanted: ['amy', 'ben', 'nia', 'old'], missing: ['ben', 'nia'], surplus: [] });
});

test('who is missing is added one by one, nobody is taken out unasked, and a repeat has nothing to do', async () => {
  const { ask, asked, listed } = await world({ listed: ['amy', 'old'] });
  const { body } = await ask('POST', SERVICERS);
  expect(body).toMatchObject({
    results: [
      { id: 'ben', what: 'added' },
      { id: 'nia', what: 'added' },
    ],
    more: false,
  });
  expect(listed.has('old')).toBe(true);
  expect((await ask('POST', SERVICERS)).body).toMatchObject({ results: [], more: false });
  expect(asked).toEqual(['add ben', 'add nia']);
});

test('who was missing at the account and is added may be given customers at once', async () => {
  const { ask, yard } = await world({ listed: ['amy', 'nia'] });
  await yard.desk.notePresence('ben', KF, { status: 'absent', at: NOON - SECOND });
  await ask('POST', SERVICERS);
  expect(await yard.store.agents(['ben'])).toMatchObject([{ presence: { [KF]: { status: 'unknown' } } }]);
});

test('one whom WeCom does not take keeps nobody else out, and the reason says the mend in both languages', async () => {
  const { ask } = await world({ refuses: { ben: 60011 } });
  const { body } = await ask('POST', SERVICERS);
  expect(body.results).toMatchObject([
    { id: 'amy', what: 'added' },
    {
      id: 'ben',
      what: 'refused',
      errcode: 60011,
      reason: { en: expect.stringContaining('visible range'), zh: expect.stringContaining('可见范围') },
    },
    { id: 'nia', what: 'added' },
  ]);
});

test('a refusal of the person for the whole call is one of the person', async () => {
  const { ask } = await world({
    listed: ['amy', 'nia'],
    kf: { addServicer: () => Promise.reject(new WeComError({ api: 'kf/servicer/add', errcode: 60111 })) },
  });
  expect((await ask('POST', SERVICERS)).body.results).toMatchObject([{ id: 'ben', what: 'refused', errcode: 60111 }]);
});

test('who is named is taken out; who holds a conversation there, or is wanted, stays', async () => {
  const { ask, yard, asked } = await world({ listed: ['amy', 'ben', 'nia', 'old', 'busy'] });
  await yard.store.saveAgent({ agentId: 'busy', capacity: 1, duty: 'on', teams: [] });
  await yard.store.record('busy', `${KF}:eve#seen1`, NOON);
  const { body } = await ask('POST', SERVICERS, { remove: ['OLD', 'busy', 'amy', 'ghost'] });
  expect(body.results).toMatchObject([
    { id: 'old', what: 'removed' },
    { id: 'busy', what: 'holds-conversations' },
    { id: 'amy', what: 'wanted' },
    { id: 'ghost', what: 'not-there' },
  ]);
  expect(asked).toEqual(['del old']);
});

test('a conversation with another account keeps nobody here', async () => {
  const { ask, yard } = await world({ listed: ['amy', 'ben', 'nia', 'old'] });
  await yard.store.record('old', 'wkother:eve#seen1', NOON);
  expect((await ask('POST', SERVICERS, { remove: ['old'] })).body.results).toMatchObject([{ what: 'removed' }]);
});

test('an agent who has left is not wanted', async () => {
  const { ask, yard } = await world({ listed: ['amy', 'nia'] });
  await yard.store.noteLeft('ben', { at: NOON, reason: 'deleted' });
  expect((await ask('GET', SERVICERS)).body).toMatchObject({ wanted: ['amy', 'nia'], missing: [] });
});

test('what does not fit into one call is left for the next, and each does at least one', async () => {
  const { ask, listed } = await world({ tick: 5 * SECOND });
  expect((await ask('POST', SERVICERS)).body).toMatchObject({ results: [{ id: 'amy' }], more: true });
  await ask('POST', SERVICERS);
  await ask('POST', SERVICERS);
  expect([...listed]).toEqual(['amy', 'ben', 'nia']);
});

test('an account that no team serves wants nobody', async () => {
  const { ask } = await world();
  expect((await ask('GET', 'accounts/wkother/servicers')).body).toMatchObject({ served: false, wanted: [] });
  expect(await ask('POST', 'accounts/wkother/servicers')).toMatchObject({ status: 404 });
});

test('the accounts are named, with those that a team serves', async () => {
  const { ask } = await world();
  expect((await ask('GET', 'accounts')).body.accounts).toEqual([
    { id: KF, managed: true, served: true },
    { id: 'wkother', managed: false, served: false },
  ]);
});

test.each([
  [
    'an account that the app may not manage',
    new WeComError({ api: 'kf/servicer/list', errcode: 48007 }),
    422,
    '通过API管理微信客服账号',
  ],
  ['another refusal', new WeComError({ api: 'kf/servicer/list', errcode: 40058 }), 422, '40058'],
  ['a WeCom that rests', new GateClosed({ app: 'main', api: 'x', reason: 'rest', until: NOON }), 503, 'Try again'],
  ['an app without a secret', new MissingAppSecret('main'), 503, 'apps.main.secret of WECOM_SECRETS is missing'],
  [
    'a wrong secret',
    new WeComError({ app: 'main', api: 'gettoken', errcode: 40001 }),
    503,
    'apps.main.secret of WECOM_SECRETS is not the Secret that the app has now',
  ],
  [
    'a secret that was refused a moment ago',
    new GateClosed({ app: 'main', api: 'gettoken', reason: 'errcode 40001', until: NOON }),
    503,
    `restart the functions. WeCom is not asked again before ${new Date(NOON).toISOString()}`,
  ],
  ['a wrong corp id', new WeComError({ app: 'main', api: 'gettoken', errcode: 40013 }), 503, 'corpId of WECOM_SECRETS'],
])('%s is answered in words', async (_, error, status, words) => {
  const { ask } = await world({ kf: { listServicers: () => Promise.reject(error) } });
  const answer = await ask('GET', SERVICERS);
  expect(answer.status).toBe(status);
  expect(answer.body.detail).toContain(words);
});

test.each([['{"remove":"amy"}'], [{ remove: ['amy'], why: 'x' }], [[]]])('%j is no wish', async (body) => {
  const { ask } = await world();
  expect(await ask('POST', SERVICERS, body)).toMatchObject({ status: 400 });
});
