import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { agentSteps, playWithOffers, terms } from '../../support/offer-stories.ts';
import { play, type Step, story } from '../../support/stories.ts';

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

// Stories that went wrong once.
const asks = { do: 'asks', who: 0, what: 'known' } as const;
const callback = { do: 'callback' } as const;
const refuses = { do: 'receives', agent: 'amy', yes: false } as const;
const notConnected = { do: 'befalls', api: 'sendMessage', how: 'not-connected' } as const;
const dies = (call: number) => ({ do: 'harms', call, how: 'dies-before' }) as const;
const once: readonly { told: string; steps: readonly Step[]; seed: number }[] = [
  {
    told: 'a hand-over that was done and not marked is not done again when messages come in before it',
    steps: [
      ...[callback, callback, asks, callback, asks, refuses, asks],
      { do: 'harms', call: 8, how: 'fails-after' },
      { do: 'harms', call: 9, how: 'fails-before' },
      { do: 'hands over', who: 0, to: 'team' },
      ...[callback, asks, { do: 'enters', who: 0 } as const, callback, asks, callback],
      ...[notConnected, asks, notConnected],
    ],
    seed: 0,
  },
  {
    told: 'a hand-over that was refused and not marked is not refused again when a message comes in before it',
    steps: [
      ...[{ ...asks, what: 'person' } as const, callback, dies(3), dies(6), dies(1), { do: 'news' } as const],
      { do: 'hands over', who: 0, to: 'amy' },
      { do: 'takes', who: 0, agent: 'amy' },
      ...[refuses, asks, notConnected, callback, notConnected, refuses],
    ],
    seed: 1302808684,
  },
];
test.each(once)('$told', async ({ steps, seed }) => {
  expect(await play(steps, seed)).toEqual([]);
});
