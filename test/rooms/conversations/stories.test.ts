import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { play, story } from '../../support/stories.ts';

const RUNS = Number(process.env.STORIES ?? 200);
test("whatever happens, every customer is heard once and in order, and in the end our state is WeCom's", async () => {
  await fc.assert(
    fc.asyncProperty(story, fc.nat(), async (steps, seed) => {
      expect(await play(steps, seed)).toEqual([]);
    }),
    { numRuns: RUNS, ...(process.env.SEED && { seed: Number(process.env.SEED) }) },
  );
});
