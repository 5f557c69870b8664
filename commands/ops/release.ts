import { readAccount, runToItsEnd } from '../account-duty.ts';
import { ADMIN_OPTIONS_HELP, readAdminWish } from '../ops-admin.ts';
import type { OpsIo } from '../ops-command.ts';

export const help = `停止接待一个客服账号 · stops answering an account

npm run ops -- release ACCOUNT [--stage S] [--json] [--yes]

  释放其会话占用的名额；等待中的客户转入企业微信的“待接入池”；之后只记录，不回答。
  然后在管理后台取消勾选该账号（微信客服 → API → 通过API管理微信客服账号）。adopt 可重新接管。
  Frees the places of its conversations, hands customers who wait to WeCom's pool, and from then on only keeps the
  history. Untick the account afterwards (微信客服 → API → 通过API管理微信客服账号). adopt takes it over again.

${ADMIN_OPTIONS_HELP}

  退出码 / Exit codes: 0 · 1 错误、被拒绝或未确认 error, refused, or not confirmed`;

export async function run(args: string[], io: OpsIo): Promise<number> {
  const { positionals, json, yes, admin } = await readAdminWish(args);
  const account = readAccount(positionals);
  if (!(await io.confirm(`Stop answering ${account}? 停止接待该账号？`, { yes }))) return 1;
  const duty = await runToItsEnd(admin, account, 'release', io);
  io.print(
    json
      ? JSON.stringify(duty, null, 2)
      : `${account} is released; ${duty.run?.customers ?? 0} conversations had something open. 已停止接待。`,
  );
  return 0;
}
