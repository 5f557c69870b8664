import { describe, expect, test } from '@jest/globals';
import { operations } from '../../lib/admin/operations.ts';
import { emptyConversation } from '../../lib/conversations/conversation.ts';
import { HOUR, MINUTE } from '../../lib/platform/clock.ts';
import { type AdminConsole, adminConsole, CORP, NOON, SIGNER } from '../support/admin-console.ts';

const known = {
  vera: { role: 'viewer', teams: ['*'] },
  sam: { role: 'supervisor', teams: ['*'] },
  olga: { role: 'operator', teams: ['*'] },
  paul: { role: 'supervisor', teams: ['sales'] },
} as const;

/** Two teams of an agent and an account each, with a conversation on each account. */
async function furnished(console = adminConsole({ known })): Promise<AdminConsole> {
  const { routing, conversations } = console;
  for (const [teamId, agentId, account] of [
    ['sales', 'ann', 'wkSales'],
    ['support', 'bob', 'wkSupport'],
  ] as const) {
    await routing.saveTeam({ teamId, agents: [agentId], endAfterSilenceSeconds: 600 });
    await routing.saveAgent({ agentId, capacity: 1, duty: 'on', teams: [teamId] });
    await routing.assignAccount(account, teamId);
    await conversations.save(emptyConversation(`${account}:wmEve`, NOON), 0, NOON);
  }
  return console;
}

describe('who comes in', () => {
  test('who signed for AWS is an operator, and his name is the one that the gateway says', async () => {
    const { ask } = adminConsole();
    expect(await ask('GET', 'me')).toMatchObject({
      status: 200,
      body: { kind: 'iam', name: SIGNER, role: 'operator', teams: ['*'] },
    });
  });

  test('a member who logged in is what the configuration says now', async () => {
    const console = adminConsole({ known });
    expect((await console.ask('GET', 'me', { as: 'paul' })).body).toEqual({
      ...{ kind: 'member', name: 'paul' },
      ...known.paul,
    });
    console.known.delete('paul');
    expect(await console.ask('GET', 'me', { as: 'paul' })).toMatchObject({
      status: 401,
      body: { login: '/console/v1/login' },
    });
  });

  test('nobody, an unknown member and a session of eight hours ago are refused', async () => {
    const console = adminConsole({ known });
    expect((await console.ask('GET', 'teams', { as: null })).status).toBe(401);
    expect((await console.ask('GET', 'teams', { as: 'mallory' })).status).toBe(401);
    expect((await console.ask('GET', 'teams', { as: 'sam' })).status).toBe(200);
    console.travel(8 * HOUR);
    expect((await console.ask('GET', 'teams', { as: 'sam' })).status).toBe(401);
  });

  test('a page of another site changes nothing with the member’s cookie', async () => {
    const { ask } = adminConsole({ known });
    const pause = (origin: string) => ask('POST', 'contact-ways/expo/pause', { as: 'sam', headers: { origin } });
    expect((await pause('https://evil.example')).status).toBe(403);
    expect((await pause('https://example.org')).status).toBe(404);
  });

  test('more than so often in a minute is too often, for this caller alone', async () => {
    const console = adminConsole({ known, callsPerMinute: 2 });
    const status = async (as: string) => (await console.ask('GET', 'me', { as })).status;
    expect([await status('sam'), await status('sam'), await status('sam'), await status('olga')]).toEqual([
      200, 200, 429, 200,
    ]);
    expect((await console.ask('GET', 'me', { as: 'sam' })).headers).toMatchObject({ 'retry-after': '60' });
    console.travel(MINUTE);
    expect(await status('sam')).toBe(200);
  });

  test('every answer has the headers that browsers want, and every problem its trace', async () => {
    const { ask } = adminConsole();
    const wanted = {
      'strict-transport-security': expect.stringContaining('max-age='),
      'x-content-type-options': 'nosniff',
      'content-security-policy': expect.stringContaining("default-src 'none'"),
      'cache-control': 'no-store',
    };
    for (const [path, as] of [['me'], ['nowhere'], ['me', null]] as const) {
      expect((await ask('GET', path, { as })).headers).toMatchObject(wanted);
    }
    const problem = { type: 'about:blank', title: 'Not Found', status: 404, traceId: 'Root=1-2-3' };
    const lost = await ask('GET', 'nowhere');
    expect(lost.headers['content-type']).toBe('application/problem+json');
    expect(lost.body).toEqual({ ...problem, detail: 'There is nothing at this address.' });
  });
});

describe('roles and routes', () => {
  test('words are for supervisors: a viewer sees a conversation’s state, and neither its history nor its files', async () => {
    const { ask } = await furnished();
    const of = async (rest: string) =>
      (await ask('GET', `conversations/wkSales%3AwmEve${rest}`, { as: 'vera' })).status;
    expect([await of(''), await of('/history'), await of('/media/m1')]).toEqual([200, 403, 403]);
  });

  test('what is of his team is his: conversations, agents, figures, and the teams that he is shown', async () => {
    const { ask } = await furnished();
    const status = async (path: string, query = '') => (await ask('GET', path, { as: 'paul', query })).status;
    expect(await status('conversations/wkSales%3AwmEve/history')).toBe(200);
    expect(await status('agents/ann/duty')).toBe(200);
    expect(await status('figures', 'team=sales')).toBe(200);
    const { body } = await ask('GET', 'teams', { as: 'paul' });
    expect(body.teams.map(({ id }: { id: string }) => id)).toEqual(['sales']);
  });

  test('every route has a contract, and every contract a route', () => {
    expect([...adminConsole().patterns].sort()).toEqual(Object.keys(operations).sort());
  });
});

describe('by whom', () => {
  test.each([
    ['a member is himself', 'sam', {}, 'sam'],
    ['a system asks in the name of somebody', undefined, { by: 'Ann' }, 'ann'],
    ['or in its own', undefined, {}, 'lee'],
  ])('%s', async (_, as, more, by) => {
    const told: unknown[] = [];
    const handOvers = {
      knowsHandOver: async () => false,
      saveNote: async () => undefined,
      tell: async (_id: string, entry: { by: string }) => told.push(entry.by),
      newId: () => 'h1',
    };
    const console = await furnished(adminConsole({ known, doubles: { handOvers } }));
    const body = { to: { teamId: 'sales' }, ...more };
    const asked = await console.ask('POST', 'conversations/wkSupport%3AwmEve/hand-over', { body, ...(as && { as }) });
    expect([asked.status, told]).toEqual([202, [by]]);
  });

  test('nobody who is logged in is somebody else', async () => {
    const { ask } = await furnished();
    const body = { to: { teamId: 'sales' }, by: 'olga' };
    expect((await ask('POST', 'conversations/wkSupport%3AwmEve/hand-over', { body, as: 'sam' })).status).toBe(403);
  });
});

describe('logging in', () => {
  const codes = { right: 'sam', stranger: 'mallory' };
  const sent = (cookies: readonly string[]) => cookies.map((cookie) => cookie.split(';')[0]).join('; ');

  async function begun(userAgent = 'Mozilla/5.0', query = '') {
    const console = adminConsole({ known, codes });
    const left = await console.ask('GET', 'login', { as: null, query, headers: { 'user-agent': userAgent } });
    const location = new URL(String(left.headers.location));
    const state = location.searchParams.get('state') ?? '';
    const back = (rest: string, cookie = sent(left.cookies)) =>
      console.ask('GET', 'login/callback', { as: null, query: `state=${state}${rest}`, headers: { cookie } });
    return { console, left, location, back };
  }

  test.each([
    ['in a browser', 'Mozilla/5.0', 'https://login.work.weixin.qq.com/wwlogin/sso/login', ''],
    [
      'inside WeCom',
      'Mozilla/5.0 wxwork/4.1 MicroMessenger/7',
      'https://open.weixin.qq.com/connect/oauth2/authorize',
      '#wechat_redirect',
    ],
  ])('%s WeCom is asked with the corp, the app and exactly our address', async (_, userAgent, page, hash) => {
    const { left, location } = await begun(userAgent);
    expect(left.status).toBe(302);
    expect(location.origin + location.pathname + location.hash).toBe(page + hash);
    expect(Object.fromEntries(location.searchParams)).toMatchObject({
      appid: CORP,
      agentid: '1000002',
      redirect_uri: 'https://example.org/console/v1/login/callback',
      state: expect.stringMatching(/^[a-zA-Z0-9]{64}$/),
    });
  });

  test('who comes back with a code of WeCom’s gets a session, and is sent where he wanted to go', async () => {
    const { console, back } = await begun('Mozilla/5.0', 'back=/console/v1/teams');
    const came = await back('&code=right');
    expect([came.status, came.headers.location]).toEqual([302, '/console/v1/teams']);
    const me = await console.ask('GET', 'me', { as: null, headers: { cookie: sent(came.cookies) } });
    expect(me).toMatchObject({ status: 200, body: { name: 'sam', role: 'supervisor' } });
  });

  test.each([
    ['https://evil.example/', ''],
    ['//evil.example/console/', ''],
    ['/console/\\evil.example', ''],
  ])('nobody is sent to another site: back=%s', async (wanted) => {
    const { back } = await begun('Mozilla/5.0', `back=${encodeURIComponent(wanted)}`);
    expect((await back('&code=right')).headers.location).toBe('/console/v1/me');
  });

  test.each([
    ['a code that is none', '&code=wrong', undefined, 403],
    ['a member whom the configuration does not know', '&code=stranger', undefined, 403],
    ['whoever refused at WeCom, who comes without a code', '', undefined, 403],
    ['a login that another browser began', '&code=right', 'other=1', 400],
  ])('no session for %s', async (_, rest, cookie, status) => {
    const { back } = await begun();
    const came = await back(rest, cookie);
    expect(came.status).toBe(status);
    expect(came.cookies.filter((one) => one.startsWith('__Host-concierge='))).toEqual([]);
  });

  test('codes are not tried without end', async () => {
    const { back } = await begun();
    const statuses: number[] = [];
    for (let tries = 0; tries < 6; tries++) statuses.push((await back('&code=wrong')).status);
    expect(statuses).toEqual([403, 403, 403, 403, 403, 429]);
  });

  test('after the logout a copy of the cookie is worth nothing', async () => {
    const { ask } = adminConsole({ known });
    expect((await ask('GET', 'me', { as: 'sam' })).status).toBe(200);
    const left = await ask('POST', 'logout', { as: 'sam' });
    expect([left.status, left.cookies]).toEqual([204, [expect.stringMatching(/^__Host-concierge=; .*Max-Age=0/)]]);
    expect((await ask('GET', 'me', { as: 'sam' })).status).toBe(401);
    expect((await ask('GET', 'me', { as: 'olga' })).status).toBe(200);
  });
});
