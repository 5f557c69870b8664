import { parseArgs } from 'node:util';
import { ADMIN_HELP, type AdminClient, adminClient } from './admin-client.ts';
import { COMMON_HELP, COMMON_OPTIONS } from './ops-command.ts';

/** The options of commands that ask the stage's admin API. */
export const ADMIN_OPTIONS = { ...COMMON_OPTIONS, 'admin-url': { type: 'string' } } as const;

/** The same for people. */
export const ADMIN_OPTIONS_HELP = `${COMMON_HELP}\n${ADMIN_HELP.trimEnd()}`;

export interface AdminWish {
  readonly positionals: readonly string[];
  readonly json: boolean;
  readonly yes: boolean;
  readonly admin: AdminClient;
}

export async function readAdminWish(args: string[]): Promise<AdminWish> {
  const { values, positionals } = parseArgs({ args, allowPositionals: true, options: ADMIN_OPTIONS });
  const { stage, json, yes } = values;
  return { positionals, json, yes, admin: await adminClient(stage, values['admin-url']) };
}
