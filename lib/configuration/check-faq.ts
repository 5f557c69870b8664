import { FAQ_DEFAULTS } from '../replies/find-faq.ts';
import type { RuleSet } from '../replies/rule-set.ts';
import type { Business, Finding, Findings } from './business.ts';
import { plainIn } from './check-addresses.ts';
import { checkReply } from './check-replies.ts';
import { clicksOf, findHidden, findUnansweredIn } from './find-unreached.ts';

/** Asking takes twice as long for twice as many; `bench/faq.ts` measures half of this. */
const MOST_WORDINGS = 10_000;
/** Every instance of a function that answers customers reads all of it when it starts. */
const LARGEST_LIST_BYTES = 4_000_000;

/** Checks the list of frequent questions, and what the accounts wish of it. Pure. */
export function checkFaq({ faq, replies, quickReplies }: Business): Findings {
  const problems: Finding[] = [];
  const warnings: Finding[] = [];
  const wordings = faq.reduce((sum, { similar }) => sum + 1 + similar.length, 0);
  if (wordings > MOST_WORDINGS) {
    const problem = `has ${wordings} wordings, more than ${MOST_WORDINGS}`;
    problems.push({ path: 'faq', problem, mend: 'keep the similar wordings that differ most' });
  }
  if (Buffer.byteLength(JSON.stringify(faq)) > LARGEST_LIST_BYTES) {
    const problem = `has more than ${LARGEST_LIST_BYTES} bytes`;
    problems.push({ path: 'faq', problem, mend: 'shorten answers, or remove entries that nobody asks for' });
  }
  const answers = faq.flatMap((entry, index) =>
    [
      { at: `faq[${index}].answer`, reply: entry.answer },
      { at: `faq[${index}].answers.zh`, reply: entry.answers?.zh },
      { at: `faq[${index}].answers.en`, reply: entry.answers?.en },
    ].flatMap(({ at, reply }) => (reply ? [{ at, reply }] : [])),
  );
  for (const { at, reply } of answers) problems.push(...checkReply(reply, 'reply', at, 'filled'));
  for (const { at, reply } of answers) warnings.push(...plainIn(reply, at));

  const listed = clicksOf(faq);
  const users = replies.filter(({ faq: use }) => use?.enabled !== false);
  if (faq.some(({ enabled }) => enabled) && users.length === 0) {
    const mend = "add a rule set for account '*', or do not switch the list off everywhere";
    warnings.push({ path: 'faq', problem: 'no account answers from it', mend });
  }
  for (const { faq: _, accounts: __, ...rules } of users) {
    const ruleSet: RuleSet = { ...rules, quickReplies, media: [] };
    const found = answers.flatMap(({ at, reply }) =>
      'menu' in reply ? findUnansweredIn(ruleSet, `${at}.menu`, reply.menu.items, listed) : [],
    );
    // Several accounts may say the same.
    const told = new Set(warnings.map(({ path }) => path));
    warnings.push(...[...found, ...findHidden(ruleSet, faq)].filter(({ path }) => !told.has(path)));
  }
  replies.forEach(({ faq: use }, index) => {
    if (!use) return;
    const { threshold, lowest } = { ...FAQ_DEFAULTS, ...definedOf(use) };
    if (lowest <= threshold) return;
    const problem = `lowest (${lowest}) is above threshold (${threshold}), so that what would answer is not even offered`;
    problems.push({ path: `replies[${index}].faq`, problem, mend: 'lower lowest, or raise threshold' });
  });
  return { problems, warnings };
}

const definedOf = ({ threshold, lowest }: { threshold?: number | undefined; lowest?: number | undefined }) => ({
  ...(threshold !== undefined && { threshold }),
  ...(lowest !== undefined && { lowest }),
});
