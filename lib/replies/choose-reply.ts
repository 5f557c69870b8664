import { type AccountFaq, askFaq, clickedEntry, type FaqReply } from './ask-faq.ts';
import type { Asked, Question } from './asked.ts';
import { type ReadyRule, type ReadyRules, readyRules } from './compile-rules.ts';
import { type Wanted, wantedBy } from './hand-over.ts';
import { type Heard, hear, judgeRule, type Verdict } from './judge-rule.ts';
import { type Language, languageOf } from './language.ts';
import { isMediaReply, withFile } from './media-reply.ts';
import { fold, foldWhole } from './normalize.ts';
import type { Reply, Said } from './reply.ts';
import { type AlsoDone, alsoDoneBy, knownAfter, tagsBy } from './rule-actions.ts';
import { type Rule, type RuleSet, repliesOf } from './rule-set.ts';

export type Chosen = AlsoDone & Doing;

type Doing =
  /** The matched rules' replies, in the order of the questions, each rule once. */
  | {
      readonly do: 'reply';
      readonly replies: readonly ChosenReply[];
      /** No rule knew the messages: this stands in the fallback's place, and counts as one. */
      readonly insteadOfFallback?: true;
    }
  | {
      readonly do: 'hand-over';
      readonly because: 'customer' | 'rule';
      readonly rule?: string;
      /** Another team than the account's. */
      readonly team?: string;
      readonly wanted?: Wanted;
      /** The one agent who is wanted. */
      readonly agent?: string;
    }
  | { readonly do: 'nothing'; readonly rules: readonly string[] }
  | { readonly do: 'nothing-matched' };

/** A message of a rule. `quick` is the library's quick reply that it is. */
export interface ChosenReply {
  readonly rule: string;
  readonly reply: Said;
  readonly quick?: string;
}

/**
 * Chooses what answers a burst of messages. Asking for a person beats everything else in the burst; otherwise every
 * matched rule answers once, and unmatched messages beside matched ones need no fallback. A message that no rule knows is
 * looked up in the list of frequent questions, before a rule that speaks in the fallback's place.
 */
export function chooseReply(ruleSet: RuleSet, asked: Asked, faq?: AccountFaq): Chosen {
  const ready = readyRules(ruleSet);
  const knew: Matched[] = [];
  const lost: Matched[] = [];
  const matched: Rule[] = [];
  for (const [index, question] of asked.questions.entries()) {
    const rule = firstMatch(ready, hear(knownAfter(asked, matched), question, index));
    const inPlaceOfFallback = rule?.nth?.unmatched !== undefined;
    const seen = languageOf(question.text ?? '') ?? asked.language;
    if (rule && !inPlaceOfFallback) matched.push(rule);
    if (rule?.handOver && !inPlaceOfFallback) return { ...handedOver(rule, seen), ...tagsBy(matched) };
    // What a chosen menu item does is its rule's business, whatever its caption says.
    const chosen = question.menuId !== undefined && (rule ?? (faq && clickedEntry(faq, question))) !== undefined;
    if (!chosen && asksForPerson(ready, question)) return { ...personAsked(seen), ...tagsBy(matched) };
    const language = seen ?? 'zh';
    const listed = faq && (!rule || inPlaceOfFallback) ? askFaq(faq, question, language) : undefined;
    if (listed) add(knew, { listed });
    else if (rule) add(inPlaceOfFallback ? lost : knew, { rule, language });
  }
  if (knew.length > 0) return { ...answered(ready, knew), ...alsoDoneBy(matched) };
  const given = lost.find((one) => 'rule' in one && one.rule.handOver);
  if (given && 'rule' in given) return { ...handedOver(given.rule, given.language), ...tagsBy([given.rule]) };
  const instead = { ...answered(ready, lost), ...alsoDoneBy(lost.flatMap((one) => ('rule' in one ? [one.rule] : []))) };
  return instead.do === 'reply' ? { ...instead, insteadOfFallback: true } : instead;
}

/** What knew a message: a rule, or the list of frequent questions. */
type Matched = { readonly rule: Rule; readonly language: Language } | { readonly listed: FaqReply };

/** Each rule and each answer of the list once. */
function add(to: Matched[], one: Matched): void {
  const same = (other: Matched) =>
    'rule' in one ? 'rule' in other && other.rule === one.rule : 'listed' in other && isSame(other.listed, one.listed);
  if (!to.some(same)) to.push(one);
}

const isSame = (one: FaqReply, other: FaqReply): boolean => JSON.stringify(one) === JSON.stringify(other);

function handedOver({ id, handOver }: Rule, seen: Language | undefined): Doing {
  const team = typeof handOver === 'object' ? handOver.team : undefined;
  const agent = typeof handOver === 'object' ? handOver.agent : undefined;
  const wanted = wantedBy(handOver, seen);
  return {
    do: 'hand-over',
    because: 'rule',
    rule: id,
    ...(team !== undefined && { team }),
    ...(agent !== undefined && { agent }),
    ...(wanted && { wanted }),
  };
}

function personAsked(seen: Language | undefined): Chosen {
  const wanted = wantedBy(undefined, seen);
  return { do: 'hand-over', because: 'customer', ...(wanted && { wanted }) };
}

function answered(ready: ReadyRules, matched: readonly Matched[]): Doing {
  const replies = matched.flatMap((one): ChosenReply[] => {
    if ('listed' in one) return [one.listed];
    const { rule, language } = one;
    return repliesOf(rule).flatMap((reply) =>
      sayable(ready, reply, language).map((said) => ({
        rule: rule.id,
        reply: said,
        ...('quick' in reply && { quick: reply.quick }),
      })),
    );
  });
  if (replies.length > 0) return { do: 'reply', replies };
  const silent = matched.flatMap((one) => ('rule' in one && (one.rule.silent || one.rule.end) ? [one.rule.id] : []));
  return silent.length > 0 ? { do: 'nothing', rules: silent } : { do: 'nothing-matched' };
}

/** A reply with its words and its file; none where a rule set that was not checked names what it does not have. */
function sayable({ quickReplies, media }: ReadyRules, reply: Reply, language: Language): Said[] {
  if (isMediaReply(reply)) return [withFile(reply, media)].filter((said) => said !== undefined);
  if (!('quick' in reply)) return [reply];
  const { zh, en } = quickReplies.get(reply.quick) ?? {};
  const text = (language === 'en' ? en : zh) ?? zh ?? en;
  return text === undefined ? [] : [{ text }];
}

/** The first rule that matches: only those are looked at that something in the message points to. */
function firstMatch(ready: ReadyRules, heard: Heard): Rule | undefined {
  const { question } = heard;
  const pointedTo: number[] = [...(ready.byType.get(question.type) ?? [])];
  if (question.menuId !== undefined) pointedTo.push(...(ready.byClick.get(question.menuId) ?? []));
  else if (question.text !== undefined) {
    for (const { distinguish, exact, anywhere } of ready.byWords) {
      const { text, whole } = heard.folded(distinguish);
      pointedTo.push(...(exact.get(whole) ?? []));
      anywhere.eachIn(text, (place) => pointedTo.push(place));
    }
  }
  for (const place of inOrder(pointedTo, ready.always)) {
    const candidate = ready.rules[place];
    if (candidate && judgeRule(candidate, heard).matches) return candidate.rule;
  }
  return undefined;
}

/** Two lists of places as one in order; the second is in order already. A place may come twice. */
function* inOrder(some: number[], ordered: readonly number[]): Iterable<number> {
  some.sort((a, b) => a - b);
  let at = 0;
  for (const place of ordered) {
    for (let next = some[at]; next !== undefined && next <= place; next = some[at]) {
      yield next;
      at += 1;
    }
    yield place;
  }
  yield* some.slice(at);
}

/** The rule that a message would set off if nothing were known of its customer; a person who is asked for does not count. */
export function firstMatching(ruleSet: RuleSet, question: Question): string | undefined {
  return firstMatch(readyRules(ruleSet), hear({ questions: [question] }, question, 0))?.id;
}

/** What every rule says to every message of a burst, in order, whether or not it comes to that: for people who try rules out. */
export function explainRules(ruleSet: RuleSet, asked: Asked): { rule: string; verdicts: readonly Verdict[] }[] {
  const heard = asked.questions.map((question, index) => hear(asked, question, index));
  return readyRules(ruleSet).rules.map((ready: ReadyRule) => ({
    rule: ready.rule.id,
    verdicts: heard.map((one) => judgeRule(ready, one)),
  }));
}

function asksForPerson({ person }: ReadyRules, { text }: Question): boolean {
  if (text === undefined) return false;
  if (person.exact.has(foldWhole(text))) return true;
  const folded = fold(text);
  return person.contains.some((phrase) => folded.includes(phrase));
}

/** Whether a message is only polite ("谢谢", "ok, thanks!", 👍): right after the end it opens nothing. */
export function isCourtesy(ruleSet: RuleSet, message: Question): boolean {
  if (message.text === undefined || message.menuId !== undefined) return false;
  // People combine them: "好的谢谢👍". Take them away one by one, the longest first, and see whether anything is left.
  const { courtesies } = readyRules(ruleSet);
  let rest = foldWhole(message.text);
  while (rest !== '') {
    const word = courtesies.find((candidate) => rest.startsWith(candidate));
    if (word === undefined) return false;
    rest = rest.slice(word.length).replace(BETWEEN_COURTESIES, '');
  }
  return true;
}

/** Spaces, marks (but WeChat's own [emoji]), and what follows an emoji: variation selectors and skin tones. */
const BETWEEN_COURTESIES = /^(?:(?![[\]])[\p{P}\s]|\ufe0f|[\u{1f3fb}-\u{1f3ff}])+/u;
