import type { Clock, Instant } from './clock.ts';

/** What is not worth remembering, and how much at most. */
export interface Limits<Value> {
  /** Beyond so many keys, what was read first is forgotten. Needed where strangers choose the keys. */
  readonly most?: number;
  /** False for a value that the next call is to read again. */
  readonly keep?: (value: Value) => boolean;
}

/** Remembers what a read gave, for so many milliseconds. A read that failed is not remembered; whoever waits gets the error. */
export function remember<Value>(
  milliseconds: number,
  clock: Clock,
  read: (key: string) => Promise<Value>,
  { most = Number.POSITIVE_INFINITY, keep = () => true }: Limits<Value> = {},
): (key: string) => Promise<Value> {
  const known = new Map<string, { at: Instant; value: Promise<Value> }>();
  return (key) => {
    const found = known.get(key);
    if (found && clock() - found.at < milliseconds) return found.value;
    const value = read(key);
    known.delete(key);
    const [first] = known.size < most ? [] : known.keys();
    if (first !== undefined) known.delete(first);
    known.set(key, { at: clock(), value });
    const forget = () => known.get(key)?.value === value && known.delete(key);
    value.then((one) => keep(one) || forget(), forget);
    return value;
  };
}
