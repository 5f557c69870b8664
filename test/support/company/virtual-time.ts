import type { Clock, Instant } from '../../../lib/platform/clock.ts';

/** Time that passes only when nothing is left to do at the moment: a day takes as long as what happens in it. */
export interface VirtualTime {
  readonly now: Clock;
  /** At that moment, or now when it is over. What is due at one moment happens in the order in which it was asked for. */
  at(moment: Instant, act: () => unknown): void;
  sleep(milliseconds: number): Promise<void>;
  /** Lets everything happen up to and with this moment. Throws what an act threw. */
  run(until: Instant): Promise<void>;
}

interface Due {
  readonly at: Instant;
  readonly order: number;
  readonly act: () => unknown;
}

export function virtualTime(start: Instant): VirtualTime {
  const heap: Due[] = [];
  const failures: unknown[] = [];
  let now = start;
  let order = 0;

  const isBefore = (a: Due, b: Due): boolean => a.at < b.at || (a.at === b.at && a.order < b.order);

  function push(due: Due): void {
    let place = heap.length;
    heap.push(due);
    while (place > 0) {
      const above = (place - 1) >> 1;
      const parent = heap[above];
      if (!parent || isBefore(parent, due)) break;
      heap[place] = parent;
      place = above;
    }
    heap[place] = due;
  }

  function pop(): Due | undefined {
    const first = heap[0];
    const last = heap.pop();
    if (!last || heap.length === 0) return first;
    let place = 0;
    for (;;) {
      const left = 2 * place + 1;
      const [a, b] = [heap[left], heap[left + 1]];
      const child = b && a && isBefore(b, a) ? left + 1 : left;
      const least = heap[child];
      if (!least || isBefore(last, least)) break;
      heap[place] = least;
      place = child;
    }
    heap[place] = last;
    return first;
  }

  function at(moment: Instant, act: () => unknown): void {
    order += 1;
    push({ at: Math.max(Math.round(moment), now), order, act });
  }

  return {
    now: () => now,
    at,
    sleep: (milliseconds) => new Promise((resolve) => at(now + milliseconds, resolve)),
    async run(until) {
      for (let next = heap[0]; next && next.at <= until; next = heap[0]) {
        pop();
        now = next.at;
        const { act } = next;
        void (async () => act())().catch((error: unknown) => failures.push(error));
        // What follows from it without waiting is done before anything else is due.
        await new Promise(setImmediate);
        if (failures.length > 0) throw failures[0];
      }
      now = Math.max(now, until);
    },
  };
}
