import type { Table } from '../../../lib/store/table.ts';
import type { VirtualTime } from './virtual-time.ts';

export interface TableCalls {
  reads: number;
  writes: number;
}

/** The same table, a few milliseconds away, counting what is asked of it. A write that its condition refuses is paid for, too. */
export function distantTable(
  table: Table,
  room: { readonly time: VirtualTime; readonly tableMs: () => number; readonly calls: TableCalls },
): Table {
  const { time, tableMs, calls } = room;
  const after = async <T>(what: keyof TableCalls, ask: () => Promise<T>): Promise<T> => {
    calls[what] += 1;
    await time.sleep(tableMs());
    return ask();
  };
  return {
    shape: table.shape,
    get: (key, options) => after('reads', () => table.get(key, options)),
    getMany: (keys) => after('reads', () => table.getMany(keys)),
    query: (query) => after('reads', () => table.query(query)),
    put: (item, condition) => after('writes', () => table.put(item, condition)),
    update: (key, change, options) => after('writes', () => table.update(key, change, options)),
    delete: (key, condition) => after('writes', () => table.delete(key, condition)),
  };
}
