import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type KfApi, kfApi } from '../../../lib/wecom/kf-api.ts';
import { aProcess, movingClock, type StandIn, startStandIn, token } from './stand-in.ts';

let wecom: StandIn;
let kf: KfApi;
beforeEach(async () => {
  wecom = await startStandIn();
  kf = kfApi(aProcess({ url: wecom.url, ...movingClock() }).api, 'main');
});
afterEach(() => wecom.stop());

const caught = (error: unknown): unknown => error;
function answer(body: object): void {
  wecom.answer = (call) => (call.path.endsWith('gettoken') ? token(1) : { errcode: 0, errmsg: 'ok', ...body });
}
const lastBody = (): unknown => wecom.received.at(-1)?.body;

describe('pulling', () => {
  test('asks with cursor and token, and hands the items over as they came', async () => {
    answer({ next_cursor: 'c2', has_more: 1, msg_list: [{ msgid: 'm1' }, 'odd'] });
    const page = await kf.syncMessages({ openKfId: 'wk1', cursor: 'c1', token: 'ENC1' });
    expect(page).toEqual({ items: [{ msgid: 'm1' }, 'odd'], nextCursor: 'c2', hasMore: true });
    expect(lastBody()).toEqual({ open_kfid: 'wk1', cursor: 'c1', token: 'ENC1', limit: 1000 });
  });

  test('leaves out what it has not got', async () => {
    answer({ next_cursor: 'c1', has_more: 0, msg_list: [] });
    await kf.syncMessages({ openKfId: 'wk1', limit: 10 });
    expect(lastBody()).toEqual({ open_kfid: 'wk1', limit: 10 });
  });

  test('believes has_more alone: an empty page with more to come, and an answer with nothing in it', async () => {
    answer({ next_cursor: 'c2', has_more: 1, msg_list: [] });
    expect(await kf.syncMessages({ openKfId: 'wk1' })).toEqual({ items: [], nextCursor: 'c2', hasMore: true });
    answer({});
    expect(await kf.syncMessages({ openKfId: 'wk1' })).toEqual({ items: [], nextCursor: undefined, hasMore: false });
  });
});

test('how customers came is read without their profiles; who is not known, or brought nothing, is left out', async () => {
  answer({
    customer_list: [
      { external_userid: 'wmA', nickname: 'Ada', enter_session_context: { scene: 'shop', scene_param: 'p1' } },
      { external_userid: 'wmB', nickname: 'Bob' },
    ],
    invalid_external_userid: ['wmC'],
  });
  const entrances = await kf.readEntrances(['wmA', 'wmB', 'wmC']);
  expect([...entrances]).toEqual([['wmA', { scene: 'shop', channel: 'p1' }]]);
  expect(lastBody()).toEqual({ external_userid_list: ['wmA', 'wmB', 'wmC'], need_enter_session_context: 1 });
});

describe('sending', () => {
  test('a message goes out under its own id', async () => {
    answer({ msgid: 'id-1' });
    const content = { type: 'text', text: '您好' } as const;
    await kf.sendMessage({ openKfId: 'wk1', customerId: 'wmA', id: 'id-1', content });
    expect(lastBody()).toEqual({
      touser: 'wmA',
      open_kfid: 'wk1',
      msgid: 'id-1',
      msgtype: 'text',
      text: { content: '您好' },
    });
  });

  test('a code buys a message', async () => {
    answer({ msgid: 'id-1' });
    await kf.sendOnEvent({ code: 'CODE', id: 'id-1', content: { type: 'text', text: 'Welcome' } });
    expect(lastBody()).toEqual({ code: 'CODE', msgid: 'id-1', msgtype: 'text', text: { content: 'Welcome' } });
    expect(wecom.received.at(-1)?.path).toBe('/cgi-bin/kf/send_msg_on_event');
  });
});

describe('the session', () => {
  test.each([
    [0, 'new'],
    [1, 'bot'],
    [2, 'pool'],
    [3, 'person'],
    [4, 'ended'],
  ])('WeCom’s state %i is %s', async (service_state, state) => {
    answer({ service_state });
    expect(await kf.readSession('wk1', 'wmA')).toEqual({ state });
    expect(lastBody()).toEqual({ open_kfid: 'wk1', external_userid: 'wmA' });
  });

  test('names the person who serves, in lower case, and nobody otherwise', async () => {
    answer({ service_state: 3, servicer_userid: 'ZhangSan' });
    expect(await kf.readSession('wk1', 'wmA')).toEqual({ state: 'person', agentId: 'zhangsan' });
    answer({ service_state: 4, servicer_userid: 'ZhangSan' });
    expect(await kf.readSession('wk1', 'wmA')).toEqual({ state: 'ended' });
  });

  test('in an answer without a state is refused to us, so that nobody waits for another one', async () => {
    answer({});
    expect(await kf.readSession('wk1', 'wmA').catch(caught)).toMatchObject({ name: 'WeComError', class: 'unknown' });
  });

  test('in a state that we do not know is no answer', async () => {
    answer({ service_state: 9 });
    expect(await kf.readSession('wk1', 'wmA').catch(caught)).toMatchObject({ name: 'WeComUnreachable' });
  });

  test('moves to a person, into the pool, or to its end, and gives a code where there is one', async () => {
    answer({ msg_code: 'CODE' });
    expect(await kf.moveSession('wk1', 'wmA', { state: 'person', agentId: 'lisi' })).toEqual({ code: 'CODE' });
    const session = { open_kfid: 'wk1', external_userid: 'wmA' };
    expect(lastBody()).toEqual({ ...session, service_state: 3, servicer_userid: 'lisi' });
    answer({ msg_code: '' });
    expect(await kf.moveSession('wk1', 'wmA', { state: 'ended' })).toEqual({});
    expect(lastBody()).toEqual({ ...session, service_state: 4 });
    answer({});
    expect(await kf.moveSession('wk1', 'wmA', { state: 'pool' })).toEqual({});
    expect(lastBody()).toEqual({ ...session, service_state: 2 });
  });
});

describe('who serves and what is served', () => {
  test('servicers have their status by the numbers of this API, and departments stand for themselves', async () => {
    answer({
      servicer_list: [
        { userid: 'ZhangSan', status: 0 },
        { userid: 'lisi', status: 1, stop_type: 0 },
        { userid: 'wangwu', status: 1, stop_type: 1 },
        { userid: 'zhaoliu' },
        { department_id: 2 },
        {},
      ],
    });
    expect(await kf.listServicers('wk1')).toEqual([
      { agentId: 'zhangsan', status: 'receiving' },
      { agentId: 'lisi', status: 'stopped' },
      { agentId: 'wangwu', status: 'suspended' },
      { agentId: 'zhaoliu', status: 'unknown' },
      { departmentId: 2 },
    ]);
    expect(wecom.received.at(-1)?.method).toBe('GET');
  });

  test('accounts are read to the last page', async () => {
    const all = Array.from({ length: 101 }, (_, n) => ({ open_kfid: `wk${n}`, name: '', manage_privilege: n === 100 }));
    wecom.answer = (call) => {
      if (call.path.endsWith('gettoken')) return token(1);
      const offset = Number(/"offset":(\d+)/.exec(call.text)?.[1]);
      return { errcode: 0, account_list: all.slice(offset, offset + 100) };
    };
    const accounts = await kf.listAccounts();
    expect(accounts).toHaveLength(101);
    expect(accounts.at(-1)).toEqual({ openKfId: 'wk100', name: '', managed: true });
    expect(wecom.to('kf/account/list')).toHaveLength(2);
  });
});
