import type * as z from 'zod';
import { type Clock, MINUTE, SECOND } from '../platform/clock.ts';
import { log } from '../platform/log.ts';
import { duration } from '../platform/metrics.ts';
import type { AccessTokens } from './access-tokens.ts';
import { countCall } from './count-call.ts';
import { WeComError, WeComUnreachable } from './errors.ts';
import { type DownloadedFile, exchangeFile } from './file-exchange.ts';
import { EVERY_API, type Gates } from './gates.ts';
import { type Answer, exchange, type Line } from './http-exchange.ts';

/**
 * WeCom's server API. Nothing is tried twice here except after a refused access token: whoever calls parks what it wants
 * and comes back. APIs are named as WeCom names them, without `/cgi-bin/`: `kf/send_msg`.
 *
 * All throw `WeComError` (WeCom refused), `WeComUnreachable` (no readable answer, outcome unknown), `GateClosed` (not
 * called), `MissingAppSecret`.
 */
export interface WeComApi {
  /** POST with a JSON body. */
  call<T>(app: string, api: string, body: object, schema: z.ZodType<T>): Promise<T>;
  /** GET; the access token is added to the query. */
  get<T>(app: string, api: string, query: Readonly<Record<string, string>>, schema: z.ZodType<T>): Promise<T>;
}

/** The same for files. */
export interface WeComFiles {
  /** POST with a form, which may hold a file; more time is given to it. */
  send<T>(
    app: string,
    api: string,
    query: Readonly<Record<string, string>>,
    form: FormData,
    schema: z.ZodType<T>,
  ): Promise<T>;
  /** GET of a file. Also throws `FileTooLarge`. */
  download(
    app: string,
    api: string,
    query: Readonly<Record<string, string>>,
    maxBytes: number,
  ): Promise<DownloadedFile>;
}

/** How long a file may be under way: 20 MB at a slow 12 Mbit/s. */
const FILE_TIMEOUT = 15 * SECOND;

/** WeCom called the access token invalid (40014) or expired (42001), or the secret behind it (40001), which a new token shows. */
const TOKEN_REFUSED: ReadonlySet<number> = new Set([40001, 40014, 42001]);

export function weComApi(room: {
  baseUrl: string;
  clock: Clock;
  tokens: AccessTokens;
  gates: Gates;
  fetch?: typeof fetch;
  timeoutMs?: number;
}): WeComApi & WeComFiles {
  const { clock, tokens, gates } = room;
  const line: Line = { baseUrl: room.baseUrl, fetch: room.fetch ?? fetch, timeoutMs: room.timeoutMs ?? 10 * SECOND };
  const slowLine: Line = { ...line, timeoutMs: FILE_TIMEOUT };

  async function ask<T>(
    app: string,
    api: string,
    exchangeWith: (query: Readonly<Record<string, string>>) => Promise<Answer>,
    schema: z.ZodType<T>,
  ): Promise<T> {
    const parsed = schema.safeParse((await answerOf(app, api, exchangeWith)).body);
    if (parsed.success) return parsed.data;
    log.error('WeCom answered in an unknown form', { app, api, reason: parsed.error.issues[0]?.path.join('.') });
    throw new WeComUnreachable({ api, reason: 'unreadable', mayHaveActed: true });
  }

  /** WeCom's answer, where it is no refusal. `exchangeWith` makes the call with the access token that it is given. */
  async function answerOf<Got extends Answer>(
    app: string,
    api: string,
    exchangeWith: (query: Readonly<Record<string, string>>) => Promise<Got>,
  ): Promise<Got> {
    await gates.pass(app, api);
    const token = await tokens.current(app);
    let answer = await attempt(app, api, () => exchangeWith({ access_token: token }));
    if (TOKEN_REFUSED.has(answer.errcode)) {
      const next = await tokens.renew(app, token);
      answer = await attempt(app, api, () => exchangeWith({ access_token: next }));
    }
    await gates.noteAnswer(app, api, answer.errcode);
    if (answer.errcode !== 0) throw await refusal(app, api, answer);
    return answer;
  }

  async function attempt<Got extends Answer>(app: string, api: string, call: () => Promise<Got>): Promise<Got> {
    const startedAt = clock();
    try {
      const answer = await call();
      countCall(api, answer.errcode);
      return answer;
    } catch (error) {
      if (!(error instanceof WeComUnreachable)) throw error;
      countCall(api, undefined);
      log.warn('No readable answer from WeCom', { app, api, reason: error.reason });
      await gates.noteUnreachable(app, api, startedAt);
      throw error;
    } finally {
      duration('WeComCallTime', { api }, clock() - startedAt);
    }
  }

  async function refusal(app: string, api: string, answer: Answer): Promise<WeComError> {
    const { errcode, errmsg } = answer;
    // A fresh token was refused as well: the token is not at fault, and asking for more of them gets our address barred.
    const stuck = TOKEN_REFUSED.has(errcode);
    if (stuck) await gates.close(app, EVERY_API, MINUTE, `errcode ${errcode}`);
    const error = new WeComError({ app, api, errcode, errmsg, ...(stuck ? { class: 'configuration' } : {}) });
    log.warn('WeCom refused a call', {
      app,
      api,
      errcode,
      kind: error.class,
      hint: error.hint,
      fromIp: error.fromIp,
    });
    return error;
  }

  return {
    call: (app, api, body, schema) => ask(app, api, (token) => exchange(line, api, token, body), schema),
    get: (app, api, query, schema) => ask(app, api, (token) => exchange(line, api, { ...query, ...token }), schema),
    send: (app, api, query, form, schema) =>
      ask(app, api, (token) => exchange(slowLine, api, { ...query, ...token }, form), schema),
    async download(app, api, query, maxBytes) {
      const { file } = await answerOf(app, api, (token) =>
        exchangeFile(slowLine, api, { ...query, ...token }, maxBytes),
      );
      if (!file) throw new WeComUnreachable({ api, reason: 'no file', mayHaveActed: true });
      return file;
    },
  };
}
