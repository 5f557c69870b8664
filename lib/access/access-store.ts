import * as z from 'zod';
import { DAY, HOUR, type Instant, MINUTE, SECOND } from '../platform/clock.ts';
import { timeOrder } from '../store/entry-order.ts';
import { absent, any, below, type Table } from '../store/table.ts';
import { AuditRecord } from './audit-record.ts';

/** Who came, how often, and what was changed. */
export interface AccessStore {
  /** Before the change: whatever dies after it, nothing is changed without a record. `keptMs`: how long it stays. */
  begin(record: AuditRecord, keptMs: number): Promise<void>;
  /** What became of it. A record that nobody ended says `begun`: the change may have been made. */
  end(record: AuditRecord, end: Pick<AuditRecord, 'outcome' | 'status' | 'after'>): Promise<void>;
  /** One page, newest first; `month` like `2026-01`, `after` an earlier page's `next`. */
  audit(month: string, page: { limit: number; after?: string }): Promise<{ records: AuditRecord[]; next?: string }>;
  endSession(id: string, until: Instant): Promise<void>;
  isEnded(id: string): Promise<boolean>;
  /** One more by this caller in this minute; false when there were as many as `most`. */
  takeTurn(caller: string, now: Instant, most: number): Promise<boolean>;
}

const Stored = z.object({ record: AuditRecord });

/** Records of a month lie together, in the order in which they were begun. */
export const monthOf = (at: Instant): string => new Date(at).toISOString().slice(0, 7);

export function accessStore(table: Table): AccessStore {
  const auditKey = ({ at, id }: AuditRecord) => ({ id: `audit#${monthOf(at)}`, entry: `${timeOrder(at)}#${id}` });
  const endedKey = (id: string) => ({ id: `session#${id}`, entry: 'ended' });
  const seconds = (at: Instant) => Math.ceil(at / SECOND);

  return {
    async begin(record, keptMs) {
      await table.put({ ...auditKey(record), record, expiresAt: seconds(record.at + keptMs) });
    },

    async end(record, end) {
      await table.update(auditKey(record), { set: { record: { ...record, ...end } } });
    },

    async audit(month, { limit, after }) {
      const partition = `audit#${month}`;
      const page = await table.query({
        partition,
        descending: true,
        consistent: true,
        limit,
        ...(after !== undefined && { after: { id: partition, entry: after } }),
      });
      const records = page.items.map((item) => Stored.parse(item).record);
      return { records, ...(page.next && { next: String(page.next.entry) }) };
    },

    async endSession(id, until) {
      await table.put({ ...endedKey(id), expiresAt: seconds(until + DAY) });
    },

    async isEnded(id) {
      return (await table.get(endedKey(id), { consistent: true })) !== undefined;
    },

    async takeTurn(caller, now, most) {
      const key = { id: `turns#${caller}`, entry: String(Math.floor(now / MINUTE)) };
      const change = { add: { taken: 1 }, set: { expiresAt: seconds(now + HOUR) } };
      const condition = any(absent('taken'), below('taken', most));
      return (await table.update(key, change, { condition })) !== undefined;
    },
  };
}
