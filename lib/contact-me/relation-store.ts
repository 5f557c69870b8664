import type { Instant } from '../platform/clock.ts';
import { absent, equals, type Table } from '../store/table.ts';
import type { WelcomeVerdict } from '../wecom/welcome-outcome.ts';
import { type CustomerRecord, emptyCustomer } from './customer-record.ts';

/** What became of a welcome code. */
export interface WelcomeNote {
  /** How often it was tried; a try is noted before it is made. */
  readonly tries: number;
  /** Absent while a try is under way, or after it died. */
  readonly verdict?: WelcomeVerdict;
  readonly at: Instant;
}

/** The customers' table, as far as contact events go. Every customer has one writer: the queue's group. */
export interface RelationStore {
  read(customerId: string): Promise<CustomerRecord>;
  /** Those of these customers of whom anything is kept, in no particular order. */
  readMany(customerIds: readonly string[]): Promise<CustomerRecord[]>;
  /** Saves on top of the version that was read. The saved record, or undefined when somebody else saved first. */
  save(record: CustomerRecord): Promise<CustomerRecord | undefined>;
  welcome(customerId: string, codeId: string): Promise<WelcomeNote | undefined>;
  noteWelcome(customerId: string, codeId: string, note: WelcomeNote): Promise<void>;
  /** Takes out what became of all welcomes. */
  forgetWelcomes(customerId: string): Promise<void>;
}

/** @param welcomesKeptMs how long the outcome of a welcome stays */
export function relationStore(table: Table, welcomesKeptMs: number): RelationStore {
  const welcomeKey = (customerId: string, codeId: string) => ({ customerId, entry: `welcome#${codeId}` });

  return {
    async read(customerId) {
      const item = await table.get({ customerId, entry: 'relations' }, { consistent: true });
      // Written by `save` alone, so what lies there is a record.
      return item ? (item.state as CustomerRecord) : emptyCustomer(customerId);
    },

    async readMany(customerIds) {
      const keys = [...new Set(customerIds)].map((customerId) => ({ customerId, entry: 'relations' }));
      return (await table.getMany(keys)).map((item) => item.state as CustomerRecord);
    },

    async save(record) {
      const { customerId, version } = record;
      const saved: CustomerRecord = { ...record, version: version + 1 };
      const item = { customerId, entry: 'relations', version: saved.version, state: saved };
      const written = await table.put(item, version === 0 ? absent('customerId') : equals('version', version));
      return written ? saved : undefined;
    },

    async welcome(customerId, codeId) {
      const item = await table.get(welcomeKey(customerId, codeId), { consistent: true });
      return item && (item.note as WelcomeNote);
    },

    async noteWelcome(customerId, codeId, note) {
      const expiresAt = Math.ceil((note.at + welcomesKeptMs) / 1000);
      await table.put({ ...welcomeKey(customerId, codeId), note, expiresAt });
    },

    async forgetWelcomes(customerId) {
      for (;;) {
        const { items } = await table.query({
          partition: customerId,
          sort: { beginsWith: 'welcome#' },
          consistent: true,
        });
        if (items.length === 0) return;
        for (const { entry } of items) await table.delete({ customerId, entry: String(entry) });
      }
    },
  };
}
