import { httpDoor } from '../lib/platform/http-door.ts';
import { receiveCallback } from '../lib/wecom/callback.ts';
import { parseSecrets } from '../lib/wecom/secrets.ts';
import { anHttpEvent } from '../test/rooms/platform/http-event.ts';
import { envelope, KF_NEWS, NEW, NOON, OLD, SECRETS, sealed } from '../test/rooms/wecom/callback-samples.ts';
import type { Bench, Row, Wish } from './bench.ts';
import { percentile, rounded } from './percentile.ts';

const WARM_UP = 2000;

export const callback: Bench = {
  name: 'callback',
  about: 'one callback in process: verify, decrypt, read, answer; the queue is a list in memory, nothing is logged',
  async run({ runs = 20_000 }: Wish): Promise<readonly Row[]> {
    return [
      { callback: 'kf news, first credential', ...(await measure(manyOf('POST', KF_NEWS, OLD), runs)) },
      { callback: 'kf news, second credential', ...(await measure(manyOf('POST', KF_NEWS, NEW), runs)) },
      { callback: 'address verification (GET)', ...(await measure(manyOf('GET', '1616140317555161061', OLD), runs)) },
    ];
  },
};

type Handle = ReturnType<typeof httpDoor>;
type HttpEvent = Parameters<Handle>[0];

/** A thousand callbacks that differ in nonce and bytes, so that nothing can be remembered. */
function manyOf(method: 'GET' | 'POST', message: string, credential: typeof OLD): HttpEvent[] {
  return Array.from({ length: 1000 }, (_, index) => {
    const { encrypted, ...query } = sealed(message, { credential, nonce: `nonce${index}` });
    const parameters = method === 'GET' ? { ...query, echostr: encrypted } : query;
    const text = Object.entries(parameters)
      .map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
      .join('&');
    return anHttpEvent({ method, query: text, ...(method === 'POST' && { body: envelope(encrypted) }) });
  });
}

async function measure(events: readonly HttpEvent[], runs: number): Promise<Row> {
  let sent = 0;
  const handle = httpDoor(
    receiveCallback({
      secrets: parseSecrets(JSON.stringify(SECRETS)),
      toleranceSeconds: 600,
      now: () => NOON,
      send: async () => {
        sent += 1;
      },
      report: () => {},
    }),
  );
  const once = async (index: number): Promise<number> => {
    const event = events[index % events.length];
    if (!event) throw new Error('there is nothing to handle');
    const began = performance.now();
    const { statusCode } = await handle(event);
    const took = performance.now() - began;
    if (statusCode !== 200) throw new Error(`a callback was answered with ${statusCode}`);
    return took * 1000;
  };
  for (let index = 0; index < WARM_UP; index++) await once(index);
  const took: number[] = [];
  const began = performance.now();
  for (let index = 0; index < runs; index++) took.push(await once(index));
  const seconds = (performance.now() - began) / 1000;
  const expected = events[0]?.requestContext.http.method === 'POST' ? WARM_UP + runs : 0;
  if (sent !== expected) throw new Error(`${sent} callbacks were queued, not ${expected}`);
  return {
    'p50 µs': rounded(percentile(took, 50), 1),
    'p99 µs': rounded(percentile(took, 99), 1),
    'per second': rounded(runs / seconds),
  };
}
