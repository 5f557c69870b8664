import * as z from 'zod';
import type { AuditRecord } from '../access/audit-record.ts';
import { type Clock, DAY, type Instant } from '../platform/clock.ts';
import { jsonAnswer, type Route } from '../platform/http-router.ts';
import type { Cursor } from '../store/table.ts';
import { readPage, TablePlace, writeCursor } from './paging.ts';

/** What showing who changed what needs. */
export interface AdminAudit {
  /** How long records are kept, in milliseconds. */
  readonly keptMs: number;
  audit(month: string, page: { limit: number; after?: Cursor }): Promise<{ records: AuditRecord[]; next?: Cursor }>;
}

const Place = z.strictObject({ month: z.string().regex(/^\d{4}-\d{2}$/), after: TablePlace.optional() });

interface PlaceInMonth {
  readonly month: string;
  readonly after?: Cursor | undefined;
}

/** Who changed what, newest first. Records lie by months; a page may come from several. */
export function auditRoutes(room: AdminAudit, clock: Clock): Readonly<Record<string, Route>> {
  return {
    'GET /audit': async (request) => {
      const wanted = readPage(request, Place);
      if ('status' in wanted) return wanted;
      const [now, { limit }] = [clock(), wanted];
      const last = monthOf(now - room.keptMs);
      const records: AuditRecord[] = [];
      let place: PlaceInMonth | undefined = wanted.after ?? { month: monthOf(now) };
      while (place && records.length < limit) {
        const { month, after }: PlaceInMonth = place;
        const page = await room.audit(month, { limit: limit - records.length, ...(after && { after }) });
        records.push(...page.records);
        place = page.next ? { month, after: page.next } : monthBefore(month, last);
      }
      const shown = records
        .filter(({ at }) => at > now - room.keptMs)
        .map((record) => ({ ...record, at: new Date(record.at).toISOString() }));
      return jsonAnswer({ records: shown, ...(place && { next: writeCursor(place) }) });
    },
  };
}

const monthOf = (at: Instant): string => new Date(at).toISOString().slice(0, 7);

function monthBefore(month: string, last: string): { month: string } | undefined {
  const before = monthOf(Date.parse(`${month}-01T00:00:00Z`) - DAY);
  return before >= last ? { month: before } : undefined;
}
