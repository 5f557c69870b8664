import type { RelationEvent } from '../../../lib/contact-me/adds.ts';
import { type CustomerRecord, emptyCustomer, foldCustomer } from '../../../lib/contact-me/customer-record.ts';
import { addCounts, foldWay } from '../../../lib/contact-me/fold-way.ts';
import { type GivenTurns, linkStore } from '../../../lib/contact-me/link-store.ts';
import { openWay } from '../../../lib/contact-me/open-way.ts';
import { openingStore } from '../../../lib/contact-me/opening-store.ts';
import type { ContactWay } from '../../../lib/contact-me/way.ts';
import { type WayEntry, wayEntryKey } from '../../../lib/contact-me/way-entries.ts';
import { emptyRecord, type WayRecord } from '../../../lib/contact-me/way-record.ts';
import { HOUR, SECOND } from '../../../lib/platform/clock.ts';
import { NO_CALENDAR } from '../../../lib/platform/shifts.ts';
import type { Table } from '../../../lib/store/table.ts';
import { memoryTable } from '../../support/memory-table.ts';
import { aView, LINK_SHAPE, linkFacts } from './link-ways.ts';
import { NOON, SHANGHAI } from './rotation-facts.ts';

const WECHAT = 'Mozilla/5.0 (iPhone) Mobile/15E148 MicroMessenger/8.0.50';
const HOUSE = { stage: 'test', zone: SHANGHAI, calendar: NO_CALENDAR, addsElsewhere: {} };

/** What came of a rush. */
export interface Rush {
  /** The openings that were answered with a member, and how often each counted. */
  readonly opened: readonly { readonly turn: number; readonly agentId: string; readonly counts: number }[];
  readonly nobody: number;
  /** Openings whose process was killed. */
  readonly killed: number;
  /** Counts of a turn that were carried out, and all other writes. */
  readonly counts: number;
  readonly otherWrites: number;
  /** Customers who really added each member. */
  readonly added: Readonly<Record<string, number>>;
  readonly record: WayRecord;
  readonly given: GivenTurns;
}

/**
 * Customers open a `link` way from many telephones at once, within an hour; most of them add their member. WeCom tells of each add twice, half and full,
 * in any order, and who counts them lags behind and dies now and then, as do the processes that answer openings.
 */
export async function rush(
  way: ContactWay,
  { openings, clients, seed }: { openings: number; clients: number; seed: number },
): Promise<Rush> {
  const random = chance(seed);
  const table = memoryTable(LINK_SHAPE);
  const views = openingStore(table);
  const pause = () => new Promise<void>(setImmediate);
  const opened: { turn: number; agentId: string; counts: number }[] = [];
  const added: Record<string, number> = {};
  const tally = { nobody: 0, killed: 0, counts: 0, otherWrites: 0 };
  const adds = counting(way, random);
  let left = openings;
  let at = NOON;

  /** A process with a memory of its own, which dies at one of its calls: before that call, or right after it was carried out. */
  function startProcess() {
    let die = (): void => {};
    const death = new Promise<'killed'>((resolve) => {
      die = () => resolve('killed');
    });
    const last = 1 + Math.floor(random() * 80);
    let calls = 0;
    let counts = 0;
    const call = async <Answer>(act: () => Promise<Answer>): Promise<Answer> => {
      calls += 1;
      const number = calls;
      for (let n = Math.floor(random() * 3); n > 0; n -= 1) await pause();
      if (number < last) return act();
      if (number === last && random() < 0.5) await act();
      die();
      // Whoever is dead hears nothing more.
      return new Promise(() => {});
    };
    const mortal: Table = {
      ...table,
      get: (...given) => call(() => table.get(...given)),
      put: (...given) =>
        call(() => {
          tally.otherWrites += 1;
          return table.put(...given);
        }),
      update: (...given) =>
        call(() => {
          if (given[1].add?.turn === undefined) tally.otherWrites += 1;
          else counts += 1;
          return table.update(...given);
        }),
    };
    const open = openWay({
      stage: 'test',
      now: () => at,
      cookieKey: 'key',
      find: openingStore(mortal).view,
      image: async (name) => imageOf(name),
      turns: linkStore(mortal, mortal, pause),
      report: () => {},
    });
    const request = {
      method: 'GET',
      headers: { 'user-agent': WECHAT },
      domain: 'localhost',
      params: { wayId: way.wayId },
    };
    return {
      /** One after the other. */
      async open() {
        counts = 0;
        const answer = await Promise.race([open(request), death]);
        tally.counts += counts;
        return { answer, counts };
      },
    };
  }

  async function client(): Promise<void> {
    let process = startProcess();
    while (left > 0) {
      left -= 1;
      // All of it within an hour: until then, a turn that led to no add takes room under the caps.
      at += (0.9 * HOUR) / openings;
      const { answer, counts } = await process.open();
      if (answer === 'killed') {
        tally.killed += 1;
        process = startProcess();
        continue;
      }
      const turn = /^turn=(\d+)\./.exec(answer.headers?.['set-cookie'] ?? '')?.[1];
      const shown = /src="data:image\/png;base64,([^"]*)"/.exec(answer.body ?? '')?.[1];
      if (turn === undefined || shown === undefined) {
        tally.nobody += 1;
        continue;
      }
      const agentId = Buffer.from(shown, 'base64').toString();
      opened.push({ turn: Number(turn), agentId, counts });
      if (random() < 0.3) continue;
      added[agentId] = (added[agentId] ?? 0) + 1;
      adds.happened(`wm${turn}`, agentId, at);
    }
  }

  async function countAdds(): Promise<void> {
    let version = 1;
    while (left > 0 || adds.waiting() > 0) {
      const record = adds.countSome(at);
      version += 1;
      const counts = addCounts(record);
      await views.show({ ...aView(linkFacts(way)), version, adds: counts, addsAcrossWays: counts });
      await pause();
    }
  }

  await views.show(aView(linkFacts(way)));
  const telephones = Promise.all(Array.from({ length: clients }, client));
  await Promise.all([telephones, countAdds()]);
  while (adds.waiting() > 0) adds.countSome(at);
  const given = await linkStore(table, table).given(way.wayId);
  return { ...tally, opened, added, record: adds.record(), given };
}

const imageOf = (agentId: string): string => `data:image/png;base64,${Buffer.from(agentId).toString('base64')}`;

/** Those who count adds: a customer's writer and the way's, with what is on its way to them. */
function counting(way: ContactWay, random: () => number) {
  const events: RelationEvent[] = [];
  const customers = new Map<string, CustomerRecord>();
  const inbox = new Map<string, WayEntry>();
  let unread: string[] = [];
  let record = emptyRecord(way.wayId, SHANGHAI, NOON);

  /** In any order: each takes a place among those that are on their way. */
  function send(event: RelationEvent): void {
    const place = Math.floor(random() * (events.length + 1));
    const [displaced] = events.splice(place, 1, event);
    if (displaced) events.push(displaced);
  }

  function takeIn(event: RelationEvent, customer: CustomerRecord): void {
    const { record: folded } = foldCustomer(customer, event, SHANGHAI);
    customers.set(event.customerId, folded);
    if (random() < 0.1) {
      // Killed after the save: the event comes again, and with it what was not told.
      send(event);
      return;
    }
    for (const effect of folded.pending) {
      if (effect.kind !== 'count') continue;
      const key = wayEntryKey(effect.entry);
      if (!inbox.has(key)) unread.push(key);
      inbox.set(key, effect.entry);
    }
    // Killed after telling: the same is told once more with the next event.
    if (random() < 0.9) customers.set(event.customerId, { ...folded, pending: [] });
  }

  return {
    waiting: () => events.length + unread.length,
    record: () => record,
    happened(customerId: string, agentId: string, at: number): void {
      const event = { type: 'added', agentId, customerId, wayId: way.wayId } as const;
      const half = { ...event, at: Math.floor(at / SECOND) * SECOND, half: true };
      const full = { ...event, at: half.at + SECOND };
      for (const one of [half, full, half, full]) send(one);
    },
    countSome(at: number): WayRecord {
      for (let n = Math.floor(random() * 120); n > 0; n -= 1) {
        const event = events.pop();
        if (event) takeIn(event, customers.get(event.customerId) ?? emptyCustomer(event.customerId));
      }
      const page = unread.slice(0, 100).flatMap((key) => inbox.get(key) ?? []);
      const folded = foldWay(record, page, way, HOUSE, at);
      // Killed before the save: all of it is unread the next time.
      if (random() < 0.1) return record;
      record = { ...folded, pending: [] };
      unread = unread.slice(page.length);
      return record;
    },
  };
}

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
function chance(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
