import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { quietOutput } from '../../support/quiet-output.ts';
import { play, story } from '../../support/stories.ts';

quietOutput();

/**
 * Customers write, click away and ask for persons; agents take, transfer, end and come back in WeCom's client; WeCom refuses,
 * sleeps, or acts without answering; functions die or are throttled at any outside call, wakes repeat, and two functions
 * handle one conversation at once. `play` says what must hold when everything has come to rest.
 */
test("whatever happens, every customer is heard once and in order, and in the end our state is WeCom's", async () => {
  await fc.assert(
    fc.asyncProperty(story, fc.nat(), async (steps, seed) => {
      expect(await play(steps, seed)).toEqual([]);
    }),
    { numRuns: 250 },
  );
});
