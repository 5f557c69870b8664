import * as z from 'zod';
import type { Arrangement } from '../lib/configuration/arrangement.ts';
import { ANY_ACCOUNT } from '../lib/configuration/business.ts';
import { peopleNamedFor } from '../lib/replies/people-named.ts';
import { type AlsoServing, compareServicers, type Staffing, servicersWanted } from '../lib/routing/servicers.ts';
import { type AdminClient, AdminProblem } from './admin-client.ts';

export const SERVICERS_HELP = `  接待人员 / Servicers (WeCom: kf/servicer/list, add, del)
    plan 比较各客服账号的接待人员；apply 逐个添加缺少的人，仅在 --remove-servicers 时移除多余的人。
    plan compares who may serve each account in WeCom; apply adds who is missing, one by one, and takes out who is
    too many only with --remove-servicers. Whoever still holds conversations stays.
`;

const Accounts = z.object({
  accounts: z.array(z.object({ id: z.string(), managed: z.boolean() })),
  next: z.string().optional(),
});
const Looked = z.object({
  actual: z.array(z.object({ id: z.string(), status: z.enum(['receiving', 'stopped', 'suspended', 'unknown']) })),
  departments: z.array(z.number()),
  surplus: z.array(z.object({ id: z.string(), holds: z.number() })),
});
const Changed = z.object({
  results: z.array(
    z.object({
      id: z.string(),
      what: z.string(),
      errcode: z.number().optional(),
      reason: z.object({ zh: z.string(), en: z.string() }).optional(),
    }),
  ),
  more: z.boolean(),
});
export type ServicerResult = z.infer<typeof Changed>['results'][number];

/** How an account's list in WeCom differs from what a file wants; `problem` where nobody could look. */
export interface ServicerPlan {
  readonly account: string;
  readonly missing: readonly string[];
  readonly surplus: readonly string[];
  readonly departments: readonly number[];
  readonly problem?: string;
}

/** What a file says of who serves which account. */
export function staffingOf({ teams, accounts }: Arrangement): Staffing {
  return {
    teams: [...teams].map(([teamId, { agents, overflow }]) => ({ teamId, agents, ...(overflow && { overflow }) })),
    accounts: [...accounts].map(([openKfId, { team }]) => ({ openKfId, teamId: team })),
  };
}

/** Compares every account that the file names; for `*` also every other one that the app manages. */
export async function planServicers(admin: AdminClient, wanted: Arrangement): Promise<ServicerPlan[]> {
  const staffing = staffingOf(wanted);
  const accounts = await accountsOf(admin, staffing);
  const plans: ServicerPlan[] = [];
  const entrances = [...wanted.entries.values()];
  for (const account of accounts) {
    plans.push(await planOne(admin, staffing, account, peopleNamedFor(account, wanted.ruleSets, entrances)));
  }
  return plans;
}

async function accountsOf(admin: AdminClient, { accounts }: Staffing): Promise<string[]> {
  const named = accounts.map(({ openKfId }) => openKfId).filter((id) => id !== ANY_ACCOUNT);
  if (named.length === accounts.length) return named.sort();
  const managed: string[] = [];
  let next: string | undefined;
  do {
    const from: string = next === undefined ? '' : `&cursor=${next}`;
    const page = await admin.ask('GET', `/accounts?limit=200${from}`, Accounts);
    managed.push(...page.accounts.filter((one) => one.managed).map(({ id }) => id));
    next = page.next;
  } while (next !== undefined);
  return [...new Set([...named, ...managed])].sort();
}

async function planOne(
  admin: AdminClient,
  staffing: Staffing,
  account: string,
  also: AlsoServing,
): Promise<ServicerPlan> {
  try {
    const { actual, departments } = await admin.ask('GET', pathOf(account), Looked);
    const listed = actual.map(({ id, status }) => ({ agentId: id, status }));
    return { account, departments, ...compareServicers(servicersWanted(staffing, account, also) ?? [], listed) };
  } catch (error) {
    if (!(error instanceof AdminProblem)) throw error;
    return { account, missing: [], surplus: [], departments: [], problem: error.message };
  }
}

/** Carries the plans out, after the file was applied: the stage itself knows then who is wanted. */
export async function applyServicers(
  admin: AdminClient,
  plans: readonly ServicerPlan[],
  { remove, told }: { remove: boolean; told: (account: string, results: readonly ServicerResult[]) => void },
): Promise<{ refused: number }> {
  let refused = 0;
  for (const { account, missing, surplus, problem } of plans) {
    if (problem !== undefined || (missing.length === 0 && (!remove || surplus.length === 0))) continue;
    const known = new Map<string, ServicerResult>();
    for (;;) {
      const { results, more } = await admin.ask('POST', pathOf(account), Changed, { remove: remove ? surplus : [] });
      const news = results.filter(({ id, what }) => known.get(id)?.what !== what);
      for (const result of news) known.set(result.id, result);
      told(account, news);
      // A round that brings nothing new would go on for ever.
      if (!more || news.length === 0) break;
    }
    refused += [...known.values()].filter(({ what }) => what === 'refused').length;
  }
  return { refused };
}

const pathOf = (account: string): string => `/accounts/${encodeURIComponent(account)}/servicers`;

/** For the terminal. */
export function servicersText(plans: readonly ServicerPlan[]): string {
  const lines = plans.flatMap(({ account, missing, surplus, departments, problem }) => [
    ...(problem === undefined ? [] : [`! servicers of ${account}: not compared, because ${problem}. 未比较。`]),
    ...missing.map((id) => `+ servicer ${id} of ${account}`),
    ...surplus.map(
      (id) => `? servicer ${id} of ${account} is in no team: --remove-servicers takes him out. 多余的接待人员`,
    ),
    ...(departments.length === 0
      ? []
      : [`? ${account} also has departments as servicers, who are not seen here: name people. 请改为逐个人员`]),
  ]);
  return lines.map((line) => `${line}\n`).join('');
}

export function resultText(account: string, { id, what, errcode, reason }: ServicerResult): string {
  const sign = what === 'added' ? '+' : what === 'removed' ? '-' : '!';
  const code = errcode === undefined ? '' : ` (errcode ${errcode})`;
  const words = reason === undefined ? '' : `: ${reason.en}. ${reason.zh}。`;
  return `${sign} servicer ${id} of ${account}: ${what}${code}${words}\n`;
}
