import type { KnowledgeItem, ReadKnowledgeItem } from '../wecom/knowledge.ts';
import { validateItem } from '../wecom/knowledge.ts';
import { FAQ_ID, FaqEntry, idOfQuestion } from './faq.ts';

/** `leftOut` names what the other side has no place for, for the person who moves it. */
type Mapped<Name extends string, To> =
  | ({ readonly ok: true; readonly leftOut: readonly string[] } & { readonly [name in Name]: To })
  | { readonly ok: false; readonly problems: readonly string[] };

/** An entry as an item of WeCom's knowledge base, or why it cannot be one: problems in plain words, without quoting it. */
export function toKnowledge(entry: FaqEntry): Mapped<'item', KnowledgeItem> {
  const { question, similar, answer, answers, tags, enabled } = entry;
  if (!enabled) return { ok: false, problems: ['it is switched off, and what is in the knowledge base answers'] };
  if (!('text' in answer)) return { ok: false, problems: ['its answer is a menu, and the knowledge base has none'] };
  const item = { question, similar, answer: { text: answer.text, attachments: [] } };
  const problems = validateItem(item);
  if (problems.length > 0) return { ok: false, problems };
  const languages = (['zh', 'en'] as const).filter((language) => answers?.[language]);
  const leftOut = [
    ...languages.map((language) => `the answer in another language (${language})`),
    ...(tags.length > 0 ? ['the tags'] : []),
  ];
  return { ok: true, item, leftOut };
}

/** An item of WeCom's knowledge base as an entry, or why it cannot be one. It keeps WeCom's id where that is an id here. */
export function fromKnowledge(item: ReadKnowledgeItem): Mapped<'entry', FaqEntry> {
  if (item.text.trim() === '') return { ok: false, problems: ['its answer has no text'] };
  const read = FaqEntry.safeParse({
    id: FAQ_ID.test(item.intentId) ? item.intentId : idOfQuestion(item.question),
    question: oneLine(item.question),
    similar: item.similar.map(oneLine).filter((wording) => wording !== ''),
    answer: { text: item.text },
  });
  if (!read.success) return { ok: false, problems: read.error.issues.map(({ message }) => message) };
  return { ok: true, entry: read.data, leftOut: item.attachments.map((type) => `an attachment (${type})`) };
}

const oneLine = (text: string): string => text.replace(/\s+/g, ' ').trim();
