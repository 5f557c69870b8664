import { setTimeout as wait } from 'node:timers/promises';
import { ask } from './ask.ts';
import type { App, CallbackCredentials, Corp } from './corp.ts';
import { seal, sign } from './crypto.ts';
import type { FaultBoard } from './faults.ts';
import type { Random } from './random.ts';
import type { Switches } from './switches.ts';
import { writeXml } from './xml.ts';

export interface CallbackRecord {
  at: number;
  app: string;
  event: string;
  /** Which change, for events about contacts. */
  changeType?: string;
  /** 1 for the first delivery. 0 for one that a fault dropped. */
  attempt: number;
  status: number | 'timeout' | 'refused' | 'dropped';
  /** Real time, also under a moved clock. */
  ms: number;
}

export interface CallbackOptions {
  /** Deliveries of the same plaintext, one after the other. Default 1. */
  times?: number;
  /** Every further delivery has a new nonce and signature (default), or is the same bytes again. */
  sealedAgain?: boolean;
  wrongSignature?: boolean;
  receiveId?: string;
  /** Seconds. Default: now. */
  timestamp?: number;
  nonce?: string;
  credentials?: CallbackCredentials;
  /** Whether WeCom's retries follow a failure. Default true. */
  retried?: boolean;
}

export interface Verification {
  ok: boolean;
  reason?: string;
  ms: number;
}

export interface PostmanSettings {
  corp: Corp;
  random: Random;
  switches: Switches;
  faults: FaultBoard;
  now: () => number;
  timeoutMs: number;
  verifyTimeoutMs: number;
  retryDelaysMs: readonly number[];
}

export interface Postman {
  readonly records: CallbackRecord[];
  /** Starts a delivery with WeCom's retries; it goes on by itself. */
  send(app: App, xml: string): void;
  sendWith(app: App, xml: string, options: CallbackOptions): Promise<CallbackRecord[]>;
  /** With the credentials in use, unless the form has others. */
  verify(app: App, url: string, entered?: CallbackCredentials): Promise<Verification>;
  /** Runs something later that {@link idle} waits for. */
  later(ms: number, act: () => void): void;
  idle(): Promise<void>;
  stop(): Promise<void>;
}

interface Letter {
  query: URLSearchParams;
  body: string;
}

// How long a callback that is to arrive second waits for a first one.
const BEHIND_NEXT_MS = 300;

/** Encrypts, delivers, times and repeats callbacks as WeCom does ("回调配置": 5 seconds, status 200, three retries). */
export function postman(settings: PostmanSettings): Postman {
  const { corp, random, switches, faults, now } = settings;
  const records: CallbackRecord[] = [];
  const pending = new Set<Promise<unknown>>();
  const stopped = new AbortController();
  let passOn: (() => void) | undefined;

  // A delivery fails only because the simulator stops; whoever called sendWith hears of anything else.
  const track = (work: Promise<unknown>) => {
    const tracked: Promise<void> = work.then(
      () => void pending.delete(tracked),
      () => void pending.delete(tracked),
    );
    pending.add(tracked);
  };

  const write = (app: App, xml: string, options: CallbackOptions): Letter => {
    const credentials = options.credentials ?? app.credentialsInUse;
    const receiveId = options.receiveId ?? credentials.receiveIds[0] ?? corp.corpId;
    const encrypted = seal({ message: xml, receiveId }, credentials.encodingAesKey, random.bytes(16));
    const timestamp = String(options.timestamp ?? Math.floor(now() / 1000));
    const nonce = options.nonce ?? random.digits(10);
    const token = options.wrongSignature ? `${credentials.token}x` : credentials.token;
    const query = new URLSearchParams({ msg_signature: sign(token, timestamp, nonce, encrypted), timestamp, nonce });
    const agentId = app.secretOf === undefined ? String(app.agentId) : '';
    return { query, body: writeXml({ ToUserName: corp.corpId, AgentID: agentId, Encrypt: encrypted }) };
  };

  const deliverOnce = async (app: App, event: Named, letter: Letter, attempt: number): Promise<CallbackRecord> => {
    const at = now();
    const url = addressOf(app, letter.query);
    if (url === undefined) throw new Error(`${app.name} has no callback address`);
    const { timeoutMs } = settings;
    const asked = await ask({ method: 'POST', url, body: letter.body, timeoutMs, signal: stopped.signal });
    const record = { at, app: app.name, ...event, attempt, status: asked.outcome, ms: asked.ms };
    if (!stopped.signal.aborted) records.push(record);
    return record;
  };

  const deliver = async (app: App, xml: string, options: CallbackOptions): Promise<CallbackRecord[]> => {
    const event = eventOf(xml);
    const mine: CallbackRecord[] = [];
    let letter = write(app, xml, options);
    for (let copy = 0; copy < (options.times ?? 1); copy += 1) {
      if (copy > 0 && options.sealedAgain !== false) letter = write(app, xml, options);
      const delays = options.retried === false ? [] : settings.retryDelaysMs;
      for (let attempt = 1; ; attempt += 1) {
        const record = await deliverOnce(app, event, letter, attempt);
        mine.push(record);
        const delay = delays[attempt - 1];
        if (record.status === 200 || delay === undefined) break;
        await wait(delay, undefined, { signal: stopped.signal });
        if (switches.retriesAreSealedAgain && options.sealedAgain !== false) letter = write(app, xml, options);
      }
    }
    return mine;
  };

  const deliverFaulty = async (app: App, xml: string): Promise<void> => {
    const fault = faults.nextCallback();
    if (fault.dropped) {
      records.push({ at: now(), app: app.name, ...eventOf(xml), attempt: 0, status: 'dropped', ms: 0 });
      return;
    }
    if (fault.behindNext) {
      const passed = new Promise<void>((resolve) => {
        passOn = resolve;
      });
      await Promise.race([passed, wait(BEHIND_NEXT_MS, undefined, { signal: stopped.signal })]);
    }
    if (fault.held) await fault.held;
    if (fault.delayMs > 0) await wait(fault.delayMs, undefined, { signal: stopped.signal });
    await deliver(app, xml, { times: 1 + fault.extra });
    if (!fault.behindNext) {
      passOn?.();
      passOn = undefined;
    }
  };

  return {
    records,
    send(app, xml) {
      if (app.callbackUrl !== undefined && !stopped.signal.aborted) track(deliverFaulty(app, xml));
    },
    sendWith(app, xml, options) {
      const work = deliver(app, xml, options);
      track(work);
      return work;
    },
    async verify(app, address, entered = app.credentialsInUse) {
      const url = URL.canParse(address) ? new URL(address) : undefined;
      if (url === undefined || !/^https?:$/.test(url.protocol)) return { ok: false, reason: 'not an address', ms: 0 };
      const echo = random.digits(19);
      const { token, encodingAesKey, receiveIds } = entered;
      const receiveId = receiveIds[0] ?? corp.corpId;
      const echostr = seal({ message: echo, receiveId }, encodingAesKey, random.bytes(16));
      const timestamp = String(Math.floor(now() / 1000));
      const nonce = random.digits(10);
      for (const [name, value] of [
        ['msg_signature', sign(token, timestamp, nonce, echostr)],
        ['timestamp', timestamp],
        ['nonce', nonce],
        ['echostr', echostr],
      ] as const) {
        url.searchParams.append(name, value);
      }
      const asked = await ask({ method: 'GET', url, timeoutMs: settings.verifyTimeoutMs, signal: stopped.signal });
      const reason = whyNotVerified(asked.outcome, asked.body.toString('utf8'), echo);
      return reason === undefined ? { ok: true, ms: asked.ms } : { ok: false, reason, ms: asked.ms };
    },
    later(ms, act) {
      track(wait(ms, undefined, { signal: stopped.signal }).then(act));
    },
    async idle() {
      while (pending.size > 0) await Promise.all([...pending]);
    },
    async stop() {
      faults.callbacks.release();
      stopped.abort();
      await Promise.allSettled([...pending]);
    },
  };
}

type Named = Pick<CallbackRecord, 'event' | 'changeType'>;

function eventOf(xml: string): Named {
  const event = /<(?:Event|MsgType)><!\[CDATA\[(?!event\])([^\]]*)/.exec(xml)?.[1] ?? '';
  const changeType = /<ChangeType><!\[CDATA\[([^\]]*)/.exec(xml)?.[1];
  return { event, ...(changeType !== undefined && { changeType }) };
}

function addressOf(app: App, query: URLSearchParams): URL | undefined {
  if (app.callbackUrl === undefined) return undefined;
  const url = new URL(app.callbackUrl);
  for (const [name, value] of query) url.searchParams.append(name, value);
  return url;
}

/** Why the console says 「openapi回调地址请求不通过」; undefined when the answer is the bare echo. */
function whyNotVerified(outcome: number | 'timeout' | 'refused', answer: string, echo: string): string | undefined {
  if (outcome === 'timeout') return 'no answer within the time limit';
  if (outcome === 'refused') return 'no connection';
  if (outcome !== 200) return `status ${outcome}`;
  if (answer === echo) return undefined;
  if (answer.startsWith('\uFEFF')) return 'the answer starts with a byte order mark';
  if (answer.trim() === echo) return 'the answer has white space around the echo';
  if (answer.trim() === `"${echo}"`) return 'the answer is in quotes';
  return 'the answer is not the decrypted echo';
}
