import { expect, test } from '@jest/globals';
import { errorFields, linesFor } from '../../../lib/platform/log.ts';
import { wrongLines } from '../../support/log-lines.ts';
import { readTree } from '../../support/source-tree.ts';

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

const what = { level: 'warn', message: 'WeCom refused a call', service: 'route-message' } as const;

test('a field that nobody allowed is not written, wherever it came from', () => {
  const customer = { customerId: 'wm1', nickname: 'Zhang San', text: 'my number is 1' };
  expect(linesFor(what, { app: 'main', ...customer })).toEqual([
    '{"level":"warn","message":"WeCom refused a call","service":"route-message","app":"main","customerId":"wm1"}',
  ]);
});

test('of the worst that goes wrong every field is told, in lines that are all right', () => {
  const conversationId = `wk${'A'.repeat(30)}:wm${'B'.repeat(30)}`;
  const worst = {
    trace: '0123456789abcdef0123456789abcdef',
    errcode: 95016,
    app: 'main',
    api: 'kf/service_state/trans',
    kind: 'state',
    hint: '1763790000_1_abcdef0123456789abcdef0123456789',
    fromIp: '203.0.113.10',
    conversationId,
    effectId: 'k'.repeat(32),
    count: 3,
    tries: 12,
    messageId: '11111111-2222-3333-4444-555555555555',
    ...errorFields(new TypeError('x')),
  };
  const lines = linesFor(what, worst);
  expect(wrongLines(lines)).toEqual([]);
  const told = Object.assign({}, ...lines.map((line) => JSON.parse(line)));
  expect(told).toMatchObject({ ...worst, stack: expect.stringMatching(/^at .*log\.test\.ts/) });
  // What finds it, and what it was, stands on the first.
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({
    trace: worst.trace,
    errcode: 95016,
    error: 'TypeError',
    app: 'main',
  });
});

test('no message of ours is so long that it would be cut', () => {
  const source = Object.values(readTree(process.cwd(), ['lib', 'functions'])).join('\n');
  const messages = [...source.matchAll(/\blog\.(?:debug|info|warn|error)\(\s*(['`])(.*?)\1/g)].map(
    ([, , text = '']) => text,
  );
  expect(messages.length).toBeGreaterThan(50);
  expect(messages.filter((text) => Buffer.byteLength(text) > 80)).toEqual([]);
});
