import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { noticesStore } from '../../lib/notices/notices-store.ts';
import { NoticeTerms, Supervisor } from '../../lib/notices/supervisor.ts';
import { dynamoClient, dynamoTable } from '../../lib/store/dynamo-table.ts';
import { wecomShape } from '../../lib/store/tables.ts';
import { fetchHeld } from '../support/admin-contract.ts';
import { ACCOUNT, openYard, type Yard } from '../support/yard.ts';

// A supervisor without any AWS credentials, from her browser: WeCom says who she is, the configuration what she may.

let yard: Yard;
beforeAll(async () => {
  yard = await openYard({
    wecom: {
      corp: { accounts: [{ openKfId: ACCOUNT, servicers: ['zhangsan', 'lisi'] }], members: ['lead', 'stranger'] },
    },
  });
  const dynamo = dynamoClient(yard.stack.aws);
  const store = noticesStore(dynamoTable(dynamo, wecomShape(yard.stack.names.table('WeComTable'))));
  const lead = Supervisor.parse({ id: 'lead', teams: ['support'], role: 'supervisor' });
  await store.saveSettings({ supervisors: [lead], terms: NoticeTerms.parse({}) });
  dynamo.destroy();
});
afterAll(() => yard.close());

/** A browser that keeps cookies. In the cloud there is TLS in front of us, so our own address begins with https. */
function browser() {
  const kept = new Map<string, string>();
  const origin = yard.stack.url.replace(/^http:/, 'https:');
  return {
    kept,
    async open(
      address: string,
      { method = 'GET', body, etag }: { method?: string; body?: object; etag?: string } = {},
    ) {
      const url = address.startsWith('/') ? yard.stack.url + address : address.replace(/^https:/, 'http:');
      const answer = await fetchHeld(url, {
        method,
        redirect: 'manual',
        headers: {
          cookie: [...kept].map(([name, value]) => `${name}=${value}`).join('; '),
          ...(method !== 'GET' && { origin }),
          ...(body && { 'content-type': 'application/json' }),
          ...(etag !== undefined && { 'if-match': etag }),
        },
        ...(body && { body: JSON.stringify(body) }),
      });
      for (const cookie of answer.headers.getSetCookie()) {
        const [name = '', value = ''] = cookie.split(';')[0]?.split('=') ?? [];
        if (value === '') kept.delete(name);
        else kept.set(name, value);
      }
      const text = await answer.text();
      return {
        status: answer.status,
        location: answer.headers.get('location') ?? '',
        etag: answer.headers.get('etag') ?? '',
        json: text.startsWith('{') ? JSON.parse(text) : undefined,
      };
    },
  };
}

async function logIn(who: string, back = '/console/v1/me') {
  const { open, kept } = browser();
  const left = await open(`/console/v1/login?back=${back}`);
  const callback = await yard.wecom.client(who).logIn(left.location);
  return { open, kept, callback, came: await open(callback) };
}

test('a supervisor logs in with WeCom, takes an agent off duty, hands a customer over as herself, and leaves', async () => {
  const { open, came, callback } = await logIn('lead', '/console/v1/teams');
  expect([came.status, came.location]).toEqual([302, '/console/v1/teams']);
  expect((await open(came.location)).json.teams).toMatchObject([{ id: 'support' }]);
  expect((await open('/console/v1/me')).json).toEqual({
    ...{ kind: 'member', name: 'lead', role: 'supervisor', teams: ['support'] },
  });

  const duty = '/console/v1/agents/lisi/duty';
  const { etag } = await open(duty);
  expect((await open(duty, { method: 'PUT', body: { duty: 'off' } })).status).toBe(428);
  expect((await open(duty, { method: 'PUT', body: { duty: 'off' }, etag })).status).toBe(200);
  expect((await open(duty, { method: 'PUT', body: { duty: 'on' }, etag })).status).toBe(412);
  expect((await yard.agents()).find(({ agentId }) => agentId === 'lisi')?.duty).toBe('off');

  await yard.wecom.phone('wmEve').write(ACCOUNT, 'agent');
  await yard.quiet();
  const path = `/console/v1/conversations/${encodeURIComponent(`${ACCOUNT}:wmEve`)}`;
  expect((await open(path)).json.session).toMatchObject({ state: 'person', agentId: 'zhangsan' });
  const handed = await open(`${path}/hand-over`, { method: 'POST', body: { to: { agentId: 'lisi' } } });
  expect(handed.status).toBe(202);
  await yard.quiet();
  expect((await open(path)).json.handOver).toMatchObject({ by: 'lead' });

  // Her role ends there.
  expect((await open('/console/v1/audit')).status).toBe(403);
  expect((await open('/console/v1/contact-ways/x/pause', { method: 'POST' })).status).toBe(403);

  expect((await open('/console/v1/logout', { method: 'POST' })).status).toBe(204);
  expect((await open('/console/v1/me')).status).toBe(401);
  // WeCom's code was used, and the browser has forgotten that it began.
  expect((await open(callback)).status).toBe(400);
});

test('an operator who signs sees who changed what', async () => {
  const { json } = await browser().open('/admin/v1/audit?limit=10');
  expect(json.records).toMatchObject([
    { by: { kind: 'member', name: 'lead' }, operation: 'POST /conversations/{id}/hand-over', outcome: 'done' },
    { by: { kind: 'member', name: 'lead' }, operation: 'PUT /agents/{agentId}/duty', outcome: 'refused', status: 412 },
    { by: { kind: 'member', name: 'lead' }, wish: { duty: 'off' }, outcome: 'done', status: 200 },
  ]);
  expect((await browser().open('/admin/v1/openapi.json')).json.openapi).toBe('3.1.0');
});

test('a member of the corp whom the configuration does not know gets no session, nor does whoever refuses', async () => {
  const stranger = await logIn('stranger');
  expect([stranger.came.status, [...stranger.kept.keys()]]).toEqual([403, []]);

  const { open } = browser();
  const left = await open('/console/v1/login');
  const refused = await yard.wecom.client('lead').logIn(left.location, { agrees: false });
  expect((await open(refused)).status).toBe(403);
});

test('a code of WeCom’s older than five minutes lets nobody in', async () => {
  const { open } = browser();
  const left = await open('/console/v1/login');
  const callback = await yard.wecom.client('lead').logIn(left.location);
  yard.travel(5 * 60_000);
  expect((await open(callback)).status).toBe(403);
});
