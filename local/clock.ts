/** From `since` on, the stack's time passes `pace` times as fast as the machine's: below 1, where a machine has too much to do. */
export interface Pace {
  readonly since: number;
  readonly pace: number;
}

/** What a clock of this pace shows at a moment of the machine's. */
export function paced({ since, pace }: Pace, machineTime: number): number {
  return Math.floor(since + (machineTime - since) * pace);
}

/**
 * The stack's clock: the machine's, plus the time that was travelled. It lies in shared memory, so that every
 * function's environment sees a journey at once, also one that starts later.
 */
export interface Clock {
  /** The stack's time now, in milliseconds since 1970. */
  now(): number;
  /** Moves the clock forward; `ms` in milliseconds. */
  travel(ms: number): void;
  /** What the stack's clock showed at a moment of the machine's clock (both in milliseconds since 1970). */
  at(machineTime: number): number;
  readonly shared: SharedArrayBuffer;
  readonly pace: Pace;
}

export function createClock(pace: Pace = { since: 0, pace: 1 }): Clock {
  const shared = new SharedArrayBuffer(8);
  const travelled = new BigInt64Array(shared);
  const journeys: { from: number; ms: number }[] = [];
  return {
    shared,
    pace,
    now: () => paced(pace, Date.now()) + Number(Atomics.load(travelled, 0)),
    travel(ms) {
      if (!(ms >= 0)) throw new RangeError('The clock only moves forward.');
      journeys.push({ from: Date.now(), ms: Math.round(ms) });
      Atomics.add(travelled, 0, BigInt(Math.round(ms)));
    },
    at: (machineTime) =>
      journeys.filter(({ from }) => from <= machineTime).reduce((time, { ms }) => time + ms, paced(pace, machineTime)),
  };
}
