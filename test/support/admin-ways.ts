import type { AdminWays } from '../../lib/admin/contact-ways.ts';
import { contactWayStore } from '../../lib/contact-me/contact-way-store.ts';
import { linkStore } from '../../lib/contact-me/link-store.ts';
import { nightStore } from '../../lib/contact-me/night-store.ts';
import { MINUTE } from '../../lib/platform/clock.ts';
import { inbox } from '../../lib/store/inbox.ts';
import type { Table } from '../../lib/store/table.ts';
import { contactWaysShape } from '../../lib/store/tables.ts';
import { memoryTable } from './memory-table.ts';

/** What the admin API needs of contact ways, over a table in memory, with nobody to wake. */
export function adminWays(
  doubles: Partial<AdminWays> = {},
  table: Table = memoryTable(contactWaysShape('ways')),
): AdminWays {
  let changes = 0;
  return {
    stage: 'test',
    zone: 'Asia/Shanghai',
    store: contactWayStore(table, inbox(table, { attentionAfterMs: MINUTE, keepMs: MINUTE })),
    post: { wake: async () => undefined, tell: async () => undefined },
    nights: nightStore(table),
    opened: linkStore(table, table).given,
    download: async () => new Response(null, { status: 404 }),
    newId: () => {
      changes += 1;
      return `change${changes}`;
    },
    ...doubles,
  };
}
