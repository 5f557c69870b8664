import { createInterface } from 'node:readline/promises';
import { parseArgs } from 'node:util';
import { type Applied, applyBusiness, LineWouldStrand, readArrangement } from '../lib/configuration/apply-business.ts';
import { type Arrangement, arrangementOf } from '../lib/configuration/arrangement.ts';
import type { Finding } from '../lib/configuration/business.ts';
import { impossibleInFile } from '../lib/configuration/impossible-changes.ts';
import { type Change, leftAlone, planBusiness } from '../lib/configuration/plan-business.ts';
import { baseOf, changedSince, isBase, StaleBase } from '../lib/configuration/stage-base.ts';
import { type Queue, sqsClient, sqsQueue } from '../lib/platform/queues.ts';
import type { TeamWake, WayWake } from '../lib/platform/wakes.ts';
import { accountsElsewhere } from './accounts-elsewhere.ts';
import { ADMIN_HELP, type AdminClient, AdminProblem, adminClient } from './admin-client.ts';
import { openStores } from './business-stores.ts';
import { EXPORT_HELP, exportConfiguration } from './export-config.ts';
import { FAQ_HELP, moveFaq } from './faq.ts';
import { planText } from './plan-text.ts';
import { readWithWarnings } from './read-file.ts';
import { findingText, print, Refusal, warningsText } from './refusal.ts';
import {
  applyServicers,
  planServicers,
  resultText,
  SERVICERS_HELP,
  type ServicerPlan,
  type ServicerResult,
  servicersText,
} from './servicers.ts';
import { TRY_HELP, tryMessage } from './try-message.ts';
import { wrongOption } from './wrong-option.ts';

const HELP = `npm run config -- plan|apply FILE [--stage S] [--json] [--yes] [--base BASE] [--remove-servicers]

  plan    查看文件会改变什么，不写入。        Shows what the file would change; writes nothing.
  apply   应用文件：使该环境与文件一致。      Makes the stage hold what the file says.

  FILE      业务配置（YAML），示例：config/sample.yml   The business configuration; a sample is config/sample.yml
  --stage   环境名，默认 dev                            The stage; dev unless named
  --json    输出 JSON                                   Prints JSON
  --yes     不再询问（没有终端时必需）                  Does not ask (needed where there is no terminal)
  --base    plan 输出的基准：环境已有变化则拒绝         What plan printed: refuses where the stage has changed since
${ADMIN_HELP}
${SERVICERS_HELP}
  退出码 / Exit codes
    plan    0 无变化 no change · 2 有变化 changes · 1 错误 error
    apply   0 已一致 the stage is as the file says · 1 错误或未确认 error, or not confirmed
            3 已应用，但有接待人员未能更改 applied, but WeCom did not take every servicer
    export  0 · 1 错误 error · 3 已写，但文件与环境不完全一致（见警告） written, and not wholly what the stage has: see the warnings

  区域、凭证与地址取自 AWS 的环境变量（AWS_REGION、AWS_PROFILE、AWS_ENDPOINT_URL …）。
  Region, credentials and endpoint come from AWS's own environment variables.
  设置 ASSIGNMENTS_QUEUE_URL、ROTATIONS_QUEUE_URL 后排队与联系方式立即更新，否则一分钟内。
  With ASSIGNMENTS_QUEUE_URL and ROTATIONS_QUEUE_URL waiting lines and contact ways follow at once, without them within
  a minute or two.

${EXPORT_HELP}
${TRY_HELP}
${FAQ_HELP}`;

interface Wish {
  readonly command: 'plan' | 'apply';
  readonly file: string;
  readonly stage: string;
  readonly json: boolean;
  readonly yes: boolean;
  readonly removeServicers: boolean;
  readonly adminUrl: string | undefined;
  readonly base: string | undefined;
}

function readWish(args: string[]): Wish | 'help' {
  let parsed: ReturnType<typeof parse>;
  try {
    parsed = parse(args);
  } catch (error) {
    throw new Refusal(wrongOption(error) ?? `${error instanceof Error ? error.message : error}\n\n${HELP}`);
  }
  const { values, positionals } = parsed;
  if (values.help) return 'help';
  const [command, file, ...more] = positionals;
  if (command === undefined)
    throw new Refusal(`A command is missing: plan, apply, export, try or faq. 缺少命令。\n\n${HELP}`);
  if (command !== 'plan' && command !== 'apply')
    throw new Refusal(`There is no command ${command}. 没有这个命令。\n\n${HELP}`);
  if (file === undefined)
    throw new Refusal(`FILE is missing: what to ${command}; --help explains it. 缺少文件，见 --help。`);
  if (more.length > 0) throw new Refusal(`Only one FILE at a time; ${more.join(' ')} is too much. 每次一个文件。`);
  const { stage, json, yes, base } = values;
  if (base !== undefined && command === 'plan') throw new Refusal('--base is for apply. --base 用于 apply。');
  if (base !== undefined && !isBase(base)) throw new Refusal(`${base} is no base. Copy it from what plan prints.`);
  const { 'remove-servicers': removeServicers, 'admin-url': adminUrl } = values;
  return { command, file, stage, json, yes, removeServicers, adminUrl, base };
}

const parse = (args: string[]) =>
  parseArgs({
    args,
    allowPositionals: true,
    options: {
      stage: { type: 'string', default: 'dev' },
      json: { type: 'boolean', default: false },
      yes: { type: 'boolean', default: false },
      'remove-servicers': { type: 'boolean', default: false },
      'admin-url': { type: 'string' },
      base: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });

async function readWanted(file: string, stage: string): Promise<{ wanted: Arrangement; warnings: readonly Finding[] }> {
  const { business, warnings } = await readWithWarnings(file, stage, process.env);
  return { wanted: arrangementOf(business), warnings };
}

const cannotBeApplied = (file: string, problems: readonly Finding[]) =>
  new Refusal(`${file} cannot be applied; nothing was written.`, problems);

/** Wakes whom a change concerns. Without the queues' addresses, or when that fails, the sweep does it within a minute or two. */
async function wake({ teamsToWake, waysToWake }: Applied): Promise<boolean> {
  const { ASSIGNMENTS_QUEUE_URL, ROTATIONS_QUEUE_URL } = process.env;
  const teams = teamsToWake.map((teamId) => ({ message: { v: 1, teamId } as const, group: teamId }));
  const ways = waysToWake.map((wayId) => ({ message: { v: 1, wayId } as const, group: wayId }));
  const woken = await Promise.all([
    send<TeamWake>(ASSIGNMENTS_QUEUE_URL, teams),
    send<WayWake>(ROTATIONS_QUEUE_URL, ways),
  ]);
  return teams.length + ways.length > 0 && woken.every((one) => one);
}

async function send<Wake>(url: string | undefined, wakes: Parameters<Queue<Wake>['sendMany']>[0]): Promise<boolean> {
  if (wakes.length === 0) return true;
  if (!url) return false;
  const client = sqsClient();
  try {
    await sqsQueue<Wake>(client, url).sendMany(wakes);
    return true;
  } catch {
    return false;
  } finally {
    client.destroy();
  }
}

async function confirmed({ yes, stage }: Wish): Promise<boolean> {
  if (yes) return true;
  if (!process.stdin.isTTY) throw new Refusal('Nothing was written: there is no terminal to ask. Add --yes to apply.');
  // On stderr, so that --json leaves nothing but JSON on stdout.
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await terminal.question(`Apply to stage ${stage}? 应用到环境 ${stage}？ [y/N] `);
  terminal.close();
  return /^(y|yes|是)$/i.test(answer.trim());
}

/** Does what was wished; the exit code. */
async function run(wish: Wish): Promise<number> {
  const { wanted, warnings: ofFile } = await readWanted(wish.file, wish.stage);
  const elsewhere = await accountsElsewhere(wish.stage, wanted.accounts.keys());
  const warnings = [...ofFile, ...elsewhere.warnings];
  const { stores, close } = openStores(wish.stage, wish.file);
  try {
    if (!wish.json) process.stderr.write(warningsText(warnings));
    const current = await readArrangement(stores);
    const stale = wish.base === undefined ? [] : changedSince(wish.base, current);
    if (stale.length > 0) throw new StaleBase(stale);
    const impossible = [...impossibleInFile(current, wanted), ...elsewhere.problems];
    if (impossible.length > 0) throw cannotBeApplied(wish.file, impossible);
    const changes = planBusiness(current, wanted);
    const alone = leftAlone(current, wanted);
    const { admin, plans, problem } = await lookAtServicers(wish, wanted);
    const servicers = { plans, ...(problem !== undefined && { problem }) };
    const show = (shown: readonly Change[], more: object = {}) =>
      print(
        wish.json
          ? JSON.stringify(
              { stage: wish.stage, changes: shown, leftAlone: alone, warnings, servicers, ...more },
              null,
              2,
            )
          : planText(shown, alone) + servicersText(plans) + notCompared(problem),
      );
    const toChange = plans.some(
      ({ missing, surplus }) => missing.length > 0 || (wish.removeServicers && surplus.length > 0),
    );
    if (wish.command === 'plan') {
      const base = baseOf(current);
      show(changes, { base });
      if (!wish.json) print(`base: ${base}\n`);
      return changes.length > 0 || toChange ? 2 : 0;
    }
    if (changes.length > 0 || toChange) {
      if (!wish.json) show(changes);
      if (!(await confirmed(wish))) throw new Refusal('Nothing was written. 未写入。');
    }
    const applied = await applyBusiness(stores, wanted, { base: wish.base });
    const woken = await wake(applied);
    const results: (ServicerResult & { account: string })[] = [];
    const refused = admin !== undefined && (await changeServicers(admin, plans, wish, results));
    if (wish.json) show(applied.changes, { applied: true, woken, servicersChanged: results });
    else
      print(`${changes.length > 0 ? '' : planText([], alone)}Stage ${wish.stage} is as ${wish.file} says. 已应用。\n`);
    return refused ? 3 : 0;
  } finally {
    close();
  }
}

/** WeCom's lists beside the file's. Where the admin API is out of reach this is said, and everything else goes on. */
async function lookAtServicers({ stage, adminUrl }: Wish, wanted: Arrangement): Promise<LookedAt> {
  if (wanted.accounts.size === 0) return { plans: [] };
  try {
    const admin = await adminClient(stage, adminUrl);
    return { admin, plans: await planServicers(admin, wanted) };
  } catch (error) {
    if (error instanceof Refusal) throw error;
    return { plans: [], problem: error instanceof AdminProblem ? error.message : describe(error, stage) };
  }
}

interface LookedAt {
  readonly admin?: AdminClient;
  readonly plans: readonly ServicerPlan[];
  readonly problem?: string;
}

const notCompared = (problem: string | undefined): string =>
  problem === undefined ? '' : `Servicers in WeCom are not compared: ${problem}. 未比较接待人员。\n`;

/** Whether WeCom refused any, or could not be asked. */
async function changeServicers(
  admin: AdminClient,
  plans: readonly ServicerPlan[],
  { removeServicers, json }: Wish,
  results: (ServicerResult & { account: string })[],
): Promise<boolean> {
  const told = (account: string, news: readonly ServicerResult[]): void => {
    for (const one of news) {
      results.push({ ...one, account });
      if (!json) print(resultText(account, one));
    }
  };
  try {
    return (await applyServicers(admin, plans, { remove: removeServicers, told })).refused > 0;
  } catch (error) {
    if (!(error instanceof AdminProblem)) throw error;
    process.stderr.write(`${error.message}\n`);
    return true;
  }
}

/** What went wrong, in words that lead to the mend. */
function describe(error: unknown, stage: string): string {
  if (
    error instanceof Refusal ||
    error instanceof LineWouldStrand ||
    error instanceof StaleBase ||
    error instanceof AdminProblem
  )
    return error.message;
  const name = error instanceof Error ? error.name : String(error);
  const message = error instanceof Error ? error.message : '';
  if (name === 'ResourceNotFoundException') {
    return `The tables of stage ${stage} are not there. Is the stage deployed, in this region and this account? 该环境的表不存在。`;
  }
  if (message === 'Region is missing') return 'No region: set AWS_REGION to the stage’s. 请设置 AWS_REGION。';
  if (name === 'CredentialsProviderError')
    return 'No credentials: set AWS_PROFILE, or AWS_ACCESS_KEY_ID and its fellows. 缺少 AWS 凭证。';
  return `${name}: ${message}`;
}

async function main(args: string[]): Promise<number> {
  const asJson = args.includes('--json');
  let stage = 'dev';
  try {
    const help = args.some((arg) => arg === '--help' || arg === '-h');
    if (args[0] === 'try' && !help) return await tryMessage(args);
    if (args[0] === 'faq' && !help) return await moveFaq(args);
    if (args[0] === 'export' && !help) return await exportConfiguration(args);
    const wish = readWish(args);
    if (wish === 'help') {
      print(HELP);
      return 0;
    }
    stage = wish.stage;
    return await run(wish);
  } catch (error) {
    const problems = error instanceof Refusal ? error.problems : [];
    const message = describe(error, stage);
    if (asJson) print(JSON.stringify({ error: message, problems }, null, 2));
    else process.stderr.write(`${[message, ...problems.map((problem) => `  ${findingText(problem)}`)].join('\n')}\n`);
    return 1;
  }
}

process.exitCode = await main(process.argv.slice(2));
