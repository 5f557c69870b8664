import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { figuresView } from '../../../lib/admin/figures-view.ts';
import type { Figure } from '../../../lib/conversations/effects.ts';
import { DAY, HOUR, MINUTE, SECOND } from '../../../lib/platform/clock.ts';
import { Rating, ratingClick, ratingQuestion, typedValue } from '../../../lib/replies/rating.ts';
import { validateContent } from '../../../lib/wecom/outgoing-messages.ts';
import { NOON } from '../../support/memory-wecom.ts';
import { type MemoryWorld, memoryWorld } from '../../support/memory-world.ts';

const csat = Rating.parse({ kind: 'csat' });
const ces = Rating.parse({ kind: 'ces' });
const nps = Rating.parse({ kind: 'nps' });
const THANKS = csat.thanks;

const hours = { id: 'hours', contains: ['hours'], reply: { text: 'Nine to five' } };
const five = { id: 'five', exact: ['5'], reply: { text: 'Floor five' } };

const aWorld = (rating: Rating = csat): Promise<MemoryWorld> =>
  memoryWorld({ rules: { rules: [hours, five] as never, rating } });

async function writes(world: MemoryWorld, text: string, menuId?: string): Promise<void> {
  world.wecom.says('eve', text, menuId === undefined ? {} : { menuId });
  await world.callback();
}

/** A session with amy that she ended; the survey that the customer was asked for. */
async function served(world: MemoryWorld): Promise<string> {
  await writes(world, '转人工');
  world.wecom.agentAnswers('eve', 'amy');
  world.wecom.agentEnds('eve');
  await world.callback();
  return (await world.conversation('eve')).survey?.id ?? 'none';
}

const sent = (world: MemoryWorld): string[] =>
  world.wecom.delivered.map(({ content }) => (content.type === 'text' ? content.text : content.type));
const answered = (world: MemoryWorld) => world.events('survey.answered.v1').map(({ data }) => data);
const ratings = async (world: MemoryWorld) =>
  (await world.figures()).filter(({ what }) => what === 'rating').map(({ agentId, value }) => [agentId, value]);

describe('the question', () => {
  test('is sent by the code of the end, in the end text’s place, and told', async () => {
    const world = await aWorld();
    const id = await served(world);

    expect(world.wecom.delivered.at(-1)).toMatchObject({ by: 'code', content: ratingQuestion(csat, id) });
    expect(world.events('survey.asked.v1').map(({ data }) => data)).toEqual([
      { surveyId: id, kind: 'csat', agentId: 'amy', teamId: 'support' },
    ]);
  });

  test('is asked, too, when silence ends the session', async () => {
    const world = await aWorld();
    await writes(world, '转人工');
    world.wecom.agentAnswers('eve', 'amy');
    await world.callback();
    await world.pass(31 * MINUTE);

    expect(world.wecom.delivered.at(-1)?.content.type).toBe('menu');
    expect(world.events('survey.asked.v1')).toHaveLength(1);
  });

  test.each([csat, ces, nps])('of each kind is one that WeCom takes at the end ($kind)', (rating) => {
    expect(validateContent(ratingQuestion(rating, 'x'.repeat(16)), 'end')).toEqual([]);
  });

  test('that WeCom refused is open for nothing', async () => {
    const world = await aWorld();
    await writes(world, '转人工');
    world.wecom.befall('sendOnEvent', 95018);
    world.wecom.agentEnds('eve');
    await world.callback();

    expect((await world.conversation('eve')).survey).toBeUndefined();
    expect(world.events('survey.asked.v1')).toEqual([]);
  });
});

describe('an answer', () => {
  test('by a click counts for agent and team, is thanked once, and opens nothing', async () => {
    const world = await aWorld();
    const id = await served(world);
    const before = await world.conversation('eve');
    world.skip(10 * SECOND);
    await writes(world, '非常满意', ratingClick(id, 5));

    const after = await world.conversation('eve');
    expect(answered(world)).toEqual([
      {
        surveyId: id,
        kind: 'csat',
        value: 5,
        agentId: 'amy',
        teamId: 'support',
        messageId: expect.any(String),
        afterMs: expect.any(Number),
      },
    ]);
    expect(await ratings(world)).toEqual([['amy', 5]]);
    expect(sent(world).filter((text) => text === THANKS)).toHaveLength(1);
    expect(after).toMatchObject({ heard: before.heard, unanswered: [], session: { state: 'bot' } });
    expect(after.awaited).toBeUndefined();
    expect(after.request).toBeUndefined();
    expect(world.wecom.session('eve').state).toBe('bot');
  });

  test.each([
    ['５', 5],
    ['4分', 4],
    ['非常滿意！', 5],
    ['very dissatisfied', 1],
    ['一般 / Neutral', 3],
  ])('%s, typed, counts %i, whatever rule knows these words', async (text, value) => {
    const world = await aWorld();
    await served(world);
    await writes(world, text);

    expect(await ratings(world)).toEqual([['amy', value]]);
    expect(sent(world).at(-1)).toBe(THANKS);
  });

  test('of a second time, late, or to an older survey is neither counted nor thanked, nor a question', async () => {
    const world = await aWorld();
    const old = await served(world);
    const newer = await served(world);
    await writes(world, '满意', ratingClick(old, 4));
    await writes(world, '满意', ratingClick(newer, 4));
    await writes(world, '满意', ratingClick(newer, 4));
    await writes(world, '5');
    const id = await served(world);
    world.skip(DAY);
    await writes(world, '满意', ratingClick(id, 4));

    expect(answered(world)).toMatchObject([{ surveyId: newer, value: 4 }]);
    expect(sent(world).filter((text) => text === THANKS)).toHaveLength(1);
    expect((await world.conversation('eve')).request).toBeUndefined();
    expect(sent(world)).not.toContain('Floor five');
  });

  test('once only, whatever of it comes again', async () => {
    const world = await aWorld();
    const id = await served(world);
    await writes(world, '满意', ratingClick(id, 4));
    await world.wakeAll();
    await world.race('eve');
    await world.run();
    await world.pass(5 * MINUTE);

    expect(await ratings(world)).toEqual([['amy', 4]]);
    expect(new Set(world.events('survey.answered.v1').map((event) => event.id)).size).toBe(1);
    expect(sent(world).filter((text) => text === THANKS)).toHaveLength(1);
  });

  test('is thanked nowhere where WeCom’s own reception gave the customer to a person', async () => {
    const world = await aWorld();
    const id = await served(world);
    world.wecom.says('eve', '满意', { menuId: ratingClick(id, 4) });
    world.wecom.agentTakes('eve', 'amy');
    await world.callback();

    expect(await ratings(world)).toEqual([['amy', 4]]);
    expect(sent(world)).not.toContain(THANKS);
  });
});

describe('what is no answer', () => {
  test('is an ordinary question, and a number that is typed after it is one, too; a click still rates', async () => {
    const world = await aWorld();
    const id = await served(world);
    world.skip(HOUR);
    await writes(world, 'What are your hours?');
    expect(sent(world).at(-1)).toBe('Nine to five');
    await writes(world, '5');
    expect(sent(world).at(-1)).toBe('Floor five');
    await writes(world, '满意', ratingClick(id, 4));

    expect(await ratings(world)).toEqual([['amy', 4]]);
    expect(sent(world).at(-1)).toBe(THANKS);
  });

  test('in one burst with an answer is answered beside the thanks', async () => {
    const world = await aWorld();
    const id = await served(world);
    world.skip(HOUR);
    world.wecom.says('eve', '满意', { menuId: ratingClick(id, 4) });
    world.wecom.says('eve', 'hours?');
    await world.callback();

    expect(sent(world).slice(-2)).toEqual([THANKS, 'Nine to five']);
  });

  test.each([
    [csat, '6'],
    [csat, '0'],
    [csat, '5 people were rude'],
    [nps, '11'],
    [nps, 'very satisfied'],
    [ces, '8'],
    [csat, '满意，谢谢'],
  ])('of a scale is what lies outside it, or says more (%#)', (rating, text) => {
    expect(typedValue(rating, { type: 'text', text })).toBeUndefined();
  });

  test('a zero and a ten rate an NPS', async () => {
    expect(typedValue(nps, { type: 'text', text: '0' })).toBe(0);
    expect(typedValue(nps, { type: 'text', text: '10 分。' })).toBe(10);
    const world = await aWorld(nps);
    await served(world);
    await writes(world, '9');
    expect(await ratings(world)).toEqual([['amy', 9]]);
  });
});

test('whatever customers click and type, and in whatever order, a survey counts at most once and no answer asks for anybody', async () => {
  const act = fc.constantFrom('click', 'click-other', 'type', 'word', 'thanks', 'wait');
  await fc.assert(
    fc.asyncProperty(fc.array(act, { minLength: 1, maxLength: 8 }), async (acts) => {
      const world = await aWorld();
      const id = await served(world);
      const before = (await world.conversation('eve')).heard;
      for (const one of acts) {
        if (one === 'click') await writes(world, '满意', ratingClick(id, 4));
        else if (one === 'click-other') await writes(world, '满意', ratingClick('another-surveyXX', 4));
        else if (one === 'type') await writes(world, '3');
        else if (one === 'word') await writes(world, '满意');
        else if (one === 'wait') world.skip(MINUTE);
        else await world.wakeAll();
      }
      await world.run();
      const after = await world.conversation('eve');
      const rates = acts.some((one) => one === 'click' || one === 'type' || one === 'word');
      expect(await ratings(world)).toHaveLength(rates ? 1 : 0);
      expect(sent(world).filter((text) => text === THANKS)).toHaveLength(rates ? 1 : 0);
      expect(after.heard).toEqual(before);
      expect(after.request).toBeUndefined();
      expect(world.failures).toEqual([]);
    }),
    { numRuns: 25 },
  );
});

test.each(['dies-before', 'dies-after'] as const)(
  'a function that %s any of its calls loses no rating and counts none twice',
  async (harm) => {
    for (let n = 1; n <= 16; n += 1) {
      const world = await aWorld();
      await writes(world, '转人工');
      world.wecom.agentEnds('eve');
      await world.news();
      world.harm(n, harm);
      await world.run();
      const id = (await world.conversation('eve')).survey?.id ?? 'none';
      world.wecom.says('eve', '满意', { menuId: ratingClick(id, 4) });
      await world.news('another');
      world.harm(n, harm);
      await world.run();
      await world.pass(3 * MINUTE);

      const asked = world.wecom.delivered.filter(({ content }) => content.type === 'menu').length;
      expect({
        n,
        asked,
        ratings: await ratings(world),
        thanks: sent(world).filter((text) => text === THANKS).length,
      }).toEqual({
        n,
        asked: 1,
        ratings: [['amy', 4]],
        thanks: 1,
      });
    }
  },
);

test('figures show what was asked and answered, by kind and agent', () => {
  const rated = (agentId: string, rating: Figure['rating'] & string, value: number): Figure[] => [
    { what: 'rating-asked', at: NOON, agentId, rating },
    { what: 'rating', at: NOON, agentId, rating, value },
  ];
  const view = figuresView([
    ...rated('amy', 'csat', 5),
    ...rated('amy', 'csat', 3),
    { what: 'rating-asked', at: NOON, agentId: 'amy', rating: 'csat' },
    ...[10, 9, 8, 2].flatMap((value) => rated('ben', 'nps', value)),
  ]);
  const csatView = { asked: 3, answered: 2, sum: 8, average: 4, satisfiedShare: 0.5 };
  const npsView = { asked: 4, answered: 4, sum: 29, average: 7.25, score: 25 };
  expect(view.ratings).toEqual({ csat: csatView, nps: npsView });
  expect(view.agents.map(({ id, ratings: his }) => [id, his])).toEqual([
    ['amy', { csat: csatView }],
    ['ben', { nps: npsView }],
  ]);
});
