import * as z from 'zod';
import { Calendar, WrittenShifts } from '../platform/shifts.ts';
import { FaqUse } from './faq-terms.ts';
import { HandOver } from './hand-over.ts';
import { LANGUAGES } from './language.ts';
import { LineTerms, LineTexts, WAITING } from './line-terms.ts';
import { RuleFile } from './media-reply.ts';
import { ModelTerms } from './model-terms.ts';
import { DISTINCTIONS, type Distinction } from './normalize.ts';
import { Rating } from './rating.ts';
import { Greeting, QuickReply, Reply } from './reply.ts';

const word = z.string().min(1);
const Words = z.array(word);

/**
 * A rule says when it answers and what it does. Rules are tried in order; the first that matches wins.
 *
 * The ways to match (`exact` to `types`) are alternatives; the conditions (`scene` to `nth`) all have to hold, and one about
 * something that is not known does not. A rule without a way answers every message for which its conditions hold.
 */
export const Rule = z.strictObject({
  id: z.string().min(1),
  /** The whole message, spaces, case, width, script and marks around it aside. */
  exact: Words.optional(),
  /** Any of these somewhere in the message. */
  contains: Words.optional(),
  /** All of these somewhere in the message; a list among them is any of its words. */
  all: z.array(z.union([word, Words])).optional(),
  /** RE2 regular expressions, found somewhere in the message. */
  regex: Words.optional(),
  /** The id of a chosen menu item. */
  click: Words.optional(),
  /** WeCom message types, e.g. `image`, `voice`. */
  types: Words.optional(),

  /** What brought the customer: `scene` and `scene_param` of `enter_session`. Any of these. */
  scene: Words.optional(),
  channel: Words.optional(),
  /** Any of the customer's tags. */
  tags: Words.optional(),
  language: z.enum(LANGUAGES).optional(),
  hours: z.enum(['open', 'closed']).optional(),
  /** The customer's first message of all, or the first of this session. */
  first: z.enum(['ever', 'session']).optional(),
  /**
   * From the nth time on that the customer asks the `same`; or, in place of the fallback, from the nth message in a row on that no
   * other rule knows (`unmatched`).
   */
  nth: z.strictObject({ same: z.int().min(2).optional(), unmatched: z.int().min(1).optional() }).optional(),

  /** What this rule tells apart although others take it for the same; `literal` is all of it. */
  literal: z.literal(true).optional(),
  distinguish: z.array(z.enum(DISTINCTIONS)).optional(),

  reply: Reply.optional(),
  /** Several, in this order. */
  replies: z.array(Reply).min(1).optional(),
  /** To the account's team, or to another one; and what is wanted of the person. */
  handOver: z.union([z.literal(true), HandOver]).optional(),
  /** Nothing is said, and nothing counts as not understood. */
  silent: z.literal(true).optional(),
  /** Tags of our own that the customer gets; conditions on `tags` know them from the next message on. */
  tag: z.array(word).min(1).optional(),
  /** The session ends, after what is said. */
  end: z.literal(true).optional(),
});
export type Rule = z.infer<typeof Rule>;

/** What a rule says, in order. */
export const repliesOf = ({ reply, replies = [] }: Rule): readonly Reply[] => [...(reply ? [reply] : []), ...replies];

/** What a rule tells apart. */
export const distinctionsOf = ({ literal, distinguish = [] }: Rule): readonly Distinction[] =>
  literal ? DISTINCTIONS : distinguish;

const PERSON_WORDS = ['人工', '人工服务', '客服', '真人', 'human', 'agent', 'person', 'operator', 'a person please'];
const PERSON_PHRASES = [
  '转人工',
  '找人工',
  '人工客服',
  '真人客服',
  'human agent',
  'real person',
  'talk to a person',
  'speak to a person',
  'talk to a human',
  'speak to a human',
];
const COURTESIES = [
  ...[
    '谢谢',
    '谢谢你',
    '谢谢您',
    '多谢',
    '感谢',
    '谢了',
    '好的',
    '好',
    '好滴',
    '嗯',
    '嗯嗯',
    '收到',
    '知道了',
    '明白了',
    '了解',
    '再见',
    '拜拜',
    '不客气',
  ],
  ...['ok', 'okay', 'thanks', 'thank you', 'thank you very much', 'thx', 'great', 'bye', 'goodbye', 'got it', 'cheers'],
  ...['👍', '🙏', '👌', '😊', '❤', '🌹', '[强]', '[ok]', '[抱拳]', '[玫瑰]', '[合十]', '[微笑]', '[爱心]'],
];

/** What a kf account answers by itself. */
export const RuleSet = z.strictObject({
  /** When people serve this account; absent, its team's hold. Where neither says so, the account is never called closed. */
  openingHours: WrittenShifts.optional(),
  /** The company's holidays and working days, as the file says them when it is applied. */
  calendar: Calendar.optional(),
  greeting: Greeting.optional(),
  rules: z.array(Rule).default([]),
  /** The quick replies that these rules name, so that a rule set is whole and one version of it says one thing. */
  quickReplies: z.array(QuickReply).default([]),
  /** The files of the library that these rules name. */
  media: z.array(RuleFile).default([]),
  /** What answers where no rule matches; absent, nothing does. */
  faq: FaqUse.optional(),
  /** What asks for a person: whole messages, and phrases anywhere in one. Asking beats every reply in the same burst. */
  person: z
    .strictObject({
      exact: z.array(z.string().min(1)).default(PERSON_WORDS),
      contains: z.array(z.string().min(1)).default(PERSON_PHRASES),
    })
    .prefault({}),
  /** What the customer reads when nothing matched. */
  fallback: z
    .string()
    .min(1)
    .default(
      '抱歉，我没有听懂。回复“人工”可以转接人工客服。\nSorry, I did not understand. Reply "agent" to reach a person.',
    ),
  /** After this many fallbacks in a row the next unmatched message is handed to a person; 0 hands over at once. */
  handOverAfterFallbacks: z.int().min(0).default(2),
  /** What needs no answer right after a session with a person ended. */
  courtesies: z.array(z.string().min(1)).default(COURTESIES),
  /** How long after the end a courtesy opens nothing, and a question still goes to the same agent. */
  graceSeconds: z.int().min(0).default(600),
  texts: z
    .strictObject({
      /** Said once when no agent has a free place. */
      waiting: z.string().min(1).default(WAITING),
      /** Said instead while the account is closed, once until it opens. */
      closed: z
        .string()
        .min(1)
        .default(
          '现在是非服务时间，{openAt} 起由人工客服按顺序接待，请留言。\nWe are closed now. A colleague will be with you from {openAt}; do leave a message.',
        ),
      /** Said before the session moves to a person. */
      connecting: z.string().min(1).default('正在为您转接人工客服。\nConnecting you to a colleague.'),
      /** Said when a session with a person ends. */
      ended: z
        .string()
        .min(1)
        .default('本次服务已结束，感谢您的咨询。\nThis conversation has ended. Thank you for writing to us.'),
      /** Said when a person is asked for and no team serves the account. */
      nobody: z.string().min(1).default('抱歉，目前没有人工客服。\nSorry, no colleague serves this account.'),
      ...LineTexts.shape,
    })
    .prefault({}),
  /** Asked when a session with a person ends, in the place of `texts.ended`; absent, nothing is asked. */
  rating: Rating.optional(),
  /** What is asked where neither a rule nor the list answers, if the stage has a model. */
  model: ModelTerms.optional(),
  /** What customers in line are told, and what takes them out of it. */
  line: LineTerms.prefault({}),
});
export type RuleSet = z.infer<typeof RuleSet>;

/** What an account without a rule set of its own does: it does not understand, and hands over. */
export const defaultRuleSet: RuleSet = RuleSet.parse({});
