import type { Item, Query, Table } from '../../lib/store/table.ts';

/** All pages of a query, one after the other. */
export async function allPages(table: Table, query: Query): Promise<Item[]> {
  const page = await table.query(query);
  return page.next ? [...page.items, ...(await allPages(table, { ...query, after: page.next }))] : page.items;
}
