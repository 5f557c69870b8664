import http, { type IncomingMessage, type OutgoingHttpHeaders, type ServerResponse } from 'node:http';
import https from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import { errorCode } from './aws-call.ts';
import { readAwsRequest } from './aws-request.ts';
import type { Clock } from './clock.ts';
import { accessDenied, type MadeAnswer, makeAnswer, staleAnswer, throttled } from './fault-answers.ts';
import type { Fault } from './faults.ts';
import { listen, readBody } from './http-server.ts';
import type { CallOutcome, OutsideCall } from './outside-call.ts';
import { splitBatch } from './partial-batch.ts';
import type { Verdict } from './permissions.ts';
import { scaleSeconds } from './resources.ts';

/** The one way out for every function: it writes calls down, and lets faults happen to them. */
export interface Gateway {
  readonly url: string;
  /** Every call so far, in order; only the newest ones in a stack that runs for long. */
  readonly calls: OutsideCall[];
  stop(): Promise<void>;
}

export interface GatewayOptions {
  readonly awsEndpoint: string;
  /** Where WeCom is; without it, calls to WeCom fail as if nobody was there. */
  readonly wecomApiUrl: string | undefined;
  readonly clock: Clock;
  readonly timeScale: number;
  chooseFault(call: OutsideCall): Fault | undefined;
  /** The function an environment runs; `undefined` when the environment is not alive (any more). */
  functionOf(environment: string): string | undefined;
  kill(environment: string): void;
  /** Whether the function's role allows the call. */
  judge(call: Pick<OutsideCall, 'function' | 'service' | 'action' | 'request'>): Promise<Verdict>;
}

const MAX_CALLS = 50_000;
const WECOM_PATH = /^\/wecom\/([^/?]+)(.*)$/;
/** Headers that speak of one connection only, or of a body that may have changed. */
const NOT_PASSED_ON = ['connection', 'keep-alive', 'transfer-encoding', 'content-length', 'host', 'x-amz-crc32'];

interface Target {
  readonly url: URL;
  readonly environment: string;
  readonly service: string;
  readonly action: string;
  /** What the call is about, where its body does not say so. */
  readonly request?: unknown;
}

interface Answered {
  readonly status: number;
  readonly headers: OutgoingHttpHeaders;
  readonly body: Buffer;
}

export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const agents = { 'http:': new http.Agent({ keepAlive: true }), 'https:': new https.Agent({ keepAlive: true }) };
  const calls: OutsideCall[] = [];
  let count = 0;

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await readBody(request);
    const target = targetOf(request, body.toString());
    const name = target && options.functionOf(target.environment);
    // What a killed environment still had on its way does not happen.
    if (target === undefined || name === undefined) return reset(request);
    const call: OutsideCall = {
      n: ++count,
      function: name,
      environment: target.environment,
      service: target.service,
      action: target.action,
      request: target.request ?? parsed(body.toString()),
      at: options.clock.now(),
      outcome: 'under way',
    };
    calls.push(call);
    if (calls.length > MAX_CALLS) calls.splice(0, MAX_CALLS / 10);
    const started = performance.now();
    call.outcome = await carryOut(call, target, request, response, body);
    call.ms = performance.now() - started;
  }

  async function carryOut(
    call: OutsideCall,
    target: Target,
    request: IncomingMessage,
    response: ServerResponse,
    body: Buffer,
  ): Promise<CallOutcome> {
    const forward = (content = body) => send(target, request, content);
    const answer = (given: Answered | MadeAnswer): CallOutcome => respond(call, response, given);
    const { allowed, refusal = '' } = await options.judge(call);
    if (!allowed) {
      answer(accessDenied(call, refusal));
      return 'denied';
    }
    const scaled = scaleRequest(call, body, options.timeScale);
    const fault = options.chooseFault(call);
    try {
      switch (fault?.kind) {
        case undefined:
          return answer(await withSecrecy(call, await forward(scaled)));
        case 'delay':
          await sleep(fault.ms);
          if (options.functionOf(target.environment) === undefined) return 'refused';
          return answer(await withSecrecy(call, await forward(scaled)));
        case 'kill-before':
          options.kill(target.environment);
          reset(request);
          return 'killed before';
        case 'kill-after':
          await forward(scaled);
          options.kill(target.environment);
          reset(request);
          return 'killed after';
        case 'refuse':
          reset(request);
          return 'refused';
        case 'lose-answer':
          await forward(scaled);
          reset(request);
          return 'answer lost';
        case 'answer':
          return answer(makeAnswer(fault.status, fault.body, fault.headers));
        case 'throttle':
          return answer(throttled(call.service));
        case 'stale':
          return answer(staleAnswer(call));
        case 'partial-batch': {
          const { forward: part, complete } = splitBatch({ ...call, request: parsed(scaled.toString()) });
          const got = part ? await forward(Buffer.from(JSON.stringify(part))) : undefined;
          if (got && got.status !== 200) return answer(got);
          return answer(makeAnswer(200, complete(Object(parsed(got?.body.toString() ?? '{}')))));
        }
      }
    } catch {
      reset(request);
      return 'unreachable';
    }
  }

  /**
   * Whoever may not list a bucket is not told that an object is not there, but that he may not have it:
   * https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
   */
  async function withSecrecy(call: OutsideCall, answered: Answered): Promise<Answered | MadeAnswer> {
    if (call.action !== 'GetObject' || answered.status !== 404) return answered;
    const { Bucket } = Object(call.request);
    const { allowed, refusal = '' } = await options.judge({ ...call, action: 'ListBucket', request: { Bucket } });
    return allowed ? answered : accessDenied(call, refusal);
  }

  function targetOf(request: IncomingMessage, body: string): Target | undefined {
    const [, environment, rest] = WECOM_PATH.exec(request.url ?? '') ?? [];
    if (environment !== undefined) {
      const base = options.wecomApiUrl ?? 'http://127.0.0.1:9';
      const url = new URL(base.replace(/\/$/, '') + (rest ?? ''));
      return { url, environment, service: 'wecom', action: (rest ?? '').replace(/\?.*$/, '') };
    }
    const aws = readAwsRequest(request, body);
    if (!aws) return undefined;
    const url = new URL(request.url ?? '/', options.awsEndpoint);
    return { url, environment: aws.caller, service: aws.service, action: aws.action, request: aws.about };
  }

  function send({ url }: Target, request: IncomingMessage, body: Buffer): Promise<Answered> {
    const secure = url.protocol === 'https:';
    const headers = { ...passedOn(request.headers), 'content-length': body.length };
    return new Promise((resolve, reject) => {
      const outgoing = (secure ? https : http).request(
        url,
        { method: request.method ?? 'POST', headers, agent: agents[secure ? 'https:' : 'http:'] },
        (incoming) => {
          readBody(incoming).then(
            (content) =>
              resolve({ status: incoming.statusCode ?? 502, headers: passedOn(incoming.headers), body: content }),
            reject,
          );
        },
      );
      outgoing.on('error', reject);
      outgoing.end(body);
    });
  }

  function respond(
    call: OutsideCall,
    response: ServerResponse,
    { status, headers, body }: Answered | MadeAnswer,
  ): CallOutcome {
    call.status = status;
    if (status >= 400 && call.service !== 'wecom') call.error = errorCode(body.toString());
    response.writeHead(status, {
      ...headers,
      'content-length': Buffer.byteLength(body),
      // The SDK corrects its clock by this header, and tries again after errors that it blames on the clock. WeCom's clock is its own.
      ...(call.service !== 'wecom' && { date: new Date(options.clock.now()).toUTCString() }),
    });
    response.end(body);
    return 'answered';
  }

  const server = await listen((request, response) => {
    handle(request, response).catch(() => reset(request));
  });
  return {
    url: server.url,
    calls,
    async stop() {
      agents['http:'].destroy();
      agents['https:'].destroy();
      await server.stop();
    },
  };
}

function passedOn(headers: http.IncomingHttpHeaders): OutgoingHttpHeaders {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !NOT_PASSED_ON.includes(name)));
}

function reset(request: IncomingMessage): void {
  request.socket.resetAndDestroy();
}

/** Shortens the delays that a call asks SQS for, as everything else is shortened. */
function scaleRequest({ service, request }: OutsideCall, body: Buffer, timeScale: number): Buffer {
  if (service !== 'sqs' || timeScale === 1) return body;
  return Buffer.from(JSON.stringify(scaleSqs(request, timeScale)));
}

function scaleSqs(request: unknown, timeScale: number): unknown {
  const body: Readonly<Record<string, unknown>> = Object(request);
  const scaled: Record<string, unknown> = { ...body };
  for (const name of ['DelaySeconds', 'VisibilityTimeout']) {
    if (typeof body[name] === 'number') scaled[name] = scaleSeconds(body[name], timeScale);
  }
  if (Array.isArray(body.Entries)) scaled.Entries = body.Entries.map((entry) => scaleSqs(entry, timeScale));
  return scaled;
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
