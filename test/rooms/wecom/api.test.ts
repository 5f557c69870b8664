import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import * as z from 'zod';
import { MINUTE, SECOND } from '../../../lib/platform/clock.ts';
import { GateClosed, WeComError, WeComUnreachable } from '../../../lib/wecom/errors.ts';
import { aProcess, movingClock, type StandIn, startStandIn, token } from './stand-in.ts';

let wecom: StandIn;
beforeEach(async () => {
  wecom = await startStandIn();
});
afterEach(() => wecom.stop());

const Anything = z.object({});
const caught = (error: unknown): unknown => error;

/** Tokens as usual, and this for every other call. */
function answerCalls(answer: (n: number, accessToken: string | null) => unknown): void {
  let n = 0;
  wecom.answer = (call, response) => {
    if (call.path.endsWith('gettoken')) return token(wecom.to('gettoken').length);
    n += 1;
    const given = answer(n, call.query.get('access_token'));
    if (given !== undefined) return given;
    response.destroy();
    return undefined;
  };
}

function client(settings: { timeoutMs?: number; url?: string } = {}) {
  const time = movingClock();
  return { ...time, ...aProcess({ url: wecom.url, ...time, ...settings }) };
}

const sendAnything = (api: ReturnType<typeof client>['api']): Promise<unknown> =>
  api.call('main', 'kf/send_msg', { touser: 'wm1' }, Anything).catch(caught);

describe('a call', () => {
  test('is a POST of raw UTF-8 JSON, with the token in the query and nowhere else', async () => {
    answerCalls(() => ({ errcode: 0, errmsg: 'ok', msgid: 'm1' }));
    const { api } = client();
    const answer = await api.call(
      'main',
      'kf/send_msg',
      { text: { content: '你好 👋' } },
      z.object({ msgid: z.string() }),
    );
    expect(answer).toEqual({ msgid: 'm1' });
    const [call] = wecom.to('kf/send_msg');
    expect([call?.method, call?.path, call?.query.get('access_token')]).toEqual(['POST', '/cgi-bin/kf/send_msg', 'T1']);
    expect(call?.text).toBe('{"text":{"content":"你好 👋"}}');
  });

  test('never has escapes, which WeCom refuses: half characters are mended, control characters dropped', async () => {
    answerCalls(() => ({ errcode: 0 }));
    const { api } = client();
    await api.call('main', 'kf/send_msg', { text: 'a\ud83d b\u0000\u001bc\nd' }, Anything);
    const [call] = wecom.to('kf/send_msg');
    expect(call?.text).not.toContain('\\u');
    expect(call?.body).toEqual({ text: 'a\ufffd bc\nd' });
  });

  test('may be a GET, with its parameters encoded', async () => {
    answerCalls(() => ({ errcode: 0 }));
    const { api } = client();
    await api.get('main', 'kf/servicer/list', { open_kfid: 'wk 1&2' }, Anything);
    const [call] = wecom.to('kf/servicer/list');
    expect([call?.method, call?.query.get('open_kfid'), call?.text]).toEqual(['GET', 'wk 1&2', '']);
  });

  test('goes to an address with a path of its own', async () => {
    answerCalls(() => ({ errcode: 0 }));
    const { api } = client({ url: `${wecom.url}/wecom/route-message/` });
    await sendAnything(api);
    expect(wecom.received.map((call) => call.path)).toEqual([
      '/wecom/route-message/cgi-bin/gettoken',
      '/wecom/route-message/cgi-bin/kf/send_msg',
    ]);
  });

  test('succeeds without an errcode', async () => {
    answerCalls(() => ({ url: 'https://work.weixin.qq.com/kf/kfc1' }));
    const { api } = client();
    const answer = api.call('main', 'kf/add_contact_way', {}, z.object({ url: z.string() }));
    expect(await answer).toEqual({ url: 'https://work.weixin.qq.com/kf/kfc1' });
  });

  test('fails by its errcode whatever the HTTP status', async () => {
    answerCalls(() => undefined);
    const { api } = client();
    const answerWith = (status: number) => {
      wecom.answer = (call, response) => {
        if (call.path.endsWith('gettoken')) return token(1);
        response.statusCode = status;
        return { errcode: 95018, errmsg: 'send msg session status invalid, hint: [1_2_3], from ip: 10.1.2.3, more' };
      };
    };
    for (const status of [200, 400, 502]) {
      answerWith(status);
      const error = await sendAnything(api);
      expect(error).toBeInstanceOf(WeComError);
      expect(error).toMatchObject({
        errcode: 95018,
        class: 'state',
        api: 'kf/send_msg',
        hint: '1_2_3',
        fromIp: '10.1.2.3',
      });
    }
  });

  test('takes no words for a hint', async () => {
    answerCalls(() => ({ errcode: 95018, errmsg: 'hint: [王小明 said hello], from ip: 10.1.2.3' }));
    const { api } = client();
    const { hint, fromIp } = Object(await sendAnything(api));
    expect([hint, fromIp]).toEqual([undefined, '10.1.2.3']);
  });

  test('is not repeated after a refusal, and the refusal does not quote what WeCom wrote', async () => {
    answerCalls(() => ({ errcode: -1, errmsg: 'system busy: 王小明 said hello' }));
    const { api } = client();
    const error = await sendAnything(api);
    expect(error).toMatchObject({ errcode: -1, class: 'transient' });
    expect(`${String(error)} ${JSON.stringify(error)}`).not.toContain('王小明');
    expect(wecom.to('kf/send_msg')).toHaveLength(1);
  });
});

describe('an access token that WeCom refuses', () => {
  test.each([40014, 42001])('is refreshed once, and the call is made again (%i)', async (errcode) => {
    answerCalls((_, accessToken) => (accessToken === 'T1' ? { errcode, errmsg: 'token' } : { errcode: 0 }));
    const { api } = client();
    await api.call('main', 'kf/send_msg', {}, Anything);
    expect(wecom.to('kf/send_msg').map((call) => call.query.get('access_token'))).toEqual(['T1', 'T2']);
    expect(wecom.to('gettoken')).toHaveLength(2);
  });

  test('by ten calls at once is refreshed once', async () => {
    answerCalls((_, accessToken) => (accessToken === 'T1' ? { errcode: 42001, errmsg: '' } : { errcode: 0 }));
    const { api } = client();
    await Promise.all(Array.from({ length: 10 }, () => api.call('main', 'kf/send_msg', {}, Anything)));
    expect(wecom.to('gettoken')).toHaveLength(2);
  });

  test('again after the refresh is a wrong configuration, and all calls of the app rest', async () => {
    answerCalls(() => ({ errcode: 40014, errmsg: 'invalid access_token' }));
    const { api, move } = client();
    expect(await sendAnything(api)).toMatchObject({ errcode: 40014, class: 'configuration' });
    expect(wecom.to('kf/send_msg')).toHaveLength(2);
    move(30 * SECOND);
    expect(await api.call('main', 'kf/sync_msg', {}, Anything).catch(caught)).toBeInstanceOf(GateClosed);
    expect(wecom.to('gettoken')).toHaveLength(2);
  });
});

describe('no readable answer', () => {
  test('a connection that breaks leaves the outcome unknown', async () => {
    answerCalls(() => undefined);
    const { api } = client();
    const error = await sendAnything(api);
    expect(error).toBeInstanceOf(WeComUnreachable);
    expect(error).toMatchObject({ api: 'kf/send_msg', reason: 'connection', mayHaveActed: true });
    expect(wecom.to('kf/send_msg')).toHaveLength(1);
  });

  test('nobody listening means that nothing was sent', async () => {
    answerCalls(() => ({ errcode: 0 }));
    const { api, store, clock, pause } = client();
    await sendAnything(api);
    const nobody = await startStandIn();
    await nobody.stop();
    const cutOff = aProcess({ url: nobody.url, clock, pause, store });
    expect(await sendAnything(cutOff.api)).toMatchObject({ name: 'WeComUnreachable', mayHaveActed: false });
  });

  test('a silent WeCom is left after the time limit', async () => {
    wecom.answer = (call) => (call.path.endsWith('gettoken') ? token(1) : undefined);
    const { api } = client({ timeoutMs: 1_000 });
    expect(await sendAnything(api)).toMatchObject({ reason: 'time-out', mayHaveActed: true });
  });

  test.each([
    ['an error page', 502, '<html>502 Bad Gateway</html>', 'http 502'],
    ['a success that is not JSON', 200, '<html>welcome</html>', 'unreadable'],
    ['a list', 200, '[]', 'unreadable'],
    ['somebody else’s JSON', 404, '{"message":"Not Found"}', 'http 404'],
    ['a redirect', 302, '', 'http 302'],
  ])('%s is no answer', async (_, status, text, reason) => {
    wecom.answer = (call, response) => {
      if (call.path.endsWith('gettoken')) return token(1);
      response.writeHead(status, status === 302 ? { location: `${wecom.url}/elsewhere` } : {});
      response.end(text);
      return undefined;
    };
    const { api } = client();
    expect(await sendAnything(api)).toMatchObject({ name: 'WeComUnreachable', reason, mayHaveActed: true });
    expect(wecom.received.some((call) => call.path === '/elsewhere')).toBe(false);
  });

  test('a success in a form that we do not know has an unknown outcome', async () => {
    answerCalls(() => ({ errcode: 0, msgid: 7 }));
    const { api } = client();
    const error = await api.call('main', 'kf/send_msg', {}, z.object({ msgid: z.string() })).catch(caught);
    expect(error).toMatchObject({ name: 'WeComUnreachable', reason: 'unreadable', mayHaveActed: true });
  });
});

describe('while a gate is closed', () => {
  test('WeCom is not called, and the error says until when', async () => {
    answerCalls((n) => (n === 1 ? { errcode: 45009, errmsg: 'api freq out of limit' } : { errcode: 0 }));
    const { api, clock, move } = client();
    expect(await sendAnything(api)).toMatchObject({ errcode: 45009, class: 'frequency' });
    const error = await sendAnything(api);
    expect(error).toBeInstanceOf(GateClosed);
    expect(error).toMatchObject({ app: 'main', api: 'kf/send_msg', until: clock() + MINUTE });
    expect(wecom.to('kf/send_msg')).toHaveLength(1);
    expect(await api.call('main', 'kf/sync_msg', {}, Anything)).toEqual({});
    move(MINUTE);
    expect(await sendAnything(api)).toEqual({});
  });
});
