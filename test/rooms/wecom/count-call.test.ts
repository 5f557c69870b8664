import { expect, test } from '@jest/globals';
import { outcomeOfCall } from '../../../lib/wecom/count-call.ts';

test.each([
  [0, 'ok'],
  [undefined, 'unreachable'],
  [-1, 'unreachable'],
  [60020, 'address'],
  [40001, 'secret'],
  [40013, 'secret'],
  [40091, 'secret'],
  [40014, 'token'],
  [42001, 'token'],
  [45009, 'limited'],
  [45033, 'limited'],
  [48002, 'configuration'],
  [95018, 'refused'],
  [40003, 'refused'],
  [999999, 'refused'],
] as const)('errcode %s is %s to an operator', (errcode, outcome) => {
  expect(outcomeOfCall(errcode)).toBe(outcome);
});
