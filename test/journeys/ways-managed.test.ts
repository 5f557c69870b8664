import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import * as z from 'zod';
import { MINUTE } from '../../lib/platform/clock.ts';
import { fetchHeld } from '../support/admin-contract.ts';
import { awsOf, startScript, untilEnded } from '../support/run-command.ts';
import { openYard, type Yard } from '../support/yard.ts';

// Contact ways are made and changed by the operators' command and the admin API alone, as in a company.

let yard: Yard;
let folder: string;
beforeAll(async () => {
  yard = await openYard({ wecom: { corp: { accounts: [], members: ['amy', 'ben', 'cat'] } } });
  folder = await mkdtemp(join(tmpdir(), 'ways-'));
});
afterAll(async () => {
  await yard.close();
  await rm(folder, { recursive: true });
});

/** The command as an operator runs it; without the queues' addresses, so that the sweep has to find what changed. */
async function config(command: 'plan' | 'apply', yaml: string): Promise<{ code: number; said: string }> {
  const file = join(folder, 'business.yml');
  await writeFile(file, yaml);
  const args = [command, file, '--stage', 'dev', '--yes'];
  const { code, out, err } = await untilEnded(startScript('commands/config.ts', args, awsOf(yard.stack)));
  return { code, said: out + err };
}

async function admin(method: string, path: string, body?: object) {
  const url = `${yard.stack.url}/admin/v1/contact-ways${path}`;
  // Over what is there now, as whoever has just looked.
  const etag = method === 'GET' ? undefined : (await fetchHeld(url)).headers.get('etag');
  const response = await fetchHeld(url, {
    method,
    headers: {
      ...(etag ? { 'if-match': etag } : { 'if-none-match': '*' }),
      ...(body && { 'content-type': 'application/json' }),
    },
    ...(body && { body: JSON.stringify(body) }),
  });
  await yard.quiet();
  return response;
}
const Shown = z.looseObject({ next: z.string().optional() });
const shown = async (id: string) => Shown.parse(await (await admin('GET', `/${id}`)).json());

/** Whom WeCom's code of this way lists. */
const listed = (id: string) => yard.wecom.contacts.ways().find(({ state }) => state === `cc:dev:${id}`)?.users;

async function scan(id: string, customer: string): Promise<string> {
  const configId = yard.wecom.contacts.ways().find(({ state }) => state === `cc:dev:${id}`)?.configId ?? '';
  const { member } = await yard.wecom.phone(customer).scan(configId);
  await yard.quiet();
  return member;
}

const FILE = `
welcome: { standard: { text: 欢迎 · Welcome } }
contactWays:
  - { id: expo, name: Expo, mode: turn, members: [amy, { id: ben, weight: 1 }] }
`;

test('a way of the file has its code within a minute or two, and customers get its members and its welcome', async () => {
  expect(await config('plan', FILE)).toMatchObject({ code: 2, said: expect.stringContaining('+ contact way expo') });
  expect(await config('apply', FILE)).toMatchObject({ code: 0 });
  expect(listed('expo')).toBeUndefined();
  await yard.pass(2 * MINUTE);
  expect(listed('expo')).toEqual(['amy']);
  expect(await config('plan', FILE)).toMatchObject({ code: 0 });

  expect([await scan('expo', 'wm1'), await scan('expo', 'wm2'), await scan('expo', 'wm3')]).toEqual([
    'amy',
    'ben',
    'amy',
  ]);
  expect(yard.wecom.phone('wm1').welcomes()).toMatchObject([{ text: '欢迎 · Welcome' }]);
  expect(await shown('expo')).toMatchObject({
    next: 'ben',
    turns: { today: 3, total: 3 },
    members: [
      { id: 'amy', adds: { today: { new: 2 } } },
      { id: 'ben', next: true, adds: { today: { new: 1 } } },
    ],
  });
});

test('its picture is WeCom’s own, and can be printed', async () => {
  const original = await admin('GET', '/expo/code');
  const bytes = Buffer.from(await original.arrayBuffer());
  expect(original.headers.get('content-type')).toBe('image/png');
  expect(bytes.subarray(0, 8).toString('hex')).toBe('89504e470d0a1a0a');
  const svg = await (await admin('GET', '/expo/code.svg')).text();
  expect(svg).toContain(bytes.toString('base64'));
});

test('a way is made, changed, paused, resumed and deleted by the admin API', async () => {
  expect((await admin('PUT', '/desk', { name: 'Desk', mode: 'pool', members: ['amy', 'ben'] })).status).toBe(201);
  expect(listed('desk')).toEqual(['amy', 'ben']);

  const wrong = await admin('PUT', '/desk', { name: 'Desk', mode: 'pool', members: [{ id: 'amy', weight: 0 }] });
  expect(wrong.status).toBe(422);
  expect(await wrong.json()).toMatchObject({ errors: [{ path: 'members[0].weight' }] });

  expect((await admin('PUT', '/desk', { name: 'Desk', mode: 'pool', members: ['amy', 'cat'] })).status).toBe(200);
  expect(listed('desk')).toEqual(['amy', 'cat']);

  await admin('PUT', '/desk/members/amy/duty', { duty: 'off' });
  expect(listed('desk')).toEqual(['cat']);
  await admin('PUT', '/desk/members/amy/duty', { duty: 'on' });
  expect(listed('desk')).toEqual(['amy', 'cat']);

  await admin('POST', '/desk/pause');
  expect(await shown('desk')).toMatchObject({ paused: true, members: [{ passedOver: 'way-paused' }, {}] });
  // WeCom's list may not be empty.
  expect(listed('desk')).toEqual(['amy', 'cat']);
  await admin('POST', '/desk/resume');
  expect((await shown('desk')).next).toBe('amy');

  expect(await (await admin('GET', '')).json()).toMatchObject({ contactWays: [{ id: 'desk' }, { id: 'expo' }] });
  expect((await admin('DELETE', '/desk')).status).toBe(204);
  expect((await admin('GET', '/desk')).status).toBe(404);
  expect(listed('desk')).toBeUndefined();
});

test('a link’s code is our own address', async () => {
  await admin('PUT', '/web', { name: 'Web', mode: 'link', members: ['amy', 'ben'] });
  const png = await admin('GET', '/web/code.png');
  expect({ status: png.status, type: png.headers.get('content-type') }).toEqual({ status: 200, type: 'image/png' });
  expect((await png.arrayBuffer()).byteLength).toBeGreaterThan(1000);
  expect(await (await admin('GET', '/web/code.svg')).text()).toMatch(/^<svg/);
});

test('a file that says nothing of contact ways leaves them alone, an empty list removes them', async () => {
  expect(await config('apply', 'agents: []')).toMatchObject({ code: 0 });
  expect((await admin('GET', '/expo')).status).toBe(200);
  expect((await config('plan', 'contactWays: []')).said).toMatch(/- contact way expo\n.*printed code/);
  await config('apply', 'contactWays: []');
  expect(await (await admin('GET', '')).json()).toEqual({ contactWays: [] });
  await yard.pass(2 * MINUTE);
  expect(listed('expo')).toBeUndefined();
});
