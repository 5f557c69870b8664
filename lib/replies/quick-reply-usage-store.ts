import { DAY, HOUR, type Instant } from '../platform/clock.ts';
import { type Day, dayOf } from '../platform/wall-clock.ts';
import { contains, type Item, not, type Table } from '../store/table.ts';

/** How often a quick reply was said. */
export interface QuickReplyUsage {
  readonly total: number;
  /** By day of the corp, the days with any, oldest first. */
  readonly days: readonly { readonly day: Day; readonly said: number }[];
}

export interface QuickReplyUsageStore {
  /** One use of each. `id` is the use's own: a repeat within the next hour changes nothing, and effects are not repeated later. */
  count(id: string, quick: readonly string[], at: Instant): Promise<void>;
  /** By id; those that were never said are left out. */
  usage(): Promise<Map<string, QuickReplyUsage>>;
}

/** How many days are counted one by one. */
const DAYS = 90;
/** How many of the days before go with a write, because what is said seldom is not written every day. */
const DAYS_LET_GO = 60;
const HOURS = 24;

/**
 * One item for each quick reply, written once for each use. It remembers the uses of this hour and the last one, so that a
 * repeat is not counted again; what is older goes with the same write.
 */
export function quickReplyUsageStore(table: Table, zone: string): QuickReplyUsageStore {
  return {
    async count(id, quick, at) {
      const hour = Math.floor(at / HOUR);
      const recent = usesIn(hour);
      const kept = new Set([recent, usesIn(hour - 1), usesIn(hour + 1)]);
      const old = Array.from({ length: HOURS }, (_, one) => usesIn(one)).filter((name) => !kept.has(name));
      const past = Array.from({ length: DAYS_LET_GO }, (_, more) => dayName(dayOf(zone, at - (DAYS + more) * DAY)));
      for (const one of new Set(quick)) {
        await table.update(
          { id: PARTITION, entry: one },
          {
            add: { total: 1, [dayName(dayOf(zone, at))]: 1, [recent]: new Set([id]) },
            remove: [...old, ...past],
          },
          { condition: not(contains(recent, id)) },
        );
      }
    },

    async usage() {
      const found = new Map<string, QuickReplyUsage>();
      let after: Item | undefined;
      do {
        const page = await table.query({ partition: PARTITION, ...(after && { after }) });
        for (const item of page.items) found.set(String(item.entry), usageOf(item));
        after = page.next;
      } while (after);
      return found;
    },
  };
}

const PARTITION = 'quick-reply-usage';
const usesIn = (hour: number): string => `uses${((hour % HOURS) + HOURS) % HOURS}`;
const DAY_NAME = 'day#';
const dayName = (day: Day): string => `${DAY_NAME}${day}`;

function usageOf(item: Item): QuickReplyUsage {
  const days = Object.entries(item)
    .filter(([name]) => name.startsWith(DAY_NAME))
    .map(([name, said]) => ({ day: name.slice(DAY_NAME.length), said: Number(said) }))
    .sort((a, b) => (a.day < b.day ? -1 : 1))
    .slice(-DAYS);
  return { total: Number(item.total ?? 0), days };
}
