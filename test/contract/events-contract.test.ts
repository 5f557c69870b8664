import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import * as z from 'zod';
import { breakingChanges, sayBreaking } from '../../commands/events/breaking-changes.ts';
import { contracts, currentSchemas, generatedFiles, jsonFiles, releasedSchemas } from '../../commands/events/files.ts';
import { catalogue } from '../../events/catalogue.ts';
import { parseEvent } from '../../events/index.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

describe('what is generated of events/*.ts (npm run events writes it)', () => {
  test.each(Object.entries(generatedFiles(root)))('%s is current', (path, text) => {
    expect(readFileSync(join(root, path), 'utf8')).toBe(text);
  });

  test('no schema is left of an event that is no more', () => {
    expect(Object.keys(jsonFiles(join(root, 'events/schemas')))).toEqual(catalogue.map(({ type }) => type).toSorted());
  });

  test('every sample keeps its own contract', () => {
    for (const { type, sample } of contracts()) expect(parseEvent(sample)).toMatchObject({ type, data: {} });
  });

  test('schemas forbid no field that a newer version may add', () => {
    expect(JSON.stringify(contracts().map(({ schema }) => schema))).not.toContain('"additionalProperties":false');
  });

  test('in the AsyncAPI document every reference leads somewhere, and every event is sent', () => {
    const document: unknown = parse(readFileSync(join(root, 'events/asyncapi.yaml'), 'utf8'));
    const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/([^"]+)"/g)].map(([, path]) => path ?? '');
    const at = (path: string): unknown =>
      path.split('/').reduce<unknown>((place, name) => Object(place)[name], document);
    expect(references.length).toBeGreaterThan(2 * catalogue.length);
    expect(references.filter((path) => at(path) === undefined)).toEqual([]);
    const Sent = z.object({ operations: z.object({ tell: z.object({ messages: z.array(z.unknown()) }) }) });
    expect(Sent.parse(document).operations.tell.messages).toHaveLength(catalogue.length);
  });
});

test('nothing that changed since the last release could break a consumer', () => {
  const changes = breakingChanges(releasedSchemas(root), currentSchemas());
  expect(changes.length === 0 ? '' : sayBreaking(changes)).toBe('');
});

test('there is a last release', () => {
  expect(Object.keys(releasedSchemas(root)).length).toBeGreaterThan(30);
});
