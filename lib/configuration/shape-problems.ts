import * as z from 'zod';
import { type Finding, pathText } from './business.ts';

type Path = readonly PropertyKey[];
type Issue = z.core.$ZodIssue;

/** What a schema says against a value, as findings with a mend. */
export function shapeProblems(schema: z.core.$ZodType, written: unknown, issues: readonly Issue[]): Finding[] {
  return issues.flatMap((issue) => findingsOf(schema, written, issue, asWritten(written, issue.path)));
}

/** A path as far as it was written: the id of a member who is written as his id alone has no field of its own. */
function asWritten(written: unknown, path: Path): Path {
  const end = path.findIndex((_, index) => {
    const value = valueAt(written, path.slice(0, index));
    return value !== undefined && value !== null && typeof value !== 'object';
  });
  return end < 0 ? path : path.slice(0, end);
}

/** Fields that a lenient schema would drop without a word. */
export function droppedFields(schema: z.core.$ZodType, written: unknown, kept: unknown, path: Path = []): Finding[] {
  return entriesOf(written).flatMap(([key, value]) => {
    const [, keptValue] = entriesOf(kept).find(([name]) => name === key) ?? [];
    if (keptValue === undefined) return [unknownField(schema, path, key)];
    return droppedFields(schema, value, keptValue, [...path, key]);
  });
}

function findingsOf(schema: z.core.$ZodType, written: unknown, issue: Issue, path: Path): Finding[] {
  const at = (problem: string, mend: string): Finding[] => [{ path: pathText(path), problem, mend }];
  const value = valueAt(written, path);
  switch (issue.code) {
    case 'custom':
      return [{ path: pathText(path), ...inTwo(issue.message) }];
    case 'invalid_format':
      // A schema that does not say it in words of its own names its pattern.
      if (issue.message.includes('must match pattern')) break;
      return [{ path: pathText(path), ...inTwo(issue.message) }];
    case 'invalid_key':
      return issue.issues.flatMap((inner) => findingsOf(schema, written, inner, path));
    case 'too_big':
      if (issue.origin === 'string') return at(`has more than ${issue.maximum} characters`, 'shorten it');
      return at(`is above ${issue.maximum}`, `write ${issue.maximum} or less`);
    case 'unrecognized_keys':
      return issue.keys.map((key) => unknownField(schema, path, key));
    case 'invalid_type':
      return at(...wrongType(issue.expected, value, fieldsAt(schema, path)));
    case 'invalid_value':
      return at(`is not one of ${issue.values.join(', ')}`, 'write one of them');
    case 'too_small':
      if (issue.origin === 'string' || issue.origin === 'array') return at('is empty', 'fill it, or remove the field');
      return at(`is below ${issue.minimum}`, `write ${issue.minimum} or more`);
    case 'invalid_union': {
      const options = 'options' in issue ? issue.options : undefined;
      if (options) return at(`is not one of ${fieldsText(options)}`, 'write one of them');
      if (value === undefined) return at('is missing', 'write the field');
      const meant = branchesOf(issue).filter((branch) => !branch.some((inner) => isAboutTheChoice(inner, value)));
      const [only] = meant;
      if (only && meant.length === 1) {
        return only.flatMap((inner) => findingsOf(schema, written, inner, [...path, ...inner.path]));
      }
      return at(`has to have exactly one of ${fieldsText(fieldsAt(schema, path))}`, 'keep one of them');
    }
  }
  return at(`is not what belongs here (${issue.message})`, 'correct the value');
}

/** Our own schemas say what is wrong and, after a semicolon or a colon, how to mend it. */
export function inTwo(message: string, otherwise = 'correct the value'): Pick<Finding, 'problem' | 'mend'> {
  const [, problem = message, mend = otherwise] = IN_TWO.exec(message) ?? [];
  return { problem, mend };
}

const IN_TWO = /^((?:attachment \d+: )?(?!attachment \d).+?)(?:; |: )(.+)$/s;

/** A union's branches, and in the place of one that is a union itself its own. */
function branchesOf(union: z.core.$ZodIssueInvalidUnion): readonly (readonly Issue[])[] {
  return union.errors.flatMap((branch) => {
    const [only] = branch;
    const isUnion = branch.length === 1 && only?.code === 'invalid_union' && only.path.length === 0;
    return isUnion ? branchesOf(only) : [branch];
  });
}

/** Whether a union's branch was not meant at all, as against meant and filled wrongly. */
function isAboutTheChoice(issue: Issue, value: unknown): boolean {
  if (issue.path.length === 0) return true;
  return issue.path.length === 1 && issue.code === 'invalid_type' && valueAt(value, issue.path) === undefined;
}

function wrongType(expected: string, value: unknown, fields: readonly string[]): [problem: string, mend: string] {
  const wanted = EXPECTED[expected] ?? expected;
  if (value === undefined) return ['is missing', `write the field; it is ${wanted}`];
  if (value === null) return ['has no value', `write ${wanted}, or remove the field`];
  if (expected === 'string' && (typeof value === 'number' || typeof value === 'boolean')) {
    return [`is a ${typeof value}, not a text`, `put it in quotes: "${value}"`];
  }
  if (expected === 'object' && fields.length > 0)
    return [`is not ${wanted}`, `write fields such as ${fieldsText(fields)}`];
  return [`is not ${wanted}`, `write ${wanted}`];
}

const EXPECTED: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  array: 'a list',
  object: 'a set of fields',
};

function unknownField(schema: z.core.$ZodType, path: Path, key: PropertyKey): Finding {
  return {
    path: pathText([...path, key]),
    problem: 'is not a known field',
    mend: `remove it, or correct its name to one of ${fieldsText(fieldsAt(schema, path))}`,
  };
}

const fieldsText = (names: readonly unknown[]): string => [...new Set(names.map(String))].join(', ');

/** The names of the fields that a schema has at a path; those of every branch where it lets one choose. */
function fieldsAt(schema: z.core.$ZodType, path: Path): string[] {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault) {
    return fieldsAt(schema.unwrap(), path);
  }
  if (schema instanceof z.ZodPipe) return fieldsAt(schema.out, path);
  if (schema instanceof z.ZodUnion) return schema.options.flatMap((option) => fieldsAt(option, path));
  const [step, ...rest] = path;
  if (schema instanceof z.ZodArray) return step === undefined ? [] : fieldsAt(schema.element, rest);
  if (!(schema instanceof z.ZodObject)) return [];
  if (step === undefined) return Object.keys(schema.shape);
  const field: z.core.$ZodType | undefined = schema.shape[String(step)];
  return field ? fieldsAt(field, rest) : [];
}

function valueAt(written: unknown, path: Path): unknown {
  return path.reduce<unknown>((value, step) => entriesOf(value).find(([key]) => key === step)?.[1], written);
}

/** The elements of a list or the fields of an object; nothing for all else. */
function entriesOf(value: unknown): [key: string | number, value: unknown][] {
  if (Array.isArray(value)) return value.map((element, index) => [index, element]);
  return typeof value === 'object' && value !== null ? Object.entries(value) : [];
}
