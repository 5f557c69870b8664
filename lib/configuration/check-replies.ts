import { SHORTEST_EVERY } from '../replies/line-terms.ts';
import { isMediaReply, type MediaReply } from '../replies/media-reply.ts';
import { fold, foldWhole } from '../replies/normalize.ts';
import { fillPlaceholders, PLACEHOLDERS, placeholdersIn } from '../replies/placeholders.ts';
import type { LibraryReply, Reply } from '../replies/reply.ts';
import { distinctionsOf, type RuleSet } from '../replies/rule-set.ts';
import { type Content, type Place, validateContent } from '../wecom/outgoing-messages.ts';
import { type Business, type Finding, type Findings, WHOLE_FILE } from './business.ts';
import { checkAddresses, findPlainAddresses } from './check-addresses.ts';
import { checkMediaReply } from './check-media.ts';
import { checkAccounts } from './check-people.ts';
import { checkRating } from './check-rating.ts';
import { checkRules } from './check-rules.ts';
import { findUngivenTags } from './check-tags.ts';
import { clicksOf, findUnanswered, findUnknownHours, findUnreached, pathsOfReplies } from './find-unreached.ts';

/** DynamoDB keeps items of up to 400 KB, and a rule set is one. */
const LARGEST_RULE_SET_BYTES = 300_000;

/** Checks what the accounts answer: rules that work, and messages that WeCom takes. Pure. */
export function checkReplies({ replies, quickReplies, teams, faq, entries, media }: Business): Findings {
  const problems: Finding[] = [...checkAccounts(replies, 'replies', 'rule set'), ...checkLibrary(quickReplies)];
  const warnings: Finding[] = [];
  const teamIds = new Set(teams.map(({ id }) => id));
  const named = new Set(entries.flatMap(({ rules = [] }) => rules));
  replies.forEach(({ accounts, faq: use, id, ...rules }, index) => {
    const listed = clicksOf(use?.enabled === false ? [] : faq);
    const path = `replies[${index}]`;
    const ruleSet: RuleSet = { ...rules, quickReplies, media };
    if (accounts.length === 0 && (id === undefined || !named.has(id))) {
      problems.push({
        path: `${path}.accounts`,
        problem: 'is empty',
        mend: "name an account, or '*' for all others, or let entries name the rule set",
      });
    }
    if (Buffer.byteLength(JSON.stringify(ruleSet)) > LARGEST_RULE_SET_BYTES) {
      const problem = `has more than ${LARGEST_RULE_SET_BYTES} bytes`;
      problems.push({ path, problem, mend: 'shorten or remove rules' });
    }
    const { handOverAfterFallbacks } = ruleSet;
    const checked = checkRules(ruleSet.rules, { teams: teamIds, handOverAfterFallbacks }, `${path}.rules`);
    problems.push(
      ...checkTexts(ruleSet, path),
      ...checkWords(ruleSet, path),
      ...checked.problems,
      ...checkRuleReplies(ruleSet, media, `${path}.rules`),
    );
    warnings.push(
      ...checked.warnings,
      ...findUngivenTags(ruleSet.rules, `${path}.rules`),
      ...findUnanswered(ruleSet, path, listed),
      ...findUnreached(ruleSet, path, listed),
      ...findPlainAddresses(ruleSet, path),
      ...(teams.some((team) => team.openingHours) ? [] : findUnknownHours(ruleSet, path)),
    );
  });
  return { problems, warnings };
}

function checkLibrary(library: readonly LibraryReply[]): Finding[] {
  return library.flatMap((quickReply, index): Finding[] => {
    const { id } = quickReply;
    const path = `quickReplies[${index}]`;
    const first = library.findIndex((other) => other.id === id);
    return [
      ...(first < index
        ? [{ path: `${path}.id`, problem: `is at quickReplies[${first}] already`, mend: 'give it another id' }]
        : []),
      ...checkQuickReply(quickReply, path),
    ];
  });
}

/** One quick reply by itself; `path` is where it is written. */
export function checkQuickReply({ zh, en }: LibraryReply, path: string): Finding[] {
  const noText = { path: path === '' ? WHOLE_FILE : path, problem: 'has no text', mend: 'write zh, en or both' };
  const at = path === '' ? '' : `${path}.`;
  return [
    ...(zh === undefined && en === undefined ? [noText] : []),
    ...(zh === undefined ? [] : checkText(zh, 'reply', `${at}zh`, 'filled')),
    ...(en === undefined ? [] : checkText(en, 'reply', `${at}en`, 'filled')),
  ];
}

function checkRuleReplies(
  { rules, quickReplies, openingHours }: RuleSet,
  media: Business['media'],
  path: string,
): Finding[] {
  return rules.flatMap((rule, index) =>
    pathsOfReplies(rule).flatMap(({ at, reply }): Finding[] => {
      const place = `${path}[${index}].${at}`;
      const filled = rule.hours === 'closed' && openingHours !== undefined ? 'while-closed' : 'filled';
      if (isMediaReply(reply)) return checkMediaReply(reply, media, place);
      if (!('quick' in reply)) return checkReply(reply, 'reply', place, filled);
      if (quickReplies.some(({ id }) => id === reply.quick)) return [];
      const mend = 'add it under quickReplies, or correct the id';
      return [{ path: `${place}.quick`, problem: `there is no quick reply ${reply.quick}`, mend }];
    }),
  );
}

function checkTexts({ greeting, fallback, texts, rating, line }: RuleSet, path: string): Finding[] {
  return [
    ...(greeting ? checkReply(greeting, 'welcome', `${path}.greeting`, 'as-written') : []),
    ...checkText(fallback, 'reply', `${path}.fallback`, 'as-written'),
    ...checkText(texts.waiting, 'reply', `${path}.texts.waiting`, 'as-written'),
    ...checkText(texts.closed, 'reply', `${path}.texts.closed`, 'while-closed'),
    ...checkText(texts.connecting, 'reply', `${path}.texts.connecting`, 'as-written'),
    ...checkText(texts.nobody, 'reply', `${path}.texts.nobody`, 'as-written'),
    ...checkText(texts.ended, 'end', `${path}.texts.ended`, 'as-written'),
    ...checkRating(rating, `${path}.rating`, (text, place, at) => checkText(text, place, at, 'as-written')),
    ...checkLine({ texts, line }, path),
  ];
}

/** What customers in line are told, and how often. */
function checkLine({ texts, line }: Pick<RuleSet, 'texts' | 'line'>, path: string): Finding[] {
  const { place, placeAndTime, left } = texts;
  const { everySeconds } = line;
  const found = [
    ...(place === undefined ? [] : checkText(place, 'reply', `${path}.texts.place`, 'in-line')),
    ...(placeAndTime === undefined ? [] : checkText(placeAndTime, 'reply', `${path}.texts.placeAndTime`, 'in-line')),
    ...checkText(left, 'reply', `${path}.texts.left`, 'as-written'),
  ];
  if (everySeconds === 0 || everySeconds >= SHORTEST_EVERY) return found;
  const problem = `is below ${SHORTEST_EVERY}`;
  return [...found, { path: `${path}.line.everySeconds`, problem, mend: 'write seconds, e.g. 300, or 0 for never' }];
}

/** Which placeholders are filled in a text; {openAt} only where it is said while the account is closed. */
export type Filled = 'filled' | 'while-closed' | 'in-line' | 'as-written';

const IN_LINE = ['place', 'minutes'];
/** As long as they get. */
const LONGEST_PLACE = { place: 9999, minutes: 9999 };

/** A text as long as customers get it: a filled placeholder is always as long as this one. */
const asSaid = (text: string, filled: Filled): string =>
  filled === 'as-written' ? text : fillPlaceholders(text, { now: 0, zone: 'UTC', opensAt: 1, ...LONGEST_PLACE });

const checkText = (text: string, place: Place, path: string, filled: Filled): Finding[] => [
  ...checkContent({ type: 'text', text: asSaid(text, filled) }, place, path),
  ...checkPlaceholders(text, path, filled),
];

/** A message, as it is said in a place. */
export function checkReply(
  reply: Exclude<Reply, { quick: string } | MediaReply>,
  place: Place,
  path: string,
  filled: Filled,
): Finding[] {
  if ('text' in reply) return checkText(reply.text, place, `${path}.text`, filled);
  if ('card' in reply) return checkContent({ type: 'business-card', agentId: reply.card }, place, `${path}.card`);
  if ('acquisitionLink' in reply) {
    return checkContent({ type: 'acquisition-link', url: reply.acquisitionLink }, place, `${path}.acquisitionLink`);
  }
  if ('location' in reply) return checkContent({ type: 'location', ...reply.location }, place, `${path}.location`);
  const { head = '', tail = '', items } = reply.menu;
  const said = { items, head: asSaid(head, filled), tail: asSaid(tail, filled) };
  return [
    ...checkContent({ type: 'menu', ...said }, place, `${path}.menu`),
    ...checkAddresses(reply.menu, `${path}.menu`),
    ...checkPlaceholders(head, `${path}.menu.head`, filled),
    ...checkPlaceholders(tail, `${path}.menu.tail`, filled),
    ...items.flatMap(({ content }, index) =>
      checkPlaceholders(content, `${path}.menu.items[${index}].content`, 'as-written'),
    ),
  ];
}

function checkContent(content: Content, place: Place, path: string): Finding[] {
  return validateContent(content, place).map((problem) => ({
    path,
    problem: `WeCom would refuse this: ${problem}`,
    mend: 'shorten or fill it; WeCom counts bytes, and a Chinese character has three',
  }));
}

function checkPlaceholders(text: string, path: string, filled: Filled): Finding[] {
  return placeholdersIn(text).flatMap((name): Finding[] => {
    const known = PLACEHOLDERS.includes(name);
    if (filled === 'in-line' || IN_LINE.includes(name)) {
      if (filled === 'in-line' && IN_LINE.includes(name)) return [];
      const problem = `{${name}} is not filled here`;
      return [{ path, problem, mend: '{place} and {minutes} are, in texts.place and texts.placeAndTime alone' }];
    }
    if (known && (filled === 'while-closed' || (filled === 'filled' && name !== 'openAt'))) return [];
    const fillable = PLACEHOLDERS.filter(
      (one) => !IN_LINE.includes(one) && (one !== 'openAt' || filled === 'while-closed'),
    );
    const instead = filled === 'as-written' ? '' : `one of ${fillable.map((one) => `{${one}}`).join(', ')}, or `;
    const where = name === 'openAt' ? 'in texts.closed, or in a rule with hours: closed' : 'in a rule’s reply';
    return known
      ? [{ path, problem: `{${name}} is not filled here`, mend: `write it ${where}, or without braces` }]
      : [
          {
            path,
            problem: `{${name}} is no placeholder; the customer would read it as it stands`,
            mend: `write ${instead}other brackets`,
          },
        ];
  });
}

/** Words that mean nothing once spaces and marks are off: they would match every message, or none. */
function checkWords(ruleSet: RuleSet, path: string): Finding[] {
  type Folded = (word: string) => string;
  const lists: [path: string, words: readonly (string | readonly string[])[], folded: Folded][] = [
    [`${path}.person.exact`, ruleSet.person.exact, foldWhole],
    [`${path}.person.contains`, ruleSet.person.contains, fold],
    [`${path}.courtesies`, ruleSet.courtesies, foldWhole],
  ];
  ruleSet.rules.forEach((rule, index) => {
    const distinguish = distinctionsOf(rule);
    const at = `${path}.rules[${index}]`;
    lists.push([`${at}.exact`, rule.exact ?? [], (word) => foldWhole(word, distinguish)]);
    lists.push([`${at}.contains`, rule.contains ?? [], (word) => fold(word, distinguish)]);
    lists.push([`${at}.all`, rule.all ?? [], (word) => fold(word, distinguish)]);
  });
  return lists.flatMap(([at, words, folded]) =>
    words.flatMap((word, place): Finding[] => {
      const blank = [word].flat().some((one) => folded(one) === '');
      return blank ? [{ path: `${at}[${place}]`, problem: 'is blank', mend: 'write a word, or remove the line' }] : [];
    }),
  );
}
