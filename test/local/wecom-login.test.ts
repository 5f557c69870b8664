import { describe, expect, test } from '@jest/globals';
import type { CorpSetup } from '../../local/wecom/simulator.ts';
import { inYard, MINUTE, SECOND, type Yard } from './wecom-yard.ts';

const corp: CorpSetup = {
  apps: { main: { agentId: 1000002 }, other: { agentId: 1000003 } },
  members: ['Alice', { userid: 'carol', visible: ['other'] }, { userid: 'dave', left: true }],
};
const BACK = 'https://admin.example.com/back?x=1';

function page({ secrets }: Yard, changed: Readonly<Record<string, string>> = {}): string {
  const query = {
    login_type: 'CorpApp',
    appid: secrets.corpId,
    agentid: '1000002',
    redirect_uri: BACK,
    state: 'abc',
  };
  return `https://login.work.weixin.qq.com/wwlogin/sso/login?${new URLSearchParams({ ...query, ...changed })}`;
}

async function codeOf(yard: Yard, userid = 'Alice'): Promise<string> {
  return new URL(await yard.wecom.client(userid).logIn(page(yard))).searchParams.get('code') ?? '';
}
const whose = (yard: Yard, code: string, app = 'main') => yard.get('auth/getuserinfo', { code }, app);

describe('a login', () => {
  test('sends back with the state and a code, which stands for the member once', () =>
    inYard({ corp }, async (yard) => {
      const back = new URL(await yard.wecom.client('alice').logIn(page(yard)));
      expect([back.origin, back.searchParams.get('x'), back.searchParams.get('state')]).toEqual([
        'https://admin.example.com',
        '1',
        'abc',
      ]);
      const code = back.searchParams.get('code') ?? '';
      expect(await whose(yard, code)).toMatchObject({ errcode: 0, userid: 'Alice' });
      expect(await whose(yard, code)).toMatchObject({ errcode: 40029 });
    }));

  test('whoever refuses comes back without a code', () =>
    inYard({ corp }, async (yard) => {
      const back = await yard.wecom.client('alice').logIn(page(yard), { agrees: false });
      expect(new URL(back).search).toBe('?x=1&state=abc');
    }));

  test('a code lives five minutes, and is the app’s', () =>
    inYard({ corp }, async (yard) => {
      const [late, early] = [await codeOf(yard), await codeOf(yard)];
      expect(await whose(yard, early, 'other')).toMatchObject({ errcode: 40029 });
      yard.move(5 * MINUTE - SECOND);
      expect(await whose(yard, early)).toMatchObject({ errcode: 0 });
      yard.move(SECOND);
      expect(await whose(yard, late)).toMatchObject({ errcode: 40029 });
    }));

  test('names a member whom the app does not see, and nobody who has left', () =>
    inYard({ corp }, async (yard) => {
      expect(await whose(yard, await codeOf(yard, 'carol'))).toMatchObject({ userid: 'carol' });
      const gone = await whose(yard, await codeOf(yard, 'dave'));
      expect(gone).toMatchObject({ errcode: 0, openid: expect.any(String) });
      expect(gone).not.toHaveProperty('userid');
    }));

  test.each([
    ['another corp', { appid: 'wwOTHER' }],
    ['an app that is none', { agentid: '1' }],
    ['a state with other signs', { state: 'a-b' }],
    ['another kind', { login_type: 'ServiceApp' }],
  ])('is none for %s', (_, changed) =>
    inYard({ corp }, async (yard) => {
      await expect(yard.wecom.client('alice').logIn(page(yard, changed))).rejects.toThrow('WeCom');
    }),
  );
});
