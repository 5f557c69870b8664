import * as z from 'zod';
import type { AdminClient } from './admin-client.ts';
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

const LOOK_EVERY_MS = 1000;

export const readDuty = (admin: AdminClient, account: string): Promise<Duty> =>
  admin.ask('GET', `${pathOf(account)}/duty`, Duty);

export const setObserve = (admin: AdminClient, account: string, on: boolean): Promise<Duty> =>
  admin.ask('POST', `${pathOf(account)}/observe`, Duty, { on });

/** Begins a run, or finds the one under way, and waits until it is done. Whoever stops waiting does not stop the run. */
export async function runToItsEnd(
  admin: AdminClient,
  account: string,
  kind: 'adopt' | 'release',
  io: Pick<OpsIo, 'progress' | 'tell'>,
): Promise<Duty> {
  const begun = await admin.ask('POST', `${pathOf(account)}/${kind}`, Duty, {});
  const wanted = begun.run?.id;
  io.tell(`${kind} ${account}: run ${wanted}`);
  for (let duty = begun; ; duty = await readDuty(admin, account)) {
    if (duty.run?.id !== wanted) throw new Refusal('Another run has taken its place. 已被另一次运行取代。');
    if (duty.run?.done) {
      io.progress('');
      return duty;
    }
    io.progress(`${kind} ${account}: step ${duty.run?.steps ?? 0}, ${duty.run?.customers ?? 0} customers 客户`);
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
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
