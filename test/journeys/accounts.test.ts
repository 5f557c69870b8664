import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import * as z from 'zod';
import { HOUR, MINUTE, SECOND } from '../../lib/platform/clock.ts';
import { expectInStep } from '../support/in-step.ts';
import { ACCOUNT, openYard, type Yard } from '../support/yard.ts';

// Kf accounts that come, go, and have a lot of news.

const PRICE = '100 元 · 100 yuan';
const HOURS = '每天 9:00–18:00 · daily 9 to 6';
const CONNECTING = '转接中 · connecting';
const SALES = 'wkSALES000000000000000000000001';
/** Accounts that the app may not manage until it is told so; one for each test. */
const LATER = Array.from({ length: 8 }, (_, n) => `wkLATER0000000000000000000000000${n}`);
const BRANCHES = Array.from({ length: 14 }, (_, n) => `wkBRANCH000000000000000000000000${n}`);
const later = (): string => LATER.shift() ?? '';

let yard: Yard;
beforeAll(async () => {
  const servicers = ['zhangsan', 'lisi'];
  yard = await openYard({
    house: { agents: { zhangsan: 50, lisi: 50 } },
    wecom: {
      corp: {
        accounts: [
          { openKfId: ACCOUNT, servicers },
          { openKfId: SALES, servicers },
          ...BRANCHES.map((openKfId) => ({ openKfId, servicers })),
          ...LATER.map((openKfId) => ({ openKfId, servicers, managed: false })),
        ],
      },
    },
  });
});
// WeCom rations pulls without a token, by the minute and for all accounts together; every test has a minute of its own.
beforeEach(async () => {
  await yard.pass(61 * SECOND);
  await yard.pass(61 * SECOND);
});
afterEach(() => {
  yard.stack.faults.clear();
  yard.wecom.faults.clear();
});
afterAll(() => yard.close());

const pullsOf = (openKfId: string): number =>
  yard.wecom.requests.filter(({ path, body }) => path.endsWith('/kf/sync_msg') && body.open_kfid === openKfId).length;

async function write(openKfId: string, customer: string, text: string): Promise<void> {
  await yard.wecom.phone(customer).write(openKfId, text);
  await yard.quiet();
}

/** The ids of the messages that were told of on the bus, in the order of the conversation's own numbers. */
function heardOf(openKfId: string, customer: string): string[] {
  return yard.stack.events
    .map(({ detail }) => Received.safeParse(detail))
    .flatMap(({ data }) => (data?.subject.endsWith(`${openKfId}:${customer}`) ? [data] : []))
    .sort((a, b) => a.sequence - b.sequence)
    .map(({ data }) => data.messageId);
}

const Received = z.object({
  type: z.literal('message.received.v1'),
  subject: z.string(),
  sequence: z.number(),
  data: z.object({ messageId: z.string() }),
});

describe('granted and withdrawn', () => {
  test('an account is pulled from the moment it is granted, without waiting for a message', async () => {
    const account = later();
    await write(account, 'wmGranted', 'price');
    expect(pullsOf(account)).toBe(0);

    yard.wecom.grant(account);
    await yard.quiet();

    expect(yard.shown('wmGranted', account)).toEqual([PRICE]);
  });

  test('a withdrawn account is left alone, by the sweep too', async () => {
    const account = later();
    yard.wecom.grant(account);
    await yard.quiet();
    await yard.pass(2 * SECOND);
    yard.wecom.withdraw(account);
    await yard.quiet();
    const pulls = pullsOf(account);
    await yard.pass(10 * MINUTE);
    await yard.pass(10 * MINUTE);

    expect(pullsOf(account)).toBe(pulls);
  });

  test('an account that is granted again goes on', async () => {
    const account = later();
    yard.wecom.grant(account);
    await write(account, 'wmAgain', 'price');
    await yard.pass(2 * SECOND);
    yard.wecom.withdraw(account);
    await yard.quiet();
    await write(account, 'wmAgain', 'hours');
    expect(yard.shown('wmAgain', account)).toEqual([PRICE]);

    await yard.pass(2 * SECOND);
    yard.wecom.grant(account);
    await yard.quiet();

    expect(yard.shown('wmAgain', account)).toEqual([PRICE, HOURS]);
  });

  test('a withdrawal whose callback got lost shows itself by 48007, and pulling stops', async () => {
    const account = later();
    yard.wecom.grant(account);
    await yard.quiet();
    await yard.pass(2 * SECOND);
    yard.wecom.faults.callbacks.drop();
    yard.wecom.withdraw(account);
    await yard.quiet();
    await yard.pass(6 * MINUTE);
    const pulls = pullsOf(account);
    await yard.pass(6 * MINUTE);
    await yard.pass(6 * MINUTE);
    expect(pullsOf(account)).toBe(pulls);
    expect(yard.wecom.requests.filter(({ errcode }) => errcode === 48007)).toHaveLength(1);

    yard.wecom.grant(account);
    await write(account, 'wmBack', 'price');
    expect(yard.shown('wmBack', account)).toEqual([PRICE]);
  });

  test('a grant whose callback got lost shows itself by the first message', async () => {
    const account = later();
    yard.wecom.faults.callbacks.drop();
    yard.wecom.grant(account);
    await yard.quiet();
    await write(account, 'wmLostGrant', 'price');

    expect(yard.shown('wmLostGrant', account)).toEqual([PRICE]);
  });
});

describe('the first pull', () => {
  test('what lies back for long is history and not answered; what is fresh is', async () => {
    const account = later();
    await yard.wecom.phone('wmOld').write(account, 'price');
    await yard.wecom.phone('wmOldAgent').write(account, 'agent');
    await yard.wecom.phone('wmOldEnter').enter(account);
    await yard.wecom.phone('wmBoth').write(account, 'price');
    await yard.pass(26 * HOUR);
    await yard.wecom.phone('wmBoth').write(account, 'hours');
    await yard.wecom.phone('wmFresh').write(account, 'price');

    yard.wecom.grant(account);
    await yard.quiet();

    expect(yard.shown('wmOld', account)).toEqual([]);
    expect(yard.shown('wmOldAgent', account)).toEqual([]);
    expect(yard.shown('wmOldEnter', account)).toEqual([]);
    expect(yard.shown('wmBoth', account)).toEqual([HOURS]);
    expect(yard.shown('wmFresh', account)).toEqual([PRICE]);
    const stored = (customer: string) => yard.history(customer, account).then((entries) => entries.length);
    expect(await stored('wmOld')).toBe(1);
    expect(
      (await yard.history('wmBoth', account)).filter(({ entry }) => String(entry).startsWith('msg#')),
    ).toHaveLength(2);

    await write(account, 'wmOld', 'hours');
    expect(yard.shown('wmOld', account)).toEqual([HOURS]);
  });

  test('many messages come over three pages: all of them, each customer’s in order, each customer answered once', async () => {
    const account = later();
    const customers = Array.from({ length: 10 }, (_, n) => `wmMany${n}`);
    const written = new Map<string, string[]>(customers.map((customer) => [customer, []]));
    for (let n = 0; n < 25; n += 1) {
      for (const customer of customers) {
        const msgid = await yard.wecom.phone(customer).write(account, n === 7 ? 'price' : 'qwertz');
        written.get(customer)?.push(msgid);
      }
    }
    yard.wecom.faults.pages.pageSize(100);
    yard.wecom.grant(account);
    await yard.quiet();

    expect(pullsOf(account)).toBe(3);
    for (const customer of customers) {
      expect(heardOf(account, customer)).toEqual(written.get(customer));
      expect(yard.shown(customer, account).filter((text) => text.includes(PRICE))).toEqual([PRICE]);
    }
  });
});

describe('side by side', () => {
  test('one customer on two accounts has two conversations', async () => {
    await write(ACCOUNT, 'wmTwoDoors', 'agent');
    await write(SALES, 'wmTwoDoors', 'price');

    expect(yard.shown('wmTwoDoors', ACCOUNT)).toEqual([CONNECTING]);
    expect(yard.shown('wmTwoDoors', SALES)).toEqual([PRICE]);
    await expectInStep(yard, ['wmTwoDoors'], ACCOUNT);
    await expectInStep(yard, ['wmTwoDoors'], SALES);
    const { servicer = '' } = yard.wecom.session(ACCOUNT, 'wmTwoDoors');
    await yard.wecom.client(servicer).end(ACCOUNT, 'wmTwoDoors');
    await yard.quiet();
    await expectInStep(yard, ['wmTwoDoors'], ACCOUNT);
    await expectInStep(yard, ['wmTwoDoors'], SALES);
  });

  test('an account that WeCom does not let us pull holds up no other', async () => {
    yard.wecom.faults.busy('kf/sync_msg', { times: 1, when: ({ body }) => body.open_kfid === SALES });
    await yard.wecom.phone('wmBusySales').write(SALES, 'price');
    await write(ACCOUNT, 'wmNotBusy', 'price');

    expect(yard.shown('wmNotBusy')).toEqual([PRICE]);
    await yard.pass(2 * MINUTE);
    expect(yard.shown('wmBusySales', SALES)).toEqual([PRICE]);
  });

  test('an agent who stops receiving on one account goes on receiving on the other', async () => {
    await yard.furnish({ agents: { zhangsan: 50 } });
    await yard.pass(2 * SECOND);
    await yard.wecom.client('zhangsan').setReception(SALES, 'stopped');
    await yard.quiet();
    await write(SALES, 'wmStoppedHere', 'agent');
    await write(ACCOUNT, 'wmNotThere', 'agent');

    expect(yard.wecom.session(SALES, 'wmStoppedHere').state).toBe(1);
    expect(yard.wecom.session(ACCOUNT, 'wmNotThere').state).toBe(3);
    await yard.wecom.client('zhangsan').setReception(SALES, 'receiving');
    await yard.quiet();
    expect(yard.wecom.session(SALES, 'wmStoppedHere').state).toBe(3);
    await yard.furnish({ agents: { zhangsan: 50, lisi: 50 } });
  });
});

describe('pages', () => {
  test('an empty page that says there is more is not the end', async () => {
    yard.wecom.faults.pages.emptyPageFirst(2);
    await write(ACCOUNT, 'wmEmpty', 'price');

    expect(yard.shown('wmEmpty')).toEqual([PRICE]);
  });

  test('a page that comes twice is acted on once', async () => {
    await write(ACCOUNT, 'wmPage', 'price');
    yard.wecom.faults.pages.repeatPage(1);
    await write(ACCOUNT, 'wmPage', 'hours');
    // The old page came in place of the new one, which the sweep asks for.
    await yard.pass(6 * MINUTE);
    await yard.pass(MINUTE);

    expect(yard.shown('wmPage')).toEqual([PRICE, HOURS]);
  });

  test('pages of one item each lead to the same answers', async () => {
    yard.wecom.faults.pages.pageSize(1);
    yard.wecom.faults.callbacks.hold();
    const phone = yard.wecom.phone('wmOneByOne');
    const msgids = [];
    for (const text of ['a', 'b', 'price', 'c', 'd']) msgids.push(await phone.write(ACCOUNT, text));
    yard.wecom.faults.callbacks.release();
    await yard.quiet();

    const stored = (await yard.history('wmOneByOne')).filter(({ entry }) => String(entry).startsWith('msg#'));
    expect(stored.map(({ entry }) => entry).sort()).toEqual(msgids.map((id) => `msg#${id}`).sort());
    expect(yard.shown('wmOneByOne').join()).toContain(PRICE);
  });

  test('a message whose callback got lost is found by the sweep, and answered once', async () => {
    yard.wecom.faults.callbacks.drop();
    await write(ACCOUNT, 'wmLost', 'price');
    expect(yard.shown('wmLost')).toEqual([]);
    // One run of the sweep asks for five accounts at most, the longest due first.
    await yard.pass(6 * MINUTE);
    await yard.pass(MINUTE);

    expect(yard.shown('wmLost')).toEqual([PRICE]);
  });
});

// Last, because the sweep asks for these accounts too from then on.
describe('many accounts', () => {
  test('fourteen accounts whose pulls WeCom was too busy for are all pulled again with the tokens that their callbacks brought', async () => {
    const busy = yard.wecom.faults.busy('kf/sync_msg', BRANCHES.length);
    await Promise.all(BRANCHES.map((account) => yard.wecom.phone('wmBranch').write(account, 'price')));
    await yard.quiet();
    expect(busy.hits).toBe(BRANCHES.length);

    // Far less than the minutes that it takes to pull them without tokens, of which WeCom allows a handful a minute.
    await yard.pass(20 * SECOND);
    const unanswered = () => BRANCHES.filter((account) => yard.shown('wmBranch', account).length === 0);
    await yard.until('all accounts are pulled', () => unanswered().length === 0);
    await yard.quiet();
    expect(BRANCHES.map((account) => yard.shown('wmBranch', account))).toEqual(BRANCHES.map(() => [PRICE]));
  });
});
