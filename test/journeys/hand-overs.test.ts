import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { noticesStore } from '../../lib/notices/notices-store.ts';
import { NoticeTerms } from '../../lib/notices/supervisor.ts';
import { MINUTE } from '../../lib/platform/clock.ts';
import { routingStore } from '../../lib/routing/routing-store.ts';
import { dynamoClient, dynamoTable } from '../../lib/store/dynamo-table.ts';
import { inbox } from '../../lib/store/inbox.ts';
import { routingShape, wecomShape } from '../../lib/store/tables.ts';
import { fetchHeld } from '../support/admin-contract.ts';
import { expectInStep } from '../support/in-step.ts';
import { ACCOUNT, openYard, type Yard } from '../support/yard.ts';

// A supervisor hands conversations over by the admin API; the receiver reads in WeCom why, and what was not said.

const AGENTS = ['ann', 'bob', 'cid'];
let yard: Yard;
beforeAll(async () => {
  yard = await openYard({
    house: { agents: { ann: 1, bob: 1 } },
    wecom: { corp: { accounts: [{ openKfId: ACCOUNT, servicers: AGENTS }] } },
  });
  const dynamo = dynamoClient(yard.stack.aws);
  const routingTable = dynamoTable(dynamo, routingShape(yard.stack.names.table('RoutingTable')));
  const routing = routingStore(routingTable, inbox(routingTable, { attentionAfterMs: MINUTE, keepMs: MINUTE }));
  await routing.saveAgent({ agentId: 'cid', capacity: 1, duty: 'on', teams: ['sales'] });
  await routing.saveTeam({ teamId: 'sales', agents: ['cid'], endAfterSilenceSeconds: 1800 });
  const terms = NoticeTerms.parse({ agentLanguage: 'en', historyLink: 'https://desk.example.com/{id}' });
  const wecomTable = dynamoTable(dynamo, wecomShape(yard.stack.names.table('WeComTable')));
  await noticesStore(wecomTable).saveSettings({ supervisors: [], terms });
  dynamo.destroy();
});
afterAll(() => yard.close());

const admin = async (path: string, body?: object) => {
  const method = body ? 'POST' : 'GET';
  const answer = await fetchHeld(`${yard.stack.url}/admin/v1/conversations/${path}`, {
    method,
    ...(body && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
  });
  return { status: answer.status, body: Object(await answer.json()) };
};
const handOver = async (customer: string, body: object) => {
  const answer = await admin(`${ACCOUNT}:${customer}/hand-over`, body);
  await yard.quiet();
  return answer;
};
const texts = (who: string): string[] =>
  yard.wecom
    .client(who)
    .appMessages()
    .map(({ text = '' }) => text);
const servicerOf = (customer: string) => yard.wecom.session(ACCOUNT, customer).servicer;

test('to a team, to an agent, and back to the bot', async () => {
  const eve = yard.wecom.phone('wmEve');
  await eve.write(ACCOUNT, '价格');
  await yard.quiet();

  const note = '客户要发票 · wants an invoice';
  expect(await handOver('wmEve', { to: { teamId: 'sales' }, note, by: 'boss', id: 'h1' })).toMatchObject({
    status: 202,
    body: { id: 'h1' },
  });
  expect(servicerOf('wmEve')).toBe('cid');
  await yard.until('the receiver is told', () => texts('cid').length > 0);
  expect(texts('cid').map((text) => text.split('\n'))).toEqual([
    [
      expect.stringMatching(/^\d\d:\d\d You serve a conversation on account wkSUPPORT\w+ now$/),
      '• Handed over to you by boss',
      `• Note: ${note}`,
      `<a href="https://desk.example.com/${ACCOUNT}%3AwmEve">Read the history</a>`,
    ],
  ]);

  await handOver('wmEve', { to: { agentId: 'bob' }, by: 'cid' });
  expect(servicerOf('wmEve')).toBe('bob');
  await yard.until('the next receiver is told', () => texts('bob').length > 0);
  expect(texts('bob')[0]).toContain('Handed over to you by cid');
  expect(texts('cid')).toHaveLength(1);

  await handOver('wmEve', { to: 'bot' });
  expect(yard.shown('wmEve').at(-1)).toBe('已结束 · ended');
  await eve.write(ACCOUNT, '价格');
  await yard.quiet();
  expect(yard.shown('wmEve').at(-1)).toBe('100 元 · 100 yuan');

  const done = yard.stack.events.filter((event) => event['detail-type'] === 'hand-over.done.v1');
  expect(done.map(({ detail }) => Object(detail).data)).toMatchObject([
    { handOverId: 'h1', to: 'team', agentId: 'cid' },
    { to: 'agent', agentId: 'bob', from: 'cid' },
    { to: 'bot', from: 'bob' },
  ]);
  const { body } = await admin(`${ACCOUNT}:wmEve/history`);
  expect(body.entries).toContainEqual(expect.objectContaining({ kind: 'note', text: note, by: 'boss' }));
  // The note's words lie in the history, and nowhere else.
  expect(yard.logs.join('\n') + JSON.stringify(yard.stack.events)).not.toContain('invoice');
  expect(await handOver('wmEve', { to: 'bot' })).toMatchObject({ status: 409, body: { reason: 'already-there' } });
  await expectInStep(yard, ['wmEve']);
});
