import { expect, test } from '@jest/globals';
import type { Habit } from '../../local/wecom/simulator.ts';
import { inYard, SECOND, SUPPORT, type Yard } from './wecom-yard.ts';

/** Ann writes and is given to lisi, who works by himself. */
async function annIsGivenToLisi(yard: Yard, habit: Habit): Promise<void> {
  yard.wecom.habit('lisi', habit);
  await yard.wecom.phone('wmAnn').write(SUPPORT, 'hello');
  expect((await yard.trans('wmAnn', 3, 'lisi')).errcode).toBe(0);
}

/** Habits look at the clock every few milliseconds of the machine's. */
async function until(what: () => boolean): Promise<void> {
  for (let look = 0; look < 200 && !what(); look += 1) await new Promise((resolve) => setTimeout(resolve, 10));
  expect(what()).toBe(true);
}

/** Long enough for every habit to have looked. */
const aMoment = () => new Promise((resolve) => setTimeout(resolve, 80));

const answers = ({ wecom }: Yard): number =>
  wecom
    .phone('wmAnn')
    .received(SUPPORT)
    .filter(({ from }) => from === 'servicer').length;
const state = ({ wecom }: Yard): number => wecom.session(SUPPORT, 'wmAnn').state;

test('who answers does so after his time, once for several messages, and again for the next one', () =>
  inYard({}, async (yard) => {
    await annIsGivenToLisi(yard, { does: 'answers', afterSeconds: 20 });
    await yard.wecom.phone('wmAnn').write(SUPPORT, 'are you there?');
    yard.move(19 * SECOND);
    await aMoment();
    expect(answers(yard)).toBe(0);
    yard.move(SECOND);
    await until(() => answers(yard) === 1);
    await aMoment();
    expect(answers(yard)).toBe(1);
    await yard.wecom.phone('wmAnn').write(SUPPORT, 'thanks, and this?');
    yard.move(20 * SECOND);
    await until(() => answers(yard) === 2);
  }));

test('who ends does so after his last answer, and who does not say so forgets to', () =>
  inYard({}, async (yard) => {
    await annIsGivenToLisi(yard, { does: 'answers', afterSeconds: 0, endsAfterSeconds: 60 });
    await until(() => answers(yard) === 1);
    yard.move(59 * SECOND);
    await aMoment();
    expect(state(yard)).toBe(3);
    yard.move(SECOND);
    await until(() => state(yard) === 4);

    yard.wecom.habit('lisi', { does: 'answers', afterSeconds: 0 });
    await yard.wecom.phone('wmAnn').write(SUPPORT, 'one more');
    await yard.trans('wmAnn', 3, 'lisi');
    await until(() => answers(yard) === 2);
    yard.move(3600 * SECOND);
    await aMoment();
    expect(state(yard)).toBe(3);
  }));

test('who ignores says nothing, and answers when he is told to', () =>
  inYard({}, async (yard) => {
    await annIsGivenToLisi(yard, { does: 'ignores' });
    yard.move(3600 * SECOND);
    await aMoment();
    expect(answers(yard)).toBe(0);
    await yard.wecom.client('lisi').answer(SUPPORT, 'wmAnn', 'sorry');
    expect(answers(yard)).toBe(1);
  }));

test('who refuses stops receiving as soon as he is given somebody, and keeps him', () =>
  inYard({}, async (yard) => {
    await annIsGivenToLisi(yard, { does: 'refuses' });
    await yard.wecom.phone('wmBob').write(SUPPORT, 'hello');
    await aMoment();
    expect((await yard.trans('wmBob', 3, 'lisi')).errcode).toBe(95019);
    expect([answers(yard), state(yard)]).toEqual([0, 3]);
  }));

test('who goes off duty answers until then, and stops receiving', () =>
  inYard({}, async (yard) => {
    await annIsGivenToLisi(yard, { does: 'goes-off-duty', afterSeconds: 300, answersAfterSeconds: 5 });
    yard.move(5 * SECOND);
    await until(() => answers(yard) === 1);
    yard.move(295 * SECOND);
    await aMoment();
    await yard.wecom.phone('wmBob').write(SUPPORT, 'hello');
    expect((await yard.trans('wmBob', 3, 'lisi')).errcode).toBe(95019);
  }));

test('a habit is set with curl, and a wrong one is refused', () =>
  inYard({}, async (yard) => {
    const set = (body: object) => yard.raw('/_/agents/lisi/habit', { method: 'POST', body: JSON.stringify(body) });
    expect((await set({ does: 'sleeps' })).status).toBe(400);
    expect((await set({ does: 'answers', afterSeconds: 0 })).status).toBe(200);
    await yard.wecom.phone('wmAnn').write(SUPPORT, 'hello');
    await yard.trans('wmAnn', 3, 'lisi');
    await until(() => answers(yard) === 1);
    expect((await set({ does: 'nothing' })).status).toBe(200);
    await yard.wecom.phone('wmAnn').write(SUPPORT, 'more');
    await aMoment();
    expect(answers(yard)).toBe(1);
  }));
