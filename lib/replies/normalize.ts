import { simplify } from './simplify.ts';

/** What a rule may tell apart: full and half width, upper and lower case, traditional and simplified characters. */
export const DISTINCTIONS = ['width', 'case', 'script'] as const;
export type Distinction = (typeof DISTINCTIONS)[number];

/**
 * Words as customers mean them: full-width and half-width, upper and lower case, traditional and simplified characters and runs of
 * spaces are the same, unless they are to be told apart. 「１２３」 is "123", "Opening　Hours" is "opening hours", 「營業」 is 「营业」.
 */
export function fold(text: string, distinguish: readonly Distinction[] = []): string {
  const wide = text.normalize(distinguish.includes('width') ? 'NFC' : 'NFKC');
  const cased = distinguish.includes('case') ? wide : wide.toLowerCase();
  const simple = distinguish.includes('script') ? cased : simplify(cased);
  return simple.replace(/\s+/gu, ' ').trim();
}

/** The same for a whole message, without the marks around it: "Hello！" is "hello". A message of marks alone keeps them. */
export function foldWhole(text: string, distinguish: readonly Distinction[] = []): string {
  const folded = fold(text, distinguish);
  return withoutMarks(folded);
}

/** A folded text without the marks around it. */
export function withoutMarks(folded: string): string {
  // Square brackets stay: WeChat writes its own emoji as [强].
  const bare = folded.replace(/^(?:(?![[\]])[\p{P}\s])+|(?:(?![[\]])[\p{P}\s])+$/gu, '');
  return bare === '' ? folded : bare;
}
