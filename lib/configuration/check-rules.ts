import { CONDITIONS } from '../replies/compile-rules.ts';
import { compilePattern, MOST_STEPS_TOGETHER, type Pattern, WrongPattern } from '../replies/pattern.ts';
import { distinctionsOf, type Rule, repliesOf } from '../replies/rule-set.ts';
import type { Finding } from './business.ts';

/** WeCom: kf/add_contact_way, `scene`, and what it allows behind `scene_param`. */
const SCENE_BYTES = 32;
const CHANNEL_BYTES = 128;
/** WeCom: kf/send_msg takes five messages, and one is kept for the hand-over. */
const MOST_REPLIES = 4;

/** Checks what rules say of themselves: that they can match, and that they do one thing. Their words and replies are others'. */
export function checkRules(
  rules: readonly Rule[],
  known: { readonly teams: ReadonlySet<string>; readonly handOverAfterFallbacks: number },
  path: string,
): { problems: Finding[]; warnings: Finding[] } {
  const ids = new Map<string, number>();
  rules.forEach(({ id }, index) => {
    if (!ids.has(id)) ids.set(id, index);
  });
  const lastOrdinary = rules.findLastIndex(({ nth }) => nth?.unmatched === undefined);
  const problems: Finding[] = [];
  const warnings: Finding[] = [];
  rules.forEach((rule, index) => {
    const at = `${path}[${index}]`;
    const first = ids.get(rule.id) ?? index;
    if (first < index) {
      const problem = `there is a rule ${rule.id} already, at ${path}[${first}]`;
      problems.push({ path: `${at}.id`, problem, mend: 'give it another id' });
    }
    problems.push(...checkMatching(rule, at), ...checkActions(rule, at), ...checkTeam(rule, known.teams, at));
    const { unmatched } = rule.nth ?? {};
    if (unmatched === undefined) return;
    if (index < lastOrdinary) {
      const problem = `rule ${rule.id} speaks for what no rule knows, and rules stand below it`;
      problems.push({ path: `${at}.nth`, problem, mend: 'put it below all other rules' });
    }
    if (unmatched > known.handOverAfterFallbacks) {
      const problem = `where a team serves, a person takes over after ${known.handOverAfterFallbacks} fallbacks, before this`;
      warnings.push({ path: `${at}.nth.unmatched`, problem, mend: 'lower it, or raise handOverAfterFallbacks' });
    }
  });
  const steps = rules
    .flatMap((rule) => patternsOf(rule))
    .reduce((sum, one) => sum + ('steps' in one ? one.steps : 0), 0);
  if (steps > MOST_STEPS_TOGETHER) {
    const problem = `have regular expressions of ${steps} steps together, more than ${MOST_STEPS_TOGETHER}`;
    problems.push({ path, problem, mend: 'write words (contains, all) in place of some, or shorten repeats' });
  }
  return { problems, warnings };
}

function checkMatching(rule: Rule, at: string): Finding[] {
  const found: Finding[] = [];
  const { exact = [], contains = [], all = [], regex = [], click = [], types = [] } = rule;
  const ways = [exact, contains, all, regex, click, types].reduce((sum, list) => sum + list.length, 0);
  if (ways === 0 && CONDITIONS.every((name) => rule[name] === undefined)) {
    const mend = 'say when it answers: exact, contains, all, regex, click or types, or a condition';
    found.push({ path: at, problem: `rule ${rule.id} can never match`, mend });
  }
  for (const name of ['scene', 'channel', 'tags'] as const) {
    if (rule[name]?.length === 0) {
      found.push({
        path: `${at}.${name}`,
        problem: 'is empty, so it never holds',
        mend: 'fill it, or remove the field',
      });
    }
  }
  all.forEach((words, place) => {
    if (words.length === 0) {
      const problem = 'is empty, so the rule never has all its words';
      found.push({ path: `${at}.all[${place}]`, problem, mend: 'fill it, or remove it' });
    }
  });
  patternsOf(rule).forEach((pattern, place) => {
    const mend =
      'write an RE2 expression (no look-around, no back-references): https://github.com/google/re2/wiki/Syntax';
    if ('problem' in pattern) found.push({ path: `${at}.regex[${place}]`, problem: pattern.problem, mend });
  });
  found.push(
    ...tooLong(rule.scene, SCENE_BYTES, `${at}.scene`),
    ...tooLong(rule.channel, CHANNEL_BYTES, `${at}.channel`),
  );
  if (rule.literal && rule.distinguish) {
    const problem = 'is part of literal: true already';
    found.push({ path: `${at}.distinguish`, problem, mend: 'keep one of the two' });
  }
  if (rule.nth) {
    const { same, unmatched } = rule.nth;
    if ((same === undefined) === (unmatched === undefined)) {
      found.push({
        path: `${at}.nth`,
        problem: 'has to have exactly one of same, unmatched',
        mend: 'keep one of them',
      });
    }
    if (unmatched !== undefined && ways > 0) {
      const problem = `rule ${rule.id} speaks for what no rule knows, and has words of its own`;
      found.push({ path: `${at}.nth`, problem, mend: 'remove the words, or nth.unmatched' });
    }
  }
  return found;
}

/** A rule's patterns, or what is wrong with them. */
function patternsOf(rule: Rule): (Pattern | { readonly problem: string })[] {
  const distinguish = distinctionsOf(rule);
  return (rule.regex ?? []).map((source) => {
    try {
      return compilePattern(source, distinguish);
    } catch (error) {
      if (error instanceof WrongPattern) return { problem: error.message };
      throw error;
    }
  });
}

const tooLong = (values: readonly string[] = [], limit: number, path: string): Finding[] =>
  values.flatMap((value, place) => {
    const size = Buffer.byteLength(value);
    if (size <= limit) return [];
    const problem = `has ${size} bytes; WeCom gives ${limit} at most, so it never holds`;
    return [{ path: `${path}[${place}]`, problem, mend: 'copy it from the link' }];
  });

function checkActions(rule: Rule, at: string): Finding[] {
  const { id, reply, replies, handOver, silent } = rule;
  const found: Finding[] = [];
  const says = repliesOf(rule).length > 0;
  if (!says && !handOver && !silent) {
    const mend = 'say what it does: reply, replies, handOver: true or silent: true';
    found.push({ path: at, problem: `rule ${id} does nothing`, mend });
  }
  if (says && handOver) {
    const problem = `rule ${id} replies and hands over; its reply would never be sent`;
    found.push({ path: at, problem, mend: 'keep reply or handOver' });
  }
  if (silent && (says || handOver)) {
    found.push({ path: `${at}.silent`, problem: `rule ${id} is silent and does something`, mend: 'keep one of them' });
  }
  if (reply && replies) {
    found.push({ path: `${at}.replies`, problem: 'stands beside reply', mend: 'write all messages into replies' });
  }
  if (repliesOf(rule).length > MOST_REPLIES) {
    const problem = `has more than ${MOST_REPLIES} messages; WeCom takes five, and one is kept for a person who takes over`;
    found.push({ path: `${at}.replies`, problem, mend: 'join some of them' });
  }
  return found;
}

function checkTeam({ handOver }: Rule, teams: ReadonlySet<string>, at: string): Finding[] {
  if (typeof handOver !== 'object' || handOver.team === undefined || teams.has(handOver.team)) return [];
  const mend = 'add the team under teams, or correct the id';
  return [{ path: `${at}.handOver.team`, problem: `there is no team ${handOver.team}`, mend }];
}
