import type { Faq, FaqEntry } from './faq.ts';
import { bareWords, featuresOf, isStopWord, isUndivided } from './word-segments.ts';

/** One wording of one entry, ready to be compared. */
interface IndexedWording {
  readonly entry: number;
  readonly bare: string;
  /** Length as a vector. */
  readonly length: number;
  /** How many of its features a text has to have to contain it. */
  readonly undivided: number;
}

interface Posting {
  readonly weight: number;
  readonly wordings: Uint32Array;
}

/** A list of frequent questions, ready for `findFaq`. Building it takes far longer than asking it: keep it while the list stays. */
export interface FaqIndex {
  /** Those that are enabled, in the order of their ids. */
  readonly entries: readonly FaqEntry[];
  readonly wordings: readonly IndexedWording[];
  readonly postings: ReadonlyMap<string, Posting>;
  readonly fold: (text: string) => string;
}

const STOP_WORD_SHARE = 0.35;
/** Pairs of characters follow from the words most of the time, so they count less. */
const PAIR_SHARE = 0.5;

/**
 * Builds the index of a list.
 *
 * @param fold what else is to be the same, in the wordings and in what is asked, e.g. traditional and simplified characters
 */
export function faqIndex(faq: Faq, { fold = (text: string) => text } = {}): FaqIndex {
  const entries = faq.filter(({ enabled }) => enabled).sort((a, b) => (a.id < b.id ? -1 : 1));
  const found = entries.flatMap(({ question, similar }, entry) => {
    const all = new Set([question, ...similar].map((wording) => bareWords(wording, fold)));
    return [...all].filter((bare) => bare !== '').map((bare) => ({ entry, bare, features: featuresOf(bare) }));
  });
  const lists = new Map<string, number[]>();
  found.forEach(({ features }, wording) => {
    for (const feature of features) {
      const list = lists.get(feature);
      if (list) list.push(wording);
      else lists.set(feature, [wording]);
    }
  });
  const postings = new Map<string, Posting>();
  for (const [feature, list] of lists) {
    postings.set(feature, { weight: weightOf(feature, list.length, found.length), wordings: Uint32Array.from(list) });
  }
  const wordings = found.map(({ entry, bare, features }) => ({
    entry,
    bare,
    length: Math.hypot(...features.map((feature) => postings.get(feature)?.weight ?? 0)),
    undivided: features.filter(isUndivided).length,
  }));
  return { entries, wordings, postings, fold };
}

/** What a feature weighs: more the fewer wordings have it. */
export function weightOf(feature: string, wordings: number, all: number): number {
  const kind = isUndivided(feature) && /^\p{Script=Han}/u.test(feature) ? PAIR_SHARE : 1;
  return rarity(wordings, all) * kind * (isStopWord(feature) ? STOP_WORD_SHARE : 1);
}

/** Inverse document frequency, smoothed so that a small list does not make everything rare. */
function rarity(wordings: number, all: number): number {
  return 1 + Math.log((1 + all) / (1 + wordings));
}
