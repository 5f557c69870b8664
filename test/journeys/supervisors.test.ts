import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { noticesStore } from '../../lib/notices/notices-store.ts';
import { NoticeTerms, Supervisor } from '../../lib/notices/supervisor.ts';
import { MINUTE } from '../../lib/platform/clock.ts';
import { dynamoClient, dynamoTable } from '../../lib/store/dynamo-table.ts';
import { wecomShape } from '../../lib/store/tables.ts';
import { callAws } from '../../local/aws-call.ts';
import { ACCOUNT, openYard, type Yard } from '../support/yard.ts';

/** Of one team. */
const LEAD = 'lead';
/** Of all teams. */
const ALL = 'boss';

let yard: Yard;
beforeAll(async () => {
  yard = await openYard({
    house: { agents: {} },
    wecom: { corp: { accounts: [{ openKfId: ACCOUNT, servicers: ['zhangsan'] }], members: [LEAD, ALL] } },
  });
  const dynamo = dynamoClient(yard.stack.aws);
  const store = noticesStore(dynamoTable(dynamo, wecomShape(yard.stack.names.table('WeComTable'))));
  await store.saveSettings({
    supervisors: [Supervisor.parse({ id: LEAD, teams: ['support'], language: 'en' }), Supervisor.parse({ id: ALL })],
    terms: NoticeTerms.parse({}),
  });
  dynamo.destroy();
});
afterAll(() => yard.close());

const told = (who = LEAD): string[] =>
  yard.wecom
    .client(who)
    .appMessages()
    .map(({ text = '' }) => text);

async function asksForAPerson(customer: string): Promise<void> {
  await yard.wecom.phone(customer).write(ACCOUNT, 'agent');
  await yard.quiet();
}

test('a customer waits with nobody receiving: the supervisor is told once, and later of all who joined the line', async () => {
  await asksForAPerson('wmFirst');
  expect(told()).toEqual([
    expect.stringMatching(/^\d\d:\d\d Customer service\n• 1 customer waits in team support; nobody receives there\.$/),
  ]);

  await asksForAPerson('wmFirst');
  await asksForAPerson('wmSecond');
  await asksForAPerson('wmThird');
  await yard.pass(2 * MINUTE);
  expect(told()).toHaveLength(1);

  await yard.pass(4 * MINUTE);
  expect(told()).toHaveLength(2);
  expect(told()[1]).toMatch(/3 customers wait in team support, the longest for 6 min; nobody receives there\.$/);

  await yard.pass(30 * MINUTE);
  expect(told()).toHaveLength(2);
});

test('a contact way without members: the one with all teams is told, and a repeat of the event tells nothing', async () => {
  const before = told(ALL).length;
  const detail = {
    id: 'way-event',
    type: 'way.alarmed.v1',
    subject: 'spring',
    time: new Date(yard.stack.now()).toISOString(),
    data: { wayId: 'spring', reason: 'nobody-can' },
  };
  const Entries = ['way.alarmed.v1', 'way.alarmed.v1', 'way.calmed.v1'].map((type) => ({
    EventBusName: yard.stack.names.bus('EventBus'),
    Source: 'wecom-concierge',
    DetailType: type,
    Detail: JSON.stringify({ ...detail, type }),
  }));
  await callAws(yard.stack.aws.endpoint, 'events', 'PutEvents', { Entries });
  await yard.quiet();
  await yard.pass(20 * MINUTE);

  const news = told(ALL).slice(before);
  expect(news).toHaveLength(1);
  expect(news[0]).toContain('联系方式 spring 需要处理（nobody-can）。');
  expect(told().filter((text) => text.includes('spring'))).toEqual([]);
});
