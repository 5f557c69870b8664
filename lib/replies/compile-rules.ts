import type { RuleFile } from './media-reply.ts';
import { type Distinction, fold, withoutMarks } from './normalize.ts';
import { compilePattern, type Pattern, WrongPattern } from './pattern.ts';
import { distinctionsOf, type Rule, type RuleSet } from './rule-set.ts';
import { type WordIndex, wordIndex } from './word-index.ts';

/** A rule with its words folded and its patterns compiled. */
export interface ReadyRule {
  readonly rule: Rule;
  /** Its place in the order. */
  readonly place: number;
  readonly distinguish: readonly Distinction[];
  readonly exact: ReadonlySet<string>;
  readonly contains: readonly string[];
  /** Of every list one word. */
  readonly all: readonly (readonly string[])[];
  readonly patterns: readonly Pattern[];
  /** It says how to match; otherwise its conditions alone decide. */
  readonly hasWays: boolean;
  readonly hasConditions: boolean;
}

/** A rule set made ready for messages. */
export interface ReadyRules {
  readonly rules: readonly ReadyRule[];
  /** The places of rules that may match a message, by what is found in it. */
  readonly byWords: readonly FoldedWords[];
  readonly byClick: ReadonlyMap<string, readonly number[]>;
  readonly byType: ReadonlyMap<string, readonly number[]>;
  /** Rules that no word gives away, in order: those with patterns, and those with conditions alone. */
  readonly always: readonly number[];
  readonly media: ReadonlyMap<string, RuleFile>;
  readonly quickReplies: ReadonlyMap<string, { readonly zh?: string | undefined; readonly en?: string | undefined }>;
  readonly person: { readonly exact: ReadonlySet<string>; readonly contains: readonly string[] };
  /** Longest first. */
  readonly courtesies: readonly string[];
}

/** The words of all rules that tell the same things apart, so that a message is folded once for them. */
interface FoldedWords {
  readonly distinguish: readonly Distinction[];
  readonly exact: Map<string, number[]>;
  readonly anywhere: WordIndex;
}

const ready = new WeakMap<RuleSet, ReadyRules>();

/** Made once for each rule set, and remembered as long as that lives. */
export function readyRules(ruleSet: RuleSet): ReadyRules {
  const known = ready.get(ruleSet);
  if (known) return known;
  const made = makeReady(ruleSet);
  ready.set(ruleSet, made);
  return made;
}

function makeReady(ruleSet: RuleSet): ReadyRules {
  const rules = ruleSet.rules.map(readyRule);
  const byWords = new Map<string, FoldedWords>();
  const byClick = new Map<string, number[]>();
  const byType = new Map<string, number[]>();
  for (const { rule, place, distinguish, exact, contains, all } of rules) {
    const key = distinguish.toSorted().join();
    const words = byWords.get(key) ?? { distinguish, exact: new Map(), anywhere: wordIndex() };
    byWords.set(key, words);
    for (const word of exact) append(words.exact, word, place);
    // A message with all words has one of the first list.
    for (const word of [...contains, ...(all[0] ?? [])]) words.anywhere.add(word, place);
    for (const id of rule.click ?? []) append(byClick, id, place);
    for (const type of rule.types ?? []) append(byType, type, place);
  }
  return {
    rules,
    byWords: [...byWords.values()],
    byClick,
    byType,
    always: rules.filter((one) => one.patterns.length > 0 || !one.hasWays).map(({ place }) => place),
    media: new Map(ruleSet.media.map((file) => [file.id, file])),
    quickReplies: new Map(ruleSet.quickReplies.map(({ id, zh, en }) => [id, { zh, en }])),
    person: {
      exact: new Set(ruleSet.person.exact.map((word) => withoutMarks(fold(word)))),
      contains: ruleSet.person.contains.map((phrase) => fold(phrase)),
    },
    courtesies: ruleSet.courtesies
      .map((word) => withoutMarks(fold(word)))
      .filter((word) => word !== '')
      .sort((a, b) => b.length - a.length),
  };
}

function readyRule(rule: Rule, place: number): ReadyRule {
  const { exact = [], contains = [], all = [], regex = [], click = [], types = [] } = rule;
  const distinguish = distinctionsOf(rule);
  const folded = (words: readonly string[]) =>
    words.map((word) => fold(word, distinguish)).filter((word) => word !== '');
  return {
    rule,
    place,
    distinguish,
    exact: new Set(exact.map((word) => withoutMarks(fold(word, distinguish)))),
    contains: folded(contains),
    all: all.map((words) => folded(typeof words === 'string' ? [words] : words)),
    patterns: regex.map((source) => patternOrNone(source, distinguish)),
    hasWays: [exact, contains, all, regex, click, types].some((ways) => ways.length > 0),
    hasConditions: CONDITIONS.some((name) => rule[name] !== undefined),
  };
}

/** A pattern that does not compile is refused before it is saved. One that is there all the same must not keep every other rule from
 *  answering: it is found in nothing. */
function patternOrNone(source: string, distinguish: readonly Distinction[]): Pattern {
  try {
    return compilePattern(source, distinguish);
  } catch (error) {
    if (error instanceof WrongPattern) return { steps: 0, foundIn: () => false };
    throw error;
  }
}

/** What has to hold besides a match; a rule with nothing else answers every message for which it does. */
export const CONDITIONS = ['scene', 'channel', 'tags', 'language', 'hours', 'first', 'nth'] as const;

function append(lists: Map<string, number[]>, key: string, place: number): void {
  const list = lists.get(key);
  if (list) list.push(place);
  else lists.set(key, [place]);
}
