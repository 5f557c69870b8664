import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import * as z from 'zod';
import { contactWayStore } from '../../lib/contact-me/contact-way-store.ts';
import { ContactWay } from '../../lib/contact-me/way.ts';
import { DAY, MINUTE } from '../../lib/platform/clock.ts';
import { scanTable } from '../../lib/store/dynamo-scan.ts';
import { dynamoClient, dynamoTable } from '../../lib/store/dynamo-table.ts';
import { inbox } from '../../lib/store/inbox.ts';
import { contactWaysShape, wecomShape } from '../../lib/store/tables.ts';
import { callAws } from '../../local/aws-call.ts';
import { runOpsOnAws } from '../support/run-command.ts';
import { ACCOUNT, openYard, type Yard } from '../support/yard.ts';

const EVE = 'wmEVE0000000000000000000000000001';
const CODE = 'support';
const TABLES = ['ConversationsTable', 'CustomersTable', 'RoutingTable', 'ContactWaysTable', 'WeComTable'];

let yard: Yard;
let dynamo: ReturnType<typeof dynamoClient>;
let folder: string;
beforeAll(async () => {
  yard = await openYard();
  dynamo = dynamoClient(yard.stack.aws);
  folder = await mkdtemp(join(tmpdir(), 'export-'));
});
afterAll(async () => {
  dynamo.destroy();
  await rm(folder, { recursive: true });
  await yard.close();
});

/** Everything that is kept in the stack's tables, as text. */
async function everything(): Promise<string> {
  const texts: string[] = [];
  for (const id of TABLES) {
    for await (const item of scanTable(dynamo, yard.stack.names.table(id))) texts.push(JSON.stringify(item));
  }
  return texts.join('\n');
}

/** What other systems were told of erasures: a telling that was repeated has the same id. */
function tellings(): string[] {
  const told = yard.stack.events.filter((event) => event['detail-type'].endsWith('.erased.v1'));
  const Told = z.object({ id: z.string() });
  return [...new Map(told.map((event) => [Told.parse(event.detail).id, event['detail-type']])).values()].toSorted();
}

async function wakeWay(wayId: string): Promise<void> {
  await callAws(yard.stack.aws.endpoint, 'sqs', 'SendMessage', {
    QueueUrl: yard.stack.names.queueUrl('RotationsQueue'),
    MessageBody: JSON.stringify({ v: 1, wayId }),
    MessageGroupId: wayId,
    MessageDeduplicationId: 'first',
  });
  await yard.quiet();
}

/** Everything that a customer can do with us: a code scanned, words, a file, a rule's answer, a person, an answer of his. */
async function doEverything(): Promise<void> {
  const table = dynamoTable(dynamo, contactWaysShape(yard.stack.names.table('ContactWaysTable')));
  const store = contactWayStore(table, inbox(table, { attentionAfterMs: MINUTE, keepMs: 14 * DAY }));
  const members = [{ agentId: 'zhangsan' }];
  const welcome = { standard: { text: 'Welcome' } };
  await store.saveWay(
    ContactWay.parse({ wayId: CODE, name: 'Team', mode: 'turn', members, welcome }),
    yard.stack.now(),
  );
  await wakeWay(CODE);
  const { code } = await store.read(CODE, 'Asia/Shanghai', yard.stack.now());
  const phone = yard.wecom.phone(EVE);
  await phone.scan(code?.configId ?? '');
  await yard.quiet();
  await phone.enter(ACCOUNT);
  await phone.write(ACCOUNT, 'SECRET price');
  await phone.send(ACCOUNT, 'image', {});
  await yard.quiet();
  await phone.write(ACCOUNT, '人工');
  await yard.quiet();
  await yard.until('a person serves', async () => (await yard.conversation(EVE)).session.state === 'person');
  await phone.write(ACCOUNT, 'SECRET to the agent');
  await yard.quiet();
}

/** WeCom gives its three days again, and repeats what it told of the customer's contact. */
async function replay(): Promise<void> {
  const wecomTable = dynamoTable(dynamo, wecomShape(yard.stack.names.table('WeComTable')));
  await wecomTable.update({ id: `account#${ACCOUNT}` }, { remove: ['cursor'] });
  await yard.wecom.phone('wmSomebodyElse').write(ACCOUNT, 'hours');
  await yard.quiet();
}

test('a customer who did everything is exported whole, erased in spite of kills, and not brought back by a replay', async () => {
  await doEverything();
  expect(await everything()).toContain('SECRET');

  const killed = await runOpsOnAws(yard.stack, ['export', EVE, '--to', folder], { killAtCall: 6 });
  expect(killed.code).not.toBe(0);
  await expect(readFile(join(folder, 'manifest.json'))).rejects.toThrow();
  const exported = await runOpsOnAws(yard.stack, ['export', `${ACCOUNT}:${EVE}`, '--to', folder, '--json']);
  expect(exported).toMatchObject({ code: 0 });
  const manifest = JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8'));
  expect(manifest).toMatchObject({
    customerId: EVE,
    complete: true,
    items: { conversations: expect.any(Number), customers: expect.any(Number), 'contact-ways': 2, media: 1 },
  });
  const items = await readFile(join(folder, 'items.json'), 'utf8');
  expect(items.match(/SECRET/g)?.length).toBeGreaterThanOrEqual(2);
  expect(Array.isArray(JSON.parse(items))).toBe(true);

  yard.travel(2000);
  for (const killAtCall of [8, 20, 28, 36]) {
    const half = await runOpsOnAws(yard.stack, ['erase', EVE, '--yes'], { killAtCall });
    expect({ killAtCall, code: half.code }).toEqual({ killAtCall, code: -1 });
    await yard.quiet();
  }
  const erased = await runOpsOnAws(yard.stack, ['erase', EVE, '--yes', '--json', '--wait', '60']);
  expect(erased).toMatchObject({ code: 0 });
  expect(JSON.parse(erased.out)).toMatchObject({ done: true, tombstones: 2 });
  expect(await everything()).not.toContain('SECRET');
  // Nothing but the two tombstones names her: no list of what a way took in last either.
  const naming = (await everything()).split('\n').filter((item) => item.includes(EVE));
  expect(naming.filter((item) => !item.includes('"erasedAt"'))).toEqual([]);
  expect(tellings()).toEqual(['contact.erased.v1', 'conversation.erased.v1']);

  await replay();
  expect(await everything()).not.toContain('SECRET');
  const after = await runOpsOnAws(yard.stack, ['erase', EVE, '--yes', '--json']);
  expect(JSON.parse(after.out)).toMatchObject({ total: 0, tombstones: 2 });
  const nothing = await runOpsOnAws(yard.stack, ['export', EVE, '--to', folder, '--json']);
  expect(JSON.parse(await readFile(join(folder, 'items.json'), 'utf8'))).toHaveLength(2);
  expect(tellings()).toEqual(['contact.erased.v1', 'conversation.erased.v1']);
  expect(JSON.parse(nothing.out)).toMatchObject({ items: { conversations: 1, customers: 1 } });
}, 240_000);

test('who was forgotten and writes again is served as a new customer', async () => {
  yard.travel(5000);
  const before = yard.shown(EVE).length;
  await yard.wecom.client('zhangsan').end(ACCOUNT, EVE);
  await yard.quiet();
  await yard.wecom.phone(EVE).write(ACCOUNT, 'price');
  await yard.quiet();
  expect(yard.shown(EVE).slice(before)).toContain('100 元 · 100 yuan');
  expect(await yard.conversation(EVE)).toMatchObject({ heard: { ever: 1 } });
}, 120_000);
