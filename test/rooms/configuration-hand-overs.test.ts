import { describe, expect, test } from '@jest/globals';
import { readBusiness } from '../../lib/configuration/read-business.ts';

/** What `plan` says to a hand-over. The team bills has two agents, relaxes nothing and is helped out by english. */
function read(handOver: string, relax = '') {
  return readBusiness(`
agents:
  - { id: amy, capacity: 1, skills: { invoices: 3 }, languages: [zh] }
  - { id: bob, capacity: 1, skills: { refunds: 1 }, languages: [zh] }
  - { id: cem, capacity: 1, skills: { tours: 2 }, languages: [en] }
teams:
  - { id: bills, accounts: ['*'], agents: [amy, bob]${relax} }
  - { id: english, accounts: [wkEnglish], agents: [cem] }
replies:
  - accounts: ['*']
    rules: [{ id: a, exact: [a], handOver: ${handOver} }]
`);
}
const found = (handOver: string, relax = '') => {
  const answer = read(handOver, relax);
  return answer.ok
    ? answer.warnings.map(({ path, problem }) => `warning ${path.replace(PATH, '')}: ${problem}`)
    : answer.problems.map(({ path, problem }) => `${path.replace(PATH, '')}: ${problem}`);
};
const PATH = 'replies[0].rules[0].handOver';

describe('what a rule asks of the person who takes over', () => {
  test.each([
    '{ team: bills, priority: 100, skills: { invoices: 3 }, language: zh }',
    '{ priority: -100 }',
    '{ skills: { tours: 2, invoices: 1 } }',
    '{ language: en }',
  ])('is taken: %s', (handOver) => {
    expect(found(handOver)).toEqual([]);
  });

  test.each([
    ['{}', ': asks for nothing'],
    ['{ team: nobody }', '.team: there is no team nobody'],
    ['{ priority: 101 }', '.priority: is not a whole number from -100 to 100'],
    ['{ skills: { invoices: 6 } }', '.skills.invoices: is no level from 1 to 5'],
    ['{ skills: { juggling: 1 } }', '.skills.juggling: no agent who may be asked has the skill juggling'],
    ['{ skills: { constructor: 1 } }', '.skills.constructor: no agent who may be asked has the skill constructor'],
    ['{ team: bills, skills: { tours: 1 } }', '.skills.tours: no agent who may be asked has the skill tours'],
    [
      '{ team: bills, skills: { invoices: 4 } }',
      '.skills.invoices: nobody reaches level 4 of invoices (the best has 3), so the customer would wait for ever',
    ],
    [
      '{ team: bills, language: en }',
      '.language: no agent who may be asked speaks en, so the customer would wait for ever',
    ],
  ])('is refused: %s', (handOver, problem) => {
    expect(found(handOver)).toEqual([problem]);
  });

  test('what a priority may be is said where it is no number at all', () => {
    expect(found('{ priority: 1.5 }')).toEqual([expect.stringMatching(/^\.priority: /)]);
  });

  test('where the team asks for less after a while, what nobody has is a delay and no obstacle', () => {
    expect(found('{ team: bills, skills: { invoices: 4 } }', ', relaxAfterSeconds: [60]')).toEqual([
      'warning .skills.invoices: nobody reaches level 4 of invoices (the best has 3), so it is only a delay',
    ]);
    expect(found('{ team: bills, language: en }', ', overflow: [{ teamId: english, afterSeconds: 60 }]')).toEqual([]);
  });
});

test.each([
  ['texts: { place: "{place} of {time}" }', 'replies[0].texts.place'],
  ['texts: { waiting: "{place}" }', 'replies[0].texts.waiting'],
  ['line: { everySeconds: 30 }', 'replies[0].line.everySeconds'],
])('what is wrong about the line is named: %s', (written, path) => {
  const answer = readBusiness(`replies: [{ accounts: ['*'], ${written} }]`);
  expect(answer.ok ? [] : answer.problems.map((one) => one.path)).toEqual([path]);
});
