import { fold, foldWhole } from './normalize.ts';
import type { Reply, Rule, RuleSet } from './rule-set.ts';

/** One customer message, as far as rules look at it. */
export interface Asked {
  readonly type: string;
  readonly text?: string;
  readonly menuId?: string;
}

export type Chosen =
  /** The matched rules' replies, in the order of the questions, each rule once. */
  | { readonly do: 'reply'; readonly replies: readonly { readonly rule: string; readonly reply: Reply }[] }
  | { readonly do: 'hand-over'; readonly because: 'customer' | 'rule'; readonly rule?: string }
  | { readonly do: 'nothing-matched' };

/**
 * Chooses what answers a burst of messages. Asking for a person beats everything else in the burst; otherwise every
 * matched rule answers once, and unmatched messages beside matched ones need no fallback.
 */
export function chooseReply(ruleSet: RuleSet, asked: readonly Asked[]): Chosen {
  const replies = new Map<string, Reply>();
  for (const message of asked) {
    const rule = ruleSet.rules.find((candidate) => matches(candidate, message));
    if (rule?.handOver) return { do: 'hand-over', because: 'rule', rule: rule.id };
    // What a chosen menu item does is its rule's business, whatever its caption says.
    const chosen = message.menuId !== undefined && rule !== undefined;
    if (!chosen && asksForPerson(ruleSet, message)) return { do: 'hand-over', because: 'customer' };
    if (rule?.reply) replies.set(rule.id, rule.reply);
  }
  if (replies.size === 0) return { do: 'nothing-matched' };
  return { do: 'reply', replies: [...replies].map(([rule, reply]) => ({ rule, reply })) };
}

function matches(rule: Rule, message: Asked): boolean {
  if (rule.types?.includes(message.type)) return true;
  // A chosen menu item is a choice, not free text: its caption must not set off a word rule.
  if (message.menuId !== undefined) return rule.click?.includes(message.menuId) ?? false;
  const { text } = message;
  if (text === undefined) return false;
  if (rule.exact?.some((wanted) => foldWhole(wanted) === foldWhole(text))) return true;
  return rule.contains?.some((wanted) => fold(text).includes(fold(wanted))) ?? false;
}

function asksForPerson(ruleSet: RuleSet, message: Asked): boolean {
  const { text } = message;
  if (text === undefined) return false;
  if (ruleSet.person.exact.some((word) => foldWhole(word) === foldWhole(text))) return true;
  return ruleSet.person.contains.some((phrase) => fold(text).includes(fold(phrase)));
}

/** Whether a message is only polite ("谢谢", "ok, thanks!", 👍): right after the end it opens nothing. */
export function isCourtesy(ruleSet: RuleSet, message: Asked): boolean {
  if (message.text === undefined || message.menuId !== undefined) return false;
  // People combine them: "好的谢谢👍". Take them away one by one, the longest first, and see whether anything is left.
  const words = ruleSet.courtesies.map(foldWhole).sort((a, b) => b.length - a.length);
  let rest = foldWhole(message.text);
  while (rest !== '') {
    const word = words.find((candidate) => rest.startsWith(candidate));
    if (word === undefined) return false;
    rest = rest.slice(word.length).replace(BETWEEN_COURTESIES, '');
  }
  return true;
}

/** Spaces, marks (but WeChat's own [emoji]), and what follows an emoji: variation selectors and skin tones. */
const BETWEEN_COURTESIES = /^(?:(?![[\]])[\p{P}\s]|\ufe0f|[\u{1f3fb}-\u{1f3ff}])+/u;
