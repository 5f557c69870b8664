import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { DAY, HOUR, MINUTE, SECOND } from '../../lib/platform/clock.ts';
import { expectInStep, placesOf, sessionInWeCom } from '../support/in-step.ts';
import { ACCOUNT, openYard, type Yard } from '../support/yard.ts';

// How sessions with a person end, and what comes right after. Silence is 1800 seconds, the grace time 600.

const SILENCE = 30 * MINUTE;
const PRICE = '100 元 · 100 yuan';
const CONNECTING = '转接中 · connecting';
const WAITING = '排队中 · in line';
const ENDED = '已结束 · ended';
const NOT_UNDERSTOOD = '没听懂 · not understood';

let yard: Yard;
beforeAll(async () => {
  yard = await openYard({ house: { agents: { zhangsan: 50, lisi: 50 } } });
});
afterAll(() => yard.close());

async function write(customer: string, ...texts: string[]): Promise<void> {
  for (const text of texts) {
    await yard.wecom.phone(customer).write(ACCOUNT, text);
    await yard.quiet();
  }
}

const servicerOf = (customer: string): string => yard.wecom.session(ACCOUNT, customer).servicer ?? 'nobody';

/** The customer asks for a person and gets one. */
async function served(customer: string): Promise<string> {
  await write(customer, 'agent');
  expect(yard.wecom.session(ACCOUNT, customer).state).toBe(3);
  return servicerOf(customer);
}

async function answer(customer: string, text = 'from a person'): Promise<void> {
  await yard.wecom.client(servicerOf(customer)).answer(ACCOUNT, customer, text);
  await yard.quiet();
}

async function end(customer: string): Promise<void> {
  await yard.wecom.client(servicerOf(customer)).end(ACCOUNT, customer);
  await yard.quiet();
}

/** What everybody did meanwhile reaches us in one pull. */
async function atOnce(act: () => Promise<void>): Promise<void> {
  yard.wecom.faults.callbacks.hold();
  await act();
  yard.wecom.faults.callbacks.release();
  await yard.quiet();
}

const refusals = () =>
  yard.wecom.requests
    .filter(({ errcode }) => errcode !== undefined && errcode !== 0)
    .map(({ path, errcode }) => `${path} ${errcode}`);

describe('silence', () => {
  test('a customer silent for as long as the team allows after the answer gets the end text, once', async () => {
    await served('wmSilent');
    await answer('wmSilent');
    await yard.pass(SILENCE + 2 * MINUTE);
    await yard.pass(5 * MINUTE);

    expect(yard.shown('wmSilent')).toEqual([CONNECTING, 'from a person', ENDED]);
    expect(sessionInWeCom(yard, 'wmSilent')).toEqual({ state: 'ended' });
    await expectInStep(yard, ['wmSilent']);
  });

  test('silence shorter than that ends nothing', async () => {
    await served('wmShort');
    await answer('wmShort');
    await yard.pass(SILENCE - 2 * MINUTE);

    expect(yard.wecom.session(ACCOUNT, 'wmShort').state).toBe(3);
    await expectInStep(yard, ['wmShort']);
  });

  test('the silence counts from the last answer after the customer wrote again', async () => {
    await served('wmAgain');
    await answer('wmAgain');
    await yard.pass(SILENCE - 5 * MINUTE);
    await write('wmAgain', 'and what about this?');
    await yard.pass(SILENCE);
    expect(yard.wecom.session(ACCOUNT, 'wmAgain').state).toBe(3);
    await answer('wmAgain', 'that too');
    await yard.pass(SILENCE + 2 * MINUTE);

    expect(yard.shown('wmAgain')).toEqual([CONNECTING, 'from a person', 'that too', ENDED]);
    await expectInStep(yard, ['wmAgain']);
  });

  test('an agent who never answered owes the customer an answer: silence does not end that session', async () => {
    await served('wmOwed');
    await yard.pass(SILENCE + 2 * MINUTE);
    await yard.pass(2 * HOUR);

    expect(yard.wecom.session(ACCOUNT, 'wmOwed').state).toBe(3);
    expect(yard.shown('wmOwed')).toEqual([CONNECTING]);
    await expectInStep(yard, ['wmOwed']);
  });

  test('an agent who answered in an earlier session owes an answer in the new one', async () => {
    await served('wmSecond');
    await answer('wmSecond');
    await end('wmSecond');
    await yard.pass(HOUR);
    await served('wmSecond');
    await yard.pass(SILENCE + 2 * MINUTE);

    expect(yard.wecom.session(ACCOUNT, 'wmSecond').state).toBe(3);
    await expectInStep(yard, ['wmSecond']);
  });

  test('a customer whose last message we had not heard of when we ended the session is back with the agent by writing again', async () => {
    await served('wmLast');
    await answer('wmLast');
    const before = refusals();
    yard.wecom.faults.callbacks.drop();
    await yard.wecom.phone('wmLast').write(ACCOUNT, 'one more question');
    await yard.pass(SILENCE + 2 * MINUTE);
    await expectInStep(yard, ['wmLast']);
    expect(refusals()).toEqual(before);

    await write('wmLast', 'hello?');
    expect(yard.wecom.session(ACCOUNT, 'wmLast').state).toBe(3);
    await expectInStep(yard, ['wmLast']);
  });

  test('a customer who writes while the session is being ended by silence is heard in a new session', async () => {
    await served('wmEnding');
    await answer('wmEnding');
    yard.stack.faults.add({
      service: 'wecom',
      action: '/cgi-bin/kf/service_state/trans',
      match: ({ request }) => JSON.stringify(request).includes('wmEnding'),
      fault: { kind: 'delay', ms: 500 },
    });
    const passing = yard.pass(SILENCE + 2 * MINUTE);
    await yard.until('the session is being ended', () =>
      yard.stack.calls.some(
        ({ action, request, outcome }) =>
          action.endsWith('/trans') && outcome === 'under way' && JSON.stringify(request).includes('wmEnding'),
      ),
    );
    await yard.wecom.phone('wmEnding').write(ACCOUNT, 'wait, one more thing');
    await passing;
    await yard.quiet();
    await expectInStep(yard, ['wmEnding']);

    await write('wmEnding', 'are you there?');
    expect(yard.wecom.session(ACCOUNT, 'wmEnding').state).toBe(3);
    await expectInStep(yard, ['wmEnding']);
  });
});

describe('the end in the client', () => {
  test('an agent who ends frees the place, and the customer gets the end text by its code', async () => {
    await served('wmEnd');
    await answer('wmEnd');
    await end('wmEnd');

    expect(yard.shown('wmEnd')).toEqual([CONNECTING, 'from a person', ENDED]);
    await expectInStep(yard, ['wmEnd']);
  });

  test('news of an end that comes later than its code lives frees the place without an end text', async () => {
    await served('wmLateEnd');
    const client = yard.wecom.client(servicerOf('wmLateEnd'));
    yard.wecom.faults.callbacks.hold();
    await client.end(ACCOUNT, 'wmLateEnd');
    yard.travel(30 * SECOND);
    yard.wecom.faults.callbacks.release();
    await yard.quiet();

    expect(yard.shown('wmLateEnd')).toEqual([CONNECTING]);
    await expectInStep(yard, ['wmLateEnd']);
  });

  test('the place that frees up goes to who waits', async () => {
    await yard.furnish({ agents: { zhangsan: 0, wangwu: 1 } });
    await served('wmHolder');
    await write('wmWaiter', 'agent');
    expect(yard.shown('wmWaiter')).toEqual([WAITING]);

    await end('wmHolder');

    expect(sessionInWeCom(yard, 'wmWaiter')).toEqual({ state: 'person', agentId: 'wangwu' });
    await expectInStep(yard, ['wmHolder', 'wmWaiter']);
    await answer('wmWaiter');
    await yard.pass(SILENCE + 2 * MINUTE);
    await expectInStep(yard, ['wmHolder', 'wmWaiter']);
    await yard.furnish({ agents: { zhangsan: 50, lisi: 50 } });
    await yard.pass(10 * SECOND);
  });

  test('a message that the agent left unanswered when ending is not answered by a rule, nor tried in vain', async () => {
    await served('wmUnanswered');
    const before = refusals();
    await atOnce(async () => {
      await yard.wecom.phone('wmUnanswered').write(ACCOUNT, 'price');
      await yard.wecom.client(servicerOf('wmUnanswered')).end(ACCOUNT, 'wmUnanswered');
    });

    expect(refusals()).toEqual(before);
    expect(yard.shown('wmUnanswered')).toEqual([CONNECTING, ENDED]);
    await expectInStep(yard, ['wmUnanswered']);
  });

  test('a question that the agent left unanswered when ending brings no request for another agent', async () => {
    await served('wmUnanswered2');
    const before = refusals();
    await atOnce(async () => {
      await yard.wecom.phone('wmUnanswered2').write(ACCOUNT, 'qwertz');
      await yard.wecom.client(servicerOf('wmUnanswered2')).end(ACCOUNT, 'wmUnanswered2');
    });

    expect(refusals()).toEqual(before);
    await expectInStep(yard, ['wmUnanswered2']);
  });
});

describe('right after the end', () => {
  test.each([
    ['谢谢', 'wmThanks1'],
    ['Thank you!', 'wmThanks2'],
    ['👍', 'wmThanks3'],
    ['好的，谢谢👍', 'wmThanks4'],
  ])('%s opens nothing', async (text, customer) => {
    await served(customer);
    await end(customer);
    await write(customer, text);

    expect(yard.shown(customer)).toEqual([CONNECTING, ENDED]);
    expect(await placesOf(yard, [customer])).toEqual([]);
    expect((await yard.conversation(customer)).request).toBeUndefined();
  });

  test('a thank-you that reaches us together with the end opens nothing either', async () => {
    await served('wmThanksNow');
    await atOnce(async () => {
      await yard.wecom.client(servicerOf('wmThanksNow')).end(ACCOUNT, 'wmThanksNow');
      await yard.wecom.phone('wmThanksNow').write(ACCOUNT, '谢谢');
    });

    expect(yard.shown('wmThanksNow').filter((text) => text !== ENDED)).toEqual([CONNECTING]);
    expect(await placesOf(yard, ['wmThanksNow'])).toEqual([]);
    expect((await yard.conversation('wmThanksNow')).request).toBeUndefined();
  });

  test('a thank-you an hour later is a message like any other', async () => {
    await served('wmThanksLater');
    await end('wmThanksLater');
    await yard.pass(HOUR);
    await write('wmThanksLater', '谢谢');

    expect(yard.shown('wmThanksLater').at(-1)).toBe(NOT_UNDERSTOOD);
  });

  test.each([
    ['answered', 'wmSame'],
    ['served without a word', 'wmMute'],
  ])('a real question inside the grace time goes to the same agent, who %s', async (how, prefix) => {
    for (const customer of [1, 2, 3, 4].map((n) => `${prefix}${n}`)) {
      const agent = await served(customer);
      if (how === 'answered') await answer(customer);
      await end(customer);
      await yard.pass(MINUTE);
      await write(customer, 'but it still does not work');

      expect(sessionInWeCom(yard, customer)).toEqual({ state: 'person', agentId: agent.toLowerCase() });
      await expectInStep(yard, [customer]);
    }
  });

  test('a question after a thank-you inside the grace time goes to the same agent', async () => {
    const agent = await served('wmThanksThen');
    await answer('wmThanksThen');
    await end('wmThanksThen');
    await write('wmThanksThen', '谢谢', 'but it still does not work');

    expect(sessionInWeCom(yard, 'wmThanksThen')).toEqual({ state: 'person', agentId: agent.toLowerCase() });
    await expectInStep(yard, ['wmThanksThen']);
  });

  test('a question that a rule knows is answered by the rule, also inside the grace time', async () => {
    await served('wmKnown');
    await end('wmKnown');
    await write('wmKnown', 'price');

    expect(yard.shown('wmKnown').at(-1)).toBe(PRICE);
    await expectInStep(yard, ['wmKnown']);
  });

  test('the next day a new session is answered by the rules again', async () => {
    await served('wmNextDay');
    await answer('wmNextDay');
    await end('wmNextDay');
    await yard.pass(DAY);
    await write('wmNextDay', 'qwertz', 'price');

    expect(yard.shown('wmNextDay').slice(-2)).toEqual([NOT_UNDERSTOOD, PRICE]);
    await expectInStep(yard, ['wmNextDay']);
  });
});

describe('48 hours', () => {
  test('a session in which nobody wrote for 48 hours is closed by reading it, and its place is free', async () => {
    await served('wmTwoDays');
    await yard.pass(2 * DAY + 5 * MINUTE);
    await yard.pass(HOUR + 5 * MINUTE);

    expect(sessionInWeCom(yard, 'wmTwoDays')).toEqual({ state: 'ended' });
    await expectInStep(yard, ['wmTwoDays']);
    expect(yard.shown('wmTwoDays')).toEqual([CONNECTING]);
  });

  test('two days later a returning customer is greeted by the rules, whoever served before', async () => {
    await served('wmReturn');
    await answer('wmReturn');
    await yard.pass(3 * DAY);
    await write('wmReturn', 'price');

    expect(yard.shown('wmReturn').at(-1)).toBe(PRICE);
    await expectInStep(yard, ['wmReturn']);
  });

  test('a request that waited 48 hours without a word is closed and leaves the line', async () => {
    await yard.furnish({ agents: { zhangsan: 0 } });
    await yard.pass(10 * SECOND);
    await write('wmGaveUp', 'agent');
    expect(yard.shown('wmGaveUp')).toEqual([WAITING]);
    await yard.pass(2 * DAY + 5 * MINUTE);
    await yard.pass(HOUR + 5 * MINUTE);

    expect((await yard.conversation('wmGaveUp')).request).toBeUndefined();
    expect(await yard.line()).toEqual([]);
    await expectInStep(yard, ['wmGaveUp']);
  });
});
