import * as z from 'zod';
import type { Content } from '../wecom/outgoing-messages.ts';
import type { Question } from './asked.ts';
import { fold, foldWhole } from './normalize.ts';

/** What a customer is asked after a session: satisfied (CSAT), would you recommend us (NPS), was it easy (CES). */
export const RATING_KINDS = ['csat', 'nps', 'ces'] as const;
export type RatingKind = (typeof RATING_KINDS)[number];

const text = z.string().min(1);
const common = {
  /** Said once to who answers. */
  thanks: text.default('感谢您的评价！\nThank you for your feedback!'),
  /** How long an answer counts. */
  answerWithinHours: z.int().min(1).max(168).default(24),
};

/**
 * The question that takes the end text's place. `options` are what the customer chooses from, best first; the values are counted down to 1. An NPS
 * has eleven values, one more than a menu of WeCom has lines, so it asks for a number.
 */
export const Rating = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('csat'),
    ask: text.default(
      '本次服务已结束，您对服务满意吗？\nThis conversation has ended. How satisfied are you with our service?',
    ),
    options: z
      .array(text)
      .default([
        '非常满意 / Very satisfied',
        '满意 / Satisfied',
        '一般 / Neutral',
        '不满意 / Dissatisfied',
        '非常不满意 / Very dissatisfied',
      ]),
    ...common,
  }),
  z.strictObject({
    kind: z.literal('ces'),
    ask: text.default(
      '本次服务已结束。您是否同意：解决问题很轻松？\nThis conversation has ended. Do you agree: it was easy to get my issue solved?',
    ),
    options: z
      .array(text)
      .default([
        '非常同意 / Strongly agree',
        '同意 / Agree',
        '比较同意 / Somewhat agree',
        '说不清 / Neither',
        '不太同意 / Somewhat disagree',
        '不同意 / Disagree',
        '非常不同意 / Strongly disagree',
      ]),
    ...common,
  }),
  z.strictObject({
    kind: z.literal('nps'),
    ask: text.default(
      '本次服务已结束。您有多大可能向朋友推荐我们？请回复 0（不会）到 10（一定会）的数字。\n' +
        'This conversation has ended. How likely are you to recommend us to a friend? Reply with a number from 0 (not at all) to 10 (certainly).',
    ),
    ...common,
  }),
]);
export type Rating = z.infer<typeof Rating>;

/** How many options a kind has; the largest value is as much. None for what asks for a number. */
export const OPTIONS: Readonly<Record<RatingKind, number | undefined>> = { csat: 5, ces: 7, nps: undefined };
const LOWEST: Readonly<Record<RatingKind, number>> = { csat: 1, ces: 1, nps: 0 };
const HIGHEST: Readonly<Record<RatingKind, number>> = { csat: 5, ces: 7, nps: 10 };

const CLICK = 'rate:';
/** The id of the menu item that means this value in this survey. */
export const ratingClick = (surveyId: string, value: number): string => `${CLICK}${surveyId}:${value}`;

/** Whether a menu item's id is one of a survey's, whichever it is. A rule's own `rate:us` is none. */
export const isRatingClick = (menuId: string): boolean => /^rate:[\w-]{16}:\d{1,2}$/.test(menuId);

/** The question as it is sent. */
export function ratingQuestion(rating: Rating, surveyId: string): Content {
  if (rating.kind === 'nps') return { type: 'text', text: rating.ask };
  const { ask, options } = rating;
  const items = options.map((content, index) => ({
    type: 'click' as const,
    id: ratingClick(surveyId, options.length - index),
    content,
  }));
  return { type: 'menu', head: ask, items };
}

/** The value that a click gives to this survey; undefined for a click of another survey, and for what is no value of this kind. */
export function clickedValue(menuId: string, surveyId: string, kind: RatingKind): number | undefined {
  const value = Number(menuId.slice(ratingClick(surveyId, 0).length - 1));
  const isOurs = menuId === ratingClick(surveyId, value) && Number.isInteger(value);
  return isOurs && value >= LOWEST[kind] && value <= HIGHEST[kind] ? value : undefined;
}

/** 「5」, 「５分」, "4 points", "5 stars" and nothing else. */
const NUMBER = /^(\d{1,2}) ?(?:分|星|points?|stars?)?$/u;

/** The value that a typed message is: a number of the scale alone, or exactly an option's words. Undefined for any other message. */
export function typedValue(rating: Rating, { type, text: written, menuId }: Question): number | undefined {
  if (type !== 'text' || written === undefined || menuId !== undefined) return undefined;
  const whole = foldWhole(written);
  const number = NUMBER.exec(whole)?.[1];
  if (number !== undefined) {
    const value = Number(number);
    return value >= LOWEST[rating.kind] && value <= HIGHEST[rating.kind] ? value : undefined;
  }
  if (rating.kind === 'nps') return undefined;
  const place = rating.options.findIndex((option) => wordsOf(option).includes(whole));
  return place < 0 ? undefined : rating.options.length - place;
}

/** An option's words, as they are compared: all of them, and each of its languages, which a slash divides. */
export function wordsOf(option: string): string[] {
  const parts = fold(option).split(' / ');
  return [...new Set([option, ...parts].map((part) => foldWhole(part)))];
}
