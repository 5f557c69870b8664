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

export function readAccount([account, ...more]: readonly string[]): string {
  if (account === undefined) throw new Refusal('ACCOUNT is missing: an open_kfid. 缺少客服账号（open_kfid）。');
  if (more.length > 0) throw new Refusal('One ACCOUNT at a time. 每次一个账号。');
  return account;
}

const pathOf = (account: string): string => `/accounts/${encodeURIComponent(account)}`;
