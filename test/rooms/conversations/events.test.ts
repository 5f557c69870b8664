import { readFile } from 'node:fs/promises';
import { expect, test } from '@jest/globals';
import { catalogue } from '../../../events/catalogue.ts';

const EMITTERS = [
  ...['fold', 'decide', 'settle', 'session'].map((name) => `conversations/${name}`),
  ...['customer-record', 'greet-contact', 'decide-list'].map((name) => `contact-me/${name}`),
];

test('every event type that a room emits is in the catalogue, once, and its example is as it says', async () => {
  const sources = await Promise.all(
    EMITTERS.map((name) => readFile(new URL(`../../../lib/${name}.ts`, import.meta.url), 'utf8')),
  );
  const emitted = new Set(sources.join('\n').match(/[a-z]+\.[a-z]+\.v\d+/g));
  const types = catalogue.map(({ type }) => type);
  expect([...emitted].sort()).toEqual([...types].sort());
  expect(new Set(types).size).toBe(types.length);
  for (const { data, example } of catalogue) expect(data.parse(example)).toEqual(example);
});
