import { parseArgs } from 'node:util';
import * as z from 'zod';
import { arrangementOf } from '../lib/configuration/arrangement.ts';
import { ANY_ACCOUNT } from '../lib/configuration/business.ts';
import { contentsOf, termsOfFaq } from '../lib/conversations/house-rules.ts';
import { type Instant, systemClock } from '../lib/platform/clock.ts';
import { DEFAULT_ZONE } from '../lib/platform/wall-clock.ts';
import type { AccountFaq } from '../lib/replies/ask-faq.ts';
import { type Asked, type Question, questionKey } from '../lib/replies/asked.ts';
import { type Chosen, chooseReply, explainRules } from '../lib/replies/choose-reply.ts';
import { type Entrance, namedRuleSet } from '../lib/replies/entrance.ts';
import type { Faq } from '../lib/replies/faq.ts';
import { faqIndex } from '../lib/replies/faq-index.ts';
import { type FoundFaq, findFaq } from '../lib/replies/find-faq.ts';
import type { Verdict } from '../lib/replies/judge-rule.ts';
import { LANGUAGES } from '../lib/replies/language.ts';
import { fold } from '../lib/replies/normalize.ts';
import type { Rule, RuleSet } from '../lib/replies/rule-set.ts';
import { type Content, toWeCom } from '../lib/wecom/outgoing-messages.ts';
import { readWithWarnings } from './read-file.ts';
import { print, Refusal, warningsText } from './refusal.ts';
import { wrongOption } from './wrong-option.ts';

export const TRY_HELP = `npm run config -- try FILE --message "…" [OPTIONS]

  哪条规则会回答，为什么；不发送，也不需要环境。  Which rule would answer, and why; sends nothing and needs no stage.

  --message TEXT     客户的消息；可多次 = 连发几条        What the customer writes; several times: a burst
  --type TYPE        消息类型，默认 text                  Its message type (image, voice …); text unless named
  --click ID         点击的菜单项                         A menu item that was chosen
  --account ID       客服账号，默认 '*'                   The account's open_kfid; '*' unless named
  --entry ID         从哪个入口进来                       By which entry the customer came
  --scene S --channel S --tag T …   进线场景、渠道、客户标签   What is known of the customer
  --hours open|closed   --first ever|session   --lang zh|en
  --nth N            第几次问同一问题                     The question is asked for the Nth time
  --unmatched N      此前连续未匹配的条数                 So many messages in a row were not understood before
  --stage S          为哪个环境给出警告，默认 dev         For which stage to warn as plan does; dev unless named
  --json             输出 JSON                            Prints JSON
`;

const Options = z.strictObject({
  message: z.array(z.string()).default([]),
  type: z.string().default('text'),
  click: z.string().optional(),
  account: z.string().default(ANY_ACCOUNT),
  scene: z.string().optional(),
  channel: z.string().optional(),
  tag: z.array(z.string()).optional(),
  hours: z.enum(['open', 'closed']).optional(),
  first: z.enum(['ever', 'session']).optional(),
  lang: z.enum(LANGUAGES).optional(),
  nth: z.coerce.number().int().min(1).default(1),
  unmatched: z.coerce.number().int().min(0).default(0),
  json: z.boolean().default(false),
  entry: z.string().optional(),
  stage: z.string().default('dev'),
});
type Options = z.infer<typeof Options>;

/** Prints which rule would answer, and why those above it would not. The exit code. */
export async function tryMessage(args: string[], now: Instant = systemClock()): Promise<number> {
  const { file, options: given } = readOptions(args);
  const { business, warnings } = await readWithWarnings(file, given.stage, process.env);
  if (!given.json) process.stderr.write(warningsText(warnings));
  const options = given.entry === undefined ? given : byEntry(given, business.entries, file);
  const { ruleSets } = arrangementOf(business);
  const ruleSet = ruleSets.get(options.account) ?? ruleSets.get(ANY_ACCOUNT);
  if (!ruleSet) {
    const known = [...ruleSets.keys()].join(', ') || 'none';
    throw new Refusal(`${file} has no rules for account ${options.account}. Accounts with rules: ${known}.`);
  }
  const asked = askedOf(options);
  const faq = faqOf(ruleSet, business.faq);
  const found = asked.questions.map((question) => lookedUp(faq, question));
  const chosen = chooseReply(ruleSet, asked, faq);
  const verdicts = explainRules(ruleSet, asked);
  const says =
    chosen.do === 'reply'
      ? contentsOf(
          chosen.replies.map(({ reply }) => reply),
          { now, zone: DEFAULT_ZONE },
        )
      : [];
  if (options.json) {
    print(
      JSON.stringify(
        { account: options.account, chosen, says, rules: verdicts, ...(faq && { faq: found.map(brief) }), warnings },
        null,
        2,
      ),
    );
    return 0;
  }
  asked.questions.forEach((question, index) => {
    const heading = question.menuId === undefined ? (question.text ?? question.type) : `click ${question.menuId}`;
    print(`${asked.questions.length > 1 ? '\n' : ''}「${heading}」`);
    const judged = verdicts.map(({ rule, verdicts: all }) => ({ rule, verdict: all[index] }));
    for (const line of ruleLines(ruleSet.rules, judged)) print(line);
    const inList = found[index];
    if (inList) print(`  faq  ${foundText(inList)}`);
  });
  print(`\n→ ${outcomeText(chosen, ruleSet, asked)}`);
  for (const content of says) print(indented(contentText(content)));
  if (chosen.tags) print(`  tags 标签: ${chosen.tags.join(', ')}`);
  if (chosen.endsBy !== undefined) print(`  then the session ends 结束会话 (rule ${chosen.endsBy})`);
  return 0;
}

function readOptions(args: string[]): { file: string; options: Options } {
  let parsed: ReturnType<typeof parse>;
  try {
    parsed = parse(args);
  } catch (error) {
    throw new Refusal(wrongOption(error) ?? `${error instanceof Error ? error.message : error}\n\n${TRY_HELP}`);
  }
  const [, file, ...more] = parsed.positionals;
  if (file === undefined) throw new Refusal(`FILE is missing: whose rules to try.\n\n${TRY_HELP}`);
  if (more.length > 0) throw new Refusal(`Only one FILE at a time; ${more.join(' ')} is too much.\n\n${TRY_HELP}`);
  const read = Options.safeParse(parsed.values);
  if (!read.success) {
    const [issue] = read.error.issues;
    throw new Refusal(`--${issue?.path.join('.')}: ${issue?.message}\n\n${TRY_HELP}`);
  }
  const { message, type, click } = read.data;
  if (message.length === 0 && type === 'text' && click === undefined) {
    throw new Refusal(`--message is missing: what the customer writes.\n\n${TRY_HELP}`);
  }
  return { file, options: read.data };
}

const parse = (args: string[]) =>
  parseArgs({
    args,
    allowPositionals: true,
    options: {
      message: { type: 'string', multiple: true },
      type: { type: 'string' },
      click: { type: 'string' },
      account: { type: 'string' },
      scene: { type: 'string' },
      channel: { type: 'string' },
      tag: { type: 'string', multiple: true },
      hours: { type: 'string' },
      first: { type: 'string' },
      lang: { type: 'string' },
      nth: { type: 'string' },
      unmatched: { type: 'string' },
      json: { type: 'boolean' },
      entry: { type: 'string' },
      stage: { type: 'string' },
    },
  });

function askedOf({ message, type, click, scene, channel, tag, hours, first, lang, nth, unmatched }: Options): Asked {
  const written: Question[] = message.map((text) => ({ type, text }));
  const chosen: Question[] = click === undefined ? [] : [{ type: 'text', menuId: click }];
  const questions = written.length + chosen.length > 0 ? [...written, ...chosen] : [{ type }];
  const keys = questions.flatMap((question) => questionKey(question) ?? []);
  return {
    questions,
    repeats: { same: Object.fromEntries(keys.map((key) => [key, nth - 1])), unmatched },
    ...(scene !== undefined && { scene }),
    ...(channel !== undefined && { channel }),
    ...(tag && { tags: tag }),
    ...(hours && { open: hours === 'open' }),
    // Whoever writes for the first time of all also does so in this session.
    ...(first && { firstEver: first === 'ever', firstOfSession: true }),
    ...(lang && { language: lang }),
  };
}

/** As somebody who came by this entry: its rule set, scene and language, and whatever else is said of him. */
function byEntry(options: Options, entries: readonly Entrance[], file: string): Options {
  const entry = entries.find(({ id }) => id === options.entry);
  if (!entry) {
    const known = entries.map(({ id }) => id).join(', ') || 'none';
    throw new Refusal(`${file} has no entry ${options.entry}. Its entries: ${known}.`);
  }
  const { account, scene, channel, language: lang, rules } = entry;
  return { scene, channel, lang, ...options, account: rules === undefined ? account : namedRuleSet(rules) };
}

/** The list as the account uses it. */
function faqOf(ruleSet: RuleSet, faq: Faq): AccountFaq | undefined {
  return ruleSet.faq && { index: faqIndex(faq, { fold }), terms: termsOfFaq(ruleSet) };
}

/** What the list would say, also where a rule goes before it. */
function lookedUp(faq: AccountFaq | undefined, { text, menuId }: Question): FoundFaq | undefined {
  return faq && text !== undefined && menuId === undefined ? findFaq(faq.index, text, faq.terms) : undefined;
}

function foundText(found: FoundFaq): string {
  const scored = ({ entry, score }: { entry: { id: string; question: string }; score: number }) =>
    `${entry.id} 「${entry.question}」 ${score.toFixed(2)}`;
  switch (found.is) {
    case 'answer':
      return `answers ${scored(found)}`;
    case 'menu':
      return `offers ${found.entries.map(scored).join(', ')}`;
    case 'none':
      return found.best ? `nothing is near enough; nearest: ${scored(found.best)}` : 'nothing is like it';
  }
}

/** For JSON: ids and scores, without the entries. */
function brief(found: FoundFaq | undefined): object | null {
  if (!found) return null;
  const scored = ({ entry, score }: { entry: { id: string }; score: number }) => ({ id: entry.id, score });
  if (found.is === 'answer') return { is: found.is, ...scored(found) };
  if (found.is === 'menu') return { is: found.is, entries: found.entries.map(scored) };
  return { is: found.is, ...(found.best && { best: scored(found.best) }) };
}

/** The rules from the top to the one that matches. */
function ruleLines(
  rules: readonly Rule[],
  judged: readonly { rule: string; verdict: Verdict | undefined }[],
): string[] {
  const matching = judged.findIndex(({ verdict }) => verdict?.matches);
  const shown = matching === -1 ? judged : judged.slice(0, matching + 1);
  const width = Math.max(0, ...shown.map(({ rule }) => rule.length));
  const lines = shown.flatMap(({ rule, verdict }, place) => {
    const described = rules[place];
    if (!verdict || !described) return [];
    return [`  ${verdict.matches ? '✓' : '·'} ${rule.padEnd(width)}  ${verdictText(verdict, described)}`];
  });
  const below = judged.length - shown.length;
  return below > 0 ? [...lines, `    ${below} more below`] : lines;
}

function verdictText(verdict: Verdict, rule: Rule): string {
  if (verdict.matches) {
    switch (verdict.by) {
      case 'all':
        return 'has all its words';
      case 'regex':
        return `matches /${rule.regex?.[verdict.at ?? 0] ?? ''}/`;
      case 'conditions':
        return 'its conditions hold';
      default:
        return `${verdict.by} "${verdict.word ?? ''}"`;
    }
  }
  if (verdict.because === 'nothing-fits') {
    const ways = (['exact', 'contains', 'all', 'regex', 'click', 'types'] as const).filter((way) => rule[way]?.length);
    return `no: nothing of ${ways.join(', ')} fits`;
  }
  const wanted = JSON.stringify(rule[verdict.because]);
  return verdict.unknown
    ? `no: it wants ${verdict.because} ${wanted}, which is not known here (see --help)`
    : `no: ${verdict.because} ${wanted} does not hold`;
}

function outcomeText(chosen: Chosen, ruleSet: RuleSet, asked: Asked): string {
  switch (chosen.do) {
    case 'reply': {
      const rules = [...new Set(chosen.replies.map(({ rule }) => rule))].join(', ');
      return `${chosen.insteadOfFallback ? `rule ${rules}, in the fallback's place` : `rule ${rules}`}:`;
    }
    case 'hand-over': {
      const team = `${chosen.team === undefined ? '' : ` (team ${chosen.team})`}${chosen.agent === undefined ? '' : ` (agent ${chosen.agent})`}`;
      return chosen.because === 'customer'
        ? 'the customer asks for a person, which beats every rule: hand-over 转人工'
        : `rule ${chosen.rule}: hand-over 转人工${team}`;
    }
    case 'nothing':
      return `rule ${chosen.rules.join(', ')}: nothing is said 不回复`;
    case 'nothing-matched':
      if (ruleSet.model) {
        return `no rule matches: the model is asked 询问模型; in a stage without one, the fallback\n${indented(ruleSet.fallback)}`;
      }
      return (asked.repeats?.unmatched ?? 0) >= ruleSet.handOverAfterFallbacks
        ? 'no rule matches, and that too often in a row: hand-over where a team serves 转人工'
        : `no rule matches: the fallback 未匹配\n${indented(ruleSet.fallback)}`;
  }
}

function contentText(content: Content): string {
  if (content.type === 'text') return content.text;
  if (content.type !== 'menu') return JSON.stringify(toWeCom(content));
  const items = content.items.map((item) => `[${item.content}]`);
  return [...(content.head ? [content.head] : []), ...items, ...(content.tail ? [content.tail] : [])].join('\n');
}

const indented = (text: string): string => text.replace(/^/gm, '    ');
