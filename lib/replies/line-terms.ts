import * as z from 'zod';
import type { Question } from './asked.ts';
import { foldWhole } from './normalize.ts';
import { fillPlaceholders, placeholdersIn } from './placeholders.ts';
import type { RuleSet } from './rule-set.ts';

/** Said on joining the line where nothing more is known. */
export const WAITING =
  '客服都在忙，已为您排队，请稍候。\nAll our colleagues are busy. You are in line, one moment please.';

const PLACE =
  '客服都在忙，您排在第 {place} 位。回复“取消”退出排队。\nAll our colleagues are busy. You are number {place} in line. Reply "cancel" to leave it.';
const PLACE_AND_TIME =
  '客服都在忙，您排在第 {place} 位，预计等待 {minutes} 分钟。回复“取消”退出排队。\nAll our colleagues are busy. You are number {place} in line, about {minutes} min. Reply "cancel" to leave it.';

/** Texts about the line, beside `waiting`. */
export const LineTexts = z.object({
  /** Said in place of `waiting` where the place is known, and once more when it has improved. */
  place: z.string().min(1).optional(),
  /** Said in place of `place` where it is also known how long it takes. */
  placeAndTime: z.string().min(1).optional(),
  /** Said when a customer has left the line. */
  left: z.string().min(1).default('已为您取消排队。\nYou have left the line.'),
});

/** The shortest time between two looks at the line for one customer: each costs his team one. */
export const SHORTEST_EVERY = 60;

export const LineTerms = z.strictObject({
  /** How often a customer in line is told his place again, should it have improved; 0: never. */
  everySeconds: z.int().min(0).default(300),
  /** What leaves the line, as a whole message. */
  cancel: z
    .array(z.string().min(1))
    .default([
      ...['取消', '取消排队', '退出排队', '不排了', '不等了', '不用了', '不需要了'],
      ...['cancel', 'leave the line', 'never mind', 'nevermind', 'no longer needed'],
    ]),
});

/** Where a customer stands: 1 is next. */
export interface PlaceInLine {
  readonly ahead: number;
  readonly estimateMs?: number;
}

/**
 * What somebody at this place is told: the fullest form of which everything is known; undefined, where none is. Our own forms stand beside
 * our own `waiting` only, so that a business that says it in its own words says nothing else.
 */
export function placeText({ texts }: RuleSet, place: PlaceInLine): string | undefined {
  const own = texts.waiting === WAITING ? { place: PLACE, placeAndTime: PLACE_AND_TIME } : {};
  const { estimateMs } = place;
  const filling = {
    now: 0,
    zone: 'UTC',
    place: place.ahead,
    ...(estimateMs !== undefined && { minutes: Math.max(1, Math.ceil(estimateMs / 60_000)) }),
  };
  const known = new Set(['place', ...(estimateMs === undefined ? [] : ['minutes'])]);
  const forms = [texts.placeAndTime ?? own.placeAndTime, texts.place ?? own.place];
  const form = forms.find((text) => text !== undefined && placeholdersIn(text).every((name) => known.has(name)));
  return form === undefined ? undefined : fillPlaceholders(form, filling);
}

const read = new WeakMap<RuleSet, ReadonlySet<string>>();

/** Whether a message asks to leave the line. */
export function asksToLeave(ruleSet: RuleSet, { text, menuId }: Question): boolean {
  if (text === undefined || menuId !== undefined) return false;
  const words = read.get(ruleSet) ?? new Set(ruleSet.line.cancel.map((word) => foldWhole(word)));
  read.set(ruleSet, words);
  return words.has(foldWhole(text));
}
