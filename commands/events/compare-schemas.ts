import type { JsonSchema } from './contract.ts';

/** A place at which a reader would meet what it does not expect, and why. */
export interface Surprise {
  /** E.g. `data.agentId`. */
  readonly path: string;
  readonly why: string;
}

/** Keywords that say something to people alone. */
const WORDS = new Set(['$schema', '$id', 'title', 'description', 'examples', 'deprecated', '$comment']);
/** Keywords whose larger value lets less through, and those whose smaller value does. */
const AT_LEAST = ['minimum', 'exclusiveMinimum', 'minLength', 'minItems', 'minProperties'];
const AT_MOST = ['maximum', 'exclusiveMaximum', 'maxLength', 'maxItems', 'maxProperties'];
/** Keywords that are compared one by one below. */
const KNOWN = new Set([
  ...[
    'type',
    'enum',
    'const',
    'properties',
    'required',
    'items',
    'prefixItems',
    'anyOf',
    'oneOf',
    'additionalProperties',
  ],
  ...AT_LEAST,
  ...AT_MOST,
]);

/**
 * What somebody who relies on `reader` may meet in a document that keeps `writer`. Nothing, where every document of `writer` is one
 * of `reader`; and what cannot be told counts as a surprise. Fields that the reader does not know surprise nobody.
 */
export function surprises(reader: JsonSchema, writer: JsonSchema, path = ''): Surprise[] {
  const here = path === '' ? 'the event' : path;
  const theirs = alternatives(writer);
  const ours = alternatives(reader);
  if (theirs.length > 1 || ours.length > 1) {
    // Every alternative that is written has to be one that is read.
    return theirs
      .filter((one) => ours.every((known) => surprises(known, one, path).length > 0))
      .map((one) => ({ path: here, why: `it may now be ${nameOf(one)}, which it never was` }));
  }
  return [
    ...ofType(reader, writer, here),
    ...ofValues(reader, writer, here),
    ...ofBounds(reader, writer, here),
    ...ofOthers(reader, writer, here),
    ...ofFields(reader, writer, path),
    ...ofElements(reader, writer, path),
  ];
}

/** What `released` promised and `current` sends no more: fields that a consumer may read where they are there. */
export function vanished(released: JsonSchema, current: JsonSchema, path = ''): Surprise[] {
  const now = fields(current);
  const gone = Object.entries(fields(released)).flatMap(([name, schema]): Surprise[] => {
    const place = path === '' ? name : `${path}.${name}`;
    const kept = now[name];
    return kept ? vanished(schema, kept, place) : [{ path: place, why: 'the field is gone' }];
  });
  const before = schemaOf(released.items);
  const after = schemaOf(current.items);
  return before && after ? [...gone, ...vanished(before, after, `${path}[]`)] : gone;
}

function ofType(reader: JsonSchema, writer: JsonSchema, path: string): Surprise[] {
  const expected = typeOf(reader);
  const given = typeOf(writer);
  if (expected === undefined || expected === given || (expected === 'number' && given === 'integer')) return [];
  return [{ path, why: `it is of type ${given ?? 'any'} and was of type ${expected}` }];
}

function ofValues(reader: JsonSchema, writer: JsonSchema, path: string): Surprise[] {
  const expected = valuesOf(reader);
  if (!expected) return [];
  const given = valuesOf(writer);
  if (!given) return [{ path, why: `it may have any value; it had one of ${expected.join(', ')}` }];
  const strange = given.filter((value) => !expected.includes(value));
  return strange.length > 0 ? [{ path, why: `it may be ${strange.join(', ')}, which nobody expects` }] : [];
}

function ofBounds(reader: JsonSchema, writer: JsonSchema, path: string): Surprise[] {
  const looser = (keyword: string, isLooser: (given: number, expected: number) => boolean): Surprise[] => {
    const expected = reader[keyword];
    const given = writer[keyword];
    if (typeof expected !== 'number') return [];
    if (typeof given === 'number' && !isLooser(given, expected)) return [];
    if (within(writer, keyword, expected)) return [];
    return [{ path, why: `${keyword} was ${expected} and is ${given ?? 'gone'}` }];
  };
  return [
    ...AT_LEAST.flatMap((keyword) => looser(keyword, (given, expected) => given < expected)),
    ...AT_MOST.flatMap((keyword) => looser(keyword, (given, expected) => given > expected)),
  ];
}

/** A list of values may keep a bound without naming it. */
function within(writer: JsonSchema, keyword: string, bound: number): boolean {
  const values = rawValuesOf(writer);
  if (!values) return false;
  return values.every((value) => {
    const size = typeof value === 'string' ? [...value].length : Number(value);
    if (keyword.startsWith('exclusiveMin')) return size > bound;
    if (keyword.startsWith('exclusiveMax')) return size < bound;
    return keyword.startsWith('min') ? size >= bound : size <= bound;
  });
}

/** A keyword that this comparison does not understand must stay as it was. */
function ofOthers(reader: JsonSchema, writer: JsonSchema, path: string): Surprise[] {
  return Object.entries(reader)
    .filter(([keyword]) => !WORDS.has(keyword) && !KNOWN.has(keyword))
    .filter(([keyword, expected]) => JSON.stringify(writer[keyword]) !== JSON.stringify(expected))
    .map(([keyword, expected]) => ({
      path,
      why: `${keyword} was ${JSON.stringify(expected)} and is ${JSON.stringify(writer[keyword]) ?? 'gone'}`,
    }));
}

function ofFields(reader: JsonSchema, writer: JsonSchema, path: string): Surprise[] {
  const given = fields(writer);
  const always = new Set(namesIn(writer.required));
  const place = (name: string): string => (path === '' ? name : `${path}.${name}`);
  const missing = namesIn(reader.required)
    .filter((name) => !always.has(name))
    .map((name) => ({ path: place(name), why: given[name] ? 'it may be missing now' : 'it is missing' }));
  const changed = Object.entries(fields(reader)).flatMap(([name, expected]) => {
    const schema = given[name];
    return schema ? surprises(expected, schema, place(name)) : [];
  });
  const expected = schemaOf(reader.additionalProperties);
  if (!expected) return [...missing, ...changed];
  const values = schemaOf(writer.additionalProperties);
  const others = values
    ? surprises(expected, values, place('*'))
    : [{ path: place('*'), why: 'its values may be anything' }];
  return [...missing, ...changed, ...others];
}

function ofElements(reader: JsonSchema, writer: JsonSchema, path: string): Surprise[] {
  const place = `${path}[]`;
  const expected = schemaOf(reader.items);
  const given = schemaOf(writer.items);
  const elements = expected
    ? given
      ? surprises(expected, given, place)
      : [{ path: place, why: 'its elements may be anything' }]
    : [];
  // Tuples are rare enough to stay as they are.
  const same = JSON.stringify(reader.prefixItems) === JSON.stringify(writer.prefixItems);
  return same ? elements : [...elements, { path: place, why: 'its elements are others' }];
}

function alternatives(schema: JsonSchema): readonly JsonSchema[] {
  const { anyOf, oneOf } = schema;
  const named = [anyOf, oneOf].find((one) => Array.isArray(one));
  if (named) return named.flatMap((one: unknown) => alternatives(Object(one)));
  return Array.isArray(schema.type) ? schema.type.map((type: unknown) => ({ ...schema, type })) : [schema];
}

/** A list of values says its type by itself. */
function typeOf(schema: JsonSchema): string | undefined {
  if (typeof schema.type === 'string') return schema.type;
  const types = new Set(rawValuesOf(schema)?.map((value) => (value === null ? 'null' : typeof value)));
  return types.size === 1 ? [...types][0] : undefined;
}

function rawValuesOf(schema: JsonSchema): readonly unknown[] | undefined {
  if ('const' in schema) return [schema.const];
  return Array.isArray(schema.enum) ? schema.enum : undefined;
}

const valuesOf = (schema: JsonSchema): readonly string[] | undefined =>
  rawValuesOf(schema)?.map((value) => JSON.stringify(value));

const schemaOf = (value: unknown): JsonSchema | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined;

function fields(schema: JsonSchema): Readonly<Record<string, JsonSchema>> {
  const named = Object.entries(schemaOf(schema.properties) ?? {});
  return Object.fromEntries(named.map(([name, one]) => [name, schemaOf(one) ?? {}]));
}

const namesIn = (value: unknown): readonly string[] => (Array.isArray(value) ? value.map(String) : []);

function nameOf(schema: JsonSchema): string {
  return valuesOf(schema)?.join(', ') ?? typeOf(schema) ?? 'anything';
}
