import { setTimeout as sleep } from 'node:timers/promises';

/** Waits so many milliseconds. Passed in, so that a test does not wait. */
export type Pause = (milliseconds: number) => Promise<unknown>;

const ROUNDS = 5;
const FIRST_PAUSE_MS = 50;

/**
 * Does something with all items, then again with those alone that were left undone, five rounds at most, with a growing
 * and jittered pause before each repeat: AWS's batch calls succeed in part. Returns what stayed undone.
 *
 * @param attempt does what it can and returns the items that it could not
 */
export async function repeatUndone<Item>(
  all: readonly Item[],
  attempt: (items: readonly Item[]) => Promise<readonly Item[]>,
  pause: Pause = sleep,
): Promise<readonly Item[]> {
  let undone = all;
  for (let round = 0; round < ROUNDS && undone.length > 0; round += 1) {
    if (round > 0) await pause(FIRST_PAUSE_MS * 2 ** round * (0.5 + Math.random() / 2));
    undone = await attempt(undone);
  }
  return undone;
}

/** The items in order, `size` at a time. */
export function inChunks<Item>(items: readonly Item[], size: number): Item[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  );
}
