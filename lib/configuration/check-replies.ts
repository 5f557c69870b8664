import { chooseReply } from '../replies/choose-reply.ts';
import { fold, foldWhole } from '../replies/normalize.ts';
import type { Reply, Rule, RuleSet } from '../replies/rule-set.ts';
import { type Content, type Place, validateContent } from '../wecom/outgoing-messages.ts';
import type { Business, Finding, Findings } from './business.ts';
import { checkAccounts } from './check-people.ts';

/** DynamoDB keeps items of up to 400 KB, and a rule set is one. */
const LARGEST_RULE_SET_BYTES = 300_000;

/** WeCom: kf/sync_msg, what a customer can send. */
const MESSAGE_TYPES = [
  'text',
  'image',
  'voice',
  'video',
  'file',
  'location',
  'link',
  'business_card',
  'miniprogram',
  'msgmenu',
  'channels_shop_product',
  'channels_shop_order',
  'merged_msg',
  'channels',
  'meeting',
  'schedule',
  'note',
];

/** Checks what the accounts answer: rules that work, and messages that WeCom takes. Pure. */
export function checkReplies({ replies }: Business): Findings {
  const problems: Finding[] = [...checkAccounts(replies, 'replies', 'rule set')];
  const warnings: Finding[] = [];
  replies.forEach(({ accounts, ...ruleSet }, index) => {
    const path = `replies[${index}]`;
    if (accounts.length === 0) {
      problems.push({ path: `${path}.accounts`, problem: 'is empty', mend: "name an account, or '*' for all others" });
    }
    if (Buffer.byteLength(JSON.stringify(ruleSet)) > LARGEST_RULE_SET_BYTES) {
      const problem = `has more than ${LARGEST_RULE_SET_BYTES} bytes`;
      problems.push({ path, problem, mend: 'shorten or remove rules' });
    }
    problems.push(
      ...checkTexts(ruleSet, path),
      ...checkWords(ruleSet, path),
      ...checkRules(ruleSet.rules, `${path}.rules`),
    );
    warnings.push(...findUnanswered(ruleSet, path), ...findUnreached(ruleSet, path));
  });
  return { problems, warnings };
}

function checkRules(rules: readonly Rule[], path: string): Finding[] {
  return rules.flatMap((rule, index): Finding[] => {
    const at = `${path}[${index}]`;
    const found: Finding[] = [];
    const first = rules.findIndex((other) => other.id === rule.id);
    if (first < index) {
      const problem = `there is a rule ${rule.id} already, at ${path}[${first}]`;
      found.push({ path: `${at}.id`, problem, mend: 'give it another id' });
    }
    if (waysToMatch(rule) === 0) {
      const mend = 'say when it answers: exact, contains, click or types';
      found.push({ path: at, problem: `rule ${rule.id} can never match`, mend });
    }
    if (!rule.reply && !rule.handOver) {
      const mend = 'say what it does: reply, or handOver: true';
      found.push({ path: at, problem: `rule ${rule.id} does nothing`, mend });
    }
    if (rule.reply && rule.handOver) {
      const problem = `rule ${rule.id} replies and hands over; its reply would never be sent`;
      found.push({ path: at, problem, mend: 'keep reply or handOver' });
    }
    if (rule.reply) found.push(...checkReply(rule.reply, 'reply', `${at}.reply`));
    return found;
  });
}

const waysToMatch = ({ exact = [], contains = [], click = [], types = [] }: Rule): number =>
  exact.length + contains.length + click.length + types.length;

function checkTexts(ruleSet: RuleSet, path: string): Finding[] {
  const { fallback, texts } = ruleSet;
  return [
    ...(ruleSet.greeting ? checkReply(ruleSet.greeting, 'welcome', `${path}.greeting`) : []),
    ...checkContent({ type: 'text', text: fallback }, 'reply', `${path}.fallback`),
    ...checkContent({ type: 'text', text: texts.waiting }, 'reply', `${path}.texts.waiting`),
    ...checkContent({ type: 'text', text: texts.connecting }, 'reply', `${path}.texts.connecting`),
    ...checkContent({ type: 'text', text: texts.nobody }, 'reply', `${path}.texts.nobody`),
    ...checkContent({ type: 'text', text: texts.ended }, 'end', `${path}.texts.ended`),
  ];
}

function checkReply(reply: Reply, place: Place, path: string): Finding[] {
  return 'text' in reply
    ? checkContent({ type: 'text', text: reply.text }, place, `${path}.text`)
    : checkContent({ type: 'menu', ...reply.menu }, place, `${path}.menu`);
}

function checkContent(content: Content, place: Place, path: string): Finding[] {
  return validateContent(content, place).map((problem) => ({
    path,
    problem: `WeCom would refuse this: ${problem}`,
    mend: 'shorten or fill it; WeCom counts bytes, and a Chinese character has three',
  }));
}

/** Words that mean nothing once spaces and marks are off: they would match every message, or none. */
function checkWords(ruleSet: RuleSet, path: string): Finding[] {
  const lists: [path: string, words: readonly string[], folded: (word: string) => string][] = [
    [`${path}.person.exact`, ruleSet.person.exact, foldWhole],
    [`${path}.person.contains`, ruleSet.person.contains, fold],
    [`${path}.courtesies`, ruleSet.courtesies, foldWhole],
  ];
  ruleSet.rules.forEach((rule, index) => {
    lists.push([`${path}.rules[${index}].exact`, rule.exact ?? [], foldWhole]);
    lists.push([`${path}.rules[${index}].contains`, rule.contains ?? [], fold]);
  });
  return lists.flatMap(([at, words, folded]) =>
    words.flatMap((word, place) => {
      if (folded(word) !== '') return [];
      return [{ path: `${at}[${place}]`, problem: 'is blank', mend: 'write a word, or remove the line' }];
    }),
  );
}

/** Menu items whose choice would be answered as not understood. */
function findUnanswered(ruleSet: RuleSet, path: string): Finding[] {
  const menus: [path: string, reply: Reply | undefined][] = [
    [`${path}.greeting`, ruleSet.greeting],
    ...ruleSet.rules.map((rule, index): [string, Reply | undefined] => [`${path}.rules[${index}].reply`, rule.reply]),
  ];
  return menus.flatMap(([at, reply]) => {
    const items = reply && 'menu' in reply ? reply.menu.items : [];
    return items.flatMap((item, place) => {
      if (item.type !== 'click') return [];
      const chosen = chooseReply(ruleSet, [{ type: 'text', text: item.content, menuId: item.id }]);
      if (chosen.do !== 'nothing-matched') return [];
      const problem = `no rule answers a click on ${item.id}`;
      return [{ path: `${at}.menu.items[${place}]`, problem, mend: `add a rule with click: [${item.id}]` }];
    });
  });
}

/** Words and clicks that an earlier rule answers first, clicks that no menu offers, and types that WeCom does not have. */
function findUnreached(ruleSet: RuleSet, path: string): Finding[] {
  const offered = new Set(
    [ruleSet.greeting, ...ruleSet.rules.map((rule) => rule.reply)].flatMap((reply) =>
      reply && 'menu' in reply ? reply.menu.items.flatMap((item) => (item.type === 'click' ? [item.id] : [])) : [],
    ),
  );
  return ruleSet.rules.flatMap((rule, index) => {
    const at = `${path}.rules[${index}]`;
    const before = { ...ruleSet, rules: ruleSet.rules.slice(0, index), person: { exact: [], contains: [] } };
    const taken = (field: string, asked: { type: string; text?: string; menuId?: string }): Finding[] => {
      const chosen = chooseReply(before, [asked]);
      if (chosen.do === 'nothing-matched') return [];
      const first = chosen.do === 'reply' ? chosen.replies[0]?.rule : chosen.rule;
      const problem = `rule ${first} stands above and answers this first`;
      return [{ path: `${at}.${field}`, problem, mend: `remove it, or put rule ${rule.id} above rule ${first}` }];
    };
    return [
      ...(rule.exact ?? []).flatMap((text, place) => taken(`exact[${place}]`, { type: 'text', text })),
      ...(rule.contains ?? []).flatMap((text, place) => taken(`contains[${place}]`, { type: 'text', text })),
      ...(rule.click ?? []).flatMap((menuId, place) =>
        offered.has(menuId)
          ? taken(`click[${place}]`, { type: 'text', menuId })
          : [
              {
                path: `${at}.click[${place}]`,
                problem: `no menu offers ${menuId}`,
                mend: 'correct the id, or remove it',
              },
            ],
      ),
      ...(rule.types ?? []).flatMap((type, place) =>
        MESSAGE_TYPES.includes(type)
          ? taken(`types[${place}]`, { type })
          : [
              {
                path: `${at}.types[${place}]`,
                problem: `${type} is no message type that is known here`,
                mend: `write one of ${MESSAGE_TYPES.join(', ')}`,
              },
            ],
      ),
    ];
  });
}
