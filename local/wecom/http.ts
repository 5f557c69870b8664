import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { answerCall, isApiPath, type RawCall, readableBody } from './api.ts';
import { codeImage } from './contact-qr-image.ts';
import type { FileAnswer } from './endpoint.ts';
import type { Fields } from './fields.ts';
import { Refusal, refusalBody } from './refusal.ts';
import type { World } from './world.ts';

/** One API call as it was received. Tokens and secrets are blanked. */
export interface RequestRecord {
  at: number;
  method: string;
  path: string;
  query: Record<string, string>;
  body: Fields;
  /** Undefined while it is being answered, for unknown pages, and for connections that were reset. */
  errcode: number | undefined;
  /** The call took effect, and its answer never left. */
  lost?: true;
  /** The caller's user agent, where it sends one. */
  functionHint?: string;
}

export interface ControlAnswer {
  status: number;
  contentType: string;
  body: string;
}

export type Control = (method: string, url: URL, body: Buffer) => Promise<ControlAnswer>;

const MAX_BODY = 25 * 1024 * 1024;

/** The server in front of the world: records, faults that concern connections, and WeCom's habit of answering 200. */
export function wecomServer(world: World, requests: RequestRecord[], control: Control): Server {
  const underWay = new Map<string, number>();

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    response.setHeader('Date', new Date(world.now()).toUTCString());
    const url = new URL(request.url ?? '/', 'http://127.0.0.1');
    const method = request.method ?? 'GET';
    const body = await bodyOf(request);
    if (url.pathname === '/_' || url.pathname.startsWith('/_/')) {
      const given = await control(method, url, body);
      response.writeHead(given.status, { 'Content-Type': given.contentType }).end(given.body);
      return;
    }
    if (url.pathname.startsWith('/wwhead/') && method === 'GET') {
      answerImage(world, url.pathname, response);
      return;
    }
    const contentType = request.headers['content-type'] ?? '';
    const raw: RawCall = { method, path: url.pathname, query: url.searchParams, contentType, body };
    const record = recordOf(world, raw, request.headers['user-agent']);
    requests.push(record);
    if (world.faults.isDown()) {
      request.socket.destroy();
      return;
    }
    if (!isApiPath(raw.path)) {
      response.writeHead(404, { 'Content-Type': 'text/html' }).end('<html><body>404 Not Found</body></html>');
      return;
    }
    const seen = { method, path: raw.path, body: record.body };
    const parallel = (underWay.get(raw.path) ?? 0) + 1;
    underWay.set(raw.path, parallel);
    try {
      const slow = world.faults.strike('slow', raw.path, seen);
      if (slow?.actsLate) await wait(slow.value);
      const given = outcomeOf(world, raw, parallel, seen);
      record.errcode = given instanceof Refusal ? given.errcode : 0;
      if (slow && !slow.actsLate) await wait(slow.value);
      if (world.faults.strike('loseAnswer', raw.path, seen)) {
        record.lost = true;
        request.socket.destroy();
        return;
      }
      reply(world, request, response, given);
    } finally {
      underWay.set(raw.path, (underWay.get(raw.path) ?? 1) - 1);
    }
  };

  return createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      // A mistake of the simulator itself must not look like something WeCom would say.
      if (!response.headersSent) response.writeHead(500, { 'Content-Type': 'text/plain' });
      response.end(error instanceof Error ? (error.stack ?? error.message) : String(error));
    });
  });
}

/** The image of a contact way's code, for as long as the code is there. */
function answerImage(world: World, path: string, response: ServerResponse): void {
  const address = `${world.address()}${path}`;
  const known = [...world.contacts.ways.values()].some((way) => way.qrCode === address);
  if (known) response.writeHead(200, { 'Content-Type': 'image/png' }).end(codeImage(path));
  else response.writeHead(404).end();
}

function outcomeOf(
  world: World,
  raw: RawCall,
  parallel: number,
  seen: { method: string; path: string; body: Fields },
): Fields | FileAnswer | Refusal {
  const fault = world.faults.strike('answer', raw.path, seen);
  if (fault !== undefined) return new Refusal(fault.value);
  if (raw.path === '/cgi-bin/kf/sync_msg' && parallel > world.switches.parallelPulls) return new Refusal(45033);
  try {
    return answerCall(world, raw);
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
}

function reply(
  world: World,
  request: IncomingMessage,
  response: ServerResponse,
  given: Fields | FileAnswer | Refusal,
): void {
  if (given instanceof Refusal) {
    const hint = `${Math.floor(world.now() / 1000)}_${world.random.int(100)}_${world.random.text(32).toLowerCase()}`;
    sendJson(response, refusalBody(given, hint));
  } else if (isFile(given)) {
    sendFile(request, response, given);
  } else {
    sendJson(response, { errcode: 0, errmsg: 'ok', ...given });
  }
}

function isFile(given: Fields | FileAnswer): given is FileAnswer {
  return 'bytes' in given && given.bytes instanceof Buffer;
}

function sendJson(response: ServerResponse, body: object): void {
  response.writeHead(200, { 'Content-Type': 'application/json; charset=UTF-8' }).end(JSON.stringify(body));
}

/** WeCom: media/get, which understands one `Range`. */
function sendFile(request: IncomingMessage, response: ServerResponse, file: FileAnswer): void {
  const headers = {
    'Content-Type': file.contentType,
    'Content-disposition': `attachment; filename="${encodeURIComponent(file.fileName)}"`,
  };
  const range = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '');
  if (range === null) {
    response.writeHead(200, headers).end(file.bytes);
    return;
  }
  const from = Number(range[1]);
  const to = Math.min(range[2] ? Number(range[2]) : file.bytes.length - 1, file.bytes.length - 1);
  if (from > to) {
    response.writeHead(416, { 'Content-Range': `bytes */${file.bytes.length}` }).end();
    return;
  }
  response
    .writeHead(206, { ...headers, 'Content-Range': `bytes ${from}-${to}/${file.bytes.length}` })
    .end(file.bytes.subarray(from, to + 1));
}

function recordOf(world: World, raw: RawCall, userAgent: string | undefined): RequestRecord {
  const query = Object.fromEntries(
    [...raw.query].map(([name, value]) => [name, /^(access_token|corpsecret)$/.test(name) ? '…' : value]),
  );
  return {
    at: world.now(),
    method: raw.method,
    path: raw.path,
    query,
    body: readableBody(raw),
    errcode: undefined,
    ...(userAgent !== undefined && { functionHint: userAgent }),
  };
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request) {
    const bytes = Buffer.from(chunk);
    length += bytes.length;
    if (length > MAX_BODY) throw new Error('the body is too large');
    chunks.push(bytes);
  }
  return Buffer.concat(chunks);
}
