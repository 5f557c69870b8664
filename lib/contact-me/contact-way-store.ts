import * as z from 'zod';
import { type Instant, MINUTE } from '../platform/clock.ts';
import { Calendar } from '../platform/shifts.ts';
import { attentionShard, type Inbox } from '../store/inbox.ts';
import { absent, equals, type Table } from '../store/table.ts';
import { nextDue } from './decide-list.ts';
import { type ContactWay, WayWelcomes } from './way.ts';
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

/** The contact ways' table: a way's record, its configuration and its inbox. Configuration writes the configuration only. */
export interface ContactWayStore {
  readonly inbox: Inbox;
  read(wayId: string, zone: string, now: Instant): Promise<WayRecord>;
  /** Saves on top of the version that was read. The saved record, or undefined when somebody else saved first. */
  save(record: WayRecord, now: Instant): Promise<WayRecord | undefined>;
  way(wayId: string): Promise<ContactWay | undefined>;
  saveWay(way: ContactWay): Promise<void>;
  settings(): Promise<HouseSettings>;
  saveSettings(settings: HouseSettings): Promise<void>;
}

/** No way has such an id. */
const HOUSE = { wayId: '#house', entry: 'settings' };

export function contactWayStore(table: Table, inbox: Inbox): ContactWayStore {
  const stateKey = (wayId: string) => ({ wayId, entry: 'state' });
  const wayKey = (wayId: string) => ({ wayId, entry: 'way' });

  return {
    inbox,

    async read(wayId, zone, now) {
      const item = await table.get(stateKey(wayId), { consistent: true });
      // Written by `save` alone, so what lies there is a record.
      return item ? (item.state as WayRecord) : emptyRecord(wayId, zone, now);
    },

    async save(record, now) {
      const { wayId, version } = record;
      const saved: WayRecord = { ...record, version: version + 1 };
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

    async saveWay(way) {
      await table.put({ ...wayKey(way.wayId), way });
    },

    async settings() {
      const item = await table.get(HOUSE);
      // Parsed when it was saved, as a way is.
      return item ? (item.settings as HouseSettings) : HouseSettings.parse({});
    },

    async saveSettings(settings) {
      await table.put({ ...HOUSE, settings });
    },
  };
}

/** When the sweep should look at this way, should everything else be lost. */
function attentionAt(record: WayRecord, now: Instant): Instant | undefined {
  const { push, pending, parkedUntil, armedFor } = record;
  if (push || pending.length > 0) return Math.max(now, parkedUntil ?? 0) + PATIENCE;
  const due = nextDue(record, now);
  if (due === undefined) return undefined;
  return armedFor === due ? due + PATIENCE : Math.max(now + PATIENCE, due - TIMER_REACH);
}
