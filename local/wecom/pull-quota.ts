import { Refusal } from './refusal.ts';

const MINUTE = 60_000;

/** Ten pulls a minute without a good token, then a minute of 45009 (an operator's answer; not in the page's text). */
export interface PullQuota {
  /** @throws Refusal 45009 */
  count(key: string, perMinute: number, now: number): void;
}

export function pullQuota(): PullQuota {
  const pulls = new Map<string, number[]>();
  const blockedUntil = new Map<string, number>();
  return {
    count(key, perMinute, now) {
      if (now < (blockedUntil.get(key) ?? 0)) throw new Refusal(45009);
      const recent = (pulls.get(key) ?? []).filter((at) => now - at < MINUTE);
      if (recent.length >= perMinute) {
        pulls.set(key, []);
        blockedUntil.set(key, now + MINUTE);
        throw new Refusal(45009);
      }
      pulls.set(key, [...recent, now]);
    },
  };
}
