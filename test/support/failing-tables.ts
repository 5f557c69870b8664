import type { Table, TableShape } from '../../lib/store/table.ts';
import { memoryTable } from './memory-table.ts';

/** A call of a table, e.g. `access.put`. */
export type TableCall = `${string}.${string}`;

/**
 * Tables in memory that fail when they are told to: `fails` is asked at every call, and may say by what error. A call that fails may have been
 * carried out before, as an answer of DynamoDB can be lost.
 */
export function failingTables() {
  let fails: (call: TableCall) => { readonly error: Error; readonly after: boolean } | undefined = () => undefined;
  const calls: TableCall[] = [];

  function table(shape: TableShape): Table {
    const kept = memoryTable(shape);
    const spoilt =
      <Args extends unknown[], Result>(name: string, use: (...args: Args) => Promise<Result>) =>
      async (...args: Args): Promise<Result> => {
        const call: TableCall = `${shape.name}.${name}`;
        calls.push(call);
        const failure = fails(call);
        if (failure && !failure.after) throw failure.error;
        const result = await use(...args);
        if (failure) throw failure.error;
        return result;
      };
    return {
      shape,
      get: spoilt('get', kept.get),
      getMany: spoilt('getMany', kept.getMany),
      put: spoilt('put', kept.put),
      update: spoilt('update', kept.update),
      delete: spoilt('delete', kept.delete),
      query: spoilt('query', kept.query),
    };
  }

  return {
    table,
    /** Every call so far. */
    calls,
    failWhen(when: typeof fails) {
      fails = when;
    },
  };
}
