import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { observeWay, readWay } from '../../commands/observe-way.ts';
import type { OpsIo } from '../../commands/ops-command.ts';
import { contactWayStore } from '../../lib/contact-me/contact-way-store.ts';
import { ContactWay } from '../../lib/contact-me/way.ts';
import { wayDutyStore } from '../../lib/contact-me/way-duty-store.ts';
import { dynamoClient, dynamoTable } from '../../lib/store/dynamo-table.ts';
import { inbox } from '../../lib/store/inbox.ts';
import { contactWaysShape } from '../../lib/store/tables.ts';
import { type Dynalite, startDynalite } from '../support/dynalite.ts';

const NOON = Date.UTC(2026, 0, 5, 4);
const shape = contactWaysShape('wecom-concierge-test-contact-ways');

let dynamo: Dynalite;
beforeAll(async () => {
  dynamo = await startDynalite([shape]);
  const table = dynamoTable(dynamo.client, shape);
  const ways = contactWayStore(table, inbox(table, { attentionAfterMs: 1000, keepMs: 1000 }));
  const way = ContactWay.parse({ wayId: 'desk', name: 'Desk', mode: 'turn', members: [{ agentId: 'amy' }] });
  await ways.saveWay(way, NOON);
});
afterAll(() => dynamo.stop());

/** The command with somebody who answers as he is told. */
async function observe(
  action: 'on' | 'off' | 'show',
  wayId: string,
  answer = true,
): Promise<{ code: number; said: string[] }> {
  const said: string[] = [];
  const io: OpsIo = {
    env: {},
    print: (text) => void said.push(text),
    tell: () => undefined,
    progress: () => undefined,
    isTerminal: false,
    confirm: async () => answer,
    askSecret: async () => '',
  };
  const wish = { stage: 'test', json: false, yes: false };
  return { code: await observeWay(action, wayId, wish, io, () => dynamoClient(dynamo.access)), said };
}
const observes = (wayId: string) => wayDutyStore(dynamoTable(dynamo.client, shape)).observes(wayId);

test('a way is observed and served again, asked first; show changes nothing', async () => {
  expect(await observe('on', 'desk', false)).toEqual({ code: 1, said: [] });
  expect(await observes('desk')).toBe(false);
  expect((await observe('on', 'desk')).said[0]).toMatch(/^way:desk: observes since 20/);
  expect(await observes('desk')).toBe(true);
  expect((await observe('show', 'desk')).said[0]).toMatch(/^way:desk: observes since/);
  expect((await observe('off', 'desk')).said[0]).toMatch(/^way:desk: serves since/);
  expect(await observes('desk')).toBe(false);
});

test('all ways are one setting, which a way of its own does not follow', async () => {
  await observe('off', 'desk');
  await observe('on', '*');
  expect([await observes('desk'), await observes('other')]).toEqual([false, true]);
});

test('a way that is not there is named, and what is no way is an account', async () => {
  await expect(observe('on', 'dekc')).rejects.toThrow('no contact way dekc');
  expect([readWay('way:desk'), readWay('way:*'), readWay('wkA'), readWay('*'), readWay('way:')]).toEqual([
    'desk',
    '*',
    undefined,
    undefined,
    undefined,
  ]);
});
