import type { Random } from './random.ts';

export interface CallbackCredentials {
  token: string;
  encodingAesKey: string;
  receiveIds: readonly string[];
}

export interface AppSetup {
  agentId?: number;
  secret?: string;
  /** For a callback source without a secret of its own: the app it belongs to. */
  secretOf?: string;
  /** The first one is in use; the others are for a change of credentials. Absent: one pair from the seed. */
  callbacks?: readonly CallbackCredentials[];
  /** Whether the app is listed under 可调用接口的应用 (else 48002). Default true. */
  kfApi?: boolean;
  /** Whether kf news is sent to this source's callback address. Default true. */
  receivesKf?: boolean;
  /** Whether the app is listed under 客户联系 → 可调用接口的应用 (else 48002). Default true. */
  contactApi?: boolean;
  /** Whether our address is among 企业可信IP (else 60020 for everything but gettoken). Default true. */
  trustsAddress?: boolean;
  /** Whether the app is listed under 获客助手 → 可调用接口的应用 (else 48002). Default true. */
  linksApi?: boolean;
  /** 可信域名, as agent/get tells it. */
  trustedDomain?: string;
  /** The 外部联系人变更回调 switch. Default: on for an app, off for a source that shares an app's secret. */
  receivesContacts?: boolean;
  /** Whether it hears of `change_contact`, as the directory-sync helper does and an ordinary app does not. Default false. */
  receivesDirectory?: boolean;
}

/** What WeCom and its console know about a member; `Console.changeMember` changes it at any time. */
export interface MemberTraits {
  name: string;
  /** Whether the member has activated WeCom (else status 4, 41054). */
  activated: boolean;
  /** Disabled by the administrator (status 2). */
  disabled: boolean;
  /** Has left the corp (60111 everywhere). */
  left: boolean;
  /** Real-name verified (else 40098). */
  verified: boolean;
  /** Enabled for 客户联系 (else 84074). */
  contacts: boolean;
  /** The apps that have the member in their visible range (else 60011): all, none, or those named. */
  visible: boolean | readonly string[];
  /** Has signed in lately (else a welcome message is 92599). */
  signedIn: boolean;
  /** A welcome message of the console's keeps WeCom from giving welcome codes. */
  consoleWelcome: boolean;
  /** Chats are archived: a welcome needs the customer's consent first (41053). */
  archived: boolean;
  /** WeCom's own limit: further customers can open the profile, and adding fails without a word to the corp. */
  customerLimit: number;
}

export interface MemberSetup extends Partial<MemberTraits> {
  userid: string;
}

export interface DepartmentSetup {
  members: readonly string[];
  name?: string;
  /** Default: 1, the corp itself. */
  parent?: number;
  /** As a member's. */
  visible?: boolean | readonly string[];
}

export interface ServicerSetup {
  userid: string;
  /** Default true. */
  receiving?: boolean;
  /** Whether the member has activated WeCom. Default true. */
  activated?: boolean;
}

export interface AccountSetup {
  openKfId: string;
  name?: string;
  /** The apps that may manage it: all (true, the default), none, or those named. */
  managed?: boolean | readonly string[];
  servicers?: readonly (string | ServicerSetup)[];
  /** Servicers by department: they have no status in `kf/servicer/list`. */
  departments?: readonly number[];
  /** A welcome message set in the console keeps WeCom from giving welcome codes. */
  consoleWelcome?: boolean;
}

export interface CorpSetup {
  corpId?: string;
  apps?: Readonly<Record<string, AppSetup>>;
  accounts?: readonly AccountSetup[];
  /** Members in the app's visible range besides the servicers. */
  members?: readonly (string | MemberSetup)[];
  /** Number 1, the corp itself, is always there; who is in no other department is in that one. */
  departments?: Readonly<Record<number, readonly string[] | DepartmentSetup>>;
  /** An unverified corp may have 10 kf accounts (95027). Default true. */
  verified?: boolean;
}

export interface App {
  readonly name: string;
  readonly agentId: number;
  secret: string | undefined;
  readonly secretOf: string | undefined;
  readonly credentials: readonly CallbackCredentials[];
  readonly kfApi: boolean;
  readonly receivesKf: boolean;
  readonly contactApi: boolean;
  readonly trustsAddress: boolean;
  readonly linksApi: boolean;
  readonly trustedDomain: string | undefined;
  readonly receivesContacts: boolean;
  readonly receivesDirectory: boolean;
  credentialsInUse: CallbackCredentials;
  callbackUrl: string | undefined;
}

export type Reception = 'receiving' | 'stopped' | 'suspended';

export interface Member extends MemberTraits {
  readonly userid: string;
}

export interface Department {
  readonly id: number;
  readonly name: string;
  /** 0 for the corp itself. */
  readonly parentId: number;
  readonly visible: boolean | readonly string[];
  members: readonly string[];
}

export interface Account {
  readonly openKfId: string;
  name: string;
  avatar: string;
  readonly managedBy: Set<string>;
  /** By lower-cased userid. */
  readonly reception: Map<string, Reception>;
  readonly departments: Set<number>;
  readonly consoleWelcome: boolean;
}

export interface Corp {
  readonly corpId: string;
  readonly verified: boolean;
  readonly apps: ReadonlyMap<string, App>;
  readonly accounts: Map<string, Account>;
  /** By lower-cased userid: WeCom does not tell `ZhangSan` from `zhangsan`. */
  readonly members: Map<string, Member>;
  readonly departments: Map<number, Department>;
}

const PEOPLE = ['zhangsan', 'lisi', 'wangwu'];

/** Two accounts, three people who serve both, one app that may do everything. */
export const readyCorp: CorpSetup = {
  accounts: [
    { openKfId: 'wkSUPPORT00000000000000000000001', name: 'Support', servicers: PEOPLE },
    { openKfId: 'wkSALES000000000000000000000001', name: 'Sales', servicers: PEOPLE },
  ],
};

export function buildCorp(setup: CorpSetup, random: Random): Corp {
  const corpId = setup.corpId ?? 'ww0123456789abcdef';
  const apps = new Map(
    Object.entries(setup.apps ?? { main: {} }).map(([name, app]) => [name, buildApp(name, app, corpId, random)]),
  );
  const members = new Map<string, Member>();
  const know = (userid: string, activated = true) => {
    const known = members.get(userid.toLowerCase());
    if (known === undefined) members.set(userid.toLowerCase(), buildMember({ userid, activated }));
    else if (!activated) known.activated = false;
  };
  for (const one of setup.members ?? []) {
    const member = buildMember(typeof one === 'string' ? { userid: one } : one);
    members.set(member.userid.toLowerCase(), member);
  }
  const named = Object.entries(setup.departments ?? {}).map(([id, one]) => buildDepartment(Number(id), one));
  for (const userid of named.flatMap((one) => one.members)) know(userid);
  const accounts = new Map<string, Account>();
  for (const account of setup.accounts ?? readyCorp.accounts ?? []) {
    const servicers = (account.servicers ?? []).map((one) => (typeof one === 'string' ? { userid: one } : one));
    for (const servicer of servicers) know(servicer.userid, servicer.activated);
    accounts.set(account.openKfId, buildAccount(account, servicers, [...apps.values()]));
  }
  const departments = withRoot(named, members);
  return { corpId, verified: setup.verified ?? true, apps, accounts, members, departments };
}

function buildMember({ userid, ...traits }: MemberSetup): Member {
  return {
    userid,
    name: userid,
    activated: true,
    disabled: false,
    left: false,
    verified: true,
    contacts: true,
    visible: true,
    signedIn: true,
    consoleWelcome: false,
    archived: false,
    customerLimit: Number.POSITIVE_INFINITY,
    ...traits,
  };
}

const ROOT = 1;

function isList(setup: readonly string[] | DepartmentSetup): setup is readonly string[] {
  return Array.isArray(setup);
}

function buildDepartment(id: number, setup: readonly string[] | DepartmentSetup): Department {
  const described: DepartmentSetup = isList(setup) ? { members: setup } : setup;
  const { members, name = `Department ${id}`, parent = id === ROOT ? 0 : ROOT, visible = true } = described;
  return { id, name, parentId: parent, visible, members };
}

function withRoot(named: readonly Department[], members: ReadonlyMap<string, Member>): Map<number, Department> {
  const departments = new Map(named.map((one) => [one.id, one]));
  const placed = new Set(named.flatMap((one) => one.members.map((userid) => userid.toLowerCase())));
  const others = [...members.values()].filter((one) => !placed.has(one.userid.toLowerCase())).map((one) => one.userid);
  const root = departments.get(ROOT) ?? buildDepartment(ROOT, []);
  root.members = [...root.members, ...others];
  return departments.set(ROOT, root);
}

function buildApp(name: string, setup: AppSetup, corpId: string, random: Random): App {
  const own = { token: random.text(24), encodingAesKey: random.text(43), receiveIds: [corpId] };
  const credentials = setup.callbacks ?? [own];
  return {
    name,
    agentId: setup.agentId ?? 1_000_002,
    secret: setup.secretOf === undefined ? (setup.secret ?? random.text(43)) : undefined,
    secretOf: setup.secretOf,
    credentials,
    kfApi: setup.kfApi ?? true,
    receivesKf: setup.receivesKf ?? true,
    contactApi: setup.contactApi ?? true,
    trustsAddress: setup.trustsAddress ?? true,
    linksApi: setup.linksApi ?? true,
    trustedDomain: setup.trustedDomain,
    receivesContacts: setup.receivesContacts ?? setup.secretOf === undefined,
    receivesDirectory: setup.receivesDirectory ?? false,
    credentialsInUse: credentials[0] ?? own,
    callbackUrl: undefined,
  };
}

function buildAccount(setup: AccountSetup, servicers: readonly ServicerSetup[], apps: readonly App[]): Account {
  const all = apps.filter((app) => app.secretOf === undefined).map((app) => app.name);
  const managed = setup.managed ?? true;
  return {
    openKfId: setup.openKfId,
    name: setup.name ?? setup.openKfId.slice(-8),
    avatar: `https://wework.qpic.cn/wwhead/${setup.openKfId}/0`,
    managedBy: new Set(typeof managed === 'boolean' ? (managed ? all : []) : managed),
    reception: new Map(
      servicers.map((one) => [one.userid.toLowerCase(), one.receiving === false ? 'stopped' : 'receiving']),
    ),
    departments: new Set(setup.departments ?? []),
    consoleWelcome: setup.consoleWelcome ?? false,
  };
}

/** The member with this userid, or undefined for nobody and for who has left. */
export function memberOf(corp: Corp, userid: string): Member | undefined {
  const member = corp.members.get(userid.toLowerCase());
  return member?.left ? undefined : member;
}

/** How a person stands on an account; undefined for somebody who does not serve it. */
export function receptionOf(corp: Corp, account: Account, userid: string): Reception | undefined {
  const own = account.reception.get(userid.toLowerCase());
  if (own !== undefined) return own;
  const inDepartment = [...account.departments].some((id) =>
    corp.departments.get(id)?.members.some((one) => one.toLowerCase() === userid.toLowerCase()),
  );
  return inDepartment ? 'receiving' : undefined;
}

/** Who can be given a conversation of this account now: activated and receiving. */
export function receivingPeople(corp: Corp, account: Account): string[] {
  return [...corp.members.values()]
    .filter((member) => member.activated && !member.left && receptionOf(corp, account, member.userid) === 'receiving')
    .map((member) => member.userid);
}

/** The `WECOM_SECRETS` setting that fits this corp. */
export function secretsOf(corp: Corp): object {
  return {
    corpId: corp.corpId,
    apps: Object.fromEntries(
      [...corp.apps.values()].map((app) => [
        app.name,
        app.secretOf === undefined
          ? { agentId: app.agentId, secret: app.secret, callbacks: app.credentials }
          : { secretOf: app.secretOf, callbacks: app.credentials },
      ]),
    ),
  };
}
