import * as z from 'zod';
import { WeComUnreachable } from './errors.ts';

/** Where WeCom is, and how long one call may take. */
export interface Line {
  /** E.g. `https://qyapi.weixin.qq.com`; may end in a path of its own. */
  readonly baseUrl: string;
  readonly fetch: typeof fetch;
  readonly timeoutMs: number;
}

export interface Answer {
  /** 0 is success, also where WeCom left it out. */
  readonly errcode: number;
  readonly errmsg: string;
  readonly body: unknown;
}

const Verdict = z.object({
  errcode: z.union([z.number(), z.stringFormat('errcode', /^-?\d{1,9}$/).transform(Number)]).nullish(),
  errmsg: z.string().catch(''),
});

/**
 * One call and its answer: POST with a JSON body or a form, GET without one. WeCom's verdict is `errcode`, whatever the HTTP status.
 * Throws `WeComUnreachable` when there is no such answer. The query holds secrets: no error or log line may quote the address.
 */
export async function exchange(
  line: Line,
  api: string,
  query: Readonly<Record<string, string>>,
  body?: unknown,
): Promise<Answer> {
  const url = `${line.baseUrl.replace(/\/+$/, '')}/cgi-bin/${api}?${new URLSearchParams(query)}`;
  const post =
    body instanceof FormData
      ? { method: 'POST', body }
      : { method: 'POST', headers: { 'content-type': 'application/json' }, body: encode(body) };
  let status: number;
  let text: string;
  try {
    const response = await line.fetch(url, {
      ...(body === undefined ? { method: 'GET' } : post),
      // A redirect would carry the access token to somebody else.
      redirect: 'manual',
      signal: AbortSignal.timeout(line.timeoutMs),
    });
    status = response.status;
    text = await response.text();
  } catch (error) {
    throw new WeComUnreachable({ api, ...whyNoAnswer(error) });
  }
  return readAnswer(api, status, text);
}

/** WeCom's answer in a body. Throws `WeComUnreachable` where there is none. */
export function readAnswer(api: string, status: number, text: string): Answer {
  const answer = parse(text);
  const verdict = Verdict.safeParse(answer);
  const ok = status >= 200 && status < 300;
  // Without an errcode, only a plain success is WeCom's word; anything else comes from something in between.
  if (!verdict.success || (verdict.data.errcode == null && !ok)) {
    throw new WeComUnreachable({ api, reason: ok ? 'unreadable' : `http ${status}`, mayHaveActed: true });
  }
  return { errcode: verdict.data.errcode ?? 0, errmsg: verdict.data.errmsg, body: answer };
}

/**
 * Raw UTF-8: WeCom refuses `\uXXXX` escapes (40033), which JSON needs for half characters and control characters.
 * The first become U+FFFD, the second are dropped.
 */
function encode(body: unknown): string {
  return JSON.stringify(body, (_, value: unknown) =>
    typeof value === 'string'
      ? value.toWellFormed().replace(/\p{Cc}/gu, (c) => (c > '\u001f' || '\n\r\t'.includes(c) ? c : ''))
      : value,
  );
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The connection was never made. */
const NOT_CONNECTED: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
]);

const TimedOut = z.object({ name: z.literal('TimeoutError') });
const WithCause = z.object({ cause: z.object({ code: z.string() }) });

/** Why there is no answer, and whether WeCom may have heard of the call. */
export function whyNoAnswer(error: unknown): { reason: string; mayHaveActed: boolean } {
  if (TimedOut.safeParse(error).success) return { reason: 'time-out', mayHaveActed: true };
  const cause = WithCause.safeParse(error).data?.cause;
  return { reason: 'connection', mayHaveActed: !(cause && NOT_CONNECTED.has(cause.code)) };
}
