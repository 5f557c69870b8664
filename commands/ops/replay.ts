import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { eventBridgeClient } from '../../lib/events/event-bus.ts';
import { nameOf, type ReplayState, type ReplayWish, readReplay, startReplay } from '../../lib/events/replay.ts';
import { type Instant, SECOND, systemClock } from '../../lib/platform/clock.ts';
import { dynamoClient } from '../../lib/store/dynamo-table.ts';
import { accessOf, accountOf } from '../media-bucket.ts';
import { COMMON_HELP, COMMON_OPTIONS, type OpsIo } from '../ops-command.ts';
import { Refusal } from '../refusal.ts';

export const help = `将存档的事件重新发送到总线 · puts archived events on the bus again

npm run ops -- replay --from TIME --to TIME [--rule NAME]… [--again NAME] [--stage S] [--json] [--yes]

  --from, --to  时间，如 2026-11-22T04:00:00Z；--to 不含      Times; --to itself is not included
  --rule NAME   只发给这些规则（默认全部）                    Only these rules of the bus; all of them unless named
  --again NAME  同一时段再来一次时，另起名称                  A name, for replaying the same time once more
${COMMON_HELP}

  事件编号不变，使用方可据此去重。EventBridge 不能按事件内容筛选回放，请用 --rule 指定带有所需条件的规则。
  A replayed event keeps its id, so that consumers can drop it. EventBridge cannot replay by an event's content: name a rule whose
  pattern wants only what you want.
  中断后以相同参数重新运行，会接着等待同一次回放。  Killed and run again with the same words, it goes on waiting for the same replay.
  退出码 / Exit codes: 0 · 1 错误、失败或未确认 error, failed, or not confirmed`;

const LOOK_AGAIN_MS = 2000;
const OVER = new Set(['COMPLETED', 'CANCELLED', 'FAILED']);

export async function run(args: string[], io: OpsIo): Promise<number> {
  const { values } = parseArgs({
    args,
    options: {
      ...COMMON_OPTIONS,
      from: { type: 'string' },
      to: { type: 'string' },
      rule: { type: 'string', multiple: true, default: [] },
      again: { type: 'string' },
    },
  });
  const from = readTime('--from', values.from);
  const to = readTime('--to', values.to);
  if (from >= to) throw new Refusal('--from has to be before --to. --from 须早于 --to。');
  if (to > systemClock()) throw new Refusal('--to lies in the future. --to 不能晚于现在。');
  if (values.again !== undefined && !/^[\w.-]{1,16}$/.test(values.again)) {
    throw new Refusal('--again wants up to 16 letters and digits. --again 须为 16 个以内的字母或数字。');
  }
  const client = eventBridgeClient();
  try {
    const wish: ReplayWish = {
      bus: `wecom-concierge-${values.stage}`,
      ...(await placeOf()),
      from,
      to,
      rules: values.rule,
      again: values.again,
    };
    const question = `Put the events of ${iso(from)} to ${iso(to)} on bus ${wish.bus} again? 重新发送这段时间的事件？`;
    if (!(await io.confirm(question, { yes: values.yes }))) throw new Refusal('Nothing was replayed. 未回放。');
    const began = await startReplay(client, wish);
    if (began === 'known' && !values.json) io.tell(`Replay ${nameOf(wish)} was begun before. 此回放已开始过。`);
    const ended = await waitFor(() => readReplay(client, wish), wish, io);
    if (values.json) io.print(JSON.stringify({ began, ...ended }, null, 2));
    else io.print(`Replay ${ended.name}: ${ended.state}${ended.reason === undefined ? '' : ` (${ended.reason})`}`);
    return ended.state === 'COMPLETED' ? 0 : 1;
  } finally {
    client.destroy();
  }
}

async function waitFor(read: () => Promise<ReplayState>, { from, to }: ReplayWish, io: OpsIo): Promise<ReplayState> {
  for (;;) {
    const state = await read();
    const reached = Math.round((100 * ((state.reached ?? from) - from)) / (to - from));
    io.progress(`${state.state} ${reached}%`);
    if (OVER.has(state.state)) {
      io.progress('');
      return state;
    }
    await sleep(LOOK_AGAIN_MS);
  }
}

function readTime(name: string, text: string | undefined): Instant {
  const at = text === undefined ? Number.NaN : Date.parse(text);
  if (Number.isNaN(at))
    throw new Refusal(`${name} wants a time such as 2026-11-22T04:00:00Z. ${name} 须为时间。\n\n${help}`);
  return Math.floor(at / SECOND) * SECOND;
}

const iso = (at: Instant): string => new Date(at).toISOString();

async function placeOf(): Promise<Pick<ReplayWish, 'account' | 'partition' | 'region'>> {
  const client = dynamoClient();
  try {
    const access = await accessOf(client);
    const { region } = access;
    return { region, partition: region.startsWith('cn-') ? 'aws-cn' : 'aws', account: await accountOf(access) };
  } finally {
    client.destroy();
  }
}
