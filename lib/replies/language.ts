/** The languages that answers are written in. */
export const LANGUAGES = ['zh', 'en'] as const;
export type Language = (typeof LANGUAGES)[number];

/** Chinese questions name products in Latin letters: only where words outnumber characters so far is Chinese the foreign part. */
const WORDS_PER_CHARACTER = 2;

/**
 * The language of a message by its letters; undefined where it has none that say so ("123", 👍), or those of a third language.
 * 「iPhone 15 Pro Max 多少钱」 is Chinese, "How do I pay with 微信 from abroad?" is English.
 */
export function languageOf(text: string): Language | undefined {
  if (/[\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/u.test(text)) return undefined;
  const characters = count(text, /\p{Script=Han}/gu);
  const words = count(text, /[\p{Script=Latin}][\p{Script=Latin}\p{M}'’-]*/gu);
  if (characters > 0) return words > characters * WORDS_PER_CHARACTER ? 'en' : 'zh';
  // Any other script next to Latin letters, such as Cyrillic, says more than they do.
  return words > 0 && !/(?!\p{Script=Latin})\p{L}/u.test(text) ? 'en' : undefined;
}

const count = (text: string, what: RegExp): number => text.match(what)?.length ?? 0;
