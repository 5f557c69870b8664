import type { Instant } from '../platform/clock.ts';
import { dayOf } from '../platform/wall-clock.ts';
import type { AddKind, Counted, CustomerRelations, RelationEvent } from './adds.ts';
import { episodesOf, foldContactEvent, NO_RELATIONS } from './adds.ts';
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
  readonly toLabel: Readonly<Record<string, ToLabel>>;
  /** The customer was forgotten then: what is of before is refused. */
  readonly erasedAt?: Instant;
}

export interface ToLabel {
  readonly wayId: string;
  /** How often it was tried and put off. */
  readonly tries?: number;
  /** Not before, unless the relation changes; a timer comes then. Absent after the last one. */
  readonly retryAt?: Instant;
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
    }
  /** Comes back to what is to be labelled. */
  | { readonly kind: 'arm-timer'; readonly dueAt: Instant; readonly app: string }
  /** What became of welcomes is forgotten. */
  | { readonly kind: 'forget-welcomes' };

/** In place of a customer's id: the record of what WeCom tells the corp about no customer. WeCom's ids never begin like this. */
export const CORP = '#corp';

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
 * the customer is one who has just come. `turn` is the turn of a `link` way that the event names.
 */
export function foldCustomer(
  record: CustomerRecord,
  event: RelationEvent,
  zone: string,
  turn?: number,
): { readonly record: CustomerRecord; readonly opened: boolean } {
  const { relations, counted } = foldContactEvent(record.relations, event, zone);
  if (relations === record.relations) return { record, opened: false };
  const opened = counted.some(
    ({ agentId, kind, change }) => agentId === event.agentId && kind !== 'lost' && change === 1,
  );
  const folded = counted.reduce(
    (next, one) => withCounted(next, one, event.at, one.agentId === event.agentId ? turn : undefined),
    { ...record, relations },
  );
  return { record: event.byTransfer ? withTransfer(folded, event, zone) : folded, opened };
}

/** Nobody was lost, so nothing was counted; and yet the customer is not his any more. */
function withTransfer(record: CustomerRecord, { agentId, at }: RelationEvent, zone: string): CustomerRecord {
  const { customerId, relations } = record;
  const ended = episodesOf(relations).find((one) => one.agentId === agentId && one.endedAt === at);
  const data = { customerId, agentId, ...(ended?.wayId !== undefined && { wayId: ended.wayId }), day: dayOf(zone, at) };
  return withCustomerFact(record, {
    id: `transferred#${customerId}#${agentId}#${at}`,
    type: 'contact.transferred.v1',
    at,
    data,
  });
}

/** How many events are remembered that leave no other trace. */
const HEARD = 20;

/** Remembers an event that leaves no other trace; the record itself when it was heard before. */
export function heard(record: CustomerRecord, id: string): CustomerRecord {
  if (record.heard.includes(id)) return record;
  return { ...record, heard: [...record.heard, id].slice(-HEARD) };
}

export function withCustomerFact(
  record: CustomerRecord,
  fact: { readonly id: string; readonly type: string; readonly at: Instant; readonly data: object },
): CustomerRecord {
  const sequence = record.sequence + 1;
  return { ...record, sequence, pending: [...record.pending, { kind: 'publish', sequence, ...fact }] };
}

function withCounted(record: CustomerRecord, counted: Counted, at: Instant, turn: number | undefined): CustomerRecord {
  const { customerId } = record;
  const { key, wayId, agentId, kind, day, change } = counted;
  const whose = { customerId, agentId, ...(wayId !== undefined && { wayId }) };
  const fact = { id: `contact#${key}`, at };
  const next = withCustomerFact(record, { ...fact, ...factOf(kind, change, { ...whose, day }, turn) });
  const labelled = kind !== 'lost' && change === 1 && wayId !== undefined;
  const toLabel = labelled ? { ...next.toLabel, [agentId]: { wayId } } : stillToLabel(next, counted);
  if (wayId === undefined) return { ...next, toLabel };
  const entry: CountedEntry = { kind: 'counted', key, day, what: kind, agentId, change, at };
  return { ...next, toLabel, pending: [...next.pending, { kind: 'count', wayId, entry }] };
}

/** Who is no contact any more is not labelled. */
function stillToLabel({ toLabel }: CustomerRecord, { agentId, kind, change }: Counted): CustomerRecord['toLabel'] {
  if (kind !== 'lost' || change !== 1) return toLabel;
  const { [agentId]: _, ...left } = toLabel;
  return left;
}

function factOf(kind: AddKind | 'lost', change: 1 | -1, data: object, turn: number | undefined) {
  if (change === -1) return { type: 'contact.recounted.v1', data: { ...data, kind } };
  if (kind === 'lost') return { type: 'contact.removed.v1', data };
  return { type: 'contact.added.v1', data: { ...data, kind, ...(turn !== undefined && { turn }) } };
}
