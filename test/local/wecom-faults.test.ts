import { describe, expect, test } from '@jest/globals';
import { answerOf, HOUR, inYard, SUPPORT, type Yard } from './wecom-yard.ts';

const ANN = 'wmAnn';

async function greeted(play: (yard: Yard) => Promise<void>): Promise<void> {
  await inYard({ switches: { pullsWithoutToken: 1000 } }, async (yard) => {
    await yard.wecom.phone(ANN).write(SUPPORT, 'hello');
    await play(yard);
  });
}

describe('codes on demand', () => {
  test('busy strikes so often, on its path, and the call has no effect', () =>
    greeted(async (yard) => {
      const fault = yard.wecom.faults.busy('kf/send_msg', 2);
      expect((await yard.pull()).errcode).toBe(0);
      expect((await yard.text(ANN, 'one')).errcode).toBe(-1);
      expect((await yard.text(ANN, 'two')).errcode).toBe(-1);
      expect((await yard.text(ANN, 'three')).errcode).toBe(0);
      expect(fault.hits).toBe(2);
      expect(yard.wecom.phone(ANN).received(SUPPORT)).toHaveLength(1);
    }));

  test('any code, only when the call looks so', () =>
    greeted(async (yard) => {
      await yard.wecom.phone('wmBob').write(SUPPORT, 'hello');
      yard.wecom.faults.answer('kf/send_msg', 95003, { times: 9, when: ({ body }) => body.touser === 'wmBob' });
      expect((await yard.text(ANN, 'hi')).errcode).toBe(0);
      expect((await yard.text('wmBob', 'hi')).errcode).toBe(95003);
    }));

  test('a rate limit until a time, parallel calls, one switch for all', () =>
    greeted(async (yard) => {
      yard.wecom.faults.rateLimit('/cgi-bin/kf/send_msg', { untilMs: yard.now() + HOUR });
      expect((await yard.text(ANN, 'a')).errcode).toBe(45009);
      expect((await yard.text(ANN, 'b')).errcode).toBe(45009);
      yard.move(HOUR);
      expect((await yard.text(ANN, 'c')).errcode).toBe(0);
      yard.wecom.faults.parallel('kf/sync_msg');
      expect((await yard.pull()).errcode).toBe(45033);
      expect((await yard.pull()).errcode).toBe(0);
      yard.wecom.faults.busy('*', 50);
      yard.wecom.faults.clear();
      expect((await yard.pull()).errcode).toBe(0);
    }));

  test('a single fault can be cleared', () =>
    greeted(async (yard) => {
      const fault = yard.wecom.faults.answer('kf/sync_msg', 60020, 100);
      expect((await yard.pull()).errcode).toBe(60020);
      fault.clear();
      expect((await yard.pull()).errcode).toBe(0);
    }));
});

describe('tokens that end early', () => {
  test.each([
    ['expireTokens', 42001],
    ['invalidateTokens', 40014],
  ] as const)('%s', (how, errcode) =>
    greeted(async (yard) => {
      await yard.pull();
      yard.wecom.faults[how]();
      expect((await yard.pull()).errcode).toBe(errcode);
      const { corpId, apps } = yard.secrets;
      const fresh = await yard.raw(`/cgi-bin/gettoken?corpid=${corpId}&corpsecret=${apps.main?.secret}`);
      const { access_token } = await answerOf(fresh);
      const pulled = await yard.raw(`/cgi-bin/kf/sync_msg?access_token=${access_token}`, {
        method: 'POST',
        body: JSON.stringify({ open_kfid: SUPPORT }),
      });
      expect(await pulled.json()).toMatchObject({ errcode: 0 });
    }),
  );
});

describe('connections', () => {
  test('down resets everything but the control paths, until up', () =>
    greeted(async (yard) => {
      await yard.pull();
      yard.wecom.faults.down();
      await expect(yard.pull()).rejects.toThrow();
      expect((await yard.raw('/_/')).status).toBe(200);
      yard.wecom.faults.up();
      expect((await yard.pull()).errcode).toBe(0);
    }));

  test('a lost answer comes after the effect', () =>
    greeted(async (yard) => {
      yard.wecom.faults.loseAnswer('kf/send_msg');
      await expect(yard.text(ANN, 'hi', { msgid: 'm1' })).rejects.toThrow();
      expect(yard.wecom.phone(ANN).received(SUPPORT)).toHaveLength(1);
      expect(yard.wecom.requests.at(-1)).toMatchObject({ errcode: 0, lost: true });
      expect((await yard.text(ANN, 'hi', { msgid: 'm1' })).errcode).toBe(40058);
    }));

  test('a slow answer follows an effect that is there at once, or late when asked so', () =>
    greeted(async (yard) => {
      const phone = yard.wecom.phone(ANN);
      await yard.text(ANN, 'quick');
      const slow = yard.wecom.faults.slow('kf/send_msg', 80);
      const first = yard.text(ANN, 'shown first');
      while (phone.received(SUPPORT).length < 2) await new Promise((resolve) => setTimeout(resolve, 1));
      expect(yard.wecom.requests.at(-1)).toMatchObject({ errcode: 0 });
      await first;
      slow.clear();
      yard.wecom.faults.slow('kf/send_msg', 80, 1, true);
      const late = yard.text(ANN, 'late');
      while (yard.wecom.requests.at(-1)?.errcode === 0) await new Promise((resolve) => setTimeout(resolve, 1));
      expect((await yard.text(ANN, 'overtakes')).errcode).toBe(0);
      await late;
      expect(phone.received(SUPPORT).map((one) => one.text)).toEqual(['quick', 'shown first', 'overtakes', 'late']);
    }));

  test('the sixth pull at once is 45033', () =>
    greeted(async (yard) => {
      await yard.pull();
      yard.wecom.faults.slow('kf/sync_msg', 60);
      const answers = await Promise.all(Array.from({ length: 6 }, () => yard.pull()));
      expect(answers.map((one) => one.errcode).sort((a, b) => a - b)).toEqual([0, 0, 0, 0, 0, 45033]);
      expect((await yard.pull()).errcode).toBe(0);
    }));
});

test('an accepted message may fail later, which an event tells', () =>
  greeted(async (yard) => {
    yard.wecom.faults.sendFails(12);
    const { msgid, errcode } = await yard.text(ANN, 'hi');
    expect(errcode).toBe(0);
    expect((await yard.pull()).msg_list.at(-1)?.event).toEqual({
      event_type: 'msg_send_fail',
      open_kfid: SUPPORT,
      external_userid: ANN,
      fail_msgid: msgid,
      fail_type: 12,
    });
    await yard.wecom.phone(ANN).reject(SUPPORT);
    await yard.text(ANN, 'still there?');
    expect((await yard.pull()).msg_list.at(-1)?.event).toMatchObject({ fail_type: 10 });
    expect(yard.wecom.phone(ANN).received(SUPPORT)).toEqual([]);
    expect(yard.wecom.session(SUPPORT, ANN)).toMatchObject({ state: 1, repliesLeft: 3 });
  }));

test('a servicer is refused on demand', () =>
  greeted(async (yard) => {
    yard.wecom.faults.refuseServicer('LiSi', 95019);
    expect((await yard.trans(ANN, 3, 'lisi')).errcode).toBe(95019);
    expect((await yard.trans(ANN, 3, 'lisi')).errcode).toBe(0);
    yard.wecom.faults.refuseServicer('*', 60253);
    expect((await yard.trans(ANN, 3, 'wangwu')).errcode).toBe(60253);
  }));

describe('pages', () => {
  test('an empty one says there is more, and its cursor leads on', () =>
    greeted(async (yard) => {
      yard.wecom.faults.pages.emptyPageFirst();
      const empty = await yard.pull();
      expect(empty).toMatchObject({ has_more: 1, msg_list: [] });
      const full = await yard.pull({ cursor: empty.next_cursor });
      expect(full.msg_list.map((one) => one.text?.content)).toEqual(['hello']);
      expect(full.has_more).toBe(0);
    }));

  test('one comes again', () =>
    greeted(async (yard) => {
      const first = await yard.pull();
      await yard.wecom.phone(ANN).write(SUPPORT, 'more');
      yard.wecom.faults.pages.repeatPage();
      const again = await yard.pull({ cursor: first.next_cursor });
      expect(again.msg_list).toEqual(first.msg_list);
      const next = await yard.pull({ cursor: again.next_cursor });
      expect(next.msg_list.map((one) => one.text?.content)).toEqual(['more']);
    }));

  test('they can be small', () =>
    greeted(async (yard) => {
      await yard.wecom.phone(ANN).write(SUPPORT, 'more');
      yard.wecom.faults.pages.pageSize(1);
      expect(await yard.pull({ limit: 1000 })).toMatchObject({ has_more: 1, msg_list: [{}] });
      yard.wecom.faults.pages.pageSize(undefined);
      expect((await yard.pull()).msg_list).toHaveLength(2);
    }));
});
