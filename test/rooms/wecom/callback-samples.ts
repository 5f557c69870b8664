import { readFileSync } from 'node:fs';
import * as z from 'zod';
import type { HttpAnswer, HttpRequest } from '../../../lib/platform/http-door.ts';
import { type CallbackReport, receiveCallback } from '../../../lib/wecom/callback.ts';
import { encrypt, readAesKey, signatureOf } from '../../../lib/wecom/callback-crypto.ts';
import type { News } from '../../../lib/wecom/callback-news.ts';
import { parseSecrets } from '../../../lib/wecom/secrets.ts';

const Vector = z.object({
  id: z.string(),
  token: z.string(),
  encodingAesKey: z.string(),
  receiveId: z.string(),
  timestamp: z.string(),
  nonce: z.string(),
  encrypted: z.string(),
  signature: z.string(),
  random: z.string(),
  message: z.string(),
});

/** Public sample values of WeCom's documentation and of several libraries; all with a key, and one with a signature only. */
export const published: unknown[] = JSON.parse(readFileSync(new URL('callback-vectors.json', import.meta.url), 'utf8'));
export const vectors = published.flatMap((each) => Vector.safeParse(each).data ?? []);

export function vector(id: string): z.infer<typeof Vector> {
  const found = vectors.find((each) => each.id === id);
  if (!found) throw new Error(`no published vector ${id}`);
  return found;
}

/** Noon of the tests; in seconds it is the timestamp of a callback that is on time. */
export const NOON = 1_760_000_000_000;
export const CORP = 'ww0123456789abcdef';
export const OLD = { token: 'OldToken', encodingAesKey: 'jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C' };
export const NEW = { token: 'NewToken', encodingAesKey: 'g8VGfQEqluUhoKOlyjmmll8Q9C5tVFUTX5T2qkmI9Sv' };

export const SECRETS = {
  corpId: CORP,
  apps: {
    main: { agentId: 1000002, secret: 'secret-of-main', callbacks: [OLD, NEW] },
    kf: { secretOf: 'main', callbacks: [OLD] },
    fresh: { callbacks: [NEW] },
    suite: { callbacks: [{ ...OLD, receiveIds: ['wwsuite', ''] }] },
    'same-token': { callbacks: [{ ...OLD, encodingAesKey: NEW.encodingAesKey }, OLD] },
  },
};

/** The use with everything around it written down. */
export function aCallbackRoom(
  changes: { toleranceSeconds?: number; secrets?: object; queue?: () => Promise<void> } = {},
) {
  const sent: News[] = [];
  const reports: CallbackReport[] = [];
  const handle = receiveCallback({
    secrets: parseSecrets(JSON.stringify(changes.secrets ?? SECRETS)),
    toleranceSeconds: changes.toleranceSeconds ?? 600,
    now: () => NOON,
    send: async (news) => {
      await changes.queue?.();
      sent.push(news);
    },
    report: (report) => reports.push(report),
  });
  return { handle, sent, reports };
}

interface Sealing {
  readonly app?: string;
  readonly credential?: { token: string; encodingAesKey: string };
  readonly timestamp?: string;
  readonly nonce?: string;
  readonly receiveId?: string;
}

/** The four strings of a callback as WeCom would make them. */
export function sealed(message: string | Buffer, sealing: Sealing = {}) {
  const { credential = OLD, timestamp = String(NOON / 1000), nonce = 'nonce123', receiveId = CORP } = sealing;
  const encrypted = encrypt(readAesKey(credential.encodingAesKey), message, receiveId);
  return { timestamp, nonce, encrypted, msg_signature: signatureOf(credential.token, timestamp, nonce, encrypted) };
}

export function aGet(echo: string, sealing: Sealing = {}): HttpRequest {
  const { encrypted, ...query } = sealed(echo, sealing);
  return aRequest('GET', { ...query, echostr: encrypted }, '', sealing.app);
}

export function aPost(message: string | Buffer, sealing: Sealing = {}): HttpRequest {
  const { encrypted, ...query } = sealed(message, sealing);
  return aRequest('POST', query, envelope(encrypted), sealing.app);
}

export function envelope(encrypted: string): string {
  return `<xml><ToUserName><![CDATA[${CORP}]]></ToUserName><Encrypt><![CDATA[${encrypted}]]></Encrypt></xml>`;
}

export function aRequest(
  method: string,
  query: Readonly<Record<string, string>>,
  body: string | Buffer,
  app = 'main',
): HttpRequest {
  const path = `/wecom/callbacks/${app}`;
  return { method, path, domain: 'example.org', params: { app }, query, headers: {}, body: Buffer.from(body) };
}

export const REFUSED: HttpAnswer = { status: 400 };

/** The event that says that an account has news, as in WeCom's own sample. */
export const KF_NEWS = `<xml>
  <ToUserName><![CDATA[${CORP}]]></ToUserName>
  <CreateTime>1759999990</CreateTime>
  <MsgType><![CDATA[event]]></MsgType>
  <Event><![CDATA[kf_msg_or_event]]></Event>
  <Token><![CDATA[ENCpullToken]]></Token>
  <OpenKfId><![CDATA[wkSUPPORT]]></OpenKfId>
</xml>`;

/** An event's XML from its elements. */
export function anEvent(event: string, elements: Readonly<Record<string, string>> = {}, rest = ''): string {
  const all = {
    ToUserName: CORP,
    FromUserName: 'sys',
    CreateTime: '1759999990',
    MsgType: 'event',
    Event: event,
    ...elements,
  };
  const written = Object.entries(all).map(([name, value]) => `<${name}><![CDATA[${value}]]></${name}>`);
  return `<xml>${written.join('')}${rest}</xml>`;
}
