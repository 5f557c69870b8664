import { type Clock, HOUR, type Instant, MINUTE } from '../platform/clock.ts';
import { log } from '../platform/log.ts';
import { count } from '../platform/metrics.ts';
import { inChunks } from '../platform/repeat-undone.ts';
import type { ReconcileWake } from '../platform/wakes.ts';
import { dayOf, momentOf } from '../platform/wall-clock.ts';
import type { ContactApi } from '../wecom/contact-api.ts';
import { isOutage } from '../wecom/errors.ts';
import { absenceOf, lookBack, membersMoved } from './compare-night.ts';
import type { ContactWayStore } from './contact-way-store.ts';
import type { NightStore } from './night-store.ts';
import type { ContactWay } from './way.ts';
import type { WayEntry } from './way-entries.ts';

/** How long after its hour a night may still begin; what could not be done until then has time until tomorrow. */
const NIGHT = 6 * HOUR;
/** Members in one step, of the 100 that WeCom takes. */
const MEMBERS_PER_STEP = 50;
/** Codes that are not ours, read in one night. */
const READS_PER_NIGHT = 1000;
/** Ways that are looked at side by side. */
const SIDE_BY_SIDE = 10;
/** Members who are missing, of whom WeCom is asked why. */
const STATUSES_PER_NIGHT = 50;

export interface ReconcileContacts {
  readonly clock: Clock;
  readonly zone: string;
  /** Of the corp's day, 0 to 23. */
  readonly hour: number;
  readonly nights: NightStore;
  readonly ways: Pick<ContactWayStore, 'ways' | 'read'>;
  contactFor(app: string): Pick<ContactApi, 'followUsers' | 'memberStatus'>;
  tellWay(wayId: string, entries: readonly WayEntry[]): Promise<void>;
  send(step: ReconcileWake): Promise<void>;
}

/**
 * Compares us with WeCom once a night, since contact events that WeCom gave up on cannot be pulled. What takes long is cut into steps
 * on contacts.fifo; here every way hears who of its members is gone or back, and is told to look at its list. Runs often and begins once:
 * a run that dies or finds WeCom asleep is repeated by the next one, and a repeat does no harm.
 */
export function reconcileContacts(room: ReconcileContacts) {
  return async function run(): Promise<void> {
    const now = room.clock();
    const night = dayOf(room.zone, now);
    const begins = momentOf(room.zone, night, (room.hour * HOUR) / MINUTE);
    const last = await room.nights.lastNight();
    if (last?.day === night || now < begins || now >= begins + NIGHT) return;
    const since = lookBack(last?.startedAt, now);
    const byApp = Map.groupBy(await room.ways.ways(), ({ app }) => app);
    let all = true;
    for (const [app, ways] of byApp) all = (await compare({ app, ways, night, since, now })) && all;
    if (all) await room.nights.saveNight({ day: night, startedAt: now });
  };

  /** False when WeCom sleeps. */
  async function compare({ app, ways, night, since, now }: Comparison): Promise<boolean> {
    try {
      const serving = await room.contactFor(app).followUsers();
      // A whole team does not leave in one day: rather an app that lost its permission or its visible range.
      if (serving.length === 0) log.warn('nobody may serve customers', { app });
      const reasonOf = reasons(app);
      for (const some of inChunks(ways, SIDE_BY_SIDE)) {
        await Promise.all(some.map((way) => tellWay(way, serving, { night, now, reasonOf })));
      }
      for (const agentIds of inChunks(serving, MEMBERS_PER_STEP)) {
        await room.send({ v: 1, kind: 'reconcile', step: 'adds', app, night, since, agentIds, tries: 0 });
      }
      await room.send({ v: 1, kind: 'reconcile', step: 'codes', app, night, reads: READS_PER_NIGHT, tries: 0 });
      log.info('night begun', { app, count: serving.length });
      return true;
    } catch (error) {
      if (!isOutage(error)) throw error;
      count('ReconcilesPutOff');
      log.warn('night put off', { app });
      return false;
    }
  }

  async function tellWay(
    way: ContactWay,
    serving: readonly string[],
    { night, now, reasonOf }: Telling,
  ): Promise<void> {
    const entries: WayEntry[] = [{ kind: 'look', id: night, at: now }];
    if (serving.length > 0) {
      const record = await room.ways.read(way.wayId, room.zone, now);
      const { missing, back } = membersMoved(way, record, new Set(serving));
      for (const agentId of missing) {
        entries.push({
          kind: 'set-aside',
          id: `${night}#${agentId}`,
          agentId,
          reason: await reasonOf(agentId),
          at: now,
        });
      }
      for (const agentId of back) entries.push({ kind: 'back', id: `${night}#${agentId}`, agentId, at: now });
    }
    await room.tellWay(way.wayId, entries);
  }

  /** Why somebody is not among those who serve; each is asked for once, and so many of them at most. */
  function reasons(app: string): (agentId: string) => Promise<string> {
    const known = new Map<string, Promise<string>>();
    return (agentId) => {
      const found = known.get(agentId);
      if (found || known.size >= STATUSES_PER_NIGHT) return found ?? Promise.resolve(NOT_SERVING);
      const asked = room.contactFor(app).memberStatus(agentId);
      const reason = asked.then((status) => absenceOf(status) ?? NOT_SERVING);
      known.set(agentId, reason);
      return reason;
    };
  }
}

const NOT_SERVING = 'no-permission';

interface Comparison {
  readonly app: string;
  readonly ways: readonly ContactWay[];
  readonly night: string;
  readonly since: Instant;
  readonly now: Instant;
}

interface Telling {
  readonly night: string;
  readonly now: Instant;
  reasonOf(agentId: string): Promise<string>;
}

/** The hour of the day as an operator sets it. Throws for anything but 0 to 23. */
export function readHour(text: string): number {
  const hour = Number(text);
  if (!/^\d{1,2}$/.test(text) || hour > 23) throw new TypeError('reconcileHour is an hour of the day: 0 to 23.');
  return hour;
}
