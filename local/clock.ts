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
}

export function createClock(): Clock {
  const shared = new SharedArrayBuffer(8);
  const travelled = new BigInt64Array(shared);
  const journeys: { from: number; ms: number }[] = [];
  return {
    shared,
    now: () => Date.now() + Number(Atomics.load(travelled, 0)),
    travel(ms) {
      if (!(ms >= 0)) throw new RangeError('The clock only moves forward.');
      journeys.push({ from: Date.now(), ms: Math.round(ms) });
      Atomics.add(travelled, 0, BigInt(Math.round(ms)));
    },
    at: (machineTime) =>
      journeys.filter(({ from }) => from <= machineTime).reduce((time, { ms }) => time + ms, machineTime),
  };
}
