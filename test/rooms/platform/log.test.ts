import { expect, test } from '@jest/globals';
import { errorFields } from '../../../lib/platform/log.ts';

test('of an error only its kind and its places are logged, however many lines its message has', () => {
  const quoted = 'Wrong:\nZhang San wrote\nmy number is 1\n    at home (street:1:2)';
  const { error, stack } = errorFields(new RangeError(quoted));

  expect(error).toBe('RangeError');
  expect(stack).toMatch(/^ ?at .*log\.test\.ts/);
  expect(stack).not.toMatch(/Zhang|number|home/);
});

test('what JSON quotes of a text it cannot read is not logged', () => {
  let caught: unknown;
  try {
    JSON.parse('{"a":\nsecret words\n');
  } catch (error) {
    caught = error;
  }
  expect(String(caught)).toContain('secret');
  expect(JSON.stringify(errorFields(caught))).not.toContain('secret');
});

test('what is thrown and is no error is logged by its type only', () => {
  expect(errorFields('my number is 1')).toEqual({ error: 'string' });
});
