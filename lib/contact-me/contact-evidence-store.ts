import type { Table } from '../store/table.ts';
import type { CustomerRecord } from './customer-record.ts';

/** What contact events left behind, for whoever wants to know whether they come at all. Reads the customers' table. */
export interface ContactEvidenceStore {
  /** The members of whose adds of these customers an event came, with the way of the last one, by customer. */
  heardContacts(customerIds: readonly string[]): Promise<ReadonlyMap<string, ReadonlyMap<string, string | undefined>>>;
  /** Whether a welcome code ever came for the customer; one for which there was no welcome is not kept. */
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
          const ways = Object.entries(relations.facts).map(([agentId, facts]) => {
            return [agentId, facts.findLast(({ wayId }) => wayId !== undefined)?.wayId] as const;
          });
          return [customerId, new Map(ways)];
        }),
      );
    },

    async hadWelcomeCode(customerId) {
      const { items } = await table.query({ partition: customerId, sort: { beginsWith: 'welcome#' }, limit: 1 });
      return items.length > 0;
    },
  };
}
