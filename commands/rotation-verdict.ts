import { type Instant, MINUTE } from '../lib/platform/clock.ts';
import type { PairTraffic } from './callback-traffic.ts';

/** Whether the old pairs may go, and if not, why. */
export type Verdict =
  | { readonly outcome: 'ready' }
  /** WeCom still used this old pair a short while ago. */
  | { readonly outcome: 'old-in-use'; readonly pair: string; readonly traffic: PairTraffic }
  /** No callback came with the new pair after the last one with an old one: perhaps nobody entered it in the console. */
  | { readonly outcome: 'new-unused' }
  /** Metrics cannot tell pairs with the same key apart. */
  | { readonly outcome: 'same-key' };

/**
 * Silence alone proves nothing, since at night nobody writes: the new pair has to have verified a callback, and every old one none for `quietMs`
 * (milliseconds). A pair's last minute counts to its end.
 *
 * @param pairs by their fingerprints, the new one last
 */
export function mayFinish(
  pairs: readonly string[],
  traffic: ReadonlyMap<string, PairTraffic>,
  now: Instant,
  quietMs: number,
): Verdict {
  const next = pairs.at(-1);
  const old = pairs.slice(0, -1);
  if (next === undefined || new Set(pairs).size < pairs.length) return { outcome: 'same-key' };
  let lastOld = Number.NEGATIVE_INFINITY;
  for (const pair of old) {
    const known = traffic.get(pair);
    if (known?.lastAt === undefined) continue;
    if (known.lastAt + MINUTE + quietMs > now) return { outcome: 'old-in-use', pair, traffic: known };
    lastOld = Math.max(lastOld, known.lastAt);
  }
  const lastNew = traffic.get(next)?.lastAt;
  return lastNew === undefined || lastNew < lastOld ? { outcome: 'new-unused' } : { outcome: 'ready' };
}
