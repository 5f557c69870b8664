import { setImmediate } from 'node:timers/promises';
import type { Instant } from '../../lib/platform/clock.ts';

/** Time that passes only when everybody waits for it: what goes on side by side takes as long as it says, and no longer. */
export function virtualTime(start: Instant) {
  let now = start;
  const waiting: { at: Instant; wake: () => void }[] = [];
  return {
    clock: (): Instant => now,

    sleep: (milliseconds: number): Promise<void> =>
      new Promise((resolve) => {
        waiting.push({ at: now + milliseconds, wake: resolve });
      }),

    /** Lets time pass until this work is done. */
    async run<Result>(work: Promise<Result>): Promise<Result> {
      let done = false;
      const ended = () => {
        done = true;
      };
      work.then(ended, ended);
      for (;;) {
        // Everything that can go on without time does so first.
        await setImmediate();
        if (done) return work;
        const next = waiting.sort((a, b) => a.at - b.at).shift();
        if (!next) continue;
        now = Math.max(now, next.at);
        next.wake();
      }
    },
  };
}
