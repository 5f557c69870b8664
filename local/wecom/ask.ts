import { type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { performance } from 'node:perf_hooks';

export interface Asked {
  outcome: number | 'timeout' | 'refused';
  body: Buffer;
  ms: number;
}

export interface Question {
  method: 'GET' | 'POST';
  url: URL;
  body?: string;
  timeoutMs: number;
  signal: AbortSignal;
}

/** One HTTP call with a limit for the whole of it. Redirects are not followed, as WeCom follows none. Never rejects. */
export function ask(question: Question): Promise<Asked> {
  const { method, url, body, timeoutMs, signal } = question;
  const started = performance.now();
  return new Promise((resolve) => {
    const end = (outcome: Asked['outcome'], answer = Buffer.alloc(0)) => {
      clearTimeout(limit);
      resolve({ outcome, body: answer, ms: Math.round(performance.now() - started) });
    };
    const headers = body === undefined ? {} : { 'Content-Type': 'text/xml', 'Content-Length': Buffer.byteLength(body) };
    const send = url.protocol === 'https:' ? requestHttps : requestHttp;
    const call = send(url, { method, headers, agent: false, signal }, (answer: IncomingMessage) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('end', () => end(answer.statusCode ?? 0, Buffer.concat(chunks)));
      answer.on('error', () => end('refused'));
    });
    const limit = setTimeout(() => {
      end('timeout');
      call.destroy();
    }, timeoutMs);
    call.on('error', () => end('refused'));
    call.end(body);
  });
}
