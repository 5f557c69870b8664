import type { Table } from '../store/table.ts';
import type { CustomerRecord } from './customer-record.ts';

/** What contact events left behind, for whoever wants to know whether they come at all. Reads the customers' table. */
export interface ContactEvidenceStore {
  /** The members of whose adds of these customers an event came, by customer. */
  heardContacts(customerIds: readonly string[]): Promise<ReadonlyMap<string, ReadonlySet<string>>>;
  /** Whether a welcome code ever came for the customer. */
  hadWelcomeCode(customerId: string): Promise<boolean>;
}

export function contactEvidenceStore(table: Table): ContactEvidenceStore {
  return {
    async heardContacts(customerIds) {
      if (customerIds.length === 0) return new Map();
      const items = await table.getMany(customerIds.map((customerId) => ({ customerId, entry: 'relations' })));
      return new Map(
        items.map((item) => {
          // Written by the relation store alone, so what lies there is a record.
          const { customerId, relations } = item.state as CustomerRecord;
          return [customerId, new Set(Object.keys(relations.facts))];
        }),
      );
    },

    async hadWelcomeCode(customerId) {
      const { items } = await table.query({ partition: customerId, sort: { beginsWith: 'welcome#' }, limit: 1 });
      return items.length > 0;
    },
  };
}
