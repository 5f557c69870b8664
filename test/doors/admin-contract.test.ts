import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { openApiText } from '../../commands/openapi-text.ts';
import { operations } from '../../lib/admin/operations.ts';

test('docs/admin-api.json is current (npm run openapi writes it)', () => {
  expect(readFileSync(new URL('../../docs/admin-api.json', import.meta.url), 'utf8')).toBe(openApiText());
});

test('every reference leads somewhere, and no two operations have one name', () => {
  const document = JSON.parse(openApiText());
  const references = [...openApiText().matchAll(/"\$ref": "#\/([^"]+)"/g)].map(([, path = '']) => path.split('/'));
  expect(references.length).toBeGreaterThan(50);
  const lost = references.filter((path) => path.reduce((at, step) => Object(at)[step], document) === undefined);
  expect(lost).toEqual([]);
  const names = [...openApiText().matchAll(/"operationId": "([^"]+)"/g)].map(([, name]) => name);
  expect(new Set(names).size).toBe(Object.keys(operations).length);
});

test('a shared shape says something: it is not itself again', () => {
  const shapes: Readonly<Record<string, object>> = JSON.parse(openApiText()).components.schemas;
  expect(Object.keys(shapes)).toContain('Problem');
  for (const [name, shape] of Object.entries(shapes))
    expect([name, shape]).toEqual([name, expect.objectContaining({ type: 'object' })]);
});

test('a change that replaces or removes something names its ETag, and reading it gives one', () => {
  const replacing = Object.entries(operations).filter(([pattern]) => /^(PUT|DELETE) /.test(pattern));
  expect(replacing.length).toBeGreaterThanOrEqual(6);
  for (const [pattern, { matched }] of replacing) {
    expect([pattern, matched]).toEqual([pattern, true]);
    const read = operations[pattern.replace(/^\w+/, 'GET')];
    expect([pattern, read?.tagged]).toEqual([pattern, true]);
  }
});

test('every list has pages', () => {
  const lists = Object.entries(operations).flatMap(([pattern, { query }]) => (query?.cursor ? [pattern] : []));
  expect(lists).toEqual([
    'GET /audit',
    'GET /teams',
    'GET /decisions/{r}',
    'GET /conversations/{id}/history',
    'GET /contact-ways',
    'GET /contact-ways/strange-codes',
    'GET /entries',
    'GET /quick-replies',
    'GET /accounts',
  ]);
});
