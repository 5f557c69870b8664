import { type Clock, HOUR, type Instant, SECOND } from '../platform/clock.ts';
import { errorFields, log } from '../platform/log.ts';
import type { Signal } from '../platform/wakes.ts';
import { type AccountDutyStore, KNOWN_AFTER, type Run } from './account-duty.ts';
import { isOutage, parkedUntil, WeComError } from './errors.ts';
import type { Entrance, KfApi, KfSession } from './kf-api.ts';
import { parseItem } from './kf-messages.ts';
import type { WeComStore } from './wecom-store.ts';

type RunSignal = Extract<Signal, { kind: 'run' }>;

/** Whoever wrote within it may have an open session (WeCom ends sessions after 48 hours). */
const LOOKED_AT = 48 * HOUR;
/** WeCom refuses parallel calls of one API beyond about five (45033). */
const SIDE_BY_SIDE = 3;
/** WeCom: kf/customer/batchget. */
const IDS_PER_CALL = 100;
/** What a page may take beside its customers, and a customer. */
const TIME_FOR_A_PAGE = 15 * SECOND;
const TIME_FOR_A_CUSTOMER = 5 * SECOND;
const STUCK = 5 * SECOND;

export interface AdoptAccount {
  readonly store: Pick<WeComStore, 'takePull'>;
  readonly duties: AccountDutyStore;
  readonly corpId: string;
  readonly clock: Clock;
  readonly random: () => number;
  kfFor(app: string): KfApi;
  /** Records the place of whoever serves this customer, and tells the conversation. A repeat of the same run changes nothing. */
  takeIn(openKfId: string, customer: TakenIn): Promise<void>;
  /** Has the account pulled then: it is served. */
  pullAt(app: string, openKfId: string, at: Instant): Promise<void>;
  goOn(signal: RunSignal): Promise<void>;
  /** Goes on then. */
  goOnAt(signal: RunSignal, at: Instant): Promise<void>;
}

/** What WeCom shows of a customer. */
export interface TakenIn extends Entrance {
  readonly run: string;
  readonly app: string;
  readonly customerId: string;
  readonly session: KfSession;
  readonly lastCustomerAt?: Instant;
}

/**
 * Takes an account over: reads WeCom's three days, and of everybody who was there in the last 48 hours the session, before anything
 * is routed. Pulls of the account rest in the meantime, and what is written then is answered afterwards, in its order.
 *
 * Goes page by page, and notes each; within a page each customer. A crash, or the end of the invocation's time, costs at most the customers
 * that were just being read.
 */
export function adoptAccount(room: AdoptAccount) {
  const { duties, clock } = room;

  return async function step(signal: RunSignal, deadline: Instant): Promise<void> {
    const { openKfId, app } = signal;
    const kf = room.kfFor(app);
    for (;;) {
      const { run } = await duties.duty(openKfId);
      if (!run || run.id !== signal.run || run.kind !== 'adopt' || run.doneAt !== undefined) return;
      if (clock() < run.startedAt + KNOWN_AFTER) return room.goOnAt(signal, run.startedAt + KNOWN_AFTER);
      if (clock() > deadline - TIME_FOR_A_PAGE) return room.goOn(signal);
      const budget = await room.store.takePull(room.corpId, clock());
      if (!budget.granted) return room.goOnAt(signal, budget.retryAt + Math.round(room.random() * 20 * SECOND));
      try {
        const page = await kf.syncMessages({ openKfId, cursor: run.cursor });
        const stands = page.hasMore && page.items.length === 0 && page.nextCursor === run.cursor;
        if (stands) return room.goOnAt(signal, clock() + STUCK);
        const read = await takeInAll(kf, run, openKfId, page.items, deadline);
        if (read === 'out-of-time') return room.goOn(signal);
        // Another process has noted this page: it goes on.
        if (!(await duties.advance(openKfId, run, { cursor: page.nextCursor, ...read }))) return;
        if (page.hasMore) continue;
      } catch (error) {
        if (!isOutage(error) && !(error instanceof WeComError)) throw error;
        log.warn('adoption put off', { openKfId, ...errorFields(error) });
        return room.goOnAt(signal, parkedUntil(error, clock(), 1, room.random()));
      }
      // Armed before: a run that was finished by a process that died then is not gone on with.
      await room.pullAt(app, openKfId, clock() + KNOWN_AFTER);
      await duties.finish(openKfId, run, clock());
      return;
    }
  };

  async function takeInAll(
    kf: KfApi,
    run: Run,
    openKfId: string,
    items: readonly unknown[],
    deadline: Instant,
  ): Promise<Counts | 'out-of-time'> {
    const seen = customersIn(items, openKfId, run.startedAt - LOOKED_AT, clock());
    const news: Seen[] = [];
    for (const one of seen) if (!(await duties.isTakenIn(run.id, one.customerId))) news.push(one);
    const counts: Counts = { customers: 0, held: 0, pooled: 0, refused: 0 };
    for (let begin = 0; begin < news.length; begin += IDS_PER_CALL) {
      const some = news.slice(begin, begin + IDS_PER_CALL);
      const entrances = await readEntrances(kf, some, openKfId);
      const waiting = some.values();
      const lane = async (): Promise<void> => {
        for (const one of waiting) {
          if (clock() > deadline - TIME_FOR_A_CUSTOMER) throw new OutOfTime();
          await takeInOne(kf, run, openKfId, { ...entrances.get(one.customerId), ...one }, counts);
        }
      };
      try {
        await Promise.all(Array.from({ length: SIDE_BY_SIDE }, lane));
      } catch (error) {
        if (error instanceof OutOfTime) return 'out-of-time';
        throw error;
      }
    }
    return counts;
  }

  async function takeInOne(
    kf: KfApi,
    run: Run,
    openKfId: string,
    seen: Seen & Entrance,
    counts: Counts,
  ): Promise<void> {
    const { customerId } = seen;
    let session: KfSession;
    try {
      session = await kf.readSession(openKfId, customerId);
    } catch (error) {
      if (isOutage(error) || !(error instanceof WeComError)) throw error;
      // Nobody can be taken in whom WeCom does not show; his next message is read like any other's.
      log.warn('session not readable', { openKfId, customerId, errcode: error.errcode });
      counts.refused += 1;
      return duties.noteTakenIn(run.id, customerId, clock());
    }
    await room.takeIn(openKfId, { ...seen, run: run.id, app: run.app, session });
    counts.customers += 1;
    if (session.state === 'person') counts.held += 1;
    if (session.state === 'pool') counts.pooled += 1;
    await duties.noteTakenIn(run.id, customerId, clock());
  }
}

interface Counts {
  customers: number;
  held: number;
  pooled: number;
  refused: number;
}

interface Seen {
  readonly customerId: string;
  readonly lastCustomerAt?: Instant;
}

/** Everybody in these items since then, with when he wrote last. */
function customersIn(items: readonly unknown[], openKfId: string, since: Instant, now: Instant): Seen[] {
  const seen = new Map<string, Seen>();
  for (const raw of items) {
    const item = parseItem(raw, openKfId, now);
    if (!('customerId' in item) || item.customerId === undefined || item.sentAt < since) continue;
    const { customerId, sentAt } = item;
    const before = seen.get(customerId)?.lastCustomerAt;
    const wrote = item.kind === 'message' ? Math.max(sentAt, before ?? 0) : before;
    seen.set(customerId, { customerId, ...(wrote !== undefined && { lastCustomerAt: wrote }) });
  }
  return [...seen.values()];
}

/** How they came is good to know, and no reason to stop. */
async function readEntrances(
  kf: KfApi,
  seen: readonly Seen[],
  openKfId: string,
): Promise<ReadonlyMap<string, Entrance>> {
  try {
    return await kf.readEntrances(seen.map(({ customerId }) => customerId));
  } catch (error) {
    if (isOutage(error) || !(error instanceof WeComError)) throw error;
    log.warn('entrances not readable', { openKfId, errcode: error.errcode });
    return new Map();
  }
}

class OutOfTime extends Error {}
