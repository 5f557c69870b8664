import type { FaqEntry } from './faq.ts';
import { type FaqIndex, weightOf } from './faq-index.ts';
import { bareWords, featuresOf, isUndivided } from './word-segments.ts';

/** How sure one has to be. Scores are between 0 and 1. */
export interface FaqThresholds {
  /** From here on the best match answers, if no other is close. */
  readonly threshold: number;
  /** Matches that are so much worse than the best, or less, are offered beside it. */
  readonly closeBy: number;
  /** Below this nothing is even offered. */
  readonly lowest: number;
}

/**
 * Chosen on a sample shop's list and what its customers may write (`test/rooms/replies/faq-questions.ts`, `TUNED`): no
 * question that the list does not answer scored above 0.37 there, so 0.45 leaves some room; of those that it does answer, five
 * in six score more. A wrong answer costs more than none, which only leads to the fallback.
 */
export const FAQ_DEFAULTS: FaqThresholds = { threshold: 0.45, closeBy: 0.1, lowest: 0.35 };

export interface ScoredEntry {
  readonly entry: FaqEntry;
  /** 1: the text contains a wording as it is, or is one. */
  readonly score: number;
}

export type FoundFaq =
  | { readonly is: 'answer'; readonly entry: FaqEntry; readonly score: number }
  /** The best first; of equal ones, the lower id first. */
  | { readonly is: 'menu'; readonly entries: readonly ScoredEntry[] }
  /** `best` is the nearest entry, for who tunes the list; absent when nothing is shared at all. */
  | { readonly is: 'none'; readonly best?: ScoredEntry };

const MENU_ENTRIES = 4;
/** Who writes more is telling a story. The bound keeps the cost of any message within that of these. */
const LONGEST_TEXT = 600;
const MOST_CLAUSES = 12;
const CLAUSE_ENDS = /[,;:!?，；：！？。…～~\r\n]+|\.(?=\s|$)/u;

/** What answers a text, or may. The same list and text give the same result. */
export function findFaq(index: FaqIndex, text: string, wish: Partial<FaqThresholds> = {}): FoundFaq {
  const { threshold, closeBy, lowest } = { ...FAQ_DEFAULTS, ...wish };
  const ranked = rankFaq(index, text);
  const [best] = ranked;
  if (!best) return { is: 'none' };
  // What was asked word for word was asked, whatever resembles it.
  const nearest = best.score === 1 ? 1 : Math.max(lowest, best.score - closeBy);
  const close = ranked.filter(({ score }) => score >= nearest).slice(0, MENU_ENTRIES);
  if (close.length > 1) return { is: 'menu', entries: close };
  return best.score >= threshold ? { is: 'answer', ...best } : { is: 'none', best };
}

/** Every entry that shares something with the text, the best first; of equal ones, the lower id first. */
export function rankFaq(index: FaqIndex, text: string): ScoredEntry[] {
  const whole = bareWords(text.slice(0, LONGEST_TEXT), index.fold);
  const scores = new Float64Array(index.entries.length);
  // "你好，昨天在你们店买了双鞋，怎么退货": the clause that asks is compared by itself, too.
  for (const part of partsOf(text, whole, index)) scorePart(index, part, scores);
  markWordForWord(index, whole, scores);
  const found = index.entries.flatMap((entry, at): ScoredEntry[] => {
    // Rounded, so that the order in which features were added up cannot decide between equals.
    const score = Math.round(Math.min(1, scores[at] ?? 0) * 1e4) / 1e4;
    return score > 0 ? [{ entry, score }] : [];
  });
  // The entries are in the order of their ids, and sorting keeps the order of equals.
  return found.sort((a, b) => b.score - a.score);
}

function partsOf(text: string, whole: string, index: FaqIndex): Set<string> {
  const clauses = text.slice(0, LONGEST_TEXT).split(CLAUSE_ENDS, MOST_CLAUSES);
  return new Set([whole, ...clauses.map((clause) => bareWords(clause, index.fold))].filter((part) => part !== ''));
}

/** Raises every entry's score to the cosine between the part and the nearest of its wordings. */
function scorePart(index: FaqIndex, part: string, scores: Float64Array): void {
  const shared = new Float64Array(index.wordings.length);
  let square = 0;
  for (const feature of featuresOf(part)) {
    const posting = index.postings.get(feature);
    const weight = posting?.weight ?? weightOf(feature, 0, index.wordings.length);
    square += weight * weight;
    for (const wording of posting?.wordings ?? []) shared[wording] = (shared[wording] ?? 0) + weight * weight;
  }
  const length = Math.sqrt(square);
  index.wordings.forEach((wording, at) => {
    const product = shared[at] ?? 0;
    if (product === 0) return;
    const score = product / (length * wording.length);
    // Only being contained is certainty.
    if (score > (scores[wording.entry] ?? 0)) scores[wording.entry] = Math.min(score, ALMOST_SURE);
  });
}

const ALMOST_SURE = 0.99;

/** Scores 1 for every wording that the text contains, but for those within a longer one of them: 发票 in 电子发票. */
function markWordForWord(index: FaqIndex, whole: string, scores: Float64Array): void {
  const counts = new Uint32Array(index.wordings.length);
  for (const feature of featuresOf(whole)) {
    if (!isUndivided(feature)) continue;
    for (const wording of index.postings.get(feature)?.wordings ?? []) counts[wording] = (counts[wording] ?? 0) + 1;
  }
  const contained = index.wordings.filter(
    ({ bare, undivided }, at) => (counts[at] ?? 0) >= undivided && contains(whole, bare),
  );
  for (const { entry, bare } of contained) {
    if (!contained.some((other) => other.bare !== bare && contains(other.bare, bare))) scores[entry] = 1;
  }
}

/** Words of letters are contained as words, Chinese ones anywhere; a single Chinese character only where it is all there is. */
function contains(text: string, wanted: string): boolean {
  if (text === wanted) return true;
  if (/^\p{Script=Han}$/u.test(wanted)) return false;
  const before = /^\p{Script=Han}/u.test(wanted) ? '' : ' ';
  const after = /\p{Script=Han}$/u.test(wanted) ? '' : ' ';
  return ` ${text} `.includes(`${before}${wanted}${after}`);
}
