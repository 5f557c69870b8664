import { type Clock, type Instant, MINUTE, SECOND } from '../platform/clock.ts';
import { errorFields, log } from '../platform/log.ts';
import { count } from '../platform/metrics.ts';
import { classify, GateClosed } from './errors.ts';
import type { GateItem, Strikes, WeComStore } from './wecom-store.ts';

/**
 * A gate per (app, API). It closes when calling on would make things worse, for all processes at once, and opens by time.
 * A gate is advice: one that cannot be written does not turn a call's result into a failure.
 */
export interface Gates {
  /** Throws `GateClosed` while calls of this app to this API, or all of its calls, should rest. */
  pass(app: string, api: string): Promise<void>;
  /** WeCom answered with this errcode (0 is success). */
  noteAnswer(app: string, api: string, errcode: number): Promise<void>;
  /** The call that began at `startedAt` got no readable answer. */
  noteUnreachable(app: string, api: string, startedAt: Instant): Promise<void>;
  close(app: string, api: string, milliseconds: number, reason: string): Promise<void>;
}

/** The gate of all of an app's calls. */
export const EVERY_API = '*';

const CACHED_FOR = 2 * SECOND;
const GETTOKEN = 'gettoken';

export function weComGates(room: {
  store: Pick<WeComStore, 'readGates' | 'closeGate' | 'strike' | 'forgetStrikes'>;
  clock: Clock;
  random?: () => number;
}): Gates {
  const { store, clock, random = Math.random } = room;
  /** When this process last got an answer, by app and API. */
  const answeredAt = new Map<string, Instant>();
  const cache = new Map<string, { at: Instant; item: Promise<GateItem> }>();

  function cachedGates(app: string): Promise<GateItem> {
    const known = cache.get(app);
    if (known && clock() - known.at < CACHED_FOR) return known.item;
    const item = store.readGates(app);
    cache.set(app, { at: clock(), item });
    // A read that failed is not worth remembering; whoever awaits it gets the error.
    item.catch(() => cache.delete(app));
    return item;
  }

  async function close(app: string, api: string, milliseconds: number, reason: string): Promise<void> {
    await store.closeGate(app, api, { until: clock() + Math.round(milliseconds), reason });
    cache.delete(app);
    count('WeComGatesClosed', { api, reason });
    log.warn('WeCom calls rest', { app, api, reason, ms: Math.round(milliseconds) });
  }

  return {
    async pass(app, api) {
      const { closed } = await cachedGates(app);
      for (const gate of [api, EVERY_API]) {
        const found = closed.get(gate);
        if (found && found.until > clock()) throw new GateClosed({ app, api, ...found });
      }
    },

    noteAnswer: (app, api, errcode) =>
      asAdvice(async () => {
        answeredAt.set(`${app} ${api}`, clock());
        if ((await cachedGates(app)).strikes.has(api)) {
          await store.forgetStrikes(app, api);
          cache.delete(app);
        }
        const rest = restAfter(api, errcode, random());
        if (rest) await close(app, rest.gate, rest.ms, `errcode ${errcode}`);
      }),

    noteUnreachable: (app, api, startedAt) =>
      asAdvice(async () => {
        const seen = (await store.readGates(app, { consistent: true })).strikes.get(api);
        // Calls that failed side by side say the same thing: only one that began after the last strike is news.
        if (seen && seen.at >= startedAt) return;
        // Failures with answers between them are not failures in a row, whatever the cached gates made of the answers.
        const answered = seen !== undefined && (answeredAt.get(`${app} ${api}`) ?? 0) >= seen.at;
        const strike = nextStrike(answered ? undefined : seen, clock());
        if (!(await store.strike(app, api, strike, seen))) return;
        cache.delete(app);
        const ms = restAfterStrikes(strike.count, random());
        if (ms > 0) await close(app, api, ms, 'unreachable');
      }),

    close: (app, api, milliseconds, reason) => asAdvice(() => close(app, api, milliseconds, reason)),
  };
}

/**
 * What closes at once, and for how long. 48007 closes nothing: it concerns one customer service account.
 * WeCom bars an address for an hour that keeps asking for tokens with a wrong secret, so gettoken rests for longer.
 */
export function restAfter(api: string, errcode: number, random: number): { gate: string; ms: number } | undefined {
  if (errcode === 0) return undefined;
  if (errcode === 45009) return { gate: api, ms: MINUTE };
  if (errcode === 45033) return { gate: api, ms: SECOND + random * 3 * SECOND };
  if (api === GETTOKEN) return classify(errcode) === 'transient' ? undefined : { gate: api, ms: 5 * MINUTE };
  if (errcode === 48002) return { gate: api, ms: MINUTE };
  // The secret and the trusted addresses are the whole app's.
  if (errcode === 60020 || errcode === 40001) return { gate: EVERY_API, ms: MINUTE };
  return undefined;
}

/** A failure long after the last one begins a new count. */
function nextStrike(seen: Strikes | undefined, now: Instant): Strikes {
  const continues = seen !== undefined && now - seen.at < 5 * MINUTE;
  return { count: continues ? seen.count + 1 : 1, at: now };
}

/** One failure is an accident. From the second in a row on: about 2 s, 4 s, 8 s … 60 s, never exactly. */
export function restAfterStrikes(strikes: number, random: number): number {
  if (strikes < 2) return 0;
  const rest = Math.min(MINUTE, 2 * SECOND * 2 ** (Math.min(strikes, 10) - 2));
  return rest * (0.75 + random / 4);
}

async function asAdvice(note: () => Promise<void>): Promise<void> {
  try {
    await note();
  } catch (error) {
    log.warn('A gate could not be noted', errorFields(error));
  }
}
