import type { Clock, Instant } from './clock.ts';

/** Remembers what a read gave, for so many milliseconds. A read that failed is not remembered; whoever waits gets the error. */
export function remember<Value>(
  milliseconds: number,
  clock: Clock,
  read: (key: string) => Promise<Value>,
): (key: string) => Promise<Value> {
  const known = new Map<string, { at: Instant; value: Promise<Value> }>();
  return (key) => {
    const found = known.get(key);
    if (found && clock() - found.at < milliseconds) return found.value;
    const value = read(key);
    known.set(key, { at: clock(), value });
    value.catch(() => known.delete(key));
    return value;
  };
}
