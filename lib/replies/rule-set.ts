import * as z from 'zod';

/** What a rule may say. WeCom's limits on it are checked when the configuration is applied, not when it is too late. */
const MenuItem = z.discriminatedUnion('type', [
  z.object({ type: z.literal('click'), id: z.string(), content: z.string() }),
  z.object({ type: z.literal('view'), url: z.string(), content: z.string() }),
  z.object({ type: z.literal('text'), content: z.string() }),
]);

export const Reply = z.union([
  z.strictObject({ text: z.string().min(1) }),
  z.strictObject({
    menu: z.strictObject({
      head: z.string().optional(),
      items: z.array(MenuItem).min(1),
      tail: z.string().optional(),
    }),
  }),
]);
export type Reply = z.infer<typeof Reply>;

/**
 * A rule says when it answers (any of its ways to match) and what it does: reply, or hand over to a person.
 * Rules are tried in order; the first that matches wins.
 */
export const Rule = z.strictObject({
  id: z.string().min(1),
  /** The whole message, spaces, case and width aside. */
  exact: z.array(z.string().min(1)).optional(),
  /** Any of these somewhere in the message. */
  contains: z.array(z.string().min(1)).optional(),
  /** The id of a chosen menu item. */
  click: z.array(z.string().min(1)).optional(),
  /** WeCom message types, e.g. `image`, `voice`. */
  types: z.array(z.string().min(1)).optional(),
  reply: Reply.optional(),
  handOver: z.literal(true).optional(),
});
export type Rule = z.infer<typeof Rule>;

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
  greeting: Reply.optional(),
  rules: z.array(Rule).default([]),
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
      waiting: z
        .string()
        .min(1)
        .default('客服都在忙，已为您排队，请稍候。\nAll our colleagues are busy. You are in line, one moment please.'),
      /** Said before the session moves to a person. */
      connecting: z.string().min(1).default('正在为您转接人工客服。\nConnecting you to a colleague.'),
      /** Said when a session with a person ends. */
      ended: z
        .string()
        .min(1)
        .default('本次服务已结束，感谢您的咨询。\nThis conversation has ended. Thank you for writing to us.'),
      /** Said when a person is asked for and no team serves the account. */
      nobody: z.string().min(1).default('抱歉，目前没有人工客服。\nSorry, no colleague serves this account.'),
    })
    .prefault({}),
});
export type RuleSet = z.infer<typeof RuleSet>;

/** What an account without a rule set of its own does: it does not understand, and hands over. */
export const defaultRuleSet: RuleSet = RuleSet.parse({});
