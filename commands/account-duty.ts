import * as z from 'zod';
import { type AdminClient, AdminProblem } from './admin-client.ts';
import type { OpsIo } from './ops-command.ts';
import { Refusal } from './refusal.ts';

const Duty = z.object({
  account: z.string(),
  mode: z.enum(['serves', 'observes', 'adopting', 'released']),
  since: z.string().optional(),
  answersFrom: z.string().optional(),
  run: z
    .object({
      id: z.string(),
      kind: z.enum(['adopt', 'release']),
      startedAt: z.string(),
      done: z.boolean(),
      steps: z.number(),
      customers: z.number(),
      withAgents: z.number(),
      inPool: z.number(),
      refused: z.number(),
    })
    .optional(),
});
export type Duty = z.infer<typeof Duty>;

const Accounts = z.object({ accounts: z.array(z.object({ id: z.string() })), next: z.string().optional() });

const LOOK_EVERY_MS = 1000;
/** So often looked at without a step: then the person hears what it may be. */
const LOOKS_WITHOUT_A_STEP = 20;

export const readDuty = (admin: AdminClient, account: string): Promise<Duty> =>
  admin.ask('GET', `${pathOf(account)}/duty`, Duty);

export const setObserve = (admin: AdminClient, account: string, on: boolean): Promise<Duty> =>
  admin.ask('POST', `${pathOf(account)}/observe`, Duty, { on });

const STANDS = `It does not get on. WeCom may not let the app read the account (48007: tick it; 48002: give the app the permission), or not answer: see
\`adoption put off\` in the log of sync-messages, and npm run ops -- doctor. Ctrl-C ends the waiting alone; the stage goes on by itself. Where the account is the wrong one,
npm run ops -- release ACCOUNT ends the run, too.
没有进展：企业微信可能不允许应用读取该账号，或没有回应。请看 sync-messages 的日志与 doctor。Ctrl-C 只结束等待；账号写错时，用 release 结束。`;

/**
 * Says so where WeCom lists other accounts and not this one, which is mostly a slip of the pen. It is no refusal: whether WeCom lists to
 * every app what it may read (kf/account/list) is not documented. Where WeCom does not give the list at all, the run will show it.
 */
export async function warnOfStranger(admin: AdminClient, account: string, io: Pick<OpsIo, 'tell'>): Promise<void> {
  const listed = await listAccounts(admin);
  if (listed === undefined || listed.includes(account)) return;
  io.tell(
    `WeCom shows the app no account ${account}, only ${listed.join(', ') || 'none'}. 企业微信没有返回这个客服账号，请核对。`,
  );
}

async function listAccounts(admin: AdminClient): Promise<string[] | undefined> {
  const ids: string[] = [];
  try {
    for (let cursor = ''; ; ) {
      const { accounts, next } = await admin.ask('GET', `/accounts?limit=200${cursor}`, Accounts);
      ids.push(...accounts.map(({ id }) => id));
      if (next === undefined) return ids;
      cursor = `&cursor=${encodeURIComponent(next)}`;
    }
  } catch (error) {
    if (error instanceof AdminProblem) return undefined;
    throw error;
  }
}

/** Begins a run, or finds the one under way, and waits until it is done. Whoever stops waiting does not stop the run. */
export async function runToItsEnd(
  admin: AdminClient,
  account: string,
  kind: 'adopt' | 'release',
  io: Pick<OpsIo, 'progress' | 'tell'>,
  pause: () => Promise<void> = () => new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS)),
): Promise<Duty> {
  const begun = await admin.ask('POST', `${pathOf(account)}/${kind}`, Duty, {});
  const wanted = begun.run?.id;
  io.tell(`${kind} ${account}: run ${wanted}`);
  let [steps, looks] = [-1, 0];
  for (let duty = begun; ; duty = await readDuty(admin, account)) {
    if (duty.run?.id !== wanted) throw new Refusal('Another run has taken its place. 已被另一次运行取代。');
    if (duty.run?.done) {
      io.progress('');
      return duty;
    }
    const now = duty.run?.steps ?? 0;
    looks = now === steps ? looks + 1 : 0;
    steps = now;
    if (looks === LOOKS_WITHOUT_A_STEP) io.tell(STANDS);
    io.progress(`${kind} ${account}: step ${duty.run?.steps ?? 0}, ${duty.run?.customers ?? 0} customers 客户`);
    await pause();
  }
}

/**
 * Takes an account over, unless it was and is served since: whoever runs the command again has lost sight of a run that went on. A second one
 * would answer nothing that was written before it. Undefined: the person does not agree.
 */
export async function takeOver(
  admin: AdminClient,
  account: string,
  { again, yes }: { readonly again: boolean; readonly yes: boolean },
  io: Pick<OpsIo, 'progress' | 'tell' | 'confirm'>,
): Promise<Duty | undefined> {
  const before = await readDuty(admin, account);
  if (!again && before.mode === 'serves' && before.run?.kind === 'adopt' && before.run.done) {
    io.tell(
      `${account} was taken over already, by the run of ${before.run.startedAt}; --again does it once more. 已接管，--again 可再次接管。`,
    );
    return before;
  }
  if (!(await io.confirm(`Take over ${account}, and serve it then? 接管并开始接待？`, { yes }))) return undefined;
  return runToItsEnd(admin, account, 'adopt', io);
}

export function readAccount([account, ...more]: readonly string[]): string {
  if (account === undefined) throw new Refusal('ACCOUNT is missing: an open_kfid. 缺少客服账号（open_kfid）。');
  if (more.length > 0) throw new Refusal('One ACCOUNT at a time. 每次一个账号。');
  return account;
}

const pathOf = (account: string): string => `/accounts/${encodeURIComponent(account)}`;
