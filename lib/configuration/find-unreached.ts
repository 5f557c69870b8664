import { faqClick } from '../replies/ask-faq.ts';
import type { Question } from '../replies/asked.ts';
import { chooseReply, firstMatching } from '../replies/choose-reply.ts';
import { CONDITIONS } from '../replies/compile-rules.ts';
import type { Reply } from '../replies/reply.ts';
import type { Rule, RuleSet } from '../replies/rule-set.ts';
import type { Business, Finding } from './business.ts';

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

/** The choices that the list answers by itself. */
export const clicksOf = (faq: Business['faq']): ReadonlySet<string> =>
  new Set(faq.filter(({ enabled }) => enabled).map(({ id }) => faqClick(id)));

/** Menu items whose choice would be answered as not understood. `listed` are the choices that frequent questions answer. */
export function findUnanswered(ruleSet: RuleSet, path: string, listed: ReadonlySet<string>): Finding[] {
  return menusOf(ruleSet, path).flatMap(({ at, items }) => findUnansweredIn(ruleSet, at, items, listed));
}

/** The same in one menu, wherever it is. */
export function findUnansweredIn(
  ruleSet: RuleSet,
  at: string,
  items: Menu['items'],
  listed: ReadonlySet<string>,
): Finding[] {
  return items.flatMap((item, place) => {
    if (item.type !== 'click' || listed.has(item.id)) return [];
    const question = { type: 'text', text: item.content, menuId: item.id };
    if (chooseReply(ruleSet, { questions: [question] }).do !== 'nothing-matched') return [];
    // A rule with conditions may answer it, at some time or for some customers.
    if (ruleSet.rules.some((rule) => rule.click?.includes(item.id))) return [];
    const problem = `no rule answers a click on ${item.id}`;
    return [{ path: `${at}.items[${place}]`, problem, mend: `add a rule with click: [${item.id}]` }];
  });
}

/** Words and clicks that an earlier rule answers first, clicks that no menu offers, and types that WeCom does not have. */
export function findUnreached(ruleSet: RuleSet, path: string, listed: ReadonlySet<string>): Finding[] {
  const offered = new Set([
    ...listed,
    ...menusOf(ruleSet, path).flatMap(({ items }) => items.flatMap((item) => (item.type === 'click' ? [item.id] : []))),
  ]);
  const first = firstToMatch(ruleSet);
  return ruleSet.rules.flatMap((rule, index) => {
    const at = `${path}.rules[${index}]`;
    const taken = (field: string, question: Question): Finding[] => {
      const before = first(question, index);
      if (before === undefined) return [];
      const problem = `rule ${before} stands above and answers this first`;
      return [{ path: `${at}.${field}`, problem, mend: `remove it, or put rule ${rule.id} above rule ${before}` }];
    };
    const { exact = [], contains = [], all = [], click = [], types = [] } = rule;
    const together = all.map((words) => (typeof words === 'string' ? words : words[0])).join(' ');
    return [
      ...exact.flatMap((text, place) => taken(`exact[${place}]`, { type: 'text', text })),
      ...contains.flatMap((text, place) => taken(`contains[${place}]`, { type: 'text', text })),
      ...(all.length > 0 ? taken('all', { type: 'text', text: together }) : []),
      ...click.flatMap((menuId, place) =>
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
      ...types.flatMap((type, place) =>
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

/** Conditions on opening hours where nobody has any: they never hold. */
export function findUnknownHours({ rules, openingHours }: RuleSet, path: string): Finding[] {
  if (openingHours !== undefined) return [];
  const problem = 'never holds, because neither the rule set nor a team has openingHours';
  return rules.flatMap(({ hours }, index) =>
    hours === undefined
      ? []
      : [{ path: `${path}.rules[${index}].hours`, problem, mend: 'write openingHours, or remove the condition' }],
  );
}

/** Frequent questions that a rule answers first, whoever asks. Of an entry's wordings the question alone is looked at. */
export function findHidden(ruleSet: RuleSet, faq: Business['faq']): Finding[] {
  const first = firstToMatch(ruleSet);
  return faq.flatMap(({ question, enabled }, index): Finding[] => {
    const rule = enabled ? first({ type: 'text', text: question }, ruleSet.rules.length) : undefined;
    if (rule === undefined) return [];
    const mend = 'narrow the words of the rule, or remove the entry';
    return [{ path: `faq[${index}].question`, problem: `rule ${rule} goes before the list and answers this`, mend }];
  });
}

/** The rule that answers a question before a place in the order, whoever asks. */
function firstToMatch(ruleSet: RuleSet): (question: Question, before: number) => string | undefined {
  // Rules with conditions take a message from others only at times, which is what conditions are for.
  const always = ruleSet.rules.map((rule, place) => ({ rule, place })).filter(({ rule }) => !hasConditions(rule));
  const alone: RuleSet = { ...ruleSet, rules: always.map(({ rule }) => rule) };
  return (question, before) => {
    const id = firstMatching(alone, question);
    const found = always.find(({ rule }) => rule.id === id);
    return found && found.place < before ? found.rule.id : undefined;
  };
}

const hasConditions = (rule: Rule): boolean => CONDITIONS.some((name) => rule[name] !== undefined);

type Menu = Extract<Reply, { menu: unknown }>['menu'];

/** Every menu of a rule set, with its path. */
function menusOf({ greeting, rules }: RuleSet, path: string): { at: string; items: Menu['items'] }[] {
  const menus: { at: string; items: Menu['items'] }[] = [];
  const add = (at: string, reply: Reply) => {
    if ('menu' in reply) menus.push({ at: `${at}.menu`, items: reply.menu.items });
  };
  if (greeting) add(`${path}.greeting`, greeting);
  rules.forEach((rule, index) => {
    for (const { at, reply } of pathsOfReplies(rule)) add(`${path}.rules[${index}].${at}`, reply);
  });
  return menus;
}

/** Every reply of a rule, with its path. */
export function pathsOfReplies({ reply, replies = [] }: Rule): { at: string; reply: Reply }[] {
  return [
    ...(reply ? [{ at: 'reply', reply }] : []),
    ...replies.map((one, place) => ({ at: `replies[${place}]`, reply: one })),
  ];
}
