import { type Clock, HOUR, type Instant, MINUTE, SECOND } from '../platform/clock.ts';
import { isInfrastructureError } from '../platform/infrastructure.ts';
import { errorFields, log } from '../platform/log.ts';
import { count } from '../platform/metrics.ts';
import type { Signal } from '../platform/wakes.ts';
import { isOutage, parkedUntil, WeComError } from './errors.ts';
import type { KfApi } from './kf-api.ts';
import { type KfAgentStatus, type KfItem, parseItem } from './kf-messages.ts';
import type { Account, WeComStore } from './wecom-store.ts';

/** WeCom: a callback's pull token is valid for ten minutes. One that could run out under way is not sent. */
const TOKEN_LIFE = 10 * MINUTE - 15 * SECOND;
/** How long after its last pull the sweep asks for an account again, in case a callback was lost. */
const PULL_AGAIN_AFTER = 5 * MINUTE;
/** Reception status is read anew this often; in between WeCom's events keep it. */
const SERVICERS_AGAIN_AFTER = HOUR;
/** How far WeCom's clock and ours may lie apart without one of its events being taken for older than our reading. */
const CLOCKS_DIFFER = 5 * SECOND;
/** An empty page may have more behind it. After so many in a row that do not even move the cursor, the pull rests a while. */
const STANDSTILLS = 5;
const STUCK = 5 * SECOND;
/** What one page may take; with less time left the pull stops and signals itself. */
const TIME_FOR_A_PAGE = 15 * SECOND;
/** Conversations whose inboxes are filled side by side. */
const SIDE_BY_SIDE = 16;

/** WeCom: the account is not ours to pull: not granted to the app, unknown, or deleted. */
const NOT_OURS: ReadonlySet<number> = new Set([48007, 60252, 95000, 95004]);
const BAD_PULL_TOKEN = 95007;

/** A pull that has to wait, and what its callback brought. */
export interface PutOff {
  readonly app: string;
  readonly openKfId: string;
  readonly token?: string;
  readonly receivedAt?: Instant;
}

/** A pulled item with its place in the account's order. */
export interface PulledItem {
  readonly item: Exclude<KfItem, { kind: 'agent-status' | 'unreadable' }>;
  readonly cursorVersion: number;
  readonly index: number;
  readonly app: string;
  /** History, not to be answered: it was there long before we were. */
  readonly old: boolean;
}

export interface SyncMessages {
  readonly store: WeComStore;
  readonly corpId: string;
  readonly clock: Clock;
  readonly random: () => number;
  /** The first pull of an account replays three days; what is older than this then becomes history. Milliseconds. */
  readonly answerNothingOlderThan: number;
  kfFor(app: string): KfApi;
  /** Puts the items into their conversation's inbox, in order, and only then wakes it (rule 1). Repeats are harmless. */
  deliver(openKfId: string, customerId: string, items: readonly PulledItem[]): Promise<void>;
  notePresence(agentId: string, openKfId: string, status: KfAgentStatus['status'], at: Instant): Promise<void>;
  /** Everybody on WeCom's list of an account, as of then; departments are not read. */
  noteListed(openKfId: string, agentIds: readonly string[], asOf: Instant): Promise<void>;
  signal(signal: Signal): Promise<void>;
  /** Has the account pulled again then, with the callback's token if it is still good. */
  armPull(pull: PutOff, at: Instant): Promise<void>;
  /** Puts an agent's answer to a card into its conversation's inbox, and wakes it. Repeats are harmless. */
  hearCard(tap: Extract<Signal, { kind: 'card' }>): Promise<void>;
  /** Lets operators see an item that could not be read; ids and reasons only. */
  setAside(record: { openKfId: string; itemId: string; reason: string }): Promise<void>;
}

/**
 * Handles the signals of one group, which are all about one account (or one app's list of accounts). However many there are,
 * the account is pulled once: a signal only says that there is something.
 */
export function syncMessages(room: SyncMessages) {
  const { store, clock } = room;

  return async function sync(signals: readonly Signal[], deadline: Instant): Promise<void> {
    for (const signal of signals) if (signal.kind === 'accounts') await followAccounts(signal);
    for (const signal of signals) if (signal.kind === 'card') await room.hearCard(signal);
    const pulls = signals.filter((signal) => signal.kind === 'pull');
    // The newest of the tokens serves all pages (rule 20).
    const newest = pulls.toSorted((a, b) => Number(!a.token) - Number(!b.token) || b.receivedAt - a.receivedAt)[0];
    if (newest) await pull(newest, deadline);
  };

  async function followAccounts(signal: Extract<Signal, { kind: 'accounts' }>): Promise<void> {
    const { app, createdAt: at } = signal;
    for (const openKfId of signal.withdrawn) {
      if (await store.stopAccount({ openKfId, app, at })) log.info('account withdrawn', { app, openKfId });
    }
    for (const openKfId of signal.granted) {
      if (!(await store.startAccount({ openKfId, app, at }))) continue;
      log.info('account granted', { app, openKfId });
      await room.signal({ v: 1, kind: 'pull', app, openKfId, createdAt: at, receivedAt: clock() });
    }
  }

  async function pull(signal: Extract<Signal, { kind: 'pull' }>, deadline: Instant): Promise<void> {
    const { app, openKfId } = signal;
    let account = await accountToPull(signal);
    if (!account) return;
    const kf = room.kfFor(app);
    let token = signal.token;
    let standstills = 0;
    for (;;) {
      if (clock() > deadline - TIME_FOR_A_PAGE) {
        // Without a token that WeCom refused or that ran out: it would only cost another refusal.
        const { token: _, ...rest } = signal;
        return room.signal(token === undefined ? rest : { ...rest, token });
      }
      if (token !== undefined && clock() >= signal.receivedAt + TOKEN_LIFE) token = undefined;
      if (token === undefined) {
        const budget = await store.takePull(room.corpId, clock());
        if (!budget.granted) return park({ app, openKfId }, budget.retryAt + Math.round(room.random() * 20 * SECOND));
      }
      const page = await readPage(kf, account, token);
      if (page === 'bad-token') {
        token = undefined;
        continue;
      }
      if (page === 'stop') return;
      const fresh = token === undefined ? {} : { token, receivedAt: signal.receivedAt };
      if ('until' in page) return park({ app, openKfId, ...fresh }, page.until);

      const movesOn = !page.hasMore || page.items.length > 0 || page.nextCursor !== account.cursor;
      standstills = movesOn ? 0 : standstills + 1;
      if (standstills > STANDSTILLS) return park({ app, openKfId, ...fresh }, clock() + STUCK);
      await deliverPage(account, page.items);
      const moved: Account | undefined = await store.moveCursor(account, {
        cursor: page.nextCursor ?? account.cursor ?? '',
        at: clock(),
        drained: !page.hasMore,
        heardAt: signal.token === undefined ? undefined : signal.receivedAt,
        attentionAt: clock() + PULL_AGAIN_AFTER,
      });
      // Somebody else pulled this page too and moved on; or the account was withdrawn. What we put was put before the move.
      if (!moved) return;
      account = moved;
      if (!page.hasMore) break;
    }
    await refreshServicers(kf, account);
  }

  async function accountToPull(signal: Extract<Signal, { kind: 'pull' }>): Promise<Account | undefined> {
    const { app, openKfId, createdAt } = signal;
    const account = await store.readAccount(openKfId);
    if (!account) {
      await store.startAccount({ openKfId, app, at: createdAt });
      return store.readAccount(openKfId);
    }
    if (account.status === 'granted') return account;
    // News of an account that was withdrawn: perhaps an old callback, perhaps the grant's own callback was lost. WeCom knows.
    if (signal.token === undefined || createdAt <= account.statusAt || !(await isGranted(app, openKfId)))
      return undefined;
    await store.startAccount({ openKfId, app, at: createdAt });
    return store.readAccount(openKfId);
  }

  async function isGranted(app: string, openKfId: string): Promise<boolean> {
    try {
      const accounts = await room.kfFor(app).listAccounts();
      return accounts.some((account) => account.openKfId === openKfId && account.managed === true);
    } catch (error) {
      if (!isOutage(error) && !(error instanceof WeComError)) throw error;
      log.warn('accounts not readable', { app, openKfId, ...errorFields(error) });
      return false;
    }
  }

  async function readPage(
    kf: KfApi,
    { app, openKfId, cursor }: Account,
    token: string | undefined,
  ): Promise<Awaited<ReturnType<KfApi['syncMessages']>> | 'bad-token' | 'stop' | { until: Instant }> {
    try {
      return await kf.syncMessages({ openKfId, cursor, token });
    } catch (error) {
      const errcode = error instanceof WeComError ? error.errcode : undefined;
      if (errcode === BAD_PULL_TOKEN && token !== undefined) return 'bad-token';
      if (errcode !== undefined && NOT_OURS.has(errcode)) {
        // In whole seconds, as WeCom's own news: a grant of this very second wins.
        await store.stopAccount({ openKfId, app, at: wholeSecond(clock()) });
        log.warn('account not granted any more', { app, openKfId, errcode });
        count('AccountsStopped', { app });
        return 'stop';
      }
      if (!isOutage(error) && errcode === undefined) throw error;
      log.warn('pull put off', { app, openKfId, errcode, ...errorFields(error) });
      // What WeCom refuses for good is no better in a few seconds, and every try without a token is taken from all accounts.
      const rest = isOutage(error) ? 0 : MINUTE;
      return { until: rest + parkedUntil(error, clock(), 0, room.random()) };
    }
  }

  /** The other side sleeps: the pull is noted, a timer armed, the signal acknowledged (rule 19). */
  async function park(pull: PutOff, at: Instant): Promise<void> {
    await store.notePullDue(pull.openKfId, at);
    await room.armPull(pull, at);
    count('PullsPutOff', { app: pull.app });
  }

  async function deliverPage(account: Account, raw: readonly unknown[]): Promise<void> {
    const { app, openKfId } = account;
    const oldBefore = account.firstPullDone ? 0 : clock() - room.answerNothingOlderThan;
    const byCustomer = new Map<string, PulledItem[]>();
    for (const [index, one] of raw.entries()) {
      const item = parseItem(one, openKfId, clock());
      if (item.kind === 'agent-status') {
        await room.notePresence(item.agentId, item.openKfId, item.status, item.sentAt);
      } else if (item.kind === 'unreadable' || item.customerId === undefined) {
        const reason = item.kind === 'unreadable' ? item.reason : `${item.kind} without a customer`;
        await room.setAside({ openKfId, itemId: item.id, reason });
        log.error('item set aside', { openKfId, entry: item.id, reason });
        count('EntrySetAside', { queue: 'signals' });
      } else {
        const pulled = { item, cursorVersion: account.version, index, app, old: item.sentAt < oldBefore };
        byCustomer.set(item.customerId, [...(byCustomer.get(item.customerId) ?? []), pulled]);
      }
    }
    // A welcome code lives 20 seconds from the customer's entering: those conversations go first.
    const [urgent, others] = [...byCustomer].reduce<[Delivery[], Delivery[]]>(
      (sorted, delivery) => {
        sorted[delivery[1].some(({ item }) => item.kind === 'entered' && item.welcomeCode) ? 0 : 1].push(delivery);
        return sorted;
      },
      [[], []],
    );
    for (const deliveries of [urgent, others]) {
      const waiting = deliveries.values();
      const lane = async (): Promise<void> => {
        for (const [customerId, items] of waiting) await deliverOrSetAside(openKfId, customerId, items);
      };
      await Promise.all(Array.from({ length: SIDE_BY_SIDE }, lane));
    }
    count('ItemsPulled', { app }, raw.length);
  }

  /** An item that cannot be kept is set aside; what stands around it, and the account, go on. */
  async function deliverOrSetAside(openKfId: string, customerId: string, items: readonly PulledItem[]): Promise<void> {
    try {
      await room.deliver(openKfId, customerId, items);
    } catch (error) {
      if (isInfrastructureError(error)) throw error;
      const [first, ...others] = items;
      if (!first) return;
      if (others.length > 0) {
        for (const one of items) await deliverOrSetAside(openKfId, customerId, [one]);
        return;
      }
      const reason = `cannot be kept (${errorFields(error).error})`;
      await room.setAside({ openKfId, itemId: first.item.id, reason });
      log.error('item set aside', { openKfId, entry: first.item.id, reason });
      count('EntrySetAside', { queue: 'signals' });
    }
  }

  /** Presence is keyed (account, agent), read at the start and hourly, because an event that was lost cannot be pulled again. */
  async function refreshServicers(kf: KfApi, { openKfId, servicersReadAt = 0 }: Account): Promise<void> {
    const now = clock();
    if (now < servicersReadAt + SERVICERS_AGAIN_AFTER) return;
    await store.noteServicersRead(openKfId, now);
    try {
      // Events carry whole seconds of WeCom's clock: one that came after this list must not look older than it.
      const asOf = wholeSecond(now) - CLOCKS_DIFFER;
      const entries = await kf.listServicers(openKfId);
      const listed = entries.flatMap((entry) => ('agentId' in entry ? [entry] : []));
      for (const { agentId, status } of listed) await room.notePresence(agentId, openKfId, status, asOf);
      // Who serves by a department is not named, so nobody can be missed.
      if (listed.length < entries.length) return;
      const agentIds = listed.map(({ agentId }) => agentId);
      await room.noteListed(openKfId, agentIds, asOf);
    } catch (error) {
      if (!isOutage(error) && !(error instanceof WeComError)) throw error;
      // Not worth a retry before the next hour: who cannot take a session says so when one is moved to him.
      log.warn('servicers not readable', { openKfId, ...errorFields(error) });
    }
  }
}

const wholeSecond = (at: Instant): Instant => Math.floor(at / SECOND) * SECOND;

type Delivery = [customerId: string, items: PulledItem[]];
