import { randomUUID } from 'node:crypto';
import * as z from 'zod';
import { type Clock, type Instant, MINUTE, SECOND } from '../platform/clock.ts';
import { errorFields, log } from '../platform/log.ts';
import { countCall } from './count-call.ts';
import { MissingAppSecret, WeComError, WeComUnreachable } from './errors.ts';
import type { Gates } from './gates.ts';
import { exchange, type Line } from './http-exchange.ts';
import type { Token, WeComStore } from './wecom-store.ts';

export interface AccessTokens {
  /** The app's access token, from this process, the table, or WeCom, in this order. */
  current(app: string): Promise<string>;
  /** A token other than `refused`, which WeCom just called invalid or expired. */
  renew(app: string, refused: string): Promise<string>;
}

/** What is needed of the credentials. */
export interface AppSecrets {
  readonly corpId: string;
  secretFor(app: string): string | undefined;
}

const GETTOKEN = 'gettoken';
/** A token is replaced this long before it ends, so that a call never starts with one that ends under way. */
const MARGIN = 5 * MINUTE;
/** Down to here an old token is used while somebody fetches the next, or nobody can. */
const LAST_USE = 30 * SECOND;
const GETTOKEN_TIMEOUT = 5 * SECOND;
/** Longer than gettoken can take; after this, whoever held the lease has died. */
const LEASE = 8 * SECOND;
/** Long enough to see a lease run out and to take it over. */
const WAIT_AT_MOST = 15 * SECOND;
const LOOK_AGAIN_AFTER = 150;

const Granted = z.object({ access_token: z.string().min(1), expires_in: z.coerce.number().positive() });

/**
 * One token per app, shared by all processes through the table. WeCom blocks who asks for tokens too often, so only the
 * holder of a lease asks, and the others wait for what it gets.
 *
 * Throws `MissingAppSecret`, `GateClosed` (after a refusal: no loops), `WeComError`, `WeComUnreachable`.
 */
export function accessTokens(room: {
  store: Pick<WeComStore, 'readToken' | 'leaseToken' | 'saveToken' | 'releaseToken'>;
  gates: Gates;
  secrets: AppSecrets;
  baseUrl: string;
  clock: Clock;
  pause: (milliseconds: number) => Promise<void>;
  fetch?: typeof fetch;
}): AccessTokens {
  const { store, gates, secrets, clock, pause } = room;
  const line: Line = { baseUrl: room.baseUrl, fetch: room.fetch ?? fetch, timeoutMs: GETTOKEN_TIMEOUT };
  const remembered = new Map<string, Token>();
  const underWay = new Map<string, Promise<string>>();

  /** Callers of this process share one search. Those that were refused a token must not be given it by an older search. */
  function search(app: string, refused?: string): Promise<string> {
    const key = JSON.stringify([app, refused]);
    const running = underWay.get(key);
    if (running) return running;
    const started = find(app, refused).finally(() => underWay.delete(key));
    underWay.set(key, started);
    return started;
  }

  async function find(app: string, refused: string | undefined): Promise<string> {
    const giveUpAt = clock() + WAIT_AT_MOST;
    while (clock() < giveUpAt) {
      const known = await store.readToken(app);
      const { token, refreshAt = 0, validUntil = 0 } = known;
      const usable = token !== undefined && token !== refused;
      if (usable && refreshAt > clock()) return remember(app, { token, refreshAt, validUntil });
      const old = usable && validUntil > clock() + LAST_USE ? token : undefined;
      try {
        const fresh = await fetchAsOnlyOne(app, token);
        if (fresh) return remember(app, fresh);
      } catch (error) {
        if (old === undefined) throw error;
        log.warn('An access token could not be renewed; the old one is used', { app, ...errorFields(error) });
      }
      if (old !== undefined) return old;
      await pause(LOOK_AGAIN_AFTER);
    }
    throw new WeComUnreachable({ api: GETTOKEN, reason: 'token', mayHaveActed: false });
  }

  /** A new token; undefined when another process has the lease. */
  async function fetchAsOnlyOne(app: string, seen: string | undefined): Promise<Token | undefined> {
    const secret = secrets.secretFor(app);
    if (!secret) throw new MissingAppSecret(app);
    await gates.pass(app, GETTOKEN);
    const holder = randomUUID();
    const now = clock();
    if (!(await store.leaseToken(app, { holder, seen, now, until: now + LEASE }))) return undefined;
    try {
      const fresh = await askWeCom(app, secret);
      return (await store.saveToken(app, holder, fresh)) ? fresh : undefined;
    } catch (error) {
      await store.releaseToken(app, holder);
      throw error;
    }
  }

  async function askWeCom(app: string, secret: string): Promise<Token> {
    const askedAt = clock();
    const query = { corpid: secrets.corpId, corpsecret: secret };
    const answer = await exchange(line, GETTOKEN, query).catch(async (error: unknown) => {
      // Whatever became of it, no token was given out that anybody uses.
      countCall(GETTOKEN, undefined);
      await gates.noteUnreachable(app, GETTOKEN, askedAt);
      throw new WeComUnreachable({
        api: GETTOKEN,
        reason: error instanceof WeComUnreachable ? error.reason : 'connection',
        mayHaveActed: false,
      });
    });
    countCall(GETTOKEN, answer.errcode);
    await gates.noteAnswer(app, GETTOKEN, answer.errcode);
    if (answer.errcode !== 0) {
      throw new WeComError({ api: GETTOKEN, errcode: answer.errcode, errmsg: answer.errmsg, app });
    }
    const granted = Granted.safeParse(answer.body);
    if (!granted.success) throw new WeComUnreachable({ api: GETTOKEN, reason: 'unreadable', mayHaveActed: false });
    const lifetime = granted.data.expires_in * SECOND;
    const validUntil: Instant = askedAt + lifetime;
    return { token: granted.data.access_token, validUntil, refreshAt: validUntil - Math.min(MARGIN, lifetime / 2) };
  }

  function remember(app: string, token: Token): string {
    remembered.set(app, token);
    return token.token;
  }

  return {
    async current(app) {
      const known = remembered.get(app);
      return known && known.refreshAt > clock() ? known.token : search(app);
    },
    async renew(app, refused) {
      const known = remembered.get(app);
      if (known?.token === refused) remembered.delete(app);
      else if (known && known.refreshAt > clock()) return known.token;
      return search(app, refused);
    },
  };
}
