import * as z from 'zod';
import { ECHO_LIMIT_MS, type EchoAnswer, judgeEcho } from '../lib/setup/echo.ts';
import type { Echo, Finding } from '../lib/setup/finding.ts';
import { failed, listed, notOk, ok } from '../lib/setup/judge.ts';
import { AwsRefused, type StageAccess } from './stage-access.ts';

const FIFO = ['signals', 'conversations', 'assignments', 'contacts', 'rotations'];
const STANDARD = ['timers', 'cards', 'notices', 'model', 'media'];
/** More than this waits only where nobody works. */
const WAITING_AT_MOST = 1000;
const ANSWER_WITHIN_MS = 10_000;

/** Plays WeCom's GET against the public address, with each of the credentials. Twice: the first may be a function's cold start. */
export async function checkEchoes(
  callbackUrl: string | undefined,
  echoes: readonly Echo[],
  limitMs = ECHO_LIMIT_MS,
): Promise<Finding[]> {
  if (callbackUrl === undefined) {
    const what = {
      zh: '不知道回调地址：请用 --callback-url 指定',
      en: 'the callback address is not known: give --callback-url',
    };
    return [notOk('callback-echo', 2, 'unknown', what)];
  }
  const findings: Finding[] = [];
  for (const { app, query, expected } of echoes) {
    const url = `${callbackUrl.replace('{app}', encodeURIComponent(app)).replace(/\/+$/, '')}?${query}`;
    await echoAt(url);
    findings.push(judgeEcho(app, expected, await echoAt(url), limitMs));
  }
  return findings;
}

async function echoAt(url: string): Promise<EchoAnswer> {
  const started = performance.now();
  const signal = AbortSignal.timeout(ANSWER_WITHIN_MS);
  try {
    const response = await fetch(url, { redirect: 'manual', signal });
    const body = await response.text();
    return { kind: 'answer', status: response.status, body, ms: performance.now() - started };
  } catch {
    return { kind: 'none', reason: signal.aborted ? 'time-out' : 'connection' };
  }
}

const Url = z.object({ QueueUrl: z.string() });
const Depth = z.object({ Attributes: z.object({ ApproximateNumberOfMessages: z.coerce.number() }) });

/** How much waits in the stage's queues, and what was set aside. */
export async function checkQueues(access: StageAccess, stage: string): Promise<Finding[]> {
  const names = [
    ...FIFO.flatMap((name) => [`${name}.fifo`, `${name}-dead-letters.fifo`]),
    ...STANDARD.flatMap((name) => [name, `${name}-dead-letters`]),
  ];
  const depths = await Promise.all(
    names.map(async (name) => ({ name, depth: await depthOf(access, `wecom-concierge-${stage}-${name}`) })),
  );
  const missing = depths.filter(({ depth }) => depth === undefined).map(({ name }) => name);
  const full = depths.filter(({ name, depth = 0 }) => !name.includes('dead-letters') && depth > WAITING_AT_MOST);
  const dead = depths.filter(({ name, depth = 0 }) => name.includes('dead-letters') && depth > 0);
  const says = (some: typeof depths): string => listed(some.map(({ name, depth }) => `${name} (${depth})`));
  return [
    missing.length > 0
      ? failed('queues', 2, { zh: `缺少队列：${listed(missing)}`, en: `queues that are not there: ${listed(missing)}` })
      : full.length > 0
        ? notOk(
            'queues',
            2,
            'failed',
            { zh: `积压的队列：${says(full)}`, en: `queues with much waiting: ${says(full)}` },
            {
              mend: {
                zh: '查看处理这些队列的函数日志与告警',
                en: 'look at the logs and alarms of the functions that read them',
              },
            },
          )
        : ok('queues', 2, { zh: '队列没有积压', en: 'nothing piles up in the queues' }),
    dead.length > 0
      ? notOk(
          'dead-letters',
          18,
          'failed',
          { zh: `死信：${says(dead)}`, en: `dead letters: ${says(dead)}` },
          { mend: { zh: '运行 npm run ops -- dead-letters list', en: 'npm run ops -- dead-letters list' } },
        )
      : ok('dead-letters', 18, { zh: '没有死信', en: 'there are no dead letters' }),
  ];
}

async function depthOf(access: StageAccess, QueueName: string): Promise<number | undefined> {
  try {
    const { QueueUrl } = Url.parse(await access.sqs('GetQueueUrl', { QueueName }));
    const AttributeNames = ['ApproximateNumberOfMessages'];
    return Depth.parse(await access.sqs('GetQueueAttributes', { QueueUrl, AttributeNames })).Attributes
      .ApproximateNumberOfMessages;
  } catch (error) {
    if (error instanceof AwsRefused && /QueueDoesNotExist|NonExistentQueue/.test(error.trouble)) return undefined;
    throw error;
  }
}

/** The stage's alarms that ring. */
export async function checkAlarms(access: StageAccess, stage: string): Promise<Finding> {
  const parameters = {
    Action: 'DescribeAlarms',
    Version: '2010-08-01',
    StateValue: 'ALARM',
    AlarmNamePrefix: `wecom-concierge-${stage}-`,
  };
  let xml: string | undefined;
  try {
    xml = await access.query('monitoring', parameters);
  } catch (error) {
    if (!(error instanceof AwsRefused)) throw error;
    return notOk('alarms', 18, 'unknown', {
      zh: `无法读取告警（${error.trouble}）`,
      en: `alarms cannot be read (${error.trouble})`,
    });
  }
  if (xml === undefined)
    return notOk('alarms', 18, 'skipped', { zh: '本机没有告警', en: 'there are no alarms on this machine' });
  const ringing = [...xml.matchAll(/<AlarmName>([^<]*)<\/AlarmName>/g)].map(([, name = '']) => name);
  if (ringing.length === 0) return ok('alarms', 18, { zh: '没有告警', en: 'no alarm rings' });
  const mend = { zh: '按每个告警注明的运行手册处理', en: 'follow the runbook that each alarm names' };
  return notOk(
    'alarms',
    18,
    'failed',
    { zh: `正在告警：${listed(ringing)}`, en: `alarms: ${listed(ringing)}` },
    { mend },
  );
}
