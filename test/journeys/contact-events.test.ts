import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { MINUTE } from '../../lib/platform/clock.ts';
import { callAws } from '../../local/aws-call.ts';
import { type ContactYard, openContactYard } from '../support/contact-yard.ts';

// What WeCom tells of contacts, besides plain adds, and what it does not tell.

let yard: ContactYard;
beforeAll(async () => {
  yard = await openContactYard(['amy', 'ben', 'cat', 'dan', { userid: 'archived', archived: true }], {
    apps: { main: {}, directory: { secretOf: 'main', receivesDirectory: true } },
  });
  await yard.wecom.setCallbackUrl('directory', `${yard.stack.url}/wecom/callbacks/directory`);
});
afterEach(() => {
  yard.wecom.faults.clear();
});
afterAll(() => yard.close());

const WELCOME = { standard: { text: '您好 · Welcome' } };
const members = (...agentIds: string[]) => agentIds.map((agentId) => ({ agentId }));
const factsOf = (type: string, customerId?: string) => {
  const events = yard.stack.events.filter((event) => event['detail-type'] === type).map(({ detail }) => Object(detail));
  const mine = events.filter(({ data }) => customerId === undefined || data.customerId === customerId);
  return [...new Map(mine.map(({ id, data }) => [id, data])).values()];
};

test('who scans the code of somebody whose contact he is already takes no turn: WeCom makes no event', async () => {
  await yard.configure({ wayId: 'friends', mode: 'turn', members: members('amy'), welcome: WELCOME });
  await yard.scan('friends', 'wmFriend');
  const before = await yard.record('friends');
  const { code } = before;
  const { outcome } = await yard.wecom.phone('wmFriend').scan(code?.configId ?? '');
  await yard.quiet();

  expect(outcome).toBe('alreadyFriend');
  const after = await yard.record('friends');
  expect([after.turns.count, after.figures]).toEqual([1, before.figures]);
  expect(factsOf('contact.added.v1', 'wmFriend')).toHaveLength(1);
});

test('a member who leaves is told through the directory’s own door, and the code goes on with the others', async () => {
  await yard.configure({ wayId: 'leaver', mode: 'turn', members: members('dan', 'ben'), welcome: WELCOME });
  yard.wecom.console.removeMember('dan');
  await yard.quiet();

  expect((await yard.record('leaver')).refused).toMatchObject({ dan: { reason: 'unknown-member' } });
  expect(await yard.scan('leaver', 'wmLeaver1', 'wmLeaver2')).toEqual(['ben', 'ben']);
  expect(factsOf('member.refused.v1')).toMatchObject([{ wayId: 'leaver', agentId: 'dan', reason: 'unknown-member' }]);
});

test('the customer of an archived member is welcomed once he agrees, and both are told', async () => {
  await yard.configure({ wayId: 'archive', mode: 'turn', members: members('archived'), welcome: WELCOME });
  await yard.scan('archive', 'wmAgrees');
  expect(factsOf('welcome.missed.v1', 'wmAgrees')).toMatchObject([{ cause: 'no-archive-consent' }]);
  await yard.wecom.phone('wmAgrees').agreeToArchive('archived');
  await yard.quiet();

  expect(yard.wecom.phone('wmAgrees').welcomes()).toHaveLength(1);
  expect(factsOf('welcome.sent.v1', 'wmAgrees')).toMatchObject([{ agentId: 'archived', wayId: 'archive' }]);
  expect((await yard.record('archive')).figures.archived?.total.new).toBe(1);
});

test('a remark that cannot be given after the half add is given by a timer, should the event of the full one be lost', async () => {
  await yard.configure({ wayId: 'labels', mode: 'turn', members: members('cat'), remark: 'Expo' });
  await yard.scan('labels', 'wmLabel');
  const remark = () => yard.wecom.contacts.relations().find(({ customer }) => customer === 'wmLabel')?.remark;
  yard.wecom.faults.callbacks.drop(1);
  await yard.wecom.client('cat').accept('wmLabel');
  await yard.quiet();
  expect(remark()).not.toBe('Expo');
  yard.travel(11 * MINUTE);
  await yard.quiet();
  // Queues keep the machine's time; this is the timer as it comes out after its ten minutes.
  await callAws(yard.stack.aws.endpoint, 'sqs', 'SendMessage', {
    QueueUrl: yard.stack.names.queueUrl('TimersQueue'),
    MessageBody: JSON.stringify({
      v: 1,
      dueAt: yard.stack.now(),
      do: { what: 'label-contact', customerId: 'wmLabel', app: 'main' },
    }),
  });
  await yard.until('the timer came', () => remark() === 'Expo');
});

test('what becomes of the balance of acquisition links, and of a transfer, is told once through two doors', async () => {
  yard.wecom.console.setBalance(0);
  yard.wecom.faults.callbacks.repeat(1);
  yard.wecom.console.setBalance(100);
  await yard.quiet();
  expect(factsOf('acquisition.balance.v1')).toEqual([{ kind: 'balance-increased' }]);

  await yard.wecom.client('cat').failTransfer('wmMoves', 'customer_refused');
  await yard.quiet();
  expect(factsOf('contact.transfer-failed.v1')).toEqual([
    { customerId: 'wmMoves', agentId: 'cat', reason: 'customer_refused' },
  ]);
});
