import type { Instant } from '../platform/clock.ts';
import type { AddKind, Counted, CustomerRelations, RelationEvent } from './adds.ts';
import { foldContactEvent, NO_RELATIONS } from './adds.ts';
import type { CountedEntry } from './way-entries.ts';

/** What is kept of a customer: who added whom, and what of it is still to be told. */
export interface CustomerRecord {
  readonly customerId: string;
  readonly version: number;
  readonly relations: CustomerRelations;
  /** Counts the customer's events. */
  readonly sequence: number;
  readonly pending: readonly CustomerEffect[];
  /** The last events that changed nothing here but were acted upon. */
  readonly heard: readonly string[];
  /** Relations that are to get their way's tags and remark, by agent: WeCom takes them only after the full add. */
  readonly toLabel: Readonly<Record<string, { readonly wayId: string }>>;
}

export type CustomerEffect =
  /** Into the inbox of its way. */
  | { readonly kind: 'count'; readonly wayId: string; readonly entry: CountedEntry }
  | {
      readonly kind: 'publish';
      readonly id: string;
      readonly type: string;
      readonly sequence: number;
      readonly at: Instant;
      readonly data: object;
    };

export const emptyCustomer = (customerId: string): CustomerRecord => ({
  customerId,
  version: 0,
  relations: NO_RELATIONS,
  sequence: 0,
  pending: [],
  heard: [],
  toLabel: {},
});

/**
 * Takes a contact event in. A repeat leaves the record as it is. `opened`: an episode with this event's member began by it, so that
 * the customer is one who has just come.
 */
export function foldCustomer(
  record: CustomerRecord,
  event: RelationEvent,
  zone: string,
): { readonly record: CustomerRecord; readonly opened: boolean } {
  const { relations, counted } = foldContactEvent(record.relations, event, zone);
  if (relations === record.relations) return { record, opened: false };
  const opened = counted.some(
    ({ agentId, kind, change }) => agentId === event.agentId && kind !== 'lost' && change === 1,
  );
  return { record: counted.reduce((next, one) => withCounted(next, one, event.at), { ...record, relations }), opened };
}

export function withCustomerFact(
  record: CustomerRecord,
  fact: { readonly id: string; readonly type: string; readonly at: Instant; readonly data: object },
): CustomerRecord {
  const sequence = record.sequence + 1;
  return { ...record, sequence, pending: [...record.pending, { kind: 'publish', sequence, ...fact }] };
}

function withCounted(record: CustomerRecord, counted: Counted, at: Instant): CustomerRecord {
  const { customerId } = record;
  const { key, wayId, agentId, kind, day, change } = counted;
  const whose = { customerId, agentId, ...(wayId !== undefined && { wayId }) };
  const fact = { id: `contact#${key}`, at };
  const next = withCustomerFact(record, { ...fact, ...factOf(kind, change, { ...whose, day }) });
  const labelled = kind !== 'lost' && change === 1 && wayId !== undefined;
  const toLabel = labelled ? { ...next.toLabel, [agentId]: { wayId } } : next.toLabel;
  if (wayId === undefined) return { ...next, toLabel };
  const entry: CountedEntry = { kind: 'counted', key, day, what: kind, agentId, change, at };
  return { ...next, toLabel, pending: [...next.pending, { kind: 'count', wayId, entry }] };
}

function factOf(kind: AddKind | 'lost', change: 1 | -1, data: object) {
  if (change === -1) return { type: 'contact.recounted.v1', data: { ...data, kind } };
  return kind === 'lost' ? { type: 'contact.removed.v1', data } : { type: 'contact.added.v1', data: { ...data, kind } };
}
