import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { HOUR, inYard, MINUTE, SECOND, SUPPORT, type Yard } from './wecom-yard.ts';

const ANN = 'wmAnn';

/** Brings Ann's session into a state, as the people and the API of a real corp would. */
async function bringTo(yard: Yard, state: number): Promise<void> {
  await yard.wecom.phone(ANN).write(SUPPORT, 'hello');
  if (state === 1) await yard.text(ANN, 'hello, how can we help?');
  if (state === 2) await yard.trans(ANN, 2);
  if (state >= 3) await yard.trans(ANN, 3, 'zhangsan');
  if (state === 4) await yard.trans(ANN, 4);
  expect(yard.wecom.session(SUPPORT, ANN).state).toBe(state);
}

describe('the changes of state that the API may ask for', () => {
  const allowed = new Set(['0>2', '0>3', '1>2', '1>3', '2>3', '3>3', '3>4']);
  const all = [0, 1, 2, 3, 4].flatMap((from) => [0, 1, 2, 3, 4].map((to) => [from, to] as const));

  test.each(all)('from %i to %i', (from, to) =>
    inYard({}, async (yard) => {
      await bringTo(yard, from);
      const answer = await yard.trans(ANN, to, to === 3 ? 'lisi' : undefined);
      const ok = allowed.has(`${from}>${to}`);
      expect(answer.errcode).toBe(ok ? 0 : 95016);
      expect((await yard.state(ANN)).service_state).toBe(ok ? to : from);
    }),
  );

  test('an unconfirmed one is a switch', () =>
    inYard({ switches: { extraArrows: ['1>4'] } }, async (yard) => {
      await bringTo(yard, 1);
      const answer = await yard.trans(ANN, 4);
      expect(answer).toMatchObject({ errcode: 0, msg_code: expect.any(String) });
    }));

  test('the code that refuses a change out of the end is a switch', () =>
    inYard({ switches: { transFromEndedCode: 95013 } }, async (yard) => {
      await bringTo(yard, 4);
      expect((await yard.trans(ANN, 2)).errcode).toBe(95013);
    }));
});

test('only a person is named by the state', () =>
  inYard({}, async (yard) => {
    await bringTo(yard, 2);
    expect(await yard.state(ANN)).not.toHaveProperty('servicer_userid');
    await yard.trans(ANN, 3, 'ZhangSan');
    expect(await yard.state(ANN)).toMatchObject({ service_state: 3, servicer_userid: 'zhangsan' });
  }));

test('a stranger has no state', () =>
  inYard({}, async (yard) => {
    expect((await yard.state('wmNobody')).errcode).toBe(40096);
  }));

describe('who can be given a customer', () => {
  const corp = {
    members: ['visitor'],
    accounts: [
      {
        openKfId: SUPPORT,
        servicers: [{ userid: 'away', receiving: false }, { userid: 'new', activated: false }, 'here'],
        departments: [7],
      },
    ],
    departments: { 7: ['together'] },
  };

  test.each([
    ['here', 0],
    ['together', 0],
    ['visitor', 95014],
    ['nobody', 95014],
    ['new', 95014],
    ['away', 95019],
  ])('%s: %i', (userid, errcode) =>
    inYard({ corp }, async (yard) => {
      await bringTo(yard, 0);
      expect((await yard.trans(ANN, 3, userid)).errcode).toBe(errcode);
    }),
  );

  test('nobody named: 40058; the code for outsiders is a switch', () =>
    inYard({ corp, switches: { notServicerCode: 60253 } }, async (yard) => {
      await bringTo(yard, 0);
      expect((await yard.trans(ANN, 3)).errcode).toBe(40058);
      expect((await yard.trans(ANN, 3, 'visitor')).errcode).toBe(60253);
    }));

  test('the same person again is fine, or refused by switch', () =>
    inYard({ corp }, async (yard) => {
      await bringTo(yard, 0);
      await yard.trans(ANN, 3, 'here');
      const again = await yard.trans(ANN, 3, 'here');
      expect(again.errcode).toBe(0);
      expect(again).not.toHaveProperty('msg_code');
      yard.wecom.switches.repeatedTrans = 95016;
      expect((await yard.trans(ANN, 3, 'here')).errcode).toBe(95016);
    }));
});

describe('the reply window', () => {
  test('five messages, then 95001 until the customer writes again', () =>
    inYard({}, async (yard) => {
      await bringTo(yard, 0);
      for (let sent = 0; sent < 5; sent += 1) expect((await yard.text(ANN, `${sent}`)).errcode).toBe(0);
      expect((await yard.text(ANN, 'one more')).errcode).toBe(95001);
      await yard.wecom.phone(ANN).write(SUPPORT, 'and?');
      expect((await yard.text(ANN, 'one more')).errcode).toBe(0);
      expect(yard.wecom.phone(ANN).received(SUPPORT)).toHaveLength(6);
    }));

  test('48 hours to the millisecond, then 95002, and the session is over without an event', () =>
    inYard({}, async (yard) => {
      await bringTo(yard, 1);
      const before = await yard.pull();
      yard.move(48 * HOUR);
      expect((await yard.text(ANN, 'in time')).errcode).toBe(0);
      yard.move(1);
      expect((await yard.text(ANN, 'late')).errcode).toBe(95002);
      expect((await yard.state(ANN)).service_state).toBe(4);
      expect((await yard.pull({ cursor: before.next_cursor })).msg_list).toEqual([]);
      await yard.wecom.phone(ANN).write(SUPPORT, 'back again');
      expect((await yard.state(ANN)).service_state).toBe(0);
    }));

  test('a person is forgotten after 48 hours, too', () =>
    inYard({}, async (yard) => {
      await bringTo(yard, 3);
      yard.move(48 * HOUR + 1);
      expect(yard.wecom.session(SUPPORT, ANN)).toMatchObject({ state: 4 });
      await expect(yard.wecom.client('zhangsan').answer(SUPPORT, ANN, 'hello?')).rejects.toThrow('48 hours');
    }));

  test.each([
    [2, 95018],
    [3, 95018],
    [4, 95018],
  ])('in state %i the API may not write', (state, errcode) =>
    inYard({}, async (yard) => {
      await bringTo(yard, state);
      expect((await yard.text(ANN, 'hello')).errcode).toBe(errcode);
    }),
  );

  test('the codes for ended and late are switches', () =>
    inYard({ switches: { sendWhenEndedCode: 95013, sendTooLateCode: 95031 } }, async (yard) => {
      await bringTo(yard, 4);
      expect((await yard.text(ANN, 'hello')).errcode).toBe(95013);
      yard.move(49 * HOUR);
      expect((await yard.text(ANN, 'hello')).errcode).toBe(95031);
    }));

  test('who only entered cannot be written to', () =>
    inYard({}, async (yard) => {
      await yard.wecom.phone(ANN).enter(SUPPORT);
      expect((await yard.state(ANN)).service_state).toBe(4);
      expect((await yard.text(ANN, 'hello')).errcode).toBe(95018);
    }));
});

/** The newest event of an account, as a fresh pull finds it. */
async function lastEvent(yard: Yard): Promise<Record<string, unknown>> {
  const { msg_list } = await yard.pull();
  return msg_list.at(-1)?.event ?? {};
}

function byCode(yard: Yard, code: unknown, more: object = { msgtype: 'text', text: { content: 'hi' } }) {
  return yard.post('kf/send_msg_on_event', { code, ...more });
}

const MENU = { msgtype: 'msgmenu', msgmenu: { list: [{ type: 'click', click: { id: 'y', content: 'Yes' } }] } };

describe('codes', () => {
  test('a welcome works once', () =>
    inYard({}, async (yard) => {
      await yard.wecom.phone(ANN).enter(SUPPORT, { scene: 'door', scene_param: 'a%20b' });
      const event = await lastEvent(yard);
      expect(event).toMatchObject({ event_type: 'enter_session', scene: 'door', scene_param: 'a%20b' });
      expect((await byCode(yard, event.welcome_code, MENU)).errcode).toBe(0);
      expect((await byCode(yard, event.welcome_code)).errcode).toBe(41050);
      expect(yard.wecom.session(SUPPORT, ANN).state).toBe(4);
      expect(yard.wecom.phone(ANN).received(SUPPORT)).toHaveLength(1);
    }));

  test('a welcome dies after 20 seconds', () =>
    inYard({}, async (yard) => {
      await yard.wecom.phone(ANN).enter(SUPPORT);
      const { welcome_code } = await lastEvent(yard);
      yard.move(20 * SECOND);
      expect((await byCode(yard, welcome_code, { msgtype: 'image' })).errcode).toBe(40008);
      yard.move(1);
      expect((await byCode(yard, welcome_code)).errcode).toBe(41050);
    }));

  test('a welcome is offered again only 48 hours after the last one, and not after a message', () =>
    inYard({}, async (yard) => {
      const phone = yard.wecom.phone(ANN);
      await phone.enter(SUPPORT);
      await byCode(yard, (await lastEvent(yard)).welcome_code);
      yard.move(48 * HOUR);
      await phone.enter(SUPPORT);
      expect(await lastEvent(yard)).not.toHaveProperty('welcome_code');
      yard.move(1);
      await phone.enter(SUPPORT);
      expect(await lastEvent(yard)).toHaveProperty('welcome_code');
      await phone.write(SUPPORT, 'hello');
      yard.move(48 * HOUR);
      await phone.enter(SUPPORT);
      expect(await lastEvent(yard)).not.toHaveProperty('welcome_code');
      yard.move(1);
      yard.wecom.switches.welcomeAfterWriting = 'never';
      await phone.enter(SUPPORT);
      expect(await lastEvent(yard)).not.toHaveProperty('welcome_code');
    }));

  test("a console's own welcome keeps the code back", () =>
    inYard({ corp: { accounts: [{ openKfId: SUPPORT, consoleWelcome: true }] } }, async (yard) => {
      await yard.wecom.phone(ANN).enter(SUPPORT);
      expect(await lastEvent(yard)).not.toHaveProperty('welcome_code');
    }));

  test('the first change to the pool and the first to a person bring one each; moving on brings none', () =>
    inYard({}, async (yard) => {
      await bringTo(yard, 0);
      const pool = await yard.trans(ANN, 2);
      expect((await byCode(yard, pool.msg_code, MENU)).errcode).toBe(40008);
      expect((await byCode(yard, pool.msg_code)).errcode).toBe(0);
      const person = await yard.trans(ANN, 3, 'zhangsan');
      yard.move(47 * HOUR);
      expect((await byCode(yard, person.msg_code)).errcode).toBe(0);
      expect(await yard.trans(ANN, 3, 'lisi')).not.toHaveProperty('msg_code');
    }));

  test('a new session brings them again', () =>
    inYard({}, async (yard) => {
      await bringTo(yard, 4);
      await yard.wecom.phone(ANN).write(SUPPORT, 'one more thing');
      expect(await yard.trans(ANN, 3, 'lisi')).toHaveProperty('msg_code');
    }));

  test('read the other way, a session brings one code in all', () =>
    inYard({ switches: { replyCodes: 'perSession' } }, async (yard) => {
      await bringTo(yard, 0);
      expect(await yard.trans(ANN, 2)).toHaveProperty('msg_code');
      expect(await yard.trans(ANN, 3, 'zhangsan')).not.toHaveProperty('msg_code');
    }));

  test('a code dies when the session moves on', () =>
    inYard({}, async (yard) => {
      await bringTo(yard, 0);
      const pool = await yard.trans(ANN, 2);
      await yard.trans(ANN, 3, 'zhangsan');
      expect((await byCode(yard, pool.msg_code)).errcode).toBe(95018);
    }));

  test('an end code lives 20 seconds and only until the customer writes', () =>
    inYard({}, async (yard) => {
      await bringTo(yard, 3);
      const first = await yard.trans(ANN, 4);
      expect((await byCode(yard, first.msg_code, MENU)).errcode).toBe(0);
      await yard.wecom.phone(ANN).write(SUPPORT, 'one more thing');
      await yard.trans(ANN, 3, 'zhangsan');
      const second = await yard.trans(ANN, 4);
      await yard.wecom.phone(ANN).write(SUPPORT, 'thanks');
      expect((await byCode(yard, second.msg_code)).errcode).toBe(95018);
      yard.move(20 * SECOND + 1);
      expect((await byCode(yard, second.msg_code)).errcode).toBe(41050);
    }));

  test('by code does not use up one of the five, unless switched so', () =>
    inYard({}, async (yard) => {
      await bringTo(yard, 0);
      const { msg_code } = await yard.trans(ANN, 2);
      await byCode(yard, msg_code);
      expect(yard.wecom.session(SUPPORT, ANN).repliesLeft).toBe(5);
      yard.wecom.switches.codeMessagesCount = true;
      await byCode(yard, (await yard.trans(ANN, 3, 'lisi')).msg_code);
      expect(yard.wecom.session(SUPPORT, ANN).repliesLeft).toBe(4);
    }));
});

describe("what employees do in WeCom's own client", () => {
  test('taking from the pool', () =>
    inYard({}, async (yard) => {
      await bringTo(yard, 2);
      await yard.wecom.client('lisi').take(SUPPORT, ANN);
      const event = await lastEvent(yard);
      expect(event).toMatchObject({
        event_type: 'session_status_change',
        open_kfid: SUPPORT,
        external_userid: ANN,
        change_type: 1,
        new_servicer_userid: 'lisi',
      });
      expect((await byCode(yard, event.msg_code)).errcode).toBe(0);
      expect(yard.wecom.session(SUPPORT, ANN)).toMatchObject({ state: 3, servicer: 'lisi' });
      await expect(yard.wecom.client('wangwu').take(SUPPORT, ANN)).rejects.toThrow('not in the pool');
    }));

  test('passing on, only to somebody who receives', () =>
    inYard({}, async (yard) => {
      await bringTo(yard, 3);
      const zhangsan = yard.wecom.client('zhangsan');
      await yard.wecom.client('wangwu').setReception(SUPPORT, 'suspended');
      expect(await lastEvent(yard)).toEqual({
        event_type: 'servicer_status_change',
        open_kfid: SUPPORT,
        servicer_userid: 'wangwu',
        status: 2,
        stop_type: 1,
      });
      await expect(zhangsan.transfer(SUPPORT, ANN, 'wangwu')).rejects.toThrow('does not receive');
      await zhangsan.transfer(SUPPORT, ANN, 'lisi');
      expect(await lastEvent(yard)).toMatchObject({
        change_type: 2,
        old_servicer_userid: 'zhangsan',
        new_servicer_userid: 'lisi',
      });
      await expect(zhangsan.end(SUPPORT, ANN)).rejects.toThrow('does not serve this customer');
    }));

  test('ending, and writing into the ended session', () =>
    inYard({}, async (yard) => {
      await bringTo(yard, 3);
      const zhangsan = yard.wecom.client('zhangsan');
      await zhangsan.answer(SUPPORT, ANN, 'done');
      await zhangsan.end(SUPPORT, ANN);
      const ended = await lastEvent(yard);
      expect(ended).toMatchObject({ change_type: 3, old_servicer_userid: 'zhangsan' });
      expect((await byCode(yard, ended.msg_code)).errcode).toBe(0);
      await yard.wecom.client('lisi').answer(SUPPORT, ANN, 'by the way');
      const { msg_list } = await yard.pull();
      expect(msg_list.at(-2)?.event).toMatchObject({ change_type: 4, new_servicer_userid: 'lisi' });
      expect(msg_list.at(-1)).toMatchObject({ origin: 5, servicer_userid: 'lisi', text: { content: 'by the way' } });
      expect(yard.wecom.session(SUPPORT, ANN)).toMatchObject({ state: 3, servicer: 'lisi' });
      const seen = yard.wecom.phone(ANN).received(SUPPORT);
      expect(seen.map((one) => [one.from, one.text])).toEqual([
        ['servicer', 'done'],
        ['api', 'hi'],
        ['servicer', 'by the way'],
      ]);
    }));

  test("the API's customers are out of reach", () =>
    inYard({}, async (yard) => {
      await bringTo(yard, 1);
      await expect(yard.wecom.client('lisi').answer(SUPPORT, ANN, 'psst')).rejects.toThrow('with the API');
      await expect(yard.wecom.client('stranger').answer(SUPPORT, ANN, 'psst')).rejects.toThrow('does not serve');
    }));

  test('recalls and rejections are told to the API', () =>
    inYard({}, async (yard) => {
      await bringTo(yard, 3);
      const lisi = yard.wecom.client('zhangsan');
      const phone = yard.wecom.phone(ANN);
      const said = await lisi.answer(SUPPORT, ANN, 'oops');
      await lisi.recall(SUPPORT, said);
      expect(await lastEvent(yard)).toMatchObject({
        event_type: 'servicer_recall_msg',
        recall_msgid: said,
        servicer_userid: 'zhangsan',
      });
      expect(phone.received(SUPPORT).at(-1)).toMatchObject({ recalled: true });
      const wrote = await phone.write(SUPPORT, 'oops too');
      await phone.recall(SUPPORT, wrote);
      expect(await lastEvent(yard)).toMatchObject({ event_type: 'user_recall_msg', recall_msgid: wrote });
      await lisi.rejectCustomer(SUPPORT, ANN);
      expect(await lastEvent(yard)).toMatchObject({
        event_type: 'reject_customer_msg_switch_change',
        servicer_userid: 'zhangsan',
        reject_switch: 1,
      });
      await expect(phone.write(SUPPORT, 'hello?')).rejects.toThrow('no more messages');
    }));
});

test('native reception takes new sessions away before the API sees them', () =>
  inYard({}, async (yard) => {
    yard.wecom.faults.nativeReception('person');
    await yard.wecom.phone(ANN).write(SUPPORT, 'hello');
    expect((await yard.state(ANN)).service_state).toBe(3);
    yard.wecom.faults.nativeReception('pool');
    await yard.wecom.phone('wmBob').write(SUPPORT, 'hello');
    expect((await yard.state('wmBob')).service_state).toBe(2);
    yard.wecom.faults.clear();
    await yard.wecom.phone('wmCai').write(SUPPORT, 'hello');
    expect((await yard.state('wmCai')).service_state).toBe(0);
  }));

test('whatever is played, the API never gets a sixth message, a late one, or one past a person', async () => {
  const step = fc.oneof(
    { weight: 3, arbitrary: fc.constant('write') },
    { weight: 6, arbitrary: fc.constant('send') },
    { weight: 2, arbitrary: fc.constantFrom('pool', 'person', 'over', 'take', 'end', 'answer') },
    { weight: 1, arbitrary: fc.constantFrom('hour', 'day') },
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), (steps) =>
      inYard({}, async (yard) => {
        let wroteAt = Number.NEGATIVE_INFINITY;
        let sent = 0;
        const lisi = yard.wecom.client('lisi');
        const attempt = (work: Promise<unknown>) => work.catch(() => undefined);
        const plays: Record<string, () => Promise<unknown>> = {
          write: async () => {
            await yard.wecom.phone(ANN).write(SUPPORT, 'hello');
            wroteAt = yard.now();
            sent = 0;
          },
          send: async () => {
            const { state } = yard.wecom.session(SUPPORT, ANN);
            const { errcode } = await yard.text(ANN, 'hello');
            const may = state < 2 && sent < 5 && yard.now() - wroteAt <= 48 * HOUR;
            expect(errcode === 0).toBe(may);
            if (may) sent += 1;
          },
          pool: () => yard.trans(ANN, 2),
          person: () => yard.trans(ANN, 3, 'zhangsan'),
          over: () => yard.trans(ANN, 4),
          take: () => attempt(lisi.take(SUPPORT, ANN)),
          end: () => attempt(lisi.end(SUPPORT, ANN)),
          answer: () => attempt(lisi.answer(SUPPORT, ANN, 'hi')),
          hour: async () => yard.move(HOUR),
          day: async () => yard.move(24 * HOUR + MINUTE),
        };
        for (const name of steps) await plays[name]?.();
      }),
    ),
    { numRuns: 25 },
  );
});
