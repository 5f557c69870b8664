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
  members?: readonly string[];
  departments?: Readonly<Record<number, readonly string[]>>;
  /** An unverified corp may have 10 kf accounts (95027). Default true. */
  verified?: boolean;
}

export interface App {
  readonly name: string;
  readonly agentId: number;
  readonly secret: string | undefined;
  readonly secretOf: string | undefined;
  readonly credentials: readonly CallbackCredentials[];
  readonly kfApi: boolean;
  readonly receivesKf: boolean;
  credentialsInUse: CallbackCredentials;
  callbackUrl: string | undefined;
}

export type Reception = 'receiving' | 'stopped' | 'suspended';

export interface Member {
  readonly userid: string;
  activated: boolean;
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
  readonly departments: ReadonlyMap<number, readonly string[]>;
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
    if (known === undefined) members.set(userid.toLowerCase(), { userid, activated });
    else if (!activated) known.activated = false;
  };
  for (const userid of setup.members ?? []) know(userid);
  for (const userid of Object.values(setup.departments ?? {}).flat()) know(userid);
  const accounts = new Map<string, Account>();
  for (const account of setup.accounts ?? readyCorp.accounts ?? []) {
    const servicers = (account.servicers ?? []).map((one) => (typeof one === 'string' ? { userid: one } : one));
    for (const servicer of servicers) know(servicer.userid, servicer.activated);
    accounts.set(account.openKfId, buildAccount(account, servicers, [...apps.values()]));
  }
  const departments = new Map(Object.entries(setup.departments ?? {}).map(([id, people]) => [Number(id), people]));
  return { corpId, verified: setup.verified ?? true, apps, accounts, members, departments };
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

/** The member's own spelling of a userid, or undefined for nobody. */
export function memberOf(corp: Corp, userid: string): Member | undefined {
  return corp.members.get(userid.toLowerCase());
}

/** How a person stands on an account; undefined for somebody who does not serve it. */
export function receptionOf(corp: Corp, account: Account, userid: string): Reception | undefined {
  const own = account.reception.get(userid.toLowerCase());
  if (own !== undefined) return own;
  const inDepartment = [...account.departments].some((id) =>
    corp.departments.get(id)?.some((one) => one.toLowerCase() === userid.toLowerCase()),
  );
  return inDepartment ? 'receiving' : undefined;
}

/** Who can be given a conversation of this account now: activated and receiving. */
export function receivingPeople(corp: Corp, account: Account): string[] {
  return [...corp.members.values()]
    .filter((member) => member.activated && receptionOf(corp, account, member.userid) === 'receiving')
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
