import * as z from 'zod';
import { HOUR, type Instant, MINUTE, SECOND } from '../platform/clock.ts';
import { absent, all, any, atMost, below, equals, type Item, present, type Table } from '../store/table.ts';

/**
 * The room's table: `token#<app>`, `gate#<app>`, `pulls#<corp>#<minute>`, `calls#<name>#<minute>`, `account#<openKfId>`. Everything is read by its
 * key and changed by updates, so the doors need no more than GetItem and UpdateItem; the sweep queries the index `attention`.
 */
export interface WeComStore {
  readToken(app: string): Promise<TokenItem>;
  /** Takes the right to fetch the next token, unless somebody has it, or the token is no longer the one that was `seen`. */
  leaseToken(
    app: string,
    lease: { holder: string; seen: string | undefined; now: Instant; until: Instant },
  ): Promise<boolean>;
  /** Keeps a new token and ends the lease. False when the lease went to somebody else meanwhile. */
  saveToken(app: string, holder: string, token: Token): Promise<boolean>;
  /** Gives the lease back without a token, so that the next caller need not wait it out. */
  releaseToken(app: string, holder: string): Promise<void>;

  readGates(app: string, options?: { consistent?: boolean }): Promise<GateItem>;
  /** Closes a gate; one that stays closed for longer already is left as it is. */
  closeGate(app: string, api: string, closed: Closed): Promise<void>;
  /** Counts a failure to reach the API, unless another was counted since `seen` was read. */
  strike(app: string, api: string, strike: Strikes, seen: Strikes | undefined): Promise<boolean>;
  forgetStrikes(app: string, api: string): Promise<void>;

  /** Takes one of the corp's pulls without a fresh pull token; `retryAt` is when there will be some again. */
  takePull(corpId: string, now: Instant): Promise<Ration>;

  /** Takes one of the `perMinute` calls that `name` may make in a minute; `retryAt` is when there will be some again. */
  takeCall(name: string, perMinute: number, now: Instant): Promise<Ration>;

  readAccount(openKfId: string): Promise<Account | undefined>;
  /** Begins to follow an account, and has it pulled at once. False when later news (by `at`) was noted before. */
  startAccount(account: { openKfId: string; app: string; at: Instant }): Promise<boolean>;
  /** Stops following an account. False when news as late or later was noted before: a grant wins over a withdrawal of the same
   *  second, because a wrong grant shows itself (48007) and a wrong withdrawal loses messages. */
  stopAccount(account: { openKfId: string; app: string; at: Instant }): Promise<boolean>;
  /** Moves the cursor of `account` as it was read. The account after the move; undefined when somebody else moved it, or the
   *  account was withdrawn: then nothing was written, and pulling is to stop. */
  moveCursor(account: Account, move: CursorMove): Promise<Account | undefined>;
  /** A pull is owed at `at`, because the last one could not be finished. */
  notePullDue(openKfId: string, at: Instant): Promise<void>;
  noteServicersRead(openKfId: string, at: Instant): Promise<void>;
  /** Followed accounts that should have been pulled by `now`, longest due first. From an index: it may lag behind. */
  accountsDue(now: Instant, limit: number): Promise<Account[]>;
}

export interface Token {
  readonly token: string;
  /** From here on the next token should be fetched, and until `validUntil` this one may still be used. */
  readonly refreshAt: Instant;
  readonly validUntil: Instant;
}
/** Empty where there never was a token. */
export type TokenItem = { readonly [K in keyof Token]?: Token[K] | undefined };

export type Ration = { readonly granted: true } | { readonly granted: false; readonly retryAt: Instant };

export interface Closed {
  readonly until: Instant;
  readonly reason: string;
}
/** Failures in a row to reach an API. */
export interface Strikes {
  readonly count: number;
  readonly at: Instant;
}
/** By API, e.g. `kf/send_msg`; `*` stands for all of the app's. */
export interface GateItem {
  readonly closed: ReadonlyMap<string, Closed>;
  readonly strikes: ReadonlyMap<string, Strikes>;
}

const Account = z.object({
  openKfId: z.string(),
  app: z.string(),
  status: z.enum(['granted', 'withdrawn']),
  /** Orders grants and withdrawals. */
  statusAt: z.number(),
  cursor: z.string().optional(),
  /** Counts the cursor's moves. The cursor itself may repeat, so it cannot be the condition. */
  version: z.number().default(0),
  /** The first pull replays up to three days; until it has ended, what comes is history. */
  firstPullDone: z.boolean().default(false),
  lastPulledAt: z.number().optional(),
  /** When a callback last told us of the account; what the sweep finds does not count. */
  heardAt: z.number().optional(),
  pullDue: z.number().optional(),
  servicersReadAt: z.number().optional(),
  /** When the sweep should ask for a pull; absent in withdrawn accounts. */
  attentionAt: z.number().optional(),
});
export type Account = Readonly<z.infer<typeof Account>>;

export interface CursorMove {
  readonly cursor: string;
  readonly at: Instant;
  /** WeCom had nothing more: a pull that was due is done. */
  readonly drained: boolean;
  /** When the callback came that this pull follows, if it follows one. */
  readonly heardAt?: Instant | undefined;
  /** When the sweep should ask for the next pull, if no callback does before. */
  readonly attentionAt: Instant;
}

/** WeCom blocks a corp for a minute after ten pulls a minute without a valid token. Half of that leaves room for clocks. */
export const PULLS_PER_MINUTE = 5;

const ATTENTION = 'pull';
const seconds = (at: Instant): number => Math.ceil(at / SECOND);

const StoredToken = z.object({
  token: z.string().optional(),
  refreshAt: z.number().optional(),
  validUntil: z.number().optional(),
});

export function weComStore(table: Table): WeComStore {
  const tokenKey = (app: string) => ({ id: `token#${app}` });
  const gateKey = (app: string) => ({ id: `gate#${app}` });
  const accountKey = (openKfId: string) => ({ id: `account#${openKfId}` });

  /** One more of what there is so much of in every minute. */
  async function take(ration: string, perMinute: number, now: Instant): Promise<Ration> {
    const minute = Math.floor(now / MINUTE);
    const taken = await table.update(
      { id: `${ration}#${minute}` },
      { add: { taken: 1 }, set: { expiresAt: seconds((minute + 1) * MINUTE + HOUR) } },
      { condition: any(absent('taken'), below('taken', perMinute)) },
    );
    return taken ? { granted: true } : { granted: false, retryAt: (minute + 1) * MINUTE };
  }

  return {
    async readToken(app) {
      return StoredToken.parse((await table.get(tokenKey(app), { consistent: true })) ?? {});
    },

    async leaseToken(app, { holder, seen, now, until }) {
      const condition = all(
        any(absent('leaseUntil'), atMost('leaseUntil', now)),
        seen === undefined ? absent('token') : equals('token', seen),
      );
      const change = { set: { leaseHolder: holder, leaseUntil: until } };
      return (await table.update(tokenKey(app), change, { condition })) !== undefined;
    },

    async saveToken(app, holder, { token, refreshAt, validUntil }) {
      const change = {
        set: { token, refreshAt, validUntil, expiresAt: seconds(validUntil + HOUR) },
        remove: ['leaseHolder', 'leaseUntil'],
      };
      return (await table.update(tokenKey(app), change, { condition: equals('leaseHolder', holder) })) !== undefined;
    },

    async releaseToken(app, holder) {
      const change = { remove: ['leaseHolder', 'leaseUntil'] };
      await table.update(tokenKey(app), change, { condition: equals('leaseHolder', holder) });
    },

    async readGates(app, options) {
      return readGateItem((await table.get(gateKey(app), options)) ?? {});
    },

    async closeGate(app, api, { until, reason }) {
      const condition = any(absent(`until:${api}`), below(`until:${api}`, until));
      await table.update(gateKey(app), { set: { [`until:${api}`]: until, [`reason:${api}`]: reason } }, { condition });
    },

    async strike(app, api, { count, at }, seen) {
      const condition = seen ? equals(`struckAt:${api}`, seen.at) : absent(`struckAt:${api}`);
      const change = { set: { [`strikes:${api}`]: count, [`struckAt:${api}`]: at } };
      return (await table.update(gateKey(app), change, { condition })) !== undefined;
    },

    async forgetStrikes(app, api) {
      const change = { remove: [`strikes:${api}`, `struckAt:${api}`] };
      await table.update(gateKey(app), change, { condition: present(`struckAt:${api}`) });
    },

    takePull: (corpId, now) => take(`pulls#${corpId}`, PULLS_PER_MINUTE, now),
    takeCall: (name, perMinute, now) => take(`calls#${name}`, perMinute, now),

    async readAccount(openKfId) {
      const item = await table.get(accountKey(openKfId), { consistent: true });
      return item && Account.parse(item);
    },

    async startAccount({ openKfId, app, at }) {
      const set = { openKfId, app, status: 'granted', statusAt: at, attention: ATTENTION, attentionAt: at };
      const condition = any(absent('statusAt'), atMost('statusAt', at));
      return (await table.update(accountKey(openKfId), { set }, { condition })) !== undefined;
    },

    async stopAccount({ openKfId, app, at }) {
      const change = {
        set: { openKfId, app, status: 'withdrawn', statusAt: at },
        // Granted again, what piled up in between is history like that of a new account.
        remove: ['attention', 'attentionAt', 'pullDue', 'firstPullDone'],
      };
      const condition = any(absent('statusAt'), below('statusAt', at));
      return (await table.update(accountKey(openKfId), change, { condition })) !== undefined;
    },

    async moveCursor(account, { cursor, at, drained, heardAt, attentionAt }) {
      const change = {
        set: { cursor, lastPulledAt: at, attentionAt, heardAt, ...(drained ? { firstPullDone: true } : {}) },
        add: { version: 1 },
        ...(drained ? { remove: ['pullDue'] } : {}),
      };
      const unmoved = account.version === 0 ? absent('version') : equals('version', account.version);
      const condition = all(unmoved, equals('status', 'granted'));
      const moved = await table.update(accountKey(account.openKfId), change, { condition });
      return moved && Account.parse(moved);
    },

    async notePullDue(openKfId, at) {
      const change = { set: { pullDue: at, attentionAt: at } };
      await table.update(accountKey(openKfId), change, { condition: equals('status', 'granted') });
    },

    async noteServicersRead(openKfId, at) {
      const condition = present('status');
      await table.update(accountKey(openKfId), { set: { servicersReadAt: at } }, { condition });
    },

    async accountsDue(now, limit) {
      const { items } = await table.query({ index: 'attention', partition: ATTENTION, sort: { atMost: now }, limit });
      return items.map((item) => Account.parse(item));
    },
  };
}

/** Gates of one app lie flat in one item, so that each can have a condition of its own: `until:<api>`, `struckAt:<api>`, … */
function readGateItem(item: Item): GateItem {
  const number = (attribute: string): number => z.number().catch(0).parse(item[attribute]);
  const apis = (prefix: string) =>
    Object.keys(item).flatMap((attribute) => (attribute.startsWith(prefix) ? [attribute.slice(prefix.length)] : []));
  return {
    closed: new Map(
      apis('until:').map((api) => [api, { until: number(`until:${api}`), reason: String(item[`reason:${api}`]) }]),
    ),
    strikes: new Map(
      apis('struckAt:').map((api) => [api, { count: number(`strikes:${api}`), at: number(`struckAt:${api}`) }]),
    ),
  };
}
