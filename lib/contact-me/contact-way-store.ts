import { randomUUID } from 'node:crypto';
import * as z from 'zod';
import { type Instant, MINUTE } from '../platform/clock.ts';
import { inChunks } from '../platform/repeat-undone.ts';
import { Calendar } from '../platform/shifts.ts';
import type { Day } from '../platform/wall-clock.ts';
import { timeOrder } from '../store/entry-order.ts';
import { attentionShard, type Inbox } from '../store/inbox.ts';
import { revisionOf } from '../store/revision.ts';
import { absent, all, any, type Cursor, equals, present, type Table } from '../store/table.ts';
import { nextDue } from './decide-list.ts';
import { type ContactWay, WayWelcomes } from './way.ts';
import { type WayEntry, wayEntryKey } from './way-entries.ts';
import { emptyRecord, type WayRecord } from './way-record.ts';

/** What is the same for all contact ways. */
export const HouseSettings = z.object({
  calendar: Calendar.default({ holidays: [], workdays: {} }),
  /** For adds by a way that has no welcome of its own, and by none of ours. */
  welcome: WayWelcomes.default({ variants: [] }),
});
export type HouseSettings = Readonly<z.infer<typeof HouseSettings>>;

/** How far SQS can delay a timer; further due times are found by the sweep in time to arm one. */
const TIMER_REACH = 10 * MINUTE;
/** How long after it should have been done something undone is looked at again. */
const PATIENCE = MINUTE;
/** How many ways are told side by side of a change that concerns all of them. */
const TOLD_AT_ONCE = 25;

/** The contact ways' table: a way's record, its configuration and its inbox. Configuration writes the configuration only. */
export interface ContactWayStore {
  readonly inbox: Inbox;
  read(wayId: string, zone: string, now: Instant): Promise<WayRecord>;
  /** Saves on top of the version that was read. The saved record, or undefined when somebody else saved first. */
  save(record: WayRecord, now: Instant): Promise<WayRecord | undefined>;
  /** As it is configured; undefined when it never was, or was removed. */
  way(wayId: string): Promise<ContactWay | undefined>;
  /** All ways that are configured, by id; consistently read. */
  ways(): Promise<ContactWay[]>;
  /** Saves how it is configured, and tells the way through its inbox; it still has to be woken (consistency rule 1). */
  saveWay(way: ContactWay, at: Instant): Promise<void>;
  /** Takes the configuration away and tells the way, as `saveWay` does; what was counted stays. */
  removeWay(wayId: string, at: Instant): Promise<void>;
  /** As `saveWay` and (`way` undefined) `removeWay`, but only over what was `seen`. False: it is not that any more; nothing was changed. */
  replaceWay(wayId: string, seen: ContactWay | undefined, way: ContactWay | undefined, at: Instant): Promise<boolean>;
  /** Notes how many adds a member has on a way. `follows`: the way wants to be woken when that changes elsewhere. */
  shareCount(agentId: string, wayId: string, count: SharedCount): Promise<void>;
  /** What other ways than this one noted of a member; `day` is today. */
  countsElsewhere(agentId: string, wayId: string, day: Day): Promise<CountsElsewhere>;
  /** Consistently read: whoever is woken because of a change has to see it. */
  settings(): Promise<HouseSettings>;
  /** Saves what holds for all ways, and tells every way that is configured, as `saveWay` does. */
  saveSettings(settings: HouseSettings, at: Instant): Promise<void>;
}

export interface SharedCount {
  readonly day: Day;
  readonly today: number;
  readonly total: number;
  readonly follows: boolean;
}

export interface CountsElsewhere {
  readonly today: number;
  readonly total: number;
  /** The ways that follow this member. */
  readonly followers: readonly string[];
}

/** No way has such an id. */
const HOUSE = { wayId: '#house', entry: 'settings' };
const WAYS = '#ways';

export function contactWayStore(table: Table, inbox: Inbox): ContactWayStore {
  const stateKey = (wayId: string) => ({ wayId, entry: 'state' });
  // A member's own collection, one item for each way.
  const memberKey = (agentId: string, wayId: string) => ({ wayId: `#member#${agentId}`, entry: wayId });
  // All configurations lie together, so that they can be listed.
  const wayKey = (wayId: string) => ({ wayId: WAYS, entry: wayId });

  /** One more entry in each inbox, which the sweep finds should nobody be woken. */
  async function tell(wayIds: readonly string[], at: Instant): Promise<void> {
    for (const some of inChunks(wayIds, TOLD_AT_ONCE)) {
      await Promise.all(
        some.map((wayId) => {
          const body: WayEntry = { kind: 'configured', id: randomUUID(), at };
          return inbox.put({ owner: wayId, entry: wayEntryKey(body), order: timeOrder(at), body, at });
        }),
      );
    }
  }

  /**
   * Told before the change, in case this process dies right after it; and after it, in case a way was looked at in between and has
   * taken in the first entry without seeing the change.
   */
  async function told(wayIds: readonly string[], at: Instant, change: () => Promise<void>): Promise<void> {
    await tell(wayIds, at);
    await change();
    await tell(wayIds, at);
  }

  const itemOf = (way: ContactWay) => ({ ...wayKey(way.wayId), way, revision: revisionOf(way) });

  const store: ContactWayStore = {
    inbox,

    async read(wayId, zone, now) {
      const item = await table.get(stateKey(wayId), { consistent: true });
      // Written by `save` alone, so what lies there is a record.
      return item ? (item.state as WayRecord) : emptyRecord(wayId, zone, now);
    },

    async save(record, now) {
      const { dueAt: _, ...rest } = record;
      const { wayId, version } = rest;
      const dueAt = nextDue(record, now);
      const saved: WayRecord = { ...rest, version: version + 1, ...(dueAt !== undefined && { dueAt }) };
      const lookAt = attentionAt(saved, now);
      const attention = lookAt === undefined ? {} : { attention: attentionShard(wayId), attentionAt: lookAt };
      const item = { ...stateKey(wayId), version: saved.version, state: saved, ...attention };
      const written = await table.put(item, version === 0 ? absent('wayId') : equals('version', version));
      return written ? saved : undefined;
    },

    async way(wayId) {
      const item = await table.get(wayKey(wayId), { consistent: true });
      // Parsed when it was saved; its shifts are not what they were written as.
      return item && (item.way as ContactWay);
    },

    async ways() {
      const ways: ContactWay[] = [];
      let after: Cursor | undefined;
      do {
        const page = await table.query({ partition: WAYS, consistent: true, ...(after && { after }) });
        ways.push(...page.items.map((item) => item.way as ContactWay));
        after = page.next;
      } while (after);
      return ways;
    },

    async saveWay(way, at) {
      await told([way.wayId], at, async () => {
        await table.put(itemOf(way));
      });
    },

    async removeWay(wayId, at) {
      await told([wayId], at, async () => {
        await table.delete(wayKey(wayId));
      });
    },

    async replaceWay(wayId, seen, way, at) {
      // What was saved before there were revisions has none, and gets one with the first change.
      const unchanged = seen
        ? any(equals('revision', revisionOf(seen)), all(absent('revision'), present('wayId')))
        : absent('wayId');
      let done = false;
      await told([wayId], at, async () => {
        done = way ? await table.put(itemOf(way), unchanged) : await table.delete(wayKey(wayId), unchanged);
      });
      return done;
    },

    async shareCount(agentId, wayId, count) {
      await table.put({ ...memberKey(agentId, wayId), count });
    },

    async countsElsewhere(agentId, wayId, day) {
      let [today, total] = [0, 0];
      const followers: string[] = [];
      let after: Cursor | undefined;
      do {
        const partition = memberKey(agentId, wayId).wayId;
        const page = await table.query({ partition, consistent: true, ...(after && { after }) });
        for (const item of page.items) {
          const count = item.count as SharedCount;
          if (item.entry === wayId) continue;
          // What was counted on an earlier day is of today's no more.
          today += count.day === day ? count.today : 0;
          total += count.total;
          if (count.follows) followers.push(String(item.entry));
        }
        after = page.next;
      } while (after);
      return { today, total, followers };
    },

    async settings() {
      const item = await table.get(HOUSE, { consistent: true });
      // Parsed when it was saved, as a way is.
      return item ? (item.settings as HouseSettings) : HouseSettings.parse({});
    },

    async saveSettings(settings, at) {
      const wayIds = (await store.ways()).map(({ wayId }) => wayId);
      await told(wayIds, at, async () => {
        await table.put({ ...HOUSE, settings });
      });
    },
  };
  return store;
}

/** When the sweep should look at this way, should everything else be lost. */
function attentionAt(record: WayRecord, now: Instant): Instant | undefined {
  const { push, pending, parkedUntil, armedFor, dueAt } = record;
  if (push || pending.length > 0) return Math.max(now, parkedUntil ?? 0) + PATIENCE;
  if (dueAt === undefined) return undefined;
  return armedFor === dueAt ? dueAt + PATIENCE : Math.max(now + PATIENCE, dueAt - TIMER_REACH);
}
