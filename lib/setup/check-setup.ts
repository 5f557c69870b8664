import type { Clock } from '../platform/clock.ts';
import type { WeComApi } from '../wecom/api.ts';
import { parseSecrets, type WeComSecrets, WrongSecrets } from '../wecom/secrets.ts';
import { type CheckTraffic, checkAccountTraffic, checkContactTraffic } from './check-traffic.ts';
import { checkApp, checkSecret, type House } from './check-wecom.ts';
import { echoQuery } from './echo.ts';
import type { Echo, Finding, SetupReport } from './finding.ts';
import { identityOf, judgeCodesOfOthers } from './identity.ts';
import { failed, listed, notOk, ok } from './judge.ts';
import { judgeWayDuties } from './judge-duty.ts';

/** What `check-setup` is asked for. `traffic` alone looks only for what came since then, as a live probe waits for it. */
export interface SetupQuestion {
  readonly traffic?: { readonly since: number; readonly account?: string | undefined } | undefined;
  /** Only as whom the stage calls WeCom, with digits that whoever asks made up. */
  readonly who?: { readonly nonce: string } | undefined;
  /** Looks only whether WeCom takes this Secret of an app, which is not stored yet. */
  readonly candidate?: { readonly app: string; readonly secret: string } | undefined;
}

/** A member whom WeCom refused in a contact way's list, in the word of `memberFault`. */
export interface RefusedInWay {
  readonly agentId: string;
  readonly reason: string;
}

/** What the stage is configured to do, and what became of it. */
export interface WholeHouse extends House {
  readonly refused: readonly RefusedInWay[];
  /** Whether who comes by this way, or by none, is to be welcomed. */
  welcomes(wayId: string | undefined): boolean;
  /** Stages, other than this one, whose codes the nightly comparison found at our apps. */
  readonly strangers: readonly string[];
  /** Ways that are only observed; `*` for all that have no setting of their own. */
  readonly observedWays: readonly string[];
}

export interface CheckSetup {
  readonly clock: Clock;
  /** The JSON of the credentials, or why it cannot be read: the place and the mend. */
  readSecrets(): Promise<{ readonly json: string } | { readonly problem: string }>;
  house(): Promise<WholeHouse>;
  /** The accounts that the configuration names, of which the stage has not let go and which it does not only observe. */
  served(): Promise<readonly string[]>;
  apiFor(secrets: WeComSecrets, house: WholeHouse): { api: WeComApi; traffic: CheckTraffic };
  /** What WeCom's clock says more than ours, in milliseconds; undefined before any answer. */
  skew(): number | undefined;
  /** Digits that nobody has seen. */
  digits(length: number): string;
}

/** More than this, and callbacks look stale and tokens end at the wrong time. */
const SKEW_AT_MOST = 60_000;

/** Goes through the set-up path, from the credentials to the traffic. Changes nothing, and never throws for what an operator can mend. */
export function checkSetup(room: CheckSetup): (question: SetupQuestion) => Promise<SetupReport> {
  return async ({ traffic, candidate, who }) => {
    const secrets = await readOrFail(room);
    if (!('apps' in secrets)) return { findings: [secrets], echoes: [] };
    if (who) return { findings: [], echoes: [], identity: identityOf(secrets, who.nonce, await room.served()) };
    const house = await room.house();
    if (candidate) {
      const { api } = room.apiFor(withSecret(secrets, candidate), house);
      return { findings: [...(await checkSecret(api, candidate.app))], echoes: [] };
    }
    const { api, traffic: checks } = room.apiFor(secrets, house);
    const apps = [...secrets.apps.values()].filter(({ name, secretApp }) => name === secretApp).map(({ name }) => name);
    const [main = 'main'] = apps;

    if (traffic) {
      const found =
        traffic.account === undefined
          ? await checkContactTraffic(checks, main, house.wayMembers, traffic.since)
          : await checkAccountTraffic(checks, main, traffic.account, traffic.since);
      return { findings: found, echoes: [] };
    }

    const findings: Finding[] = [
      ...checkCredentials(secrets),
      ...checkHouse(house),
      ...judgeCodesOfOthers(house.strangers),
      ...judgeWayDuties(house.observedWays),
      CORP_VERIFIED,
      UNION_IDS,
    ];
    for (const app of apps) {
      const { findings: found, managed, contacts } = await checkApp({ secrets, api, house }, app);
      findings.push(...found);
      for (const openKfId of managed) findings.push(...(await checkAccountTraffic(checks, app, openKfId)));
      if (contacts && house.wayMembers.length > 0) {
        findings.push(...(await checkContactTraffic(checks, app, house.wayMembers)));
      }
    }
    findings.push(...checkClock(room.skew()));
    return { findings, echoes: echoesOf(secrets, room) };
  };
}

/** As if the app's Secret was this one. */
function withSecret(secrets: WeComSecrets, { app, secret }: { app: string; secret: string }): WeComSecrets {
  return { ...secrets, secretFor: (name) => (name === app ? secret : secrets.secretFor(name)) };
}

async function readOrFail(room: CheckSetup): Promise<WeComSecrets | Finding> {
  const unusable = (problem: string) => failed('secrets', 2, { zh: `凭证无法使用：${problem}`, en: problem });
  const read = await room.readSecrets();
  if ('problem' in read) return unusable(read.problem);
  try {
    return parseSecrets(read.json);
  } catch (error) {
    // It names the fields and the mend, and quotes no value.
    if (!(error instanceof WrongSecrets)) throw error;
    return unusable(error.message);
  }
}

function checkCredentials({ apps, corpId }: WeComSecrets): Finding[] {
  const findings: Finding[] = [];
  for (const { name, callbacks } of apps.values()) {
    if (callbacks.length === 0) {
      findings.push(
        failed(
          'callback-credentials',
          2,
          { zh: '没有 Token 与 EncodingAESKey', en: 'there are no Token and EncodingAESKey' },
          name,
        ),
      );
    } else {
      // Token and key have their form, or the secrets would not have been read.
      findings.push(
        ok(
          'callback-credentials',
          2,
          {
            zh: `${callbacks.length} 组 Token 与 EncodingAESKey，格式正确`,
            en: `${callbacks.length} pairs of Token and EncodingAESKey, of the right form`,
          },
          name,
        ),
      );
    }
    const strange = callbacks.some(({ receiveIds }) => !receiveIds.includes(corpId));
    if (strange) {
      findings.push(
        notOk(
          'receive-id',
          1,
          'unknown',
          {
            zh: 'receiveIds 不含企业ID：除非是服务商回调，否则应去掉',
            en: 'receiveIds do not hold the corp id: leave them out unless these are a provider’s callbacks',
          },
          { about: name },
        ),
      );
    }
  }
  // Customer service may have a source of its own, too (step 11); it hears nothing of members.
  const helpers = [...apps.values()].filter(({ name, secretApp }) => name !== secretApp && name !== 'kf');
  if (helpers.length === 0)
    findings.push(
      notOk('directory-helper', 17, 'skipped', {
        zh: '没有通讯录同步的回调：收不到成员变更事件',
        en: 'there is no callback of the directory helper: changes of members are not told',
      }),
    );
  else
    findings.push(
      ok(
        'directory-helper',
        17,
        { zh: '有共用 Secret 的回调来源', en: 'there is a callback source that shares a secret' },
        helpers[0]?.name,
      ),
    );
  return findings;
}

function checkHouse({ agents, teams, accounts, refused }: WholeHouse): Finding[] {
  const empty = agents.length === 0 || teams.length === 0 || accounts.length === 0;
  const findings: Finding[] = [
    empty
      ? failed('configuration', 18, {
          zh: '还没有应用业务配置（团队、接待人员、客服账号）',
          en: 'no configuration was applied: there are no teams, agents or accounts',
        })
      : ok('configuration', 18, {
          zh: `${teams.length} 个团队、${agents.length} 位接待人员`,
          en: `${teams.length} teams, ${agents.length} agents`,
        }),
  ];
  const of = (reason: string): string[] => [
    ...new Set(refused.filter((one) => one.reason === reason).map(({ agentId }) => agentId)),
  ];
  const unverified = of('not-verified');
  if (unverified.length > 0)
    findings.push(
      failed('real-names', 0, {
        zh: `企业微信因未实名拒绝的成员：${listed(unverified)}`,
        en: `members whom WeCom refuses for want of a verified name: ${listed(unverified)}`,
      }),
    );
  const forbidden = of('no-permission');
  if (forbidden.length > 0)
    findings.push(
      failed('contact-permission', 13, {
        zh: `联系我拒绝的成员（84074）：${listed(forbidden)}`,
        en: `members whom contact ways may not list (84074): ${listed(forbidden)}`,
      }),
    );
  return findings;
}

const CORP_VERIFIED = notOk('corp-verified', 0, 'unknown', {
  zh: '无法通过接口得知企业是否认证：未认证时客服账号最多 10 个（95027），客户数也受限',
  en: 'no API says whether the corp is verified: unverified, it has 10 accounts at most (95027) and few customers',
});
const UNION_IDS = notOk('union-ids', 15, 'skipped', {
  zh: '可选：是否绑定微信开发者ID，只能从客户资料中的 unionid 看出',
  en: 'optional: whether a developer account is bound shows only in a customer’s union id',
});

function checkClock(skew: number | undefined): Finding[] {
  if (skew === undefined) return [];
  const seconds = Math.round(skew / 1000);
  if (Math.abs(skew) <= SKEW_AT_MOST)
    return [
      ok('clock', 2, { zh: `与企业微信的时钟相差 ${seconds} 秒`, en: `${seconds} s between WeCom’s clock and ours` }),
    ];
  const mend = {
    zh: '校准运行环境的时钟；偏差过大时回调会被当作过期',
    en: 'set the clock of the machine right: callbacks look stale otherwise',
  };
  return [
    notOk(
      'clock',
      2,
      'failed',
      { zh: `与企业微信的时钟相差 ${seconds} 秒`, en: `WeCom’s clock and ours differ by ${seconds} s` },
      { mend },
    ),
  ];
}

function echoesOf({ apps }: WeComSecrets, { clock, digits }: CheckSetup): Echo[] {
  return [...apps.values()].flatMap(({ name, callbacks }) =>
    callbacks.map((credential) => {
      const expected = digits(19);
      return { app: name, expected, query: echoQuery(credential, { echo: expected, nonce: digits(10), at: clock() }) };
    }),
  );
}
