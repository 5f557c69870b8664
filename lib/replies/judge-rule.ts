import type { Asked, Question } from './asked.ts';
import { questionKey } from './asked.ts';
import { CONDITIONS, type ReadyRule } from './compile-rules.ts';
import { languageOf } from './language.ts';
import { type Distinction, fold, withoutMarks } from './normalize.ts';
import { foldForPatterns } from './pattern.ts';

type Condition = (typeof CONDITIONS)[number];
type Way = 'type' | 'click' | 'exact' | 'contains' | 'all' | 'regex' | 'conditions';

/** Whether a rule matches a message, and by what or why not. */
export type Verdict =
  /** `word` is the rule's, as it is compared; `at` counts its patterns from 0. */
  | { readonly matches: true; readonly by: Way; readonly word?: string; readonly at?: number }
  /** Nothing in the message fits, or this condition does not hold (`unknown`: nobody knows whether it does). */
  | { readonly matches: false; readonly because: 'nothing-fits' | Condition; readonly unknown?: true };

/** A message in its place in the burst, and every way of reading it that rules want, made once. */
export interface Heard {
  readonly question: Question;
  readonly asked: Asked;
  /** Its place in the burst. */
  readonly index: number;
  folded(distinguish: readonly Distinction[]): { readonly text: string; readonly whole: string };
  forPatterns(distinguish: readonly Distinction[]): string;
}

export function hear(asked: Asked, question: Question, index: number): Heard {
  const texts = new Map<string, { text: string; whole: string }>();
  const patternTexts = new Map<string, string>();
  const words = question.text ?? '';
  return {
    question,
    asked,
    index,
    folded(distinguish) {
      const key = distinguish.join();
      const known = texts.get(key);
      if (known) return known;
      const text = fold(words, distinguish);
      const made = { text, whole: withoutMarks(text) };
      texts.set(key, made);
      return made;
    },
    forPatterns(distinguish) {
      const key = distinguish.join();
      const text = patternTexts.get(key) ?? foldForPatterns(words, distinguish);
      patternTexts.set(key, text);
      return text;
    },
  };
}

/** Words are alternatives among themselves; every condition has to hold. Conditions come first: they cost less than patterns. */
export function judgeRule(ready: ReadyRule, heard: Heard): Verdict {
  if (!ready.hasWays && !ready.hasConditions) return NOTHING_FITS;
  if (ready.hasConditions) {
    const missed = missedCondition(ready, heard);
    if (missed) return missed;
  }
  return ready.hasWays ? wayOf(ready, heard) : { matches: true, by: 'conditions' };
}

const NOTHING_FITS: Verdict = { matches: false, because: 'nothing-fits' };

function wayOf(ready: ReadyRule, { question, folded, forPatterns }: Heard): Verdict {
  const { rule, distinguish, exact, contains, all, patterns } = ready;
  if (rule.types?.includes(question.type)) return { matches: true, by: 'type', word: question.type };
  // A chosen menu item is a choice, not free text: its caption must not set off a word rule.
  if (question.menuId !== undefined) {
    return rule.click?.includes(question.menuId) ? { matches: true, by: 'click', word: question.menuId } : NOTHING_FITS;
  }
  if (question.text === undefined) return NOTHING_FITS;
  const { text, whole } = folded(distinguish);
  if (exact.has(whole)) return { matches: true, by: 'exact', word: whole };
  const word = contains.find((wanted) => text.includes(wanted));
  if (word !== undefined) return { matches: true, by: 'contains', word };
  if (all.length > 0 && all.every((words) => words.some((wanted) => text.includes(wanted)))) {
    return { matches: true, by: 'all' };
  }
  const at = patterns.findIndex((pattern) => pattern.foundIn(forPatterns(distinguish)));
  return at >= 0 ? { matches: true, by: 'regex', at } : NOTHING_FITS;
}

function missedCondition({ rule }: ReadyRule, heard: Heard): Verdict | undefined {
  for (const name of CONDITIONS) {
    if (rule[name] === undefined) continue;
    const held = holds(name, rule, heard);
    if (held === undefined) return { matches: false, because: name, unknown: true };
    if (!held) return { matches: false, because: name };
  }
  return undefined;
}

/** Whether a condition holds; undefined where that is not known. */
function holds(name: Condition, rule: ReadyRule['rule'], { asked, question, index }: Heard): boolean | undefined {
  switch (name) {
    case 'scene':
      return asked.scene === undefined ? undefined : rule.scene?.includes(asked.scene);
    case 'channel':
      return asked.channel === undefined ? undefined : rule.channel?.includes(asked.channel);
    case 'tags':
      return asked.tags && rule.tags?.some((tag) => asked.tags?.includes(tag));
    case 'language': {
      const language = languageOf(question.text ?? '') ?? asked.language;
      return language && language === rule.language;
    }
    case 'hours':
      return asked.open === undefined ? undefined : (rule.hours === 'open') === asked.open;
    case 'first': {
      const first = rule.first === 'ever' ? asked.firstEver : asked.firstOfSession;
      // Only the burst's first message can be the first.
      return first === undefined ? undefined : first && index === 0;
    }
    case 'nth':
      return holdsNth(rule.nth ?? {}, asked, question, index);
  }
}

function holdsNth(
  { same, unmatched }: NonNullable<ReadyRule['rule']['nth']>,
  { repeats, questions }: Asked,
  question: Question,
  index: number,
): boolean | undefined {
  if (unmatched !== undefined) {
    return repeats?.unmatched === undefined ? undefined : repeats.unmatched + 1 >= unmatched;
  }
  const key = questionKey(question);
  if (same === undefined || key === undefined) return false;
  const before = repeats?.same && (Object.hasOwn(repeats.same, key) ? repeats.same[key] : 0);
  if (before === undefined) return undefined;
  const inBurst = questions.slice(0, index).filter((other) => questionKey(other) === key).length;
  return before + inBurst + 1 >= same;
}
