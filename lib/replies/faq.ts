import { createHash } from 'node:crypto';
import * as z from 'zod';
import { validateContent } from '../wecom/outgoing-messages.ts';
import { PlainReply } from './reply.ts';
import { bareWords } from './word-segments.ts';

/** Entries of one list. What finding a match costs grows with the wordings; `bench/faq.ts` measures it. */
export const FAQ_ENTRIES = 2000;
/** UTF-16 units of one wording, and similar wordings of one entry: as many as WeCom takes (kf/knowledge/add_intent). */
export const WORDING_CHARACTERS = 200;
export const SIMILAR_WORDINGS = 100;

/** An entry's id becomes part of a menu item's id, which may have 64 bytes (WeCom: kf/send_msg, `msgmenu`). */
export const FAQ_ID = /^[A-Za-z0-9._:-]{1,48}$/;

const Wording = z
  .string()
  .trim()
  .min(1, 'a wording is empty: write one, or remove the line')
  .max(WORDING_CHARACTERS, `a wording has at most ${WORDING_CHARACTERS} characters: shorten it`)
  .refine((text) => !/[\r\n]/.test(text), 'a wording is one line: divide it into several wordings')
  .refine(
    (text) => text === '' || bareWords(text) !== '',
    'a wording needs a letter, a digit or a Chinese character: write what customers say',
  );

/** What WeCom would refuse is refused here: with the list, not with the customer waiting. */
const Answer = PlainReply.superRefine((reply, context) => {
  const content = 'text' in reply ? ({ type: 'text', ...reply } as const) : ({ type: 'menu', ...reply.menu } as const);
  for (const problem of validateContent(content, 'reply')) {
    const message = `WeCom would refuse this answer (${problem}): shorten or fill it; a Chinese character has three bytes`;
    context.addIssue({ code: 'custom', message });
  }
});

const Tag = z
  .string()
  .trim()
  .min(1, 'a tag is empty: write one, or remove the line')
  .max(40, 'a tag has at most 40 characters: shorten it')
  .refine((text) => !/[\r\n]/.test(text), 'a tag is one line: make several of it');

/** One question that customers ask, in their words, and what answers it. */
export const FaqEntry = z.strictObject({
  id: z.string().regex(FAQ_ID, 'an id has 1 to 48 of A-Z, a-z, 0-9, ".", "_", ":" and "-": write such a one'),
  /** How it is shown, e.g. in a menu of close matches. */
  question: Wording,
  /** Other ways to ask the same. */
  similar: z
    .array(Wording)
    .max(SIMILAR_WORDINGS, `an entry has at most ${SIMILAR_WORDINGS} similar wordings: keep those that differ most`)
    .default([]),
  answer: Answer,
  /** Instead of `answer`, for customers who write in that language. */
  answers: z
    .strictObject({ zh: Answer.optional(), en: Answer.optional() })
    .refine(({ zh, en }) => zh ?? en, 'answers name no language: write zh or en, or remove the field')
    .optional(),
  /** For people: what belongs together. */
  tags: z.array(Tag).max(20, 'an entry has at most 20 tags: keep those in use').default([]),
  /** Switched off, it is kept and never found. */
  enabled: z.boolean().default(true),
});
export type FaqEntry = z.infer<typeof FaqEntry>;

/**
 * A list of frequent questions. Ids and questions are unique. A similar wording may belong to several entries: who
 * writes it is offered them all.
 */
export const Faq = z
  .array(FaqEntry)
  .max(FAQ_ENTRIES, `a list has at most ${FAQ_ENTRIES} entries: divide it among the accounts`)
  .superRefine((entries, context) => {
    const ids = new Map<string, number>();
    const questions = new Map<string, number>();
    entries.forEach(({ id, question }, index) => {
      const before = ids.get(id);
      if (before !== undefined) {
        const message = `entry ${before + 1} has the id ${id} already: give this one another`;
        context.addIssue({ code: 'custom', path: [index, 'id'], message });
      }
      const words = bareWords(question);
      const asked = questions.get(words);
      if (asked !== undefined) {
        const message = `entry ${asked + 1} asks the same: make one entry of the two, or word the question otherwise`;
        context.addIssue({ code: 'custom', path: [index, 'question'], message });
      }
      ids.set(id, before ?? index);
      questions.set(words, asked ?? index);
    });
  });
export type Faq = z.infer<typeof Faq>;

/** What an entry says to a customer who writes in that language. */
export function answerIn(entry: FaqEntry, language?: 'zh' | 'en'): PlainReply {
  return (language && entry.answers?.[language]) ?? entry.answer;
}

/** An id for an entry that comes without one: the same question gets the same at every import. */
export function idOfQuestion(question: string): string {
  return `q-${createHash('sha256').update(question.trim()).digest('hex').slice(0, 12)}`;
}
