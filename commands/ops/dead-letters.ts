import { parseArgs } from 'node:util';
import { systemClock } from '../../lib/platform/clock.ts';
import {
  type DeadLetter,
  type DeadLetters,
  deadLetters,
  QUEUES,
  type QueueName,
} from '../../lib/platform/dead-letters.ts';
import { sqsClient } from '../../lib/platform/queues.ts';
import { COMMON_HELP, COMMON_OPTIONS, type OpsIo } from '../ops-command.ts';
import { openInboxTables, putBackInto } from '../put-back.ts';
import { Refusal } from '../refusal.ts';

export const help = `查看、重发或删除死信 · shows, sends again or deletes what functions gave up on

npm run ops -- dead-letters list [QUEUE] [--stage S] [--json]
npm run ops -- dead-letters show ID…
npm run ops -- dead-letters redrive QUEUE [ID…] | --all
npm run ops -- dead-letters drop QUEUE ID… | QUEUE --every | --all --every

  list      各队列的死信：编号、涉及对象与原因           Of each queue: ids, whom they are about, and the reason
  show      显示这些死信（从不显示内容）                 These messages; what was written is never shown
  redrive   按组内顺序送回原队列；可中断后重来           Sends them back, each group in its order; may be killed and repeated
  drop      删除；没有编号时须加 --every                 Deletes them; --every where no id is named

  QUEUE     ${QUEUES.join(' ')}
  --all     所有队列                                     Every queue
${COMMON_HELP}

  “set-aside” 是函数搁置的条目：redrive 把它放回收件箱原处并唤醒其对象；未能执行的效果无法放回，会说明并保留。
  A set-aside is an entry that a function left: redrive puts it back into its inbox, where it stood, and wakes its owner. Effects
  cannot be put back; they are named and stay.
  退出码 / Exit codes: 0 · 1 错误，或指定的编号不存在 error, or an id that is not there · 2 list 发现死信 list found some`;

/** `list`: exit code 2 where there are any. */
export async function run(args: string[], io: OpsIo): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      ...COMMON_OPTIONS,
      all: { type: 'boolean', default: false },
      every: { type: 'boolean', default: false },
    },
  });
  const [action, ...names] = positionals;
  const client = sqsClient();
  try {
    const letters = deadLetters(client, values.stage, systemClock);
    const wish = { ...values, names };
    switch (action) {
      case 'list':
        return await list(letters, wish, io);
      case 'show':
        return await show(letters, wish, io);
      case 'redrive':
        return await redrive(letters, wish, io);
      case 'drop':
        return await drop(letters, wish, io);
      default:
        throw new Refusal(`list, show, redrive or drop is missing. 缺少子命令。\n\n${help}`);
    }
  } finally {
    client.destroy();
  }
}

interface Wish {
  readonly stage: string;
  readonly json: boolean;
  readonly yes: boolean;
  readonly all: boolean;
  readonly every: boolean;
  readonly names: readonly string[];
}

function readQueue(name: string): QueueName {
  const found = QUEUES.find((queue) => queue === name || queue === `${name}.fifo`);
  if (!found) throw new Refusal(`There is no queue ${name}: ${QUEUES.join(', ')}. 没有这个队列。`);
  return found;
}

/** The queues, and the ids after them. */
function readTarget({ all, names }: Wish): { queues: readonly QueueName[]; ids: readonly string[] } {
  if (all) return { queues: QUEUES, ids: names };
  const [queue, ...ids] = names;
  if (queue === undefined) throw new Refusal('QUEUE is missing; --all means every queue. 缺少队列名。');
  return { queues: [readQueue(queue)], ids };
}

async function list(letters: DeadLetters, { names, stage, json }: Wish, io: OpsIo): Promise<number> {
  const queues = names.length > 0 ? names.map(readQueue) : QUEUES;
  const found: { queue: QueueName; count: number; letters: DeadLetter[] }[] = [];
  for (const queue of queues) {
    const count = await countOf(letters, queue, stage);
    found.push({ queue, count, letters: count > 0 ? await letters.look(queue) : [] });
  }
  const total = found.reduce((sum, { count }) => sum + count, 0);
  if (json) io.print(JSON.stringify({ total, queues: found }, null, 2));
  else {
    for (const { queue, count, letters: seen } of found.filter((one) => one.count > 0)) {
      const hidden = count > seen.length ? ` (${seen.length} can be seen 可见)` : '';
      io.print(`${queue}: ${count}${hidden}`);
      for (const letter of seen) io.print(lineOf(letter));
    }
    if (total === 0) io.print('No dead letters. 没有死信。');
  }
  return total > 0 ? 2 : 0;
}

const lineOf = ({ id, kind, group, sentAt, ids, reason }: DeadLetter): string =>
  [
    `  ${id} ${kind} ${new Date(sentAt).toISOString()}`,
    ...(group === undefined ? [] : [`group ${group}`]),
    ...Object.entries(ids).map(([name, value]) => `${name} ${value}`),
    reason,
  ].join(' · ');

async function show(letters: DeadLetters, { names, json }: Wish, io: OpsIo): Promise<number> {
  if (names.length === 0) throw new Refusal('ID is missing; list names them. 缺少编号。');
  const found: DeadLetter[] = [];
  for (const queue of QUEUES) {
    if ((await letters.count(queue)) === undefined) continue;
    found.push(...(await letters.look(queue)).filter(({ id }) => names.includes(id)));
  }
  const missing = names.filter((id) => !found.some((letter) => letter.id === id));
  if (json) io.print(JSON.stringify({ letters: found, missing }, null, 2));
  else {
    for (const letter of found) {
      io.print(`${letter.id}\n  queue ${letter.queue}\n  kind ${letter.kind}\n  reason ${letter.reason}`);
      io.print(`  sent ${new Date(letter.sentAt).toISOString()}`);
      for (const [name, value] of Object.entries(letter.ids)) io.print(`  ${name} ${value}`);
    }
  }
  return tellMissing(missing, io);
}

async function redrive(letters: DeadLetters, wish: Wish, io: OpsIo): Promise<number> {
  const { queues, ids } = readTarget(wish);
  const total = await countAll(letters, queues, wish.stage);
  const what = ids.length > 0 ? `these ${ids.length}` : `all ${total}`;
  if (total > 0 && !(await io.confirm(`Send ${what} dead letters back to ${queues.join(', ')}? 重发？`, wish)))
    return 1;
  let moved = 0;
  let left = 0;
  const seen = new Set<string>();
  const { tables, close } = openInboxTables(wish.stage);
  const putBack = putBackInto(tables, systemClock, ({ id }, { zh, en }) => {
    seen.add(id);
    io.tell(`${id}: ${en}. ${zh}。`);
  });
  try {
    for (const queue of queues) {
      const told = ({ id }: DeadLetter) => {
        seen.add(id);
        io.progress(`${queue}: ${++moved}/${total}`);
      };
      left += (await letters.redrive(queue, ids.length > 0 ? new Set(ids) : undefined, told, putBack)).left;
    }
  } finally {
    close();
  }
  io.progress('');
  const missing = ids.filter((id) => !seen.has(id));
  if (wish.json) io.print(JSON.stringify({ moved, left, ...(ids.length > 0 && { missing }) }, null, 2));
  else io.print(`${moved} sent again, ${left} set aside and left. 已重发 ${moved}，保留 ${left}。`);
  return tellMissing(missing, io);
}

async function drop(letters: DeadLetters, wish: Wish, io: OpsIo): Promise<number> {
  const { queues, ids } = readTarget(wish);
  if (ids.length === 0 && !wish.every) throw new Refusal('Name ids, or add --every. 请指定编号，或加 --every。');
  const total = await countAll(letters, queues, wish.stage);
  const what = ids.length > 0 ? `these ${ids.length}` : `all ${total}`;
  if (
    total > 0 &&
    !(await io.confirm(`Delete ${what} dead letters of ${queues.join(', ')} for good? 永久删除？`, wish))
  )
    return 1;
  let dropped = 0;
  const seen = new Set<string>();
  for (const queue of queues) {
    const told = ({ id }: DeadLetter) => {
      seen.add(id);
      io.progress(`${queue}: ${++dropped}/${total}`);
    };
    await letters.drop(queue, ids.length > 0 ? new Set(ids) : undefined, told);
  }
  io.progress('');
  const missing = ids.filter((id) => !seen.has(id));
  if (wish.json) io.print(JSON.stringify({ dropped, ...(ids.length > 0 && { missing }) }, null, 2));
  else io.print(`${dropped} deleted. 已删除 ${dropped}。`);
  return tellMissing(missing, io);
}

async function countAll(letters: DeadLetters, queues: readonly QueueName[], stage: string): Promise<number> {
  let total = 0;
  for (const queue of queues) total += await countOf(letters, queue, stage);
  return total;
}

/** Throws `Refusal` where there is no such queue: nothing done would look as if nothing had to be. */
async function countOf(letters: DeadLetters, queue: QueueName, stage: string): Promise<number> {
  const count = await letters.count(queue);
  if (count !== undefined) return count;
  throw new Refusal(
    `Stage ${stage} has no dead letters of ${queue}. Is it deployed here? 环境 ${stage} 没有这个死信队列，是否已部署？`,
  );
}

/** Names those that were asked for and not seen; the exit code. */
function tellMissing(missing: readonly string[], io: OpsIo): number {
  for (const id of missing)
    io.tell(`${id}: not there, or behind ten others of its group. 不存在，或排在同组十条之后。`);
  return missing.length > 0 ? 1 : 0;
}
