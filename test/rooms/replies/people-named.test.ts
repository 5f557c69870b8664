import { expect, test } from '@jest/globals';
import type { Entrance } from '../../../lib/replies/entrance.ts';
import { namedRuleSet } from '../../../lib/replies/entrance.ts';
import { peopleNamedFor } from '../../../lib/replies/people-named.ts';
import { RuleSet } from '../../../lib/replies/rule-set.ts';

const handsTo = (handOver: object) => RuleSet.parse({ rules: [{ id: 'one', contains: ['x'], handOver }] });
const ruleSets = new Map([
  ['*', handsTo({ team: 'sales' })],
  ['wkown', handsTo({ agent: 'lisi' })],
  [namedRuleSet('expo'), handsTo({ team: 'fair', agent: 'amy' })],
]);
const entrances: Entrance[] = [
  { id: 'expo', account: 'wkown', scene: 'expo', team: 'stand', rules: 'expo' },
  { id: 'poster', account: 'wkother', scene: 'poster' },
];

test('an account sends customers to whom its rules and its entries name', () => {
  expect(peopleNamedFor('wkown', ruleSets, entrances)).toEqual({ teams: ['stand', 'fair'], agents: ['lisi', 'amy'] });
});

test('one without a rule set of its own has the common one, and nothing of other accounts', () => {
  expect(peopleNamedFor('wkother', ruleSets, entrances)).toEqual({ teams: ['sales'], agents: [] });
  expect(peopleNamedFor('wkother', new Map(), [])).toEqual({ teams: [], agents: [] });
});
