import { type Fields, invalid, optionalNumber, optionalText } from './fields.ts';

interface PageRule {
  standard: number;
  max: number;
}

/** The part of a list that `cursor` and `limit` ask for, and an empty `next_cursor` at its end. */
export function pageOf<One>(body: Fields, all: readonly One[], rule: PageRule): { part: One[]; next_cursor: string } {
  const limit = optionalNumber(body, 'limit', { min: 1, max: rule.max }) ?? rule.standard;
  const cursor = optionalText(body, 'cursor') ?? '';
  const start = cursor === '' ? 0 : positionOf(cursor);
  const end = start + limit;
  return { part: all.slice(start, end), next_cursor: end < all.length ? cursorAt(end) : '' };
}

function cursorAt(position: number): string {
  return Buffer.from(`contacts from ${position}`).toString('base64url');
}

function positionOf(cursor: string): number {
  const position = /^contacts from (\d+)$/.exec(Buffer.from(cursor, 'base64url').toString())?.[1];
  if (position === undefined) throw invalid('cursor');
  return Number(position);
}
