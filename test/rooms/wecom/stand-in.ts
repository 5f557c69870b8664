import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { wecomShape } from '../../../lib/store/tables.ts';
import { type AccessTokens, accessTokens } from '../../../lib/wecom/access-tokens.ts';
import { type WeComApi, weComApi } from '../../../lib/wecom/api.ts';
import { type Gates, weComGates } from '../../../lib/wecom/gates.ts';
import { type WeComStore, weComStore } from '../../../lib/wecom/wecom-store.ts';
import { memoryTable } from '../../support/memory-table.ts';

/** A call as the stand-in for WeCom got it. */
export interface Received {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly text: string;
  readonly body: unknown;
}

export interface StandIn {
  readonly url: string;
  readonly received: Received[];
  /** Calls to this API, e.g. `gettoken`. */
  to(api: string): Received[];
  /** Answers every call, until told otherwise. gettoken has a good answer of its own: tokens T1, T2, … */
  answer: (call: Received, response: ServerResponse) => unknown;
  stop(): Promise<void>;
}

/** A small HTTP server where WeCom should be. Functions that return a value have it sent as JSON. */
export async function startStandIn(): Promise<StandIn> {
  const received: Received[] = [];
  const server: Server = createServer((request, response) => void respond(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');

  const standIn: StandIn = {
    url: `http://127.0.0.1:${address.port}`,
    received,
    to: (api) => received.filter((call) => call.path.endsWith(`/cgi-bin/${api}`)),
    answer: () => ({ errcode: 0, errmsg: 'ok' }),
    stop: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };

  async function respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(Buffer.from(chunk));
    const text = Buffer.concat(chunks).toString('utf8');
    const url = new URL(request.url ?? '/', standIn.url);
    const body: unknown = text === '' ? undefined : JSON.parse(text);
    const call = { method: request.method ?? '', path: url.pathname, query: url.searchParams, text, body };
    received.push(call);
    const answer = await standIn.answer(call, response);
    if (answer === undefined) return;
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(answer));
  }
  return standIn;
}

/** The answer to gettoken number `n`. */
export const token = (n: number, expiresIn = 7200) => ({
  errcode: 0,
  errmsg: 'ok',
  access_token: `T${n}`,
  expires_in: expiresIn,
});

/** A clock that moves only when told, or by waiting. */
export function movingClock(start = Date.parse('2026-03-02T04:00:00Z')) {
  let now = start;
  const clock = (): number => now;
  return {
    clock,
    move: (milliseconds: number): void => {
      now += milliseconds;
    },
    /** Waiting takes no time but the clock's, and lets everybody else go on. */
    pause: async (milliseconds: number): Promise<void> => {
      await new Promise((resolve) => setTimeout(resolve, 1));
      now += milliseconds;
    },
  };
}

/** One process: its own memory, over a store that it may share with others. */
export function aProcess(room: {
  url: string;
  clock: () => number;
  pause: (milliseconds: number) => Promise<void>;
  store?: WeComStore;
  secrets?: { corpId: string; secretFor(app: string): string | undefined };
  timeoutMs?: number;
}): { store: WeComStore; gates: Gates; tokens: AccessTokens; api: WeComApi } {
  const { clock, pause, url: baseUrl } = room;
  const store = room.store ?? weComStore(memoryTable(wecomShape('wecom')));
  const gates = weComGates({ store, clock, random: () => 0.5 });
  const secrets = room.secrets ?? {
    corpId: 'ww0123456789abcdef',
    secretFor: (app: string) => (app === 'main' ? 'a-secret' : undefined),
  };
  const tokens = accessTokens({ store, gates, secrets, baseUrl, clock, pause });
  const api = weComApi({ baseUrl, clock, tokens, gates, timeoutMs: room.timeoutMs ?? 2000 });
  return { store, gates, tokens, api };
}
