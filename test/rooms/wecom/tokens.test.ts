import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { MINUTE, SECOND } from '../../../lib/platform/clock.ts';
import { wecomShape } from '../../../lib/store/tables.ts';
import { GateClosed, MissingAppSecret, WeComError, WeComUnreachable } from '../../../lib/wecom/errors.ts';
import { weComStore } from '../../../lib/wecom/wecom-store.ts';
import { memoryTable } from '../../support/memory-table.ts';
import { aProcess, movingClock, type StandIn, startStandIn, token } from './stand-in.ts';

let wecom: StandIn;
beforeEach(async () => {
  wecom = await startStandIn();
  let n = 0;
  wecom.answer = () => {
    n += 1;
    return token(n);
  };
});
afterEach(() => wecom.stop());

const aStore = () => weComStore(memoryTable(wecomShape('wecom')));
const caught = (error: unknown): unknown => error;

describe('one token for everybody', () => {
  test('fifty callers in five processes at once ask WeCom once', async () => {
    const { clock, pause } = movingClock();
    const store = aStore();
    const processes = Array.from({ length: 5 }, () => aProcess({ url: wecom.url, clock, pause, store }));
    const calls = processes.flatMap(({ tokens }) => Array.from({ length: 10 }, () => tokens.current('main')));
    expect(new Set(await Promise.all(calls))).toEqual(new Set(['T1']));
    expect(wecom.to('gettoken')).toHaveLength(1);
  });

  test('the secret goes with the corp id in the query of gettoken', async () => {
    const { clock, pause } = movingClock();
    await aProcess({ url: wecom.url, clock, pause }).tokens.current('main');
    const [call] = wecom.to('gettoken');
    expect([call?.method, call?.query.get('corpid'), call?.query.get('corpsecret')]).toEqual([
      'GET',
      'ww0123456789abcdef',
      'a-secret',
    ]);
  });

  test('a token is kept in the table: a new process does not ask again', async () => {
    const { clock, pause } = movingClock();
    const store = aStore();
    await aProcess({ url: wecom.url, clock, pause, store }).tokens.current('main');
    expect(await aProcess({ url: wecom.url, clock, pause, store }).tokens.current('main')).toBe('T1');
    expect(wecom.to('gettoken')).toHaveLength(1);
  });

  test('a token is replaced when fewer than five minutes of what WeCom granted are left', async () => {
    wecom.answer = () => token(wecom.received.length, 1000);
    const { clock, pause, move } = movingClock();
    const { tokens } = aProcess({ url: wecom.url, clock, pause });
    expect(await tokens.current('main')).toBe('T1');
    move(699 * SECOND);
    expect(await tokens.current('main')).toBe('T1');
    move(2 * SECOND);
    expect(await tokens.current('main')).toBe('T2');
  });

  test('a token that WeCom grants for very short is still used for half of its life', async () => {
    wecom.answer = () => token(wecom.received.length, 60);
    const { clock, pause, move } = movingClock();
    const { tokens } = aProcess({ url: wecom.url, clock, pause });
    expect([await tokens.current('main'), await tokens.current('main')]).toEqual(['T1', 'T1']);
    move(31 * SECOND);
    expect(await tokens.current('main')).toBe('T2');
  });

  test('a lease whose holder died is taken over, and not before it ran out', async () => {
    const { clock, pause } = movingClock();
    const store = aStore();
    const startedAt = clock();
    await store.leaseToken('main', { holder: 'dead', seen: undefined, now: startedAt, until: startedAt + 8 * SECOND });
    const { tokens } = aProcess({ url: wecom.url, clock, pause, store });
    expect(await tokens.current('main')).toBe('T1');
    expect(clock()).toBeGreaterThanOrEqual(startedAt + 8 * SECOND);
    expect(wecom.to('gettoken')).toHaveLength(1);
  });

  test('whoever waits in vain gives up in time, without having called WeCom', async () => {
    const { clock, pause } = movingClock();
    const store = aStore();
    const now = clock();
    await store.leaseToken('main', { holder: 'slow', seen: undefined, now, until: now + 10 * MINUTE });
    const error = await aProcess({ url: wecom.url, clock, pause, store }).tokens.current('main').catch(caught);
    expect(error).toBeInstanceOf(WeComUnreachable);
    expect(error).toMatchObject({ mayHaveActed: false });
    expect(wecom.received).toHaveLength(0);
  });

  test('a token got by a holder whose lease was taken over does not overwrite the later one', async () => {
    const store = aStore();
    const lease = { seen: undefined, now: 0, until: 10 };
    await store.leaseToken('main', { ...lease, holder: 'slow' });
    expect(await store.leaseToken('main', { ...lease, holder: 'too early', now: 9 })).toBe(false);
    expect(await store.leaseToken('main', { ...lease, holder: 'next', now: 10, until: 20 })).toBe(true);
    const later = { token: 'later', refreshAt: 50, validUntil: 100 };
    expect(await store.saveToken('main', 'next', later)).toBe(true);
    expect(await store.saveToken('main', 'slow', { ...later, token: 'stale' })).toBe(false);
    expect(await store.readToken('main')).toEqual(later);
  });

  test('nobody gets the right to fetch a token that was fetched since he looked', async () => {
    const store = aStore();
    await store.leaseToken('main', { holder: 'first', seen: undefined, now: 0, until: 10 });
    await store.saveToken('main', 'first', { token: 'T1', refreshAt: 50, validUntil: 100 });
    expect(await store.leaseToken('main', { holder: 'late', seen: undefined, now: 5, until: 15 })).toBe(false);
  });
});

describe('a refused token', () => {
  test('is dropped and replaced once for all who were refused it', async () => {
    const { clock, pause } = movingClock();
    const store = aStore();
    const [a, b] = [1, 2].map(() => aProcess({ url: wecom.url, clock, pause, store }));
    if (!a || !b) throw new Error('two processes');
    await Promise.all([a.tokens.current('main'), b.tokens.current('main')]);
    const renewed = [a, a, b, b].map(({ tokens }) => tokens.renew('main', 'T1'));
    expect(await Promise.all(renewed)).toEqual(['T2', 'T2', 'T2', 'T2']);
    expect(wecom.to('gettoken')).toHaveLength(2);
  });

  test('that is not the cached one any more costs no call', async () => {
    const { clock, pause } = movingClock();
    const { tokens } = aProcess({ url: wecom.url, clock, pause });
    await tokens.current('main');
    expect(await tokens.renew('main', 'an older one')).toBe('T1');
    expect(wecom.to('gettoken')).toHaveLength(1);
  });
});

describe('when WeCom gives no token', () => {
  test.each([40001, 40013, 40091])('a wrong secret or corp (%i) is asked for once in five minutes', async (errcode) => {
    wecom.answer = () => ({ errcode, errmsg: 'invalid credential, hint: [h], from ip: 10.0.0.1' });
    const { clock, pause, move } = movingClock();
    const { tokens } = aProcess({ url: wecom.url, clock, pause });
    const error = await tokens.current('main').catch(caught);
    expect(error).toBeInstanceOf(WeComError);
    expect(error).toMatchObject({ errcode, class: 'configuration', hint: 'h', fromIp: '10.0.0.1' });
    move(4 * MINUTE);
    expect(await tokens.current('main').catch(caught)).toBeInstanceOf(GateClosed);
    expect(wecom.to('gettoken')).toHaveLength(1);
    move(2 * MINUTE);
    expect(await tokens.current('main').catch(caught)).toBeInstanceOf(WeComError);
    expect(wecom.to('gettoken')).toHaveLength(2);
  });

  test('the lease is given back, so that the next try need not wait', async () => {
    wecom.answer = () => ({ errcode: -1, errmsg: 'system error' });
    const { clock, pause } = movingClock();
    const { tokens } = aProcess({ url: wecom.url, clock, pause });
    expect(await tokens.current('main').catch(caught)).toMatchObject({ class: 'transient' });
    wecom.answer = () => token(1);
    const before = clock();
    expect(await tokens.current('main')).toBe('T1');
    expect(clock()).toBe(before);
  });

  test('the old token is used to its end', async () => {
    const { clock, pause, move } = movingClock();
    const { tokens } = aProcess({ url: wecom.url, clock, pause });
    await tokens.current('main');
    wecom.answer = () => ({ errcode: -1, errmsg: 'system error' });
    move(118 * MINUTE);
    expect(await tokens.current('main')).toBe('T1');
    move(2 * MINUTE);
    expect(await tokens.current('main').catch(caught)).toBeInstanceOf(WeComError);
  });

  test('an app without a secret is named, with the mend, and WeCom is not called', async () => {
    const { clock, pause } = movingClock();
    const error = await aProcess({ url: wecom.url, clock, pause }).tokens.current('directory').catch(caught);
    expect(error).toBeInstanceOf(MissingAppSecret);
    expect(String(error)).toContain('apps.directory.secret');
    expect(wecom.received).toHaveLength(0);
  });

  test('no error says the secret', async () => {
    const { clock, pause } = movingClock();
    wecom.answer = (_, response) => void response.destroy();
    const error = await aProcess({ url: wecom.url, clock, pause }).tokens.current('main').catch(caught);
    expect(error).toMatchObject({ name: 'WeComUnreachable', mayHaveActed: false });
    expect(`${String(error)} ${JSON.stringify(error)}`).not.toContain('a-secret');
  });
});
