/**
 * What surrounds a function in its own thread: the stack's clock, the handler, one invocation at a time.
 *
 * JavaScript, unlike everything else here: Node would load its TypeScript support anew in each thread, which is more
 * than half of the time in which an environment starts.
 */
import { pathToFileURL } from 'node:url';
import { parentPort, workerData } from 'node:worker_threads';

const { clock, pace, file, exportName, timeScale, context } = workerData;
const realNow = Date.now;
moveDate(new BigInt64Array(clock), pace);

try {
  const module = await import(pathToFileURL(file).href);
  const handler = module[exportName];
  if (typeof handler !== 'function') throw new TypeError(`${exportName} is no function`);
  parentPort.on('message', (invocation) => invoke(handler, invocation));
  parentPort.postMessage({ kind: 'ready' });
} catch (error) {
  parentPort.postMessage({ kind: 'unusable', error: describe(error) });
}

/**
 * From here on `Date` shows the stack's time, for a bundle as for anything that it brings.
 *
 * @param {BigInt64Array} travelled
 * @param {import('./clock.ts').Pace} pace as `paced` of clock.ts has it
 */
function moveDate(travelled, { since, pace: speed }) {
  const now = () => Math.floor(since + (realNow() - since) * speed) + Number(Atomics.load(travelled, 0));
  const RealDate = Date;
  RealDate.now = now;
  const MovedDate = new Proxy(RealDate, {
    construct: (target, given, newTarget) => Reflect.construct(target, given.length === 0 ? [now()] : given, newTarget),
    apply: () => new RealDate(now()).toString(),
  });
  RealDate.prototype.constructor = MovedDate;
  globalThis.Date = MovedDate;
}

/** @param {{ event: string, requestId: string, timeoutMs: number }} invocation */
async function invoke(handler, { event, requestId, timeoutMs }) {
  const deadline = performance.now() + timeoutMs * timeScale;
  try {
    const value = await handler(JSON.parse(event), {
      ...context,
      awsRequestId: requestId,
      callbackWaitsForEmptyEventLoop: true,
      // In the template's milliseconds: with a time scale they pass faster, as the time-out comes sooner.
      getRemainingTimeInMillis: () => Math.max(0, Math.floor((deadline - performance.now()) / timeScale)),
    });
    parentPort.postMessage({ kind: 'returned', value: JSON.stringify(value) });
  } catch (error) {
    parentPort.postMessage({ kind: 'threw', error: describe(error) });
  }
}

function describe(error) {
  if (!(error instanceof Error)) return { errorType: typeof error, errorMessage: String(error), stackTrace: [] };
  return {
    errorType: error.name,
    errorMessage: error.message,
    stackTrace: (error.stack ?? '').split('\n').slice(0, 12),
  };
}
