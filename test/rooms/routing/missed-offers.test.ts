import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { hearOffer, NO_OFFERS, type OfferNews, type Offers } from '../../../lib/routing/missed-offers.ts';
import { KF, NOON, routingYard } from '../../support/routing-yard.ts';

const missed = (at: number): OfferNews => ({ kind: 'missed', teamId: 'support', r: `r${at}`, at });
const answered = (at: number): OfferNews => ({ kind: 'answered', at });
const hear = (news: readonly OfferNews[], offDutyAfter = 3, onDuty = true): Offers =>
  news.reduce((offers, one) => hearOffer(offers, one, { onDuty, offDutyAfter }), NO_OFFERS);

describe('the count of missed offers', () => {
  test('is that of the misses after the last answer, in whatever order and however often the news come', () => {
    const story = fc.uniqueArray(fc.record({ at: fc.integer({ min: 1, max: 40 }), isMiss: fc.boolean() }), {
      selector: ({ at }) => at,
      maxLength: 15,
    });
    fc.assert(
      fc.property(
        story.chain((facts) =>
          fc.tuple(
            fc.constant(facts),
            // Every fact at least once, some again, in any order.
            fc.array(fc.nat({ max: Math.max(0, facts.length - 1) }), { maxLength: 10 }).chain((again) =>
              fc.shuffledSubarray([...facts, ...again.flatMap((index) => facts[index] ?? [])], {
                minLength: facts.length + (facts.length > 0 ? again.length : 0),
              }),
            ),
          ),
        ),
        ([facts, heard]) => {
          const offers = hear(
            heard.map(({ at, isMiss }) => (isMiss ? missed(at) : answered(at))),
            99,
          );
          const lastAnswer = Math.max(0, ...facts.filter(({ isMiss }) => !isMiss).map(({ at }) => at));
          const expected = facts.filter(({ at, isMiss }) => isMiss && at > lastAnswer).length;
          expect(offers.missed).toHaveLength(expected);
        },
      ),
    );
  });

  test('takes an agent off duty once, however many more he misses', () => {
    const offers = hear([missed(1), missed(2), missed(3)]);
    expect(offers.untold).toEqual({ n: 1, teamId: 'support', missed: 3, at: 3 });
    const more = hearOffer(offers, missed(4), { onDuty: false, offDutyAfter: 3 });
    expect(more).toMatchObject({ times: 1, untold: { n: 1 } });
  });

  test('begins anew with an answer', () => {
    expect(hear([missed(1), missed(2), answered(3), missed(4)])).toMatchObject({ times: 0, missed: [{ at: 4 }] });
  });

  test('does nothing to somebody who is off duty anyway', () => {
    expect(hear([missed(1), missed(2), missed(3), missed(4)], 3, false)).not.toHaveProperty('untold');
  });
});

const house = {
  teams: [{ offer: { seconds: 60, offDutyAfter: 2 } }],
  agents: [{ agentId: 'amy', capacity: 9 }],
};
const miss = (r: string, at: number) => ({ conversationId: `${KF}:${r}`, r, agentId: 'amy', at });

describe('an agent who lets offers expire', () => {
  test('goes off duty, is told of once, and gets nothing any more', async () => {
    const yard = await routingYard(house);
    for (const [at, r] of ['r1', 'r1', 'r2', 'r2', 'r3'].entries()) {
      await yard.desk.offerMissed('support', miss(r, NOON + at));
      await yard.run();
    }
    expect(await yard.store.agents(['amy'])).toMatchObject([{ duty: 'off', away: { reason: 'missed-offers' } }]);
    expect(yard.published).toEqual([
      {
        subject: 'agent#amy',
        id: 'off-duty:amy:1',
        sequence: NOON + 2,
        type: 'agent.off-duty.v1',
        at: NOON + 2,
        data: { agentId: 'amy', teamId: 'support', reason: 'missed-offers', missed: 2 },
      },
    ]);
    expect(await yard.serves('eve')).toBeUndefined();
  });

  test('stays on duty when one of them was answered in between', async () => {
    const yard = await routingYard(house);
    await yard.desk.offerMissed('support', miss('r1', NOON));
    await yard.desk.offerAnswered('support', { conversationId: `${KF}:eve`, agentId: 'amy', at: NOON + 1 });
    await yard.desk.offerMissed('support', miss('r2', NOON + 2));
    await yard.run();
    expect(await yard.store.agents(['amy'])).toMatchObject([{ duty: 'on' }]);
    expect(yard.published).toEqual([]);
  });

  test('begins with nothing on record when a supervisor puts him on duty, and goes off again with two more', async () => {
    const yard = await routingYard(house);
    const missTwo = async (name: string): Promise<void> => {
      for (const r of [`${name}1`, `${name}2`]) {
        yard.skip(1);
        await yard.desk.offerMissed('support', miss(r, yard.clock()));
      }
      await yard.run();
    };
    await missTwo('a');
    yard.skip(1);
    expect(await yard.store.setDuty('amy', 'on', yard.clock())).toEqual(['support']);
    const [amy] = await yard.store.agents(['amy']);
    expect(amy).toMatchObject({ duty: 'on' });
    expect(amy).not.toHaveProperty('away');
    await yard.desk.offerMissed('support', miss('b0', yard.clock() + 1));
    await yard.run();
    expect(await yard.store.agents(['amy'])).toMatchObject([{ duty: 'on' }]);
    yard.skip(1);
    await missTwo('c');
    expect(yard.published.map(({ id }) => id)).toEqual(['off-duty:amy:1', 'off-duty:amy:2']);
    const [first, second] = yard.published.map(({ sequence }) => sequence);
    expect(second).toBeGreaterThan(first ?? Number.NaN);
  });

  test.each(
    Array.from({ length: 8 }, (_, call) => [call + 1, false]).concat(
      Array.from({ length: 8 }, (_, call) => [call + 1, true]),
    ),
  )('is off duty and told of, though the process ended at its call %i (done: %s)', async (call, happens) => {
    const yard = await routingYard(house);
    await yard.desk.offerMissed('support', miss('r1', NOON));
    await yard.desk.offerMissed('support', miss('r2', NOON + 1));
    yard.killAt(Number(call), happens === true);
    await yard.run();
    expect(await yard.store.agents(['amy'])).toMatchObject([{ duty: 'off' }]);
    // A repeat is the same event.
    expect(new Set(yard.published.map((fact) => JSON.stringify(fact))).size).toBe(1);
    expect(yard.published[0]).toMatchObject({ id: 'off-duty:amy:1', data: { missed: 2 } });
  });
});
