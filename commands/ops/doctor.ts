import { parseArgs } from 'node:util';
import { type Finding, inOrder, SetupReport } from '../../lib/setup/finding.ts';
import { stepOf } from '../../lib/setup/steps.ts';
import { COMMON_HELP, COMMON_OPTIONS, type OpsIo } from '../ops-command.ts';
import { probe } from '../probe.ts';
import { Refusal } from '../refusal.ts';
import { stageAccess } from '../stage-access.ts';
import { checkAlarms, checkEchoes, checkQueues } from '../stage-health.ts';
import { checkStagesBeside, stagesBeside } from '../stages-beside.ts';

export const help = `检查环境的设置，指出缺少的步骤 · checks a stage's set-up and names the missing step

npm run ops -- doctor [--stage S] [--json] [--callback-url URL] [--probe [--account KF] [--way WAY] [--wait SECONDS] [--every SECONDS]]

  检查：回调回显、密钥长度、企业ID、出口地址（60020）、应用权限、可见范围、接待人员、客户联系、时钟、队列、死信、告警。
  不更改任何内容。每个问题都写明步骤（首次部署手册的行号）和处理办法。
  Looks at the callback's echo, keys, corp id, outgoing address (60020), permissions per app, visible range, servicers, customer contact,
  clock, queues, dead letters and alarms. Changes nothing. Each finding says its step of the first-deployment runbook, and the mend.

  --callback-url URL  公网回调地址（可含 {app}），默认取该环境的输出
                      The public callback address ({app} in it); the stage's own output unless given
  --probe             等待真实消息与扫码 · waits for a message and a scan, and says what arrived where
  --account KF        要写消息的客服账号，默认第一个 · the account to write to; the first one unless given
  --way WAY           要扫的联系方式，给出后才等待扫码 · the contact way to scan; a scan is waited for only where it is given
  --wait SECONDS      最多等待多久，默认 120 · how long to wait at most; 120 unless given
  --every SECONDS     多久查看一次，默认 15 · how often to look; 15 unless given
${COMMON_HELP}

  退出码 / Exit codes: 0 一切正常 all well · 1 错误 error · 2 有缺少的步骤 a step is missing
`;

const OPTIONS = {
  ...COMMON_OPTIONS,
  'callback-url': { type: 'string' },
  probe: { type: 'boolean', default: false },
  account: { type: 'string' },
  way: { type: 'string' },
  wait: { type: 'string', default: '120' },
  every: { type: 'string', default: '15' },
} as const;

/** Exit code 2 where a step of the set-up is missing. */
export async function run(args: string[], io: OpsIo): Promise<number> {
  const { values } = parseArgs({ args, options: OPTIONS });
  const { stage, json } = values;
  const access = await stageAccess(stage, io.env);
  io.progress('check-setup …');
  const { findings, echoes } = await ask({});
  io.progress('callback, queues, alarms …');
  const callbackUrl = values['callback-url'] ?? (await access.output('CallbackUrl'));
  const all: Finding[] = [
    ...findings,
    ...(echoes.length > 0 ? await checkEchoes(callbackUrl, echoes) : []),
    ...(await checkQueues(access, stage)),
    await checkAlarms(access, stage),
    ...(await checkStagesBeside(access, stagesBeside(stage), (other) => stageAccess(other, io.env))),
  ];
  io.progress('');
  if (!json) for (const finding of inOrder(all)) io.print(textOf(finding));

  if (values.probe) {
    const account = values.account ?? all.find(({ check }) => check === 'kf-news')?.about;
    const times = { waitMs: seconds('wait', values.wait), everyMs: seconds('every', values.every) };
    const probed = await probe(
      { account, way: values.way },
      async (traffic) => (await ask({ traffic })).findings,
      io,
      times,
    );
    if (!json) for (const finding of probed) io.print(textOf(finding));
    // What was waited for says more than what was found before.
    const newer = new Set(probed.map(({ check, about }) => `${check} ${about}`));
    all.splice(0, all.length, ...all.filter(({ check, about }) => !newer.has(`${check} ${about}`)), ...probed);
  }

  const missing = [...new Set(all.filter(({ outcome }) => outcome === 'failed').map(({ step }) => step))].sort(
    (a, b) => a - b,
  );
  if (json) io.print(JSON.stringify({ stage, missing, findings: inOrder(all) }, null, 2));
  else io.print(verdict(missing));
  return missing.length > 0 ? 2 : 0;

  async function ask(question: object) {
    const read = SetupReport.safeParse(await access.invoke('check-setup', question));
    if (!read.success)
      throw new Refusal('check-setup answered in a form that this version does not know: deploy again. 请重新部署。');
    return read.data;
  }
}

function seconds(name: string, text: string): number {
  if (!/^\d{1,4}(\.\d+)?$/.test(text))
    throw new Refusal(`--${name} has to be a number of seconds. --${name} 须为秒数。`);
  return Number(text) * 1000;
}

const SIGNS = { ok: '✓', failed: '✗', unknown: '?', skipped: '-' };

/** A finding for the terminal: what it is, in both languages, and below it the mend. */
export function textOf({ step, outcome, check, what, mend, about }: Finding): string {
  const head = `${SIGNS[outcome]} ${String(step).padStart(2)} ${check}${about === undefined ? '' : ` [${about}]`}`;
  const lines = [`${head}: ${what.en}. ${what.zh}。`];
  if (mend && outcome !== 'ok') lines.push(`     → ${mend.en}`, `     → ${mend.zh}`);
  return lines.join('\n');
}

function verdict(missing: readonly number[]): string {
  if (missing.length === 0) return '\nNo step is missing. 没有缺少的步骤。';
  const steps = missing.map((number) => `  ${number}  ${stepOf(number).title.en} · ${stepOf(number).title.zh}`);
  return ['', 'Missing steps 缺少的步骤:', ...steps].join('\n');
}
