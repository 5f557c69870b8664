import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { DAY, type Instant, MINUTE, SECOND, systemClock } from '../../lib/platform/clock.ts';
import { SetupReport } from '../../lib/setup/finding.ts';
import {
  addPair,
  appOf,
  CannotRotate,
  dropOldPairs,
  type NewPair,
  pairNames,
  setAppSecret,
} from '../../lib/wecom/rotate-secrets.ts';
import { parseSecrets, type WeComApp, WrongSecrets } from '../../lib/wecom/secrets.ts';
import { type PairTraffic, pairTraffic } from '../callback-traffic.ts';
import { COMMON_HELP, COMMON_OPTIONS, type OpsIo } from '../ops-command.ts';
import { Refusal } from '../refusal.ts';
import { mayFinish, type Verdict } from '../rotation-verdict.ts';
import { type Credentials, carryOut, openCredentials, placeText, provePairs } from '../stage-credentials.ts';
import { outdated } from '../stage-functions.ts';
import { textOf } from './doctor.ts';

export const help = `更换回调的 Token、EncodingAESKey 与应用 Secret · changes callback credentials and an app’s Secret

npm run ops -- secrets show [--stage S] [--json]
npm run ops -- secrets rotate --app APP [--wait [--every SECONDS] [--quiet MINUTES]] [--reveal]
npm run ops -- secrets finish --app APP [--force]
npm run ops -- secrets set-app-secret --app APP [--force]
npm run ops -- secrets restart

  show            各应用有几组密钥、各自最后一次验证回调的时间；从不显示内容
                  Which pairs each app has, and when each last verified a callback; never what they are
  rotate          生成新的一组放在旧的之后，两组同时有效；已有第二组时继续使用
                  Makes a new pair behind the old one, both valid; goes on with a second one that is there
  finish          确认旧的一组不再使用后将其移除 · Takes the old pair out once nobody uses it
  set-app-secret  写入控制台中新的 Secret（不回显，或由管道输入） · Stores the app’s new Secret, typed unseen or piped in
  restart         手工写入凭证后，让尚未读取的函数重新启动 · After the JSON was written by hand: functions older than it begin anew

  --app APP       凭证中的应用名 · the app’s name in the credentials
  --wait          等到新的一组已使用且旧的一组静默 · waits until the new pair is used and the old one is quiet
  --every SECONDS 多久查看一次，默认 30 · how often to look; 30 unless given
  --quiet MINUTES 旧的一组须静默多久，默认 60 · how long the old pair has to be quiet; 60 unless given
  --reveal        不在终端时也显示新的一组 · shows the new pair also where there is no terminal, and in --json
  --force         不顾检查结果 · does it whatever was found
${COMMON_HELP}

  写入后所有读取凭证的函数都会重新启动；可中断后重来。 Functions begin anew after a change; may be killed and repeated.
  退出码 / Exit codes: 0 · 1 错误、被拒绝或未确认 error, refused, or not confirmed · 2 show 发现问题 show found something`;

const OPTIONS = {
  ...COMMON_OPTIONS,
  app: { type: 'string' },
  wait: { type: 'boolean', default: false },
  every: { type: 'string', default: '30' },
  quiet: { type: 'string', default: '60' },
  reveal: { type: 'boolean', default: false },
  force: { type: 'boolean', default: false },
} as const;

interface Wish {
  readonly json: boolean;
  readonly yes: boolean;
  readonly app: string;
  readonly wait: boolean;
  readonly everyMs: number;
  readonly quietMs: number;
  readonly reveal: boolean;
  readonly force: boolean;
}

export async function run(args: string[], io: OpsIo): Promise<number> {
  const { values, positionals } = parseArgs({ args, allowPositionals: true, options: OPTIONS });
  const [action, ...more] = positionals;
  const act = action === undefined || more.length > 0 ? undefined : ACTIONS[action];
  if (act === undefined)
    throw new Refusal(`show, rotate, finish, set-app-secret or restart is missing. 缺少子命令。\n\n${help}`);
  if (action !== 'show' && action !== 'restart' && values.app === undefined)
    throw new Refusal('--app is missing; show names the apps. 缺少 --app，show 会列出应用名。');
  const wish = {
    ...values,
    app: values.app ?? '',
    everyMs: numberOf('every', values.every) * SECOND,
    quietMs: numberOf('quiet', values.quiet) * MINUTE,
  };
  try {
    return await act(await openCredentials(values.stage, io), wish, io);
  } catch (error) {
    // Both name fields and mends, and quote no value.
    if (error instanceof CannotRotate || error instanceof WrongSecrets) throw new Refusal(error.message);
    throw error;
  }
}

type Action = (credentials: Credentials, wish: Wish, io: OpsIo) => Promise<number>;
const ACTIONS: Readonly<Record<string, Action>> = {
  show,
  rotate,
  finish,
  'set-app-secret': replaceAppSecret,
  restart: beginAnew,
};

async function show(credentials: Credentials, { json }: Wish, io: OpsIo): Promise<number> {
  const { stored, readers, place } = credentials;
  const apps = [...parseSecrets(stored.text).apps.values()];
  const { secretFor } = parseSecrets(stored.text);
  const described = [];
  for (const app of apps) {
    const traffic = await trafficOf(credentials, app);
    described.push({
      app: app.name,
      secret: app.secretApp !== app.name ? `of ${app.secretApp}` : secretFor(app.name) ? 'set' : 'missing',
      pairs: pairNames(app).map((pair) => ({ pair, ...traffic.get(pair) })),
    });
  }
  const old = outdated(readers, stored.writtenAt).map(({ name }) => name);
  if (json) {
    const places = { place: placeText(place), version: stored.version, writtenAt: iso(stored.writtenAt) };
    io.print(JSON.stringify({ ...places, apps: described, functions: readers.length, outdated: old }, null, 2));
  } else {
    io.print(`${placeText(place)} · version ${stored.version} · ${iso(stored.writtenAt)}`);
    for (const { app, secret, pairs } of described) {
      io.print(`${app} · Secret ${secret} · ${pairs.length} Token+EncodingAESKey`);
      for (const pair of pairs) io.print(`  ${pair.pair}  ${usedText(pair)}`);
    }
    io.print(`functions 函数: ${readers.length}`);
    if (old.length > 0) io.print(`older than the credentials 未读取最新凭证: ${old.join(', ')}`);
  }
  return old.length > 0 ? 2 : 0;
}

async function rotate(credentials: Credentials, wish: Wish, io: OpsIo): Promise<number> {
  const { app, yes } = wish;
  // Nobody could enter what is printed only once somebody has entered it.
  if (wish.json && wish.wait && wish.reveal)
    throw new Refusal('--json prints when all is done: --reveal first, then --wait. 请先 --reveal，再 --wait。');
  const change = addPair(credentials.stored.text, app, (below) => randomInt(below));
  const { pair } = change;
  const what = change.isNew
    ? `A new pair ${pair.fingerprint} for ${app} 新增一组密钥`
    : `Go on with the second pair ${pair.fingerprint} of ${app} 继续使用已有的第二组`;
  const done = await carryOut(credentials, change, { what, yes, io });
  if (!done) return notDone(io);
  const proved = await prove(credentials, change.text, wish, io);
  const shows = wish.reveal || (io.isTerminal && !wish.json);
  if (!wish.json) for (const line of consoleSteps(appOf(parseSecrets(change.text), app), pair, shows)) io.print(line);
  const waited = wish.wait ? await waitForQuiet(credentials, change.text, wish, io) : undefined;
  if (wish.json) {
    const { fingerprint, token, encodingAesKey } = pair;
    const revealed = wish.reveal ? { token, encodingAesKey } : {};
    const ready = waited === undefined ? {} : { ready: true };
    io.print(JSON.stringify({ app, pair: fingerprint, ...done, proved, ...ready, ...revealed }, null, 2));
  }
  return proved ? 0 : 1;
}

async function finish(credentials: Credentials, wish: Wish, io: OpsIo): Promise<number> {
  const { app, yes, force, quietMs } = wish;
  const { text } = credentials.stored;
  const change = dropOldPairs(text, app);
  if (change.isNew && !force) {
    const mine = appOf(parseSecrets(text), app);
    const verdict = mayFinish(pairNames(mine), await trafficOf(credentials, mine), systemClock(), quietMs);
    if (verdict.outcome !== 'ready')
      throw new Refusal(`${whyNot(verdict, app)}\n--force 可忽略 · --force does it all the same`);
  }
  const what = change.isNew ? `Take the old pair out of ${app} 移除旧的一组` : `${app} has one pair 只有一组`;
  const done = await carryOut(credentials, change, { what, yes, io });
  if (!done) return notDone(io);
  const proved = await prove(credentials, change.text, wish, io);
  const [left] = pairNames(appOf(parseSecrets(change.text), app));
  if (wish.json) io.print(JSON.stringify({ app, pair: left, ...done, proved }, null, 2));
  else io.print(`${app}: ${left ?? '-'} is the only pair. 只剩这一组。`);
  return proved ? 0 : 1;
}

async function replaceAppSecret(credentials: Credentials, wish: Wish, io: OpsIo): Promise<number> {
  const { app, yes, force, json } = wish;
  appOf(parseSecrets(credentials.stored.text), app);
  const secret = await io.askSecret(`Secret of ${app}:`);
  const change = setAppSecret(credentials.stored.text, app, secret);
  // Only the functions' address is one that WeCom trusts.
  const report = SetupReport.safeParse(await credentials.access.invoke('check-setup', { candidate: { app, secret } }));
  if (!report.success) throw new Refusal('check-setup is of another version: deploy again. 请重新部署。');
  const bad = report.data.findings.filter(({ outcome }) => outcome === 'failed');
  for (const finding of bad) io.tell(textOf(finding));
  // An address that is not trusted yet, or a WeCom that does not answer, says nothing against the Secret.
  const isRefused = bad.some(({ check }) => check === 'secret' || check === 'corp-id');
  if (isRefused && !force)
    throw new Refusal('Nothing was written; --force writes it all the same. 未写入，--force 可强制写入。');
  const what = `${change.isNew ? 'A new Secret' : 'The same Secret'} for ${app} 应用 Secret`;
  const done = await carryOut(credentials, change, { what, yes, io });
  if (!done) return notDone(io);
  if (json) io.print(JSON.stringify({ app, ...done, accepted: bad.length === 0 }, null, 2));
  else
    io.print(`${app}: Secret stored, ${done.restarted} functions began anew. 已写入，${done.restarted} 个函数已重启。`);
  return 0;
}

async function beginAnew(credentials: Credentials, { yes, json }: Wish, io: OpsIo): Promise<number> {
  const { text } = credentials.stored;
  // Functions could not start with a JSON that cannot be used.
  parseSecrets(text);
  const done = await carryOut(credentials, { text, isNew: false }, { what: 'The credentials 凭证', yes, io });
  if (!done) return notDone(io);
  if (json) io.print(JSON.stringify(done, null, 2));
  else io.print(`${done.restarted} functions began anew. ${done.restarted} 个函数已重启。`);
  return 0;
}

function notDone(io: OpsIo): number {
  io.tell('Nothing was changed. 未更改。');
  return 1;
}

/** Whether the running callback takes each of the pairs; says where it does not. */
async function prove(credentials: Credentials, text: string, { app, json }: Wish, io: OpsIo): Promise<boolean> {
  const findings = await provePairs(credentials, text, app);
  const names = pairNames(appOf(parseSecrets(text), app));
  for (const [index, finding] of findings.entries()) {
    if (finding.outcome !== 'ok' || !json) io.tell(`${names[index] ?? ''} ${textOf(finding)}`);
  }
  return findings.every(({ outcome }) => outcome === 'ok');
}

async function waitForQuiet(credentials: Credentials, text: string, wish: Wish, io: OpsIo): Promise<true> {
  const app = appOf(parseSecrets(text), wish.app);
  for (;;) {
    const traffic = await trafficOf(credentials, app);
    const verdict = mayFinish(pairNames(app), traffic, systemClock(), wish.quietMs);
    if (verdict.outcome === 'ready') break;
    const lines = pairNames(app).map((pair) => `${pair} ${traffic.get(pair)?.count ?? 0}`);
    io.progress(`${new Date(systemClock()).toISOString().slice(11, 19)} ${verdict.outcome} · ${lines.join(' · ')}`);
    if (verdict.outcome === 'same-key') throw new Refusal(whyNot(verdict, wish.app));
    await sleep(wish.everyMs);
  }
  io.progress('');
  io.tell(`The old pair is quiet: npm run ops -- secrets finish --app ${wish.app} 旧的一组已静默，可以移除。`);
  return true;
}

/** Of the last day, which is longer than an account is quiet. */
function trafficOf({ access, stage }: Credentials, app: WeComApp): Promise<Map<string, PairTraffic>> {
  const to = systemClock();
  return pairTraffic(access, stage, { app: app.name, pairs: pairNames(app), from: to - DAY, to });
}

function whyNot(verdict: Exclude<Verdict, { outcome: 'ready' }>, app: string): string {
  switch (verdict.outcome) {
    case 'old-in-use':
      return `WeCom still uses the old pair ${verdict.pair} of ${app} 旧的一组仍在使用: ${usedText(verdict.traffic)}`;
    case 'new-unused':
      return `No callback came with the new pair of ${app} yet: is it saved in the console? 新的一组还没有验证过回调，控制台中是否已保存？`;
    case 'same-key':
      return `Two pairs of ${app} have the same key, so nothing tells which one is used. 两组使用同一 EncodingAESKey，无法区分。`;
  }
}

function usedText({ lastAt, count = 0, kinds = {} }: Partial<PairTraffic>): string {
  if (lastAt === undefined) return 'no callback in 24 h 24 小时内没有回调';
  const which = Object.entries(kinds).map(([kind, many]) => `${kind} ${many}`);
  return `last 最后一次 ${iso(lastAt).slice(0, 16)}Z · 24 h: ${count}${which.length > 0 ? ` (${which.join(', ')})` : ''}`;
}

/** Where the pair is entered; the pair itself only where a person reads. */
function consoleSteps({ name, secretApp }: WeComApp, pair: NewPair, shows: boolean): string[] {
  const page =
    name === secretApp
      ? `应用管理 → ${name} → 接收消息 → 设置API接收`
      : '微信客服 → API → 回调设置（通讯录同步：管理工具 → 通讯录同步 → 接收事件服务器）';
  return [
    '',
    `WeCom’s console 管理后台: ${page}`,
    ...(shows
      ? [`  Token           ${pair.token}`, `  EncodingAESKey  ${pair.encodingAesKey}`]
      : ['  (not a terminal: --reveal prints the pair 非终端：加 --reveal 显示)']),
    '  → 保存. 「openapi回调地址请求不通过」: save again 请再保存一次',
    `Then 然后: npm run ops -- secrets rotate --app ${name} --wait, npm run ops -- secrets finish --app ${name}`,
  ];
}

function numberOf(name: string, text: string): number {
  if (!/^\d{1,4}(\.\d+)?$/.test(text)) throw new Refusal(`--${name} has to be a number. --${name} 须为数字。`);
  return Number(text);
}

const iso = (at: Instant): string => new Date(at).toISOString();
