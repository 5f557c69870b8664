import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { SECOND, systemClock } from '../../lib/platform/clock.ts';
import { type Counts, type Erased, eraseCustomer, type Survey } from '../../lib/privacy/erase-customer.ts';
import { openArchive, readCustomer } from '../customer-archive.ts';
import { COMMON_HELP, COMMON_OPTIONS, type OpsIo } from '../ops-command.ts';
import { Refusal } from '../refusal.ts';

export const help = `删除一位客户的全部数据 · erases everything that is kept of a customer

npm run ops -- erase CUSTOMER [--wait SECONDS] [--stage S] [--json] [--yes]

  CUSTOMER         客户的 external_userid，或其某个会话编号   An external_userid, or the id of one of his conversations
  --wait SECONDS   最多等待多久，默认 120                      How long to wait for the functions; 120 unless said
${COMMON_HELP}

  删除消息、媒体、联系关系与记录；留下一个时刻，此前的内容（包括企业微信三日内的重放）不再接收。
  Messages, files, contacts and records go. What stays is a moment: nothing of before it is taken in again, not even when
  WeCom replays its three days. Who writes afterwards is a new customer.
  可随时中断并重新运行，从中断处继续。  It may be killed and run again: it goes on where it was.
  退出码 / Exit codes: 0 已删除 erased · 1 错误或未确认 error, or not confirmed · 2 尚未完成，请再运行 not done yet, run it again`;

export async function run(args: string[], io: OpsIo): Promise<number> {
  const options = { ...COMMON_OPTIONS, wait: { type: 'string', default: '120' } } as const;
  const { values, positionals } = parseArgs({ args, allowPositionals: true, options });
  const customerId = readCustomer(positionals, help);
  if (!/^\d{1,5}$/.test(values.wait)) throw new Refusal('--wait wants whole seconds. --wait 须为整数秒。');
  const { archive, owners, close } = await openArchive(values.stage, io);
  try {
    const { survey, erase } = eraseCustomer({
      archive,
      clock: systemClock,
      pause: (ms) => sleep(ms),
      left: (traces) => io.progress(`${traces} left 剩余 …`),
      ...(await owners()),
    });
    const found = await survey(customerId, systemClock());
    io.progress('');
    if (found.total === 0) {
      if (values.json) io.print(JSON.stringify({ customerId, done: true, ...found }, null, 2));
      else io.print(`Nothing is kept of this customer${tombstones(found)}. 没有这位客户的数据。`);
      return 0;
    }
    if (!values.json) io.tell(`${textOf(found.toErase)}${begun(found)}`);
    const question = `Erase ${found.total} items of stage ${values.stage} for ever? 永久删除？`;
    if (!(await io.confirm(question, { yes: values.yes }))) throw new Refusal('Nothing was erased. 未删除。');
    const erased = await erase(customerId, found.moment, systemClock() + Number(values.wait) * SECOND);
    io.progress('');
    if (values.json) io.print(JSON.stringify({ customerId, found: found.toErase, ...erased }, null, 2));
    else io.print(report(found, erased));
    return erased.done ? 0 : 2;
  } finally {
    close();
  }
}

function report(found: Survey, erased: Erased): string {
  const at = new Date(erased.at).toISOString();
  if (!erased.done) {
    return `Not done yet, ${erased.total} left: run it again. 尚未完成，剩余 ${erased.total} 项，请再运行。\n${textOf(erased.toErase)}`;
  }
  return `Erased: what is of before ${at}${tombstones(erased)}. 已删除。\n${textOf(found.toErase)}`;
}

const textOf = (counts: Counts): string =>
  Object.entries(counts)
    .map(([place, count]) => `  ${place}: ${count}\n`)
    .join('');
const begun = ({ begunAt }: Survey): string =>
  begunAt === undefined ? '' : `  (goes on with what was begun at ${new Date(begunAt).toISOString()} 继续上次)\n`;
const tombstones = ({ tombstones: count }: Survey): string => (count > 0 ? `; ${count} tombstones stay` : '');
