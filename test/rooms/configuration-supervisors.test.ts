import { expect, test } from '@jest/globals';
import { readBusiness } from '../../lib/configuration/read-business.ts';

const TEAM = "agents: [{ id: amy, capacity: 1 }]\nteams: [{ id: support, accounts: ['*'], agents: [amy] }]\n";

function problems(yaml: string): string[] {
  const read = readBusiness(TEAM + yaml);
  return read.ok ? [] : read.problems.map(({ path, problem }) => `${path} ${problem}`);
}

test('a supervisor is a member, with teams that there are', () => {
  expect(problems("supervisors: [{ id: Amy, teams: [support, '*'] }, { id: bob }]")).toEqual([]);
  expect(problems("supervisors: [{ id: '@bob' }, { id: eve, teams: [] }, { id: EVE, teams: [sales] }]")).toEqual([
    'supervisors[0].id is no userid of a WeCom member',
    'supervisors[1].teams is empty, so nothing would be told',
    'supervisors[2].id there is another supervisor eve above (small and capital letters are the same)',
    'supervisors[2].teams[0] there is no team sales',
  ]);
});

test.each([
  ['supervisors: [{ id: amy, language: fr }]', 'supervisors[0].language'],
  ['supervisors: [{ id: amy, quiet: { weekly: [] } }]', 'supervisors[0].quiet.weekly'],
  ['supervisors: [{ id: amy, phone: 1 }]', 'supervisors[0].phone'],
  ['notices: { perHour: 0 }', 'notices.perHour'],
  ["notices: { link: 'javascript:alert(1)' }", 'notices.link'],
])('%s is refused, and its place is named', (yaml, path) => {
  expect(problems(yaml)).toEqual([expect.stringContaining(`${path} `)]);
});
