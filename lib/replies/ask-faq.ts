import { cutText } from '../wecom/outgoing-messages.ts';
import type { Question } from './asked.ts';
import { answerIn, type FaqEntry } from './faq.ts';
import type { FaqIndex } from './faq-index.ts';
import { type FaqThresholds, findFaq } from './find-faq.ts';
import { type Language, languageOf } from './language.ts';
import type { PlainReply } from './reply.ts';

/** A list of frequent questions with an account's wishes. */
export interface AccountFaq {
  readonly index: FaqIndex;
  readonly terms?: Partial<FaqThresholds>;
}

/** What the list says, under the name that an answer of a rule would have. */
export interface FaqReply {
  readonly rule: string;
  readonly reply: PlainReply;
}

/** What a choice in a menu of close questions has before the entry's id. */
const CLICK = 'faq:';
export const faqClick = (id: string): string => `${CLICK}${id}`;

/** WeCom: kf/send_msg, `msgmenu`, a click's content. */
const ITEM_BYTES = 128;

const HEADS: Readonly<Record<Language, string>> = { zh: '您想问的是：', en: 'Did you mean:' };
const TAILS: Readonly<Record<Language, string>> = {
  zh: '都不是的话，请换个说法。',
  en: 'None of these? Please ask in other words.',
};

/** The entry that a chosen menu item stands for. */
export function clickedEntry({ index }: AccountFaq, { menuId }: Question): FaqEntry | undefined {
  if (!menuId?.startsWith(CLICK)) return undefined;
  const id = menuId.slice(CLICK.length);
  return index.entries.find((entry) => entry.id === id);
}

/**
 * What the list says to a question that no rule knows: an entry's answer (`faq:<id>`), or a menu of those that are close (`faq`);
 * undefined when it has nothing. Other choices of menu items than its own, and what is no text, are not its business.
 */
export function askFaq(faq: AccountFaq, question: Question, language: Language): FaqReply | undefined {
  const clicked = clickedEntry(faq, question);
  if (clicked) return answered(clicked, language);
  if (question.menuId !== undefined || question.text === undefined) return undefined;
  const found = findFaq(faq.index, question.text, faq.terms);
  if (found.is === 'answer') return answered(found.entry, language);
  if (found.is === 'none') return undefined;
  const items = found.entries.map(({ entry }) => itemOf(entry, language));
  return { rule: 'faq', reply: { menu: { head: HEADS[language], items, tail: TAILS[language] } } };
}

const answered = (entry: FaqEntry, language: Language): FaqReply => ({
  rule: faqClick(entry.id),
  reply: answerIn(entry, language),
});

type Item = { type: 'click'; id: string; content: string };

/** The question, or its first wording in the customer's language. */
function itemOf({ id, question, similar }: FaqEntry, language: Language): Item {
  const wording = [question, ...similar].find((one) => languageOf(one) === language) ?? question;
  return { type: 'click', id: faqClick(id), content: cutText(wording, ITEM_BYTES) };
}
