import * as z from 'zod';
import type { AccessTokens } from '../wecom/access-tokens.ts';
import { MissingAppSecret, WeComError, WeComUnreachable } from '../wecom/errors.ts';
import { exchange, type Line } from '../wecom/http-exchange.ts';
import type { WeComSecrets } from '../wecom/secrets.ts';

const Granted = z.object({ access_token: z.string().min(1) });

/**
 * Asks WeCom for a token once per app, whatever the others have: a wrong secret shows although an old token is still good. WeCom gives
 * the same token again within its life, so nobody else's is ended. Once per run and app, since WeCom bars who asks in a loop.
 */
export function freshTokens(line: Line, secrets: WeComSecrets): AccessTokens {
  const asked = new Map<string, Promise<string>>();

  async function ask(app: string): Promise<string> {
    const secret = secrets.secretFor(app);
    if (!secret) throw new MissingAppSecret(app);
    const { errcode, errmsg, body } = await exchange(line, 'gettoken', { corpid: secrets.corpId, corpsecret: secret });
    if (errcode !== 0) throw new WeComError({ api: 'gettoken', errcode, errmsg });
    const granted = Granted.safeParse(body);
    if (!granted.success) throw new WeComUnreachable({ api: 'gettoken', reason: 'unreadable', mayHaveActed: false });
    return granted.data.access_token;
  }

  const current = (app: string): Promise<string> => {
    const known = asked.get(app) ?? ask(app);
    asked.set(app, known);
    return known;
  };
  return { current, renew: current };
}
