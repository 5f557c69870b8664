import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { catalogue } from '../../../events/catalogue.ts';

const lib = fileURLToPath(new URL('../../../lib', import.meta.url));

test('every event type that a room emits is in the catalogue, once, and its example is as it says', () => {
  const sources = globSync('{conversations,contact-me,routing}/*.ts', { cwd: lib }).map((path) =>
    readFileSync(`${lib}/${path}`, 'utf8'),
  );
  const emitted = new Set(sources.join('\n').match(/(?<=')[a-z-]+\.[a-z-]+\.v\d+(?=')/g));
  const types = catalogue.map(({ type }) => type);
  expect([...emitted].sort()).toEqual([...types].sort());
  expect(new Set(types).size).toBe(types.length);
  for (const { data, example } of catalogue) expect(data.parse(example)).toEqual(example);
});
