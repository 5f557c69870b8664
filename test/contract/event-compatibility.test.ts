import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import * as z from 'zod';
import { breakingChanges, nextVersion, sayBreaking } from '../../commands/events/breaking-changes.ts';
import { contractOf } from '../../commands/events/contract.ts';

const id = z.string().min(1);
const released = {
  agentId: id,
  teamId: id.optional(),
  by: z.enum(['concierge', 'wecom']),
  waitedMs: z.int().min(0).max(1000),
  tags: z.array(id).min(1),
  at: z.iso.datetime(),
  ended: z.literal(true).optional(),
  place: z.object({ team: id, n: z.int().optional() }),
};

function schemas(shape: z.ZodRawShape, type = 'thing.done.v1') {
  const definition = { type, says: 'A thing was done.', data: z.object(shape), example: {} };
  return { [type]: contractOf(definition).schema };
}

const changed = (shape: z.ZodRawShape): string[] =>
  breakingChanges(schemas(released), schemas(shape)).map(({ path, why }) => `${path}: ${why}`);

const { agentId: _, ...withoutAgent } = released;
const { teamId: __, ...withoutTeam } = released;

describe('a change that could break a consumer is named, with the reason', () => {
  test.each<[string, z.ZodRawShape, string]>([
    ['a field goes', withoutAgent, 'data.agentId: the field is gone'],
    ['an optional field goes', withoutTeam, 'data.teamId: the field is gone'],
    ['a field is renamed', { ...withoutAgent, member: id.optional() }, 'data.agentId: the field is gone'],
    ['a field becomes optional', { ...released, agentId: id.optional() }, 'data.agentId: it may be missing now'],
    [
      'another type',
      { ...released, waitedMs: z.string() },
      'data.waitedMs: it is of type string and was of type integer',
    ],
    [
      'a wider type',
      { ...released, waitedMs: z.number().min(0).max(1000) },
      'data.waitedMs: it is of type number and was of type integer',
    ],
    ['null', { ...released, agentId: id.nullable() }, 'data.agentId: it may now be null, which it never was'],
    [
      'one type of several',
      { ...released, agentId: z.union([id, z.int()]) },
      'data.agentId: it may now be integer, which it never was',
    ],
    [
      'a new word',
      { ...released, by: z.enum(['concierge', 'wecom', 'model']) },
      'data.by: it may be "model", which nobody expects',
    ],
    ['any word', { ...released, by: z.string() }, 'data.by: it may have any value; it had one of "concierge", "wecom"'],
    [
      'a constant that varies',
      { ...released, ended: z.boolean().optional() },
      'data.ended: it may have any value; it had one of true',
    ],
    ['a lower minimum', { ...released, waitedMs: z.int().min(-1).max(1000) }, 'data.waitedMs: minimum was 0 and is -1'],
    [
      'a higher maximum',
      { ...released, waitedMs: z.int().min(0).max(2000) },
      'data.waitedMs: maximum was 1000 and is 2000',
    ],
    ['no maximum', { ...released, waitedMs: z.int().min(0) }, 'data.waitedMs: maximum was 1000 and is gone'],
    ['an empty text', { ...released, agentId: z.string() }, 'data.agentId: minLength was 1 and is gone'],
    ['an empty list', { ...released, tags: z.array(id) }, 'data.tags: minItems was 1 and is gone'],
    [
      'other elements',
      { ...released, tags: z.array(z.int()).min(1) },
      'data.tags[]: it is of type integer and was of type string',
    ],
    ['one instead of a list', { ...released, tags: id }, 'data.tags: it is of type string and was of type array'],
    ['another format', { ...released, at: z.iso.date() }, 'data.at: format was "date-time" and is "date"'],
    ['no format', { ...released, at: z.string() }, 'data.at: format was "date-time" and is gone'],
    ['deeper', { ...released, place: z.object({ n: z.int().optional() }) }, 'data.place.team: the field is gone'],
    [
      'deeper optional',
      { ...released, place: z.object({ team: id.optional() }) },
      'data.place.team: it may be missing now',
    ],
  ])('%s', (_title, shape, said) => {
    expect(changed(shape)).toContain(said);
  });

  test('an event that is sent no more', () => {
    expect(breakingChanges(schemas(released), {})).toEqual([
      { type: 'thing.done.v1', path: 'the event', why: 'it is sent no more; who waits for it hears nothing' },
    ]);
  });

  test.each<[string, z.ZodRawShape, string]>([
    ['a new field that is always there', { ...released, more: id }, 'data.more'],
    ['an optional field that is always there now', { ...released, teamId: id }, 'data.teamId'],
    ['a word less', { ...released, by: z.enum(['concierge']) }, 'data.by'],
    ['a narrower bound', { ...released, waitedMs: z.int().min(0).max(10) }, 'data.waitedMs'],
  ])('what the archive has and today’s schema refuses: %s', (_title, shape, path) => {
    const said = changed(shape);
    expect(said).toHaveLength(1);
    expect(said[0]).toMatch(new RegExp(`^${path}: read by today's schema, a replayed event breaks here: `));
  });
});

describe('a change that breaks nobody passes', () => {
  test.each<[string, z.ZodRawShape]>([
    ['nothing', released],
    ['an optional field', { ...released, more: z.enum(['a', 'b']).optional() }],
    [
      'an optional field deeper',
      { ...released, place: z.object({ team: id, n: z.int().optional(), floor: id.optional() }) },
    ],
    ['words for people', { ...released, agentId: id.describe('Who has it now.') }],
    ['the order of fields', Object.fromEntries(Object.entries(released).toReversed())],
    ['the order of words', { ...released, by: z.enum(['wecom', 'concierge']) }],
  ])('%s', (_title, shape) => {
    expect(changed(shape)).toEqual([]);
  });

  test('a second version next to the first', () => {
    const both = { ...schemas(released), ...schemas(withoutAgent, 'thing.done.v2') };
    expect(breakingChanges(schemas(released), both)).toEqual([]);
  });
});

test('it says what breaks, why, and the way out', () => {
  const said = sayBreaking(breakingChanges(schemas(released), schemas(withoutAgent)));
  expect(said).toContain('thing.done.v1: data.agentId: the field is gone');
  expect(said).toContain('thing.done.v1 → thing.done.v2');
  expect(nextVersion('offer.made.v9')).toBe('offer.made.v10');
});

/** A field, as words that make both its schema and its values. */
type Kind =
  | { readonly is: 'text'; readonly least: number }
  | { readonly is: 'number'; readonly least: number; readonly most: number }
  | { readonly is: 'word'; readonly of: readonly string[] }
  | { readonly is: 'list'; readonly of: Kind }
  | { readonly is: 'void or'; readonly of: Kind };
interface Field {
  readonly kind: Kind;
  readonly optional: boolean;
}
type Shape = Readonly<Record<string, Field>>;

const { kind } = fc.letrec<{ kind: Kind }>((tie) => ({
  kind: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.record({ is: fc.constant('text' as const), least: fc.integer({ min: 0, max: 2 }) }),
    fc.record({
      is: fc.constant('number' as const),
      least: fc.integer({ min: -1, max: 1 }),
      most: fc.integer({ min: 2, max: 4 }),
    }),
    fc.record({ is: fc.constant('word' as const), of: fc.subarray(['a', 'b', 'c'], { minLength: 1 }) }),
    fc.record({ is: fc.constant('list' as const), of: tie('kind') }),
    fc.record({ is: fc.constant('void or' as const), of: tie('kind') }),
  ),
}));
const field = fc.record({ kind, optional: fc.boolean() });
const shapes = fc.dictionary(fc.constantFrom('x', 'y', 'z'), field, { maxKeys: 3 });
/** The second one is mostly the first. */
const pairs = fc
  .tuple(shapes, shapes, fc.boolean())
  .map(([before, change, keep]): [Shape, Shape] => [before, keep ? { ...before, ...change } : change]);

function zodOf(one: Kind): z.ZodType {
  switch (one.is) {
    case 'text':
      return z.string().min(one.least);
    case 'number':
      return z.int().min(one.least).max(one.most);
    case 'word':
      return z.enum([...one.of]);
    case 'list':
      return z.array(zodOf(one.of));
    case 'void or':
      return z.union([z.null(), zodOf(one.of)]);
  }
}

function documentValue(one: Kind): fc.Arbitrary<unknown> {
  switch (one.is) {
    case 'text':
      return fc.constantFrom('', 'a', 'ab', 'c').filter((text) => text.length >= one.least);
    case 'number':
      return fc.integer({ min: one.least, max: one.most });
    case 'word':
      return fc.constantFrom(...one.of);
    case 'list':
      return fc.array(documentValue(one.of), { maxLength: 2 });
    case 'void or':
      return fc.oneof(fc.constant(null), documentValue(one.of));
  }
}

const shapeOf = (shape: Shape): z.ZodRawShape =>
  Object.fromEntries(
    Object.entries(shape).map(([name, { kind, optional }]) => [name, optional ? zodOf(kind).optional() : zodOf(kind)]),
  );
const documentOf = (shape: Shape): fc.Arbitrary<object> =>
  fc.record(Object.fromEntries(Object.entries(shape).map(([name, { kind }]) => [name, documentValue(kind)])), {
    requiredKeys: Object.entries(shape)
      .filter(([, { optional }]) => !optional)
      .map(([name]) => name),
  });

test('whatever passes the gate is read by the released schema, and what was released by today’s', () => {
  const passing = pairs.filter(
    ([before, after]) => breakingChanges(schemas(shapeOf(before)), schemas(shapeOf(after))).length === 0,
  );
  const cases = passing.chain(([before, after]) =>
    fc.tuple(fc.constant([before, after] as const), documentOf(after), documentOf(before)),
  );
  fc.assert(
    fc.property(cases, ([[before, after], sent, archived]) => {
      expect(z.object(shapeOf(before)).safeParse(sent).success).toBe(true);
      expect(z.object(shapeOf(after)).safeParse(archived).success).toBe(true);
    }),
    { numRuns: 300 },
  );
});
