import { Refusal } from './refusal.ts';

/** A JSON object as it came in: nothing about it is known yet. */
export type Fields = Readonly<Record<string, unknown>>;

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

interface TextRule {
  maxBytes?: number;
  maxCharacters?: number;
  pattern?: RegExp;
}

interface NumberRule {
  min?: number;
  max?: number;
  whole?: boolean;
}

/** A value of the wrong type, too long, or empty where it is required is 40058 everywhere. */
export function invalid(name: string): Refusal {
  return new Refusal(40058, name);
}

export function optionalText(fields: Fields, name: string, rule: TextRule = {}): string | undefined {
  const value = fields[name];
  if (value === undefined) return undefined;
  if (typeof value !== 'string') throw invalid(name);
  if (rule.maxBytes !== undefined && Buffer.byteLength(value) > rule.maxBytes) throw invalid(name);
  if (rule.maxCharacters !== undefined && [...value].length > rule.maxCharacters) throw invalid(name);
  if (rule.pattern !== undefined && !rule.pattern.test(value)) throw invalid(name);
  return value;
}

export function requiredText(fields: Fields, name: string, rule: TextRule = {}): string {
  const value = optionalText(fields, name, rule);
  if (value === undefined || value === '') throw invalid(name);
  return value;
}

export function optionalNumber(fields: Fields, name: string, rule: NumberRule = {}): number | undefined {
  const value = fields[name];
  if (value === undefined) return undefined;
  if (typeof value !== 'number' || !Number.isFinite(value)) throw invalid(name);
  if (rule.whole !== false && !Number.isInteger(value)) throw invalid(name);
  if (value < (rule.min ?? Number.NEGATIVE_INFINITY) || value > (rule.max ?? Number.POSITIVE_INFINITY)) {
    throw invalid(name);
  }
  return value;
}

export function requiredNumber(fields: Fields, name: string, rule: NumberRule = {}): number {
  const value = optionalNumber(fields, name, rule);
  if (value === undefined) throw invalid(name);
  return value;
}

export function optionalBoolean(fields: Fields, name: string): boolean | undefined {
  const value = fields[name];
  if (value === undefined) return undefined;
  if (typeof value !== 'boolean') throw invalid(name);
  return value;
}

export function optionalFields(fields: Fields, name: string): Fields | undefined {
  return fields[name] === undefined ? undefined : requiredFields(fields, name);
}

export function requiredFields(fields: Fields, name: string): Fields {
  const value = fields[name];
  if (!isFields(value)) throw invalid(name);
  return value;
}

export function textList(fields: Fields, name: string, max: number): string[] | undefined {
  return list(fields, name, max, (one): one is string => typeof one === 'string' && one !== '');
}

export function numberList(fields: Fields, name: string, max: number): number[] | undefined {
  return list(fields, name, max, (one): one is number => typeof one === 'number' && Number.isInteger(one));
}

function list<One>(fields: Fields, name: string, max: number, fits: (one: unknown) => one is One): One[] | undefined {
  const value: unknown = fields[name];
  if (value === undefined) return undefined;
  if (!Array.isArray(value) || value.length > max || !value.every(fits)) throw invalid(name);
  return value;
}

/** The longest beginning of `text` within `maxBytes` that ends between two characters. */
export function cutToBytes(text: string, maxBytes: number): string {
  let kept = '';
  let bytes = 0;
  for (const character of text) {
    bytes += Buffer.byteLength(character);
    if (bytes > maxBytes) break;
    kept += character;
  }
  return kept;
}
