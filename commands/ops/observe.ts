import { type Duty, readAccount, readDuty, setObserve } from '../account-duty.ts';
import { ADMIN_OPTIONS_HELP, readAdminWish } from '../ops-admin.ts';
import type { OpsIo } from '../ops-command.ts';
import { Refusal } from '../refusal.ts';

export const help = `观察：拉取、判断、记录，但不发送也不转接 · pulls, decides and records, but sends and moves nothing

npm run ops -- observe on|off|show ACCOUNT [--stage S] [--json] [--yes]

  on      只观察该账号；事件 effect.observed.v1 说明本会做什么
          Only observes the account; the events effect.observed.v1 and the histories say what we would have done
  off     从此刻起接待；此前的消息不再回答。已有会话请用 adopt
          Serves from this moment on and answers nothing older. Where people talk already, adopt instead
  show    现在的状态                                What holds now

  ACCOUNT   open_kfid；'*' 表示没有单独设置的所有账号   An open_kfid; '*' are all accounts without a setting of their own
  约五秒内生效。 Takes effect within about five seconds.
${ADMIN_OPTIONS_HELP}`;

export async function run(args: string[], io: OpsIo): Promise<number> {
  const { positionals, json, yes, admin } = await readAdminWish(args);
  const [action, ...rest] = positionals;
  if (action !== 'on' && action !== 'off' && action !== 'show') {
    throw new Refusal(`on, off or show is missing. 缺少 on、off 或 show。\n\n${help}`);
  }
  const account = readAccount(rest);
  if (action === 'show') return say(await readDuty(admin, account), json, io);
  const question =
    action === 'on'
      ? `Say nothing and move nothing on ${account} any more? 停止在该账号发送与转接？`
      : `Serve ${account} from now on, without taking in who talks already? 从现在起接待（不接管进行中的会话）？`;
  if (!(await io.confirm(question, { yes }))) return 1;
  return say(await setObserve(admin, account, action === 'on'), json, io);
}

function say(duty: Duty, json: boolean, io: OpsIo): number {
  io.print(json ? JSON.stringify(duty, null, 2) : `${duty.account}: ${duty.mode}`);
  return 0;
}
