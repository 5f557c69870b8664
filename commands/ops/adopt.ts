import { readAccount, takeOver, warnOfStranger } from '../account-duty.ts';
import { ADMIN_OPTIONS_HELP, readAdminWish } from '../ops-admin.ts';
import type { OpsIo } from '../ops-command.ts';

export const help = `接管一个正在使用的客服账号 · takes over an account that is in use

npm run ops -- adopt ACCOUNT [--again] [--stage S] [--json] [--yes]

  读取最近 48 小时所有客户的会话状态，记录由谁接待、占用名额，然后才开始分配；
  此刻之前的消息不再回答，期间的消息随后按顺序处理。可中断：任务在环境中继续，重新运行只是接着等待。
  Reads the session of everybody who was there in the last 48 hours and records holders and places, before anything is
  routed. Nothing that was written before this moment is answered; what is written meanwhile is handled afterwards, in
  its order. May be killed: the stage goes on by itself, and the same command waits for it again, or says what came of it.

  --again   已接管且正在接待的账号再次接管              Takes over once more what was taken over and is served
${ADMIN_OPTIONS_HELP}

  退出码 / Exit codes: 0 · 1 错误 error · 2 有会话无法读取 some sessions could not be read`;

const AGAIN = '--again';

export async function run(args: string[], io: OpsIo): Promise<number> {
  const { positionals, json, yes, admin } = await readAdminWish(args.filter((arg) => arg !== AGAIN));
  const account = readAccount(positionals);
  await warnOfStranger(admin, account, io);
  const duty = await takeOver(admin, account, { again: args.includes(AGAIN), yes }, io);
  if (!duty) return 1;
  const { customers = 0, withAgents = 0, inPool = 0, refused = 0 } = duty.run ?? {};
  io.print(
    json
      ? JSON.stringify(duty, null, 2)
      : `${account} is served. ${customers} customers: ${withAgents} with agents, ${inPool} in the pool, ${refused} not readable. 已接管。`,
  );
  return refused > 0 ? 2 : 0;
}
