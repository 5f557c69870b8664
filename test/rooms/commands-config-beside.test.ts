import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { accountsElsewhere } from '../../commands/accounts-elsewhere.ts';
import { routingStore } from '../../lib/routing/routing-store.ts';
import { dynamoClient, dynamoTable } from '../../lib/store/dynamo-table.ts';
import { inbox } from '../../lib/store/inbox.ts';
import { contactWaysShape, repliesShape, routingShape, wecomShape } from '../../lib/store/tables.ts';
import { accountDutyStore } from '../../lib/wecom/account-duty-store.ts';
import { type Dynalite, startDynalite } from '../support/dynalite.ts';

const NOON = Date.UTC(2026, 0, 5, 4);
const named = (stage: string, table: string) => `wecom-concierge-${stage}-${table}`;

let dynamo: Dynalite;
beforeAll(async () => {
  dynamo = await startDynalite([
    ...['dev', 'prod'].flatMap((stage) => [routingShape(named(stage, 'routing')), wecomShape(named(stage, 'wecom'))]),
    repliesShape(named('dev', 'replies')),
    contactWaysShape(named('dev', 'contact-ways')),
  ]);
});
afterAll(() => dynamo.stop());
beforeEach(async () => {
  for (const stage of ['dev', 'prod']) await dutiesOf(stage).observe('wkA', false, NOON);
});

const dutiesOf = (stage: string) => accountDutyStore(dynamoTable(dynamo.client, wecomShape(named(stage, 'wecom'))));

async function serveIn(stage: string, ...accounts: string[]): Promise<void> {
  const table = dynamoTable(dynamo.client, routingShape(named(stage, 'routing')));
  const store = routingStore(table, inbox(table, { attentionAfterMs: 1000, keepMs: 1000 }));
  for (const account of accounts) await store.assignAccount(account, 'support');
}

// `staging` is in no table: it is not deployed.
const look = (wanted: string[]) =>
  accountsElsewhere('dev', wanted, ['prod', 'staging'], () => dynamoClient(dynamo.access));

test('an account that another stage serves is named with that stage and the way out', async () => {
  await serveIn('prod', 'wkA', 'wkB', '*');
  expect(await look(['wkA', 'wkNEW', '*'])).toEqual({
    problems: [
      {
        path: 'account wkA',
        problem: expect.stringContaining('stage prod serves it, too'),
        mend: expect.stringContaining('npm run ops -- release wkA --stage prod'),
      },
    ],
    warnings: [],
  });
  // What `*` stands for, only WeCom knows.
  expect(await look(['*'])).toEqual({ problems: [], warnings: [] });
});

test.each(['dev', 'prod'])('not while %s only observes it', async (stage) => {
  await serveIn('prod', 'wkA');
  await dutiesOf(stage).observe('wkA', true, NOON);
  expect((await look(['wkA'])).problems).toEqual([]);
});

test('not when the other one has released it', async () => {
  await serveIn('prod', 'wkA');
  await dutiesOf('prod').begin('wkA', { id: 'r', kind: 'release', app: 'main', startedAt: NOON });
  expect((await look(['wkA'])).problems).toEqual([]);
  await dutiesOf('prod').begin('wkA', { id: 'a', kind: 'adopt', app: 'main', startedAt: NOON });
  expect((await look(['wkA'])).problems).toHaveLength(1);
  await dutiesOf('prod').finish('wkA', { id: 'a', kind: 'adopt' }, NOON);
});

test('a stage that may not be read is a warning, since nothing is known of it', async () => {
  const closed = dynamoClient({ ...dynamo.access, endpoint: 'http://127.0.0.1:9' });
  const { problems, warnings } = await accountsElsewhere('dev', ['wkA'], ['prod'], () => closed);
  expect(problems).toEqual([]);
  expect(warnings).toEqual([
    expect.objectContaining({ problem: expect.stringContaining('stage prod cannot be looked at') }),
  ]);
});

test('plan and apply refuse such a file, and write nothing', async () => {
  await serveIn('prod', 'wkA');
  const folder = await mkdtemp(join(tmpdir(), 'beside-'));
  const business = join(folder, 'business.yml');
  await writeFile(
    business,
    'agents: [{ id: lisi, capacity: 5 }]\nteams: [{ id: support, accounts: [wkA], agents: [lisi] }]',
  );
  for (const args of [
    ['plan', business],
    ['apply', business, '--yes'],
  ]) {
    const child = spawn(process.execPath, ['commands/config.ts', ...args], {
      cwd: fileURLToPath(new URL('../..', import.meta.url)),
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        PATH: process.env.PATH,
        AWS_ENDPOINT_URL: dynamo.access.endpoint,
        AWS_REGION: 'us-east-1',
        AWS_ACCESS_KEY_ID: 'test',
        AWS_SECRET_ACCESS_KEY: 'test',
      },
    });
    const ended = new Promise<number>((resolve) => child.on('close', (code) => resolve(code ?? -1)));
    const [err, code] = await Promise.all([text(child.stderr), ended]);
    expect(code).toBe(1);
    expect(err).toMatch(/nothing was written\.\n {2}account wkA: stage prod serves it, too/);
  }
  const table = dynamoTable(dynamo.client, routingShape(named('dev', 'routing')));
  const store = routingStore(table, inbox(table, { attentionAfterMs: 1000, keepMs: 1000 }));
  expect((await store.configured()).accounts).toEqual([]);
  await rm(folder, { recursive: true });
});
