import { parseArgs } from 'node:util';
import { type Duty, readAccount, readDuty, setObserve } from '../account-duty.ts';
import { observeWay, readWay } from '../observe-way.ts';
import { ADMIN_OPTIONS_HELP, readAdminWish } from '../ops-admin.ts';
import { COMMON_OPTIONS, type OpsIo } from '../ops-command.ts';
import { Refusal } from '../refusal.ts';

export const help = `观察：拉取、判断、记录，但不发送也不转接 · pulls, decides and records, but sends and moves nothing

npm run ops -- observe on|off|show ACCOUNT|way:ID [--stage S] [--json] [--yes]

  on      只观察该账号；事件 effect.observed.v1 说明本会做什么
          Only observes the account; the events effect.observed.v1 and the histories say what we would have done
  off     从此刻起接待；此前的消息不再回答。已有会话请用 adopt
          Serves from this moment on and answers nothing older. Where people talk already, adopt instead
  show    现在的状态                                What holds now

  ACCOUNT   open_kfid；'*' 表示没有单独设置的所有账号   An open_kfid; '*' are all accounts without a setting of their own
  约五秒内生效。 Takes effect within about five seconds.
  way:ID    联系我（contact way）；way:* 表示没有单独设置的所有联系方式，以及不经我们的码添加的客户。不发欢迎语、标签与备注，不更改码的成员；
            事件 contact.observed.v1。关闭后一分钟内更新码的成员，此前的客户不再补发
            A contact way; way:* are all without a setting of their own, and customers who come by none. No welcome, tags or remark is sent
            and no code made or changed; the events contact.observed.v1 say for whom. After off, lists follow within a minute; customers
            of before get nothing any more
${ADMIN_OPTIONS_HELP}

  退出码 / Exit codes: 0 · 1 错误、被拒绝或未确认 error, refused, or not confirmed`;

export async function run(args: string[], io: OpsIo): Promise<number> {
  return args.some((arg) => readWay(arg) !== undefined) ? observeContactWay(args, io) : observeAccount(args, io);
}

async function observeContactWay(args: string[], io: OpsIo): Promise<number> {
  const { values, positionals } = parseArgs({ args, allowPositionals: true, options: COMMON_OPTIONS });
  const [action, target, ...more] = positionals;
  const wayId = readWay(target);
  if (wayId === undefined || more.length > 0) throw new Refusal('One way:ID at a time. 每次一个联系方式。');
  if (action !== 'on' && action !== 'off' && action !== 'show') {
    throw new Refusal(`on, off or show is missing. 缺少 on、off 或 show。\n\n${help}`);
  }
  return observeWay(action, wayId, values, io);
}

async function observeAccount(args: string[], io: OpsIo): Promise<number> {
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
