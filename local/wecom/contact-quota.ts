const MINUTE = 60_000;

/** WeCom's limit for each API: so many calls within a minute, and 45009 for the minute after one too many. */
export interface ContactQuota {
  /** Whether this call is still allowed. */
  take(path: string, perMinute: number, now: number): boolean;
}

export function contactQuota(): ContactQuota {
  const calls = new Map<string, { since: number; count: number; closedUntil: number }>();
  return {
    take(path, perMinute, now) {
      const known = calls.get(path) ?? { since: now, count: 0, closedUntil: Number.NEGATIVE_INFINITY };
      calls.set(path, known);
      if (now < known.closedUntil) return false;
      if (now - known.since >= MINUTE) Object.assign(known, { since: now, count: 0 });
      known.count += 1;
      if (known.count <= perMinute) return true;
      known.closedUntil = now + MINUTE;
      return false;
    },
  };
}
