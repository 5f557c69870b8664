import * as z from 'zod';

/**
 * The knowledge base of WeChat Customer Service (知识库): groups of questions with an answer each, which WeCom's own robot
 * uses. Here are its items in our words, and their limits.
 * https://developer.work.weixin.qq.com/document/path/95971 (groups), 95972 (questions)
 */

/** What hangs on an answer. Media ids live for three days until WeCom has them. */
export type KnowledgeAttachment =
  | { readonly type: 'image' | 'video'; readonly mediaId: string }
  | {
      readonly type: 'link';
      readonly title: string;
      readonly url: string;
      readonly description?: string | undefined;
      readonly pictureUrl?: string | undefined;
    }
  | {
      readonly type: 'miniprogram';
      readonly title: string;
      readonly thumbMediaId: string;
      readonly appId: string;
      readonly pagePath: string;
    };

/** WeCom: an intent (问答). There is exactly one answer. */
export interface KnowledgeItem {
  readonly question: string;
  readonly similar: readonly string[];
  readonly answer: { readonly text: string; readonly attachments: readonly KnowledgeAttachment[] };
}

/** An item as WeCom gives it back. Pictures and films come back as their names only, so an answer that has some cannot be written back. */
export interface ReadKnowledgeItem {
  readonly intentId: string;
  readonly groupId: string;
  readonly question: string;
  readonly similar: readonly string[];
  /** Empty where there are only attachments. */
  readonly text: string;
  /** What hangs on the answer, e.g. `image`, `link`. */
  readonly attachments: readonly string[];
}

export const GROUPS = 100;
export const ITEMS_PER_GROUP = 200;
export const GROUP_NAME_CHARACTERS = 12;
const QUESTION_CHARACTERS = 200;
const SIMILAR_QUESTIONS = 100;
const ANSWER_CHARACTERS = 500;
const ATTACHMENTS = 4;

/** What WeCom would refuse of an item, in plain words and without quoting it; empty when it may be sent. */
export function validateItem({ question, similar, answer }: KnowledgeItem): string[] {
  return [
    ...characters('question', question, QUESTION_CHARACTERS),
    ...(similar.length > SIMILAR_QUESTIONS ? [tooMany('similar questions', similar.length, SIMILAR_QUESTIONS)] : []),
    ...similar.flatMap((one, index) => characters(`similar question ${index + 1}`, one, QUESTION_CHARACTERS)),
    ...characters('answer', answer.text, ANSWER_CHARACTERS),
    ...(answer.attachments.length > ATTACHMENTS
      ? [tooMany('attachments', answer.attachments.length, ATTACHMENTS)]
      : []),
  ];
}

/** What WeCom would refuse of a group's name. */
export function validateGroupName(name: string): string[] {
  return characters('name', name, GROUP_NAME_CHARACTERS);
}

/** What WeCom would refuse of a whole knowledge base: too much of something, or the same twice. The items by themselves are not looked at. */
export function validateGroups(
  groups: readonly { readonly name: string; readonly items: readonly Pick<KnowledgeItem, 'question'>[] }[],
): string[] {
  const names = new Set<string>();
  const questions = new Set<string>();
  const problems = groups.length > GROUPS ? [tooMany('groups', groups.length, GROUPS)] : [];
  groups.forEach(({ name, items }, index) => {
    const group = `group ${index + 1}`;
    problems.push(...validateGroupName(name).map((problem) => `${group}: ${problem}`));
    if (names.has(name)) problems.push(`${group}: another group has this name`);
    names.add(name);
    if (items.length > ITEMS_PER_GROUP)
      problems.push(`${group}: ${tooMany('questions', items.length, ITEMS_PER_GROUP)}`);
    items.forEach(({ question }, place) => {
      if (questions.has(question))
        problems.push(`${group}: question ${place + 1} is there already; it may be in one group only`);
      questions.add(question);
    });
  });
  return problems;
}

const tooMany = (what: string, count: number, atMost: number): string =>
  `has ${count} ${what}, at most ${atMost} are allowed`;

/** WeCom does not say how it counts emoji; counted twice, they fit either way. */
function characters(what: string, text: string, atMost: number): string[] {
  if (text.trim() === '') return [`${what} is empty`];
  return text.length > atMost ? [`${what} has ${text.length} characters, at most ${atMost} are allowed`] : [];
}

const worded = (content: string): object => ({ text: { content } });

/** An item's parts in WeCom's words; only those that are given. */
export function toWeComItem({ question, similar, answer }: Partial<KnowledgeItem>): object {
  return {
    ...(question !== undefined && { question: worded(question) }),
    ...(similar !== undefined && { similar_questions: { items: similar.map(worded) } }),
    ...(answer !== undefined && {
      answers: [{ ...worded(answer.text), attachments: answer.attachments.map(toWeComAttachment) }],
    }),
  };
}

function toWeComAttachment(attachment: KnowledgeAttachment): object {
  switch (attachment.type) {
    case 'image':
    case 'video':
      return { msgtype: attachment.type, [attachment.type]: { media_id: attachment.mediaId } };
    case 'link': {
      const { title, url, description, pictureUrl } = attachment;
      return { msgtype: 'link', link: { title, url, desc: description, pic_url: pictureUrl } };
    }
    case 'miniprogram': {
      const { title, thumbMediaId, appId, pagePath } = attachment;
      return {
        msgtype: 'miniprogram',
        miniprogram: { title, thumb_media_id: thumbMediaId, appid: appId, pagepath: pagePath },
      };
    }
  }
}

const Worded = z
  .object({ text: z.object({ content: z.string() }).nullish() })
  .transform(({ text }) => text?.content ?? '');
const Similar = z.object({ items: z.array(Worded).nullish() }).nullish();
const Answers = z
  .array(
    z.object({
      text: z.object({ content: z.string() }).nullish(),
      attachments: z.array(z.object({ msgtype: z.string() })).nullish(),
    }),
  )
  .nullish();

/** An item of kf/knowledge/list_intent. The page's sample has the parts within `question`, its table beside it: both are read. */
export const WeComItem = z
  .object({
    group_id: z.string().default(''),
    intent_id: z.string(),
    question: z.object({
      text: z.object({ content: z.string() }).nullish(),
      similar_questions: Similar,
      answers: Answers,
    }),
    similar_questions: Similar,
    answers: Answers,
  })
  .transform(({ group_id, intent_id, question, similar_questions, answers }): ReadKnowledgeItem => {
    const [answer] = answers ?? question.answers ?? [];
    return {
      intentId: intent_id,
      groupId: group_id,
      question: question.text?.content ?? '',
      similar: (similar_questions ?? question.similar_questions)?.items ?? [],
      text: answer?.text?.content ?? '',
      attachments: (answer?.attachments ?? []).map(({ msgtype }) => msgtype),
    };
  });
