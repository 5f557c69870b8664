import type { Agent, Team } from '../routing/agent.ts';
import { servicersWanted } from '../routing/servicers.ts';
import type { WeComApi } from '../wecom/api.ts';
import { readAppSettings } from '../wecom/app-settings.ts';
import { contactApi } from '../wecom/contact-api.ts';
import { kfApi } from '../wecom/kf-api.ts';
import type { WeComSecrets } from '../wecom/secrets.ts';
import type { Finding, Words } from './finding.ts';
import { failed, listed, notOk, ok } from './judge.ts';
import { type AppSettings, judgeSettings } from './judge-settings.ts';
import { stepFor, type Tried, tried, wordsOf } from './tried.ts';

/** What the stage is configured to do, as far as WeCom has to allow it. */
export interface House {
  readonly agents: readonly Agent[];
  readonly teams: readonly Team[];
  readonly accounts: readonly { readonly openKfId: string; readonly teamId: string }[];
  /** Members named by contact ways, lower-cased. */
  readonly wayMembers: readonly string[];
  /** Some way leads to acquisition links. */
  readonly usesLinks: boolean;
  readonly supervisors: readonly string[];
}

export interface CheckWeCom {
  readonly secrets: WeComSecrets;
  readonly api: WeComApi;
  readonly house: House;
}

/** What the checks of one app found, and its accounts for those that come after. */
export interface CheckedApp {
  readonly findings: readonly Finding[];
  /** The customer service accounts that this app manages. */
  readonly managed: readonly string[];
  /** Customer contact may be called. */
  readonly contacts: boolean;
}

/** How many members are asked for one by one. */
const MEMBERS_AT_MOST = 200;

/** Whether WeCom takes this app's Secret and lets us in with it; nothing else is looked at. */
export async function checkSecret(api: WeComApi, app: string): Promise<readonly Finding[]> {
  const asked = await tried(() => tokenOnly(api, app));
  return (
    stopsEverything(asked, app) ?? [
      ok('secret', 4, { zh: '企业微信接受此 Secret', en: 'WeCom takes this Secret' }, app),
    ]
  );
}

/** Works through the set-up path for one app with a secret of its own, as far as WeCom's answers show it. Changes nothing. */
export async function checkApp(room: CheckWeCom, app: string): Promise<CheckedApp> {
  const { api, house, secrets } = room;
  const findings: Finding[] = [];
  const note = (...found: readonly Finding[]): void => void findings.push(...found);
  const agentId = secrets.apps.get(app)?.agentId;
  const kf = kfApi(api, app);
  const contact = contactApi(api, app);

  const settings = await tried(() =>
    agentId === undefined ? tokenOnly(api, app) : readAppSettings(api, app, agentId),
  );
  const stopped = stopsEverything(settings, app);
  if (stopped) {
    note(...stopped, notOk('wecom', 18, 'skipped', SKIPPED, { about: app }));
    return { findings, managed: [], contacts: false };
  }
  note(ok('corp-id', 1, { zh: '企业ID 正确', en: 'the corp id is right' }, app));
  note(ok('trusted-address', 6, { zh: '出口地址受信任', en: 'our outgoing address is trusted' }, app));
  note(...judgeSettings(app, agentId, settings, house.supervisors.length > 0));

  const contacts = await checkContacts();
  const members = await checkMembers();
  const managed = await checkAccounts(members);
  return { findings, managed, contacts };

  async function checkContacts(): Promise<boolean> {
    const wanted = house.wayMembers;
    const followers = await tried(() => contact.followUsers());
    if (!('value' in followers)) {
      const refusal = wordsOf(followers, 'externalcontact/get_follow_user_list');
      const outcome = wanted.length > 0 ? 'failed' : 'skipped';
      note(notOk('contact-permission', stepFor(followers, 'contacts', 13), outcome, refusal, { about: app }));
      return false;
    }
    const missing = wanted.filter((agentId) => !followers.value.includes(agentId));
    if (missing.length > 0) {
      const who = listed(missing);
      note(
        failed(
          'contact-permission',
          13,
          { zh: `没有客户联系权限的成员：${who}`, en: `members without customer contact: ${who}` },
          app,
        ),
      );
    } else
      note(
        ok(
          'contact-permission',
          13,
          { zh: '客户联系可用，成员有权限', en: 'customer contact may be called, and the members have it' },
          app,
        ),
      );
    await checkLinks();
    return true;
  }

  async function checkLinks(): Promise<void> {
    const quota = await tried(() => contact.acquisitionQuota());
    const outcome = house.usesLinks ? 'failed' : 'skipped';
    if (!('value' in quota))
      note(
        notOk('acquisition-links', 16, outcome, wordsOf(quota, 'externalcontact/customer_acquisition_quota'), {
          about: app,
        }),
      );
    else if (quota.value.left === 0)
      note(
        notOk(
          'acquisition-links',
          16,
          outcome,
          { zh: '获客助手没有剩余额度', en: 'no quota is left for acquisition links' },
          { about: app },
        ),
      );
    else
      note(
        ok(
          'acquisition-links',
          16,
          {
            zh: `获客助手可用，剩余 ${quota.value.left}`,
            en: `acquisition links may be made; ${quota.value.left} adds are left`,
          },
          app,
        ),
      );
  }

  /** Each person who is named anywhere, with what WeCom says of him. */
  async function checkMembers(): Promise<ReadonlyMap<string, string>> {
    const servicers = house.agents.filter(({ left }) => !left).map(({ agentId }) => agentId);
    const named = [...new Set([...servicers, ...house.wayMembers, ...house.supervisors])].slice(0, MEMBERS_AT_MOST);
    const known = new Map<string, string>();
    for (const one of named) {
      const status = await tried(() => contact.memberStatus(one));
      if ('value' in status) known.set(one, status.value);
      else {
        note(failed('visible-range', stepFor(status, 'app', 3), wordsOf(status, 'user/get'), app));
        return known;
      }
    }
    const who = (status: string, among: readonly string[] = named) => among.filter((one) => known.get(one) === status);
    const unseen = who('absent');
    if (unseen.length > 0)
      note(
        failed(
          'visible-range',
          3,
          {
            zh: `应用看不到这些成员（不在可见范围，或账号写错）：${listed(unseen)}`,
            en: `the app does not see these members (outside its visible range, or mistyped): ${listed(unseen)}`,
          },
          app,
        ),
      );
    else if (named.length > 0)
      note(
        ok(
          'visible-range',
          3,
          { zh: `应用能看到全部 ${named.length} 位成员`, en: `the app sees all ${named.length} members` },
          app,
        ),
      );
    const silent = who('not-activated', servicers);
    if (silent.length > 0)
      note(
        failed(
          'servicers-log-in',
          12,
          {
            zh: `尚未登录过企业微信的接待人员：${listed(silent)}`,
            en: `servicers who never logged in: ${listed(silent)}`,
          },
          app,
        ),
      );
    const others = who('not-activated').filter((one) => !servicers.includes(one));
    if (others.length > 0)
      note(
        failed(
          'members-activated',
          0,
          { zh: `尚未激活的成员：${listed(others)}`, en: `members who have not activated WeCom: ${listed(others)}` },
          app,
        ),
      );
    const gone = [...who('disabled'), ...who('left')];
    if (gone.length > 0)
      note(
        failed(
          'members-active',
          18,
          {
            zh: `配置中有已停用或离职的成员：${listed(gone)}`,
            en: `the configuration names members who are disabled or have left: ${listed(gone)}`,
          },
          app,
        ),
      );
    return known;
  }

  async function checkAccounts(members: ReadonlyMap<string, string>): Promise<string[]> {
    const list = await tried(() => kf.listAccounts());
    if (!('value' in list)) {
      note(failed('kf-permission', stepFor(list, 'kf', 9), wordsOf(list, 'kf/account/list'), app));
      return [];
    }
    note(ok('kf-permission', 9, { zh: '可以调用微信客服接口', en: 'customer service may be called' }, app));
    const named = house.accounts.map(({ openKfId }) => openKfId).filter((id) => id !== '*');
    if (list.value.length === 0)
      note(failed('accounts', 8, { zh: '没有客服账号', en: 'there is no customer service account' }, app));
    const unknown = named.filter((id) => !list.value.some(({ openKfId }) => openKfId === id));
    if (unknown.length > 0)
      note(
        failed(
          'accounts',
          8,
          {
            zh: `配置中的客服账号不存在：${listed(unknown)}`,
            en: `accounts of the configuration that do not exist: ${listed(unknown)}`,
          },
          app,
        ),
      );
    const managed = list.value.filter((one) => one.managed !== false).map(({ openKfId }) => openKfId);
    const withheld = list.value.filter((one) => one.managed === false).map(({ openKfId }) => openKfId);
    const missed =
      named.length > 0 ? withheld.filter((id) => named.includes(id)) : managed.length === 0 ? withheld : [];
    if (missed.length > 0)
      note(
        failed(
          'managed-accounts',
          10,
          {
            zh: `应用不能管理的客服账号：${listed(missed)}`,
            en: `accounts that the app may not manage: ${listed(missed)}`,
          },
          app,
        ),
      );
    else if (managed.length > 0)
      note(
        ok(
          'managed-accounts',
          10,
          { zh: `应用可管理 ${managed.length} 个客服账号`, en: `the app manages ${managed.length} accounts` },
          app,
        ),
      );
    for (const openKfId of managed) await checkServicers(openKfId, members);
    return managed;
  }

  async function checkServicers(openKfId: string, members: ReadonlyMap<string, string>): Promise<void> {
    const list = await tried(() => kf.listServicers(openKfId));
    if (!('value' in list))
      return note(failed('servicers', stepFor(list, 'kf', 10), wordsOf(list, 'kf/servicer/list'), openKfId));
    const wanted = servicersWanted(house, openKfId);
    if (!wanted)
      return note(
        failed('configuration', 18, { zh: '没有团队接待此客服账号', en: 'no team serves this account' }, openKfId),
      );
    const people = list.value.flatMap((one) => ('agentId' in one ? [one] : []));
    if (people.length === 0) {
      const only = list.value.length > 0;
      return note(
        failed(
          'servicers',
          8,
          only
            ? { zh: '接待人员只按部门设置，看不到状态', en: 'servicers are set by department only, who have no status' }
            : { zh: '没有接待人员', en: 'nobody is a servicer' },
          openKfId,
        ),
      );
    }
    const missing = wanted.filter((id) => !people.some(({ agentId }) => agentId === id));
    if (missing.length > 0)
      note(
        failed(
          'servicers',
          8,
          {
            zh: `团队成员不是接待人员：${listed(missing)}`,
            en: `members of the team who are no servicers: ${listed(missing)}`,
          },
          openKfId,
        ),
      );
    else note(ok('servicers', 8, { zh: `${people.length} 位接待人员`, en: `${people.length} servicers` }, openKfId));
    const receiving = people.filter(
      ({ agentId, status }) => status === 'receiving' || (status === 'unknown' && members.get(agentId) === 'active'),
    );
    if (receiving.length === 0)
      note(failed('receiving', 12, { zh: '目前没有人处于“接待中”', en: 'nobody receives (接待中) now' }, openKfId));
    else
      note(
        ok('receiving', 12, { zh: `${receiving.length} 位接待中`, en: `${receiving.length} receive now` }, openKfId),
      );
  }
}

/** Without an AgentId: any call that says whether the token and our address are good. */
async function tokenOnly(api: WeComApi, app: string): Promise<AppSettings> {
  await contactApi(api, app).memberStatus('nobody');
  return { disabled: false };
}

const SKIPPED: Words = {
  zh: '因以上问题，未检查应用的其他权限',
  en: 'because of this, nothing else of the app was looked at',
};

/** What keeps every call from being answered: said once, and nothing else of the app is asked. */
function stopsEverything(tried: Tried<unknown>, app: string): Finding[] | undefined {
  if ('value' in tried) return undefined;
  if ('errcode' in tried) {
    const { errcode, fromIp } = tried;
    if (errcode === 40013)
      return [
        failed(
          'corp-id',
          1,
          { zh: '企业微信不认识此企业ID（40013）', en: 'WeCom does not know this corp id (40013)' },
          app,
        ),
      ];
    if (errcode === 60020) {
      const ip = fromIp ?? '?';
      return [
        failed(
          'trusted-address',
          6,
          { zh: `出口地址 ${ip} 不在企业可信IP 中（60020）`, en: `our outgoing address ${ip} is not trusted (60020)` },
          app,
        ),
      ];
    }
    if (tried.api === 'gettoken') return [failed('secret', 4, wordsOf(tried, 'gettoken'), app)];
    return undefined;
  }
  if (tried.reason === 'no-secret')
    return [
      failed('secret', 4, { zh: '凭证中没有此应用的 Secret', en: 'the secrets have no Secret for this app' }, app),
    ];
  const words = {
    zh: `企业微信没有可读的回答（${tried.reason}）：检查出站网络、WECOM_API_URL`,
    en: `no readable answer from WeCom (${tried.reason}): look at the way out of the functions, and at WECOM_API_URL`,
  };
  return [failed('reach-wecom', 2, words, app)];
}
