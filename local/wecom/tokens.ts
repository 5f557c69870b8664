import type { App, Corp } from './corp.ts';
import type { Random } from './random.ts';
import { Refusal } from './refusal.ts';
import { HOUR } from './sessions.ts';
import type { Switches } from './switches.ts';

const LIFETIME_SECONDS = 7200;

interface AccessToken {
  app: App;
  expiresAt: number;
  /** Set when WeCom ends it early: 40014 or 42001. */
  endedWith: number | undefined;
}

export interface AccessTokens {
  /** WeCom: gettoken. @throws Refusal 41002, 41004, 40013, 40001, 45009 */
  give(corpId: string | null, secret: string | null, now: number): { access_token: string; expires_in: number };
  /** @throws Refusal 41001, 40014, 42001 */
  appOf(token: string | null, now: number): App;
  /** Ends all tokens that are out, or those of one app; later calls with them get this code. */
  end(errcode: number, ofApp?: App): void;
}

export function accessTokens(corp: Corp, random: Random, switches: Switches): AccessTokens {
  const given = new Map<string, AccessToken>();
  let wrong: number[] = [];

  const refuse = (errcode: number, now: number): Refusal => {
    wrong.push(now);
    return new Refusal(errcode);
  };
  return {
    give(corpId, secret, now) {
      wrong = wrong.filter((at) => now - at < HOUR);
      if (wrong.length >= switches.wrongSecretsPerHour) throw new Refusal(45009);
      if (!corpId) throw new Refusal(41002);
      if (!secret) throw new Refusal(41004);
      if (corpId !== corp.corpId) throw refuse(40013, now);
      const app = [...corp.apps.values()].find((one) => one.secret === secret);
      if (app === undefined) throw refuse(40001, now);
      for (const [access_token, token] of given) {
        const usable = token.app === app && token.endedWith === undefined && token.expiresAt > now;
        if (switches.sameTokenAgain && usable) {
          return { access_token, expires_in: Math.ceil((token.expiresAt - now) / 1000) };
        }
      }
      const access_token = random.text(214);
      given.set(access_token, { app, expiresAt: now + LIFETIME_SECONDS * 1000, endedWith: undefined });
      return { access_token, expires_in: LIFETIME_SECONDS };
    },
    appOf(token, now) {
      if (!token) throw new Refusal(41001);
      const found = given.get(token);
      if (found === undefined) throw new Refusal(40014);
      if (found.endedWith !== undefined) throw new Refusal(found.endedWith);
      if (found.expiresAt <= now) throw new Refusal(42001);
      return found.app;
    },
    end(errcode, ofApp) {
      for (const token of given.values()) if (!ofApp || token.app === ofApp) token.endedWith ??= errcode;
    },
  };
}
