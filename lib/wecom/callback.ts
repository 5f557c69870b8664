import type { Clock } from '../platform/clock.ts';
import type { HttpAnswer, HttpRequest } from '../platform/http-door.ts';
import { type Decrypted, decrypt, isSignedWith, NotDecryptable, type SignedText } from './callback-crypto.ts';
import { kindOf, type News, readNews } from './callback-news.ts';
import { DeclaresEntities, decodeUtf8, NotXml, readFields, textOf } from './callback-xml.ts';
import type { CallbackCredential, WeComApp, WeComSecrets } from './secrets.ts';

/** Why a callback was refused. */
export type Refusal =
  | 'unknown-app'
  | 'wrong-method'
  | 'missing-parameters'
  | 'too-large'
  | 'not-xml'
  | 'entities'
  | 'bad-signature'
  | 'stale'
  | 'bad-padding'
  | 'wrong-receive-id'
  | 'not-an-echo';

/** What became of one callback: ids, reasons and counts, nothing that it said. */
export interface CallbackReport {
  readonly outcome: 'echoed' | 'queued' | 'ignored' | 'refused' | 'not-queued';
  /** The source's name, once it is known to be one of ours. */
  readonly app?: string;
  readonly reason?: Refusal;
  /** WeCom's name for what happened, e.g. `kf_msg_or_event`; only from verified callbacks. */
  readonly kind?: string;
  /** Which of the source's credentials matched, by its fingerprint. */
  readonly credential?: string;
  /** Why the queue did not take it. */
  readonly error?: unknown;
  readonly ms: number;
}

export interface CallbackRoom {
  readonly secrets: WeComSecrets;
  /** How far a callback's timestamp may be from now, in either direction; 0 accepts any. */
  readonly toleranceSeconds: number;
  readonly now: Clock;
  /** Resolves when the queue has taken the news, and rejects when it has not. */
  readonly send: (news: News) => Promise<void>;
  readonly report: (report: CallbackReport) => void;
}

/** The largest body that is read. WeCom states no limit; its events have a few KB. */
export const LARGEST_BODY = 64 * 1024;

/**
 * What WeCom calls: GET proves that the address is ours, POST brings news. Neither calls anybody but the queue, since
 * WeCom waits one second for a GET and five for a POST. https://developer.work.weixin.qq.com/document/path/90930
 *
 * Every refusal has an empty body: 404 for an unknown app, 405 for another method, 413 for a body over 64 KB, and 400 for
 * all else, so that nobody learns from the answer which check it was. A queue that does not take the news is 500, and
 * WeCom sends it again.
 */
export function receiveCallback(room: CallbackRoom): (request: HttpRequest) => Promise<HttpAnswer> {
  return async (request) => {
    const startedAt = room.now();
    const report = (what: Omit<CallbackReport, 'ms'>) => room.report({ ...what, ms: room.now() - startedAt });
    const app = room.secrets.apps.get(request.params.app ?? '');
    const ours = app ? { app: app.name } : {};
    try {
      if (!app) throw new Refused('unknown-app');
      if (request.method === 'GET') return answerEcho(app, request, room, report);
      if (request.method === 'POST') return await takeNews(app, request, room, report);
      throw new Refused('wrong-method');
    } catch (error) {
      const reason = reasonOf(error);
      if (!reason) throw error;
      report({ outcome: 'refused', ...ours, reason });
      return { status: STATUS[reason] ?? 400 };
    }
  };
}

type Report = (what: Omit<CallbackReport, 'ms'>) => void;

function answerEcho(app: WeComApp, request: HttpRequest, room: CallbackRoom, report: Report): HttpAnswer {
  const verified = verify(app, { ...readParameters(request, room), encrypted: repair(request.query.echostr) }, room);
  const echo = decodeUtf8(verified.message);
  // The signature does not say whether it was made for a GET. Without this check, whoever has seen a POST could have
  // its content decrypted here.
  if (!ECHO.test(echo)) throw new Refused('not-an-echo');
  report({ outcome: 'echoed', app: app.name, kind: 'url-verification', credential: verified.credential });
  return { status: 200, headers: { 'content-type': 'text/plain' }, body: echo };
}

async function takeNews(app: WeComApp, request: HttpRequest, room: CallbackRoom, report: Report): Promise<HttpAnswer> {
  if (request.body.length > LARGEST_BODY) throw new Refused('too-large');
  const parameters = readParameters(request, room);
  const verified = verify(app, { ...parameters, encrypted: readEncrypt(request.body) }, room);
  const fields = readFields(verified.message);
  const known = { app: app.name, kind: kindOf(fields), credential: verified.credential };
  const news = readNews(fields, app.secretApp, room.now());
  if (!news) {
    report({ outcome: 'ignored', ...known });
    return SUCCESS;
  }
  try {
    await room.send(news);
  } catch (error) {
    report({ outcome: 'not-queued', ...known, error });
    return { status: 500 };
  }
  report({ outcome: 'queued', ...known });
  return SUCCESS;
}

/** The one body that app callbacks and suite callbacks both take as a success. */
const SUCCESS: HttpAnswer = { status: 200, headers: { 'content-type': 'text/plain' }, body: 'success' };
const STATUS: Partial<Record<Refusal, number>> = { 'unknown-app': 404, 'wrong-method': 405, 'too-large': 413 };
/** Digits so far, but nobody promises it; never the XML or JSON of a message. */
const ECHO = /^[^<{[\s].{0,1023}$/su;
/**
 * The signature is made over the four strings without separators, so digits could be moved between neighbours and still
 * match. Fixed widths leave no room for that.
 */
const TIMESTAMP = /^\d{10}$/;
/** Where the setting turns the check of the time off, its form does not matter either. */
const ANY_TIMESTAMP = /^\d{1,20}$/;
const NONCE = /^.{1,64}$/;

class Refused extends Error {
  override readonly name = 'Refused';
  readonly reason: Refusal;
  constructor(reason: Refusal) {
    super(reason);
    this.reason = reason;
  }
}

function reasonOf(error: unknown): Refusal | undefined {
  if (error instanceof Refused) return error.reason;
  if (error instanceof DeclaresEntities) return 'entities';
  if (error instanceof NotXml) return 'not-xml';
  if (error instanceof NotDecryptable) return 'bad-padding';
  return undefined;
}

function readParameters({ query }: HttpRequest, { toleranceSeconds }: CallbackRoom): Omit<SignedText, 'encrypted'> {
  const { msg_signature: signature = '', timestamp = '', nonce = '' } = query;
  const form = toleranceSeconds === 0 ? ANY_TIMESTAMP : TIMESTAMP;
  if (!signature || !form.test(timestamp) || !NONCE.test(nonce)) throw new Refused('missing-parameters');
  return { signature, timestamp, nonce };
}

/** `Encrypt`, which the JSON editions of WeCom's libraries write in small letters. */
function readEncrypt(body: Buffer): string {
  const envelope = readFields(body);
  return repair(textOf(envelope, 'Encrypt') ?? textOf(envelope, 'encrypt'));
}

/** Base64 has no spaces; where one stands, somebody on the way took a `+` for one. */
function repair(encrypted: string | undefined): string {
  if (!encrypted) throw new Refused('missing-parameters');
  return encrypted.trim().replaceAll(' ', '+');
}

/** Tries the credentials in turn: two may share a token and differ in the key. */
function verify(app: WeComApp, signed: SignedText, room: CallbackRoom): Decrypted & { credential: string } {
  const tried = app.callbacks.map((credential) => (isSignedWith(credential.token, signed) ? credential : undefined));
  if (!tried.some(Boolean)) throw new Refused('bad-signature');
  const late = Math.abs(room.now() - Number(signed.timestamp) * 1000);
  if (room.toleranceSeconds > 0 && late > room.toleranceSeconds * 1000) throw new Refused('stale');

  let refusal: unknown;
  for (const match of tried) {
    try {
      if (match) return { ...open(match, signed.encrypted), credential: match.fingerprint };
    } catch (error) {
      refusal = error;
    }
  }
  throw refusal;
}

function open(credential: CallbackCredential, encrypted: string): Decrypted {
  const decrypted = decrypt(credential.aesKey, encrypted);
  if (!credential.receiveIds.includes(decrypted.receiveId)) throw new Refused('wrong-receive-id');
  return decrypted;
}

/** Reads CALLBACK_TOLERANCE_SECONDS: a whole number, 0 for no check. */
export function readToleranceSeconds(text: string): number {
  if (!/^\d{1,6}$/.test(text)) {
    throw new Error('CALLBACK_TOLERANCE_SECONDS must be a whole number of seconds; 0 turns the check off.');
  }
  return Number(text);
}
