import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { agentSteps, playWithOffers, terms } from '../../support/offer-stories.ts';
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

/**
 * The same in a team that makes offers: agents answer, ignore, refuse, forget to end and go off duty; some have skills, languages and shifts, and
 * another team helps out. Nobody gets more than he can take or is passed by in the line, nobody waits for whom there is somebody, and every
 * decision replays to its choice.
 */
test('with offers, too: the order of the line is kept, nobody waits in vain, and every decision replays', async () => {
  await fc.assert(
    fc.asyncProperty(story, agentSteps, terms, fc.nat(), async (steps, ofAgents, given, seed) => {
      expect(await playWithOffers(steps, ofAgents, given, seed)).toEqual([]);
    }),
    { numRuns: 150 },
  );
});
