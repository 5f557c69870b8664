import * as z from 'zod';
import type { AuditRecord } from '../access/audit-record.ts';
import { type Clock, DAY, type Instant } from '../platform/clock.ts';
import { jsonAnswer, type Route } from '../platform/http-router.ts';
import { readPage, SortKey, writeCursor } from './paging.ts';

/** What showing who changed what needs. */
export interface AdminAudit {
  /** How long records are kept, in milliseconds. */
  readonly keptMs: number;
  /** One page of a month, newest first; `after` is an earlier page's `next`. */
  audit(month: string, page: { limit: number; after?: string }): Promise<{ records: AuditRecord[]; next?: string }>;
}

interface PlaceInMonth {
  readonly month: string;
  readonly after?: string | undefined;
}

/** No month lies in the future: whoever invents one would have all until today looked at. */
const placeUntil = (now: Instant) =>
  z
    .strictObject({ month: z.string().regex(/^\d{4}-(0[1-9]|1[0-2])$/), after: SortKey.optional() })
    .refine(({ month }) => month <= monthOf(now));

/** Who changed what, newest first. Records lie by months; a page may come from several. */
export function auditRoutes(room: AdminAudit, clock: Clock): Readonly<Record<string, Route>> {
  return {
    'GET /audit': async (request) => {
      const now = clock();
      const wanted = readPage(request, placeUntil(now));
      if ('status' in wanted) return wanted;
      const { limit } = wanted;
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
