import type { App, Corp } from './corp.ts';
import type { Random } from './random.ts';
import { NotPossible } from './world.ts';

const LIFETIME = 5 * 60 * 1000;

/** Codes by which somebody who was sent to WeCom comes back. */
export interface Logins {
  /**
   * What WeCom does with somebody who opened this address: where it sends his browser. Throws, in words, for an address that WeCom would answer
   * with an error page.
   */
  open(address: string, userid: string, how: { agrees: boolean; now: number }): string;
  /** Whose code it was; undefined for one that is used, too old, another app's or none. */
  take(code: string, app: string, now: number): string | undefined;
}

export function logins(corp: Corp, random: Random): Logins {
  const codes = new Map<string, { userid: string; app: string; until: number }>();
  return {
    open(address, userid, { agrees, now }) {
      const url = new URL(address);
      const asked = (name: string): string => {
        const value = url.searchParams.get(name);
        if (!value) throw new NotPossible(`WeCom: ${name} is missing`);
        return value;
      };
      const inside = url.host === 'open.weixin.qq.com' && url.pathname === '/connect/oauth2/authorize';
      const outside = url.host === 'login.work.weixin.qq.com' && url.pathname === '/wwlogin/sso/login';
      if (!inside && !outside) throw new NotPossible(`WeCom has no page ${url.origin}${url.pathname}`);
      if (inside && url.hash !== '#wechat_redirect') throw new NotPossible('WeCom: #wechat_redirect is missing');
      if (inside && (asked('response_type') !== 'code' || !/^snsapi_(base|privateinfo)$/.test(asked('scope'))))
        throw new NotPossible('WeCom: response_type or scope is wrong');
      if (outside && asked('login_type') !== 'CorpApp') throw new NotPossible('WeCom: login_type is wrong');
      if (asked('appid') !== corp.corpId) throw new NotPossible('WeCom: 40013 invalid appid');
      const app = [...corp.apps.values()].find((one: App) => String(one.agentId) === asked('agentid'));
      if (!app) throw new NotPossible('WeCom: 40056 invalid agentid');
      const state = asked('state');
      if (!/^[a-zA-Z0-9]{1,128}$/.test(state)) throw new NotPossible('WeCom: state has to be letters and digits');
      const back = new URL(asked('redirect_uri'));
      back.searchParams.set('state', state);
      // Whoever refuses is sent back without a code.
      if (!agrees) return back.href;
      const code = random.text(43);
      codes.set(code, { userid, app: app.name, until: now + LIFETIME });
      back.searchParams.set('code', code);
      return back.href;
    },
    take(code, app, now) {
      const found = codes.get(code);
      if (found === undefined || found.app !== app) return undefined;
      codes.delete(code);
      return found.until > now ? found.userid : undefined;
    },
  };
}
