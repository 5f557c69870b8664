import { expect, test } from '@jest/globals';
import { readBusiness } from '../../lib/configuration/read-business.ts';

const problemsOf = (rating: object): string[] => {
  const read = readBusiness(JSON.stringify({ replies: [{ accounts: ['*'], rating }] }));
  return read.ok ? [] : read.problems.map(({ path, problem, mend }) => `${path}: ${problem} → ${mend}`);
};

test.each(['csat', 'ces', 'nps'])('a rating needs nothing but its kind (%s)', (kind) => {
  expect(problemsOf({ kind })).toEqual([]);
});

const at = 'replies[0].rating';
const five = ['a', 'b', 'c', 'd', 'e'];

test.each([
  [{ kind: 'smile' }, `${at}.kind: is not one of csat, ces, nps`],
  [{ kind: 'nps', options: five }, `${at}.options: `],
  [{ kind: 'csat', options: five.slice(1) }, `${at}.options: has 4 options; a rating of kind csat has 5`],
  [{ kind: 'ces', options: Array(11).fill('x') }, `${at}: WeCom would refuse this: a menu has at most 10 items`],
  [{ kind: 'csat', options: [...five.slice(1), 'Ｂ！'] }, `${at}.options[4]: cannot be told from ${at}.options[0]`],
  [
    { kind: 'csat', options: [...five.slice(1), '字'.repeat(43)] },
    `${at}: WeCom would refuse this: item 5: content has`,
  ],
  [{ kind: 'csat', ask: '字'.repeat(342) }, `${at}: WeCom would refuse this: head has 1026 bytes`],
  [{ kind: 'nps', ask: '字'.repeat(683) }, `${at}.ask: WeCom would refuse this: text has 2049 bytes`],
  [{ kind: 'nps', thanks: '字'.repeat(683) }, `${at}.thanks: WeCom would refuse this`],
  [{ kind: 'nps', ask: 'Dear {name}' }, `${at}.ask: {name} is no placeholder`],
  [{ kind: 'csat', answerWithinHours: 0 }, `${at}.answerWithinHours: is below 1`],
  [{ kind: 'csat', answerWithinHours: 200 }, `${at}.answerWithinHours: is above 168`],
])('plan refuses %j with the path and the mend', (rating, problem) => {
  const found = problemsOf(rating);
  expect(found).toContainEqual(expect.stringContaining(problem));
  expect(found.every((one) => /→ .+/.test(one))).toBe(true);
});
