import type { Instant } from '../platform/clock.ts';
import type { RelationFact } from './adds.ts';
import { type CustomerRecord, emptyCustomer } from './customer-record.ts';

/**
 * What stays of a customer who wanted to be forgotten: the counters, so that nothing is counted or numbered twice, and the moment before
 * which everything is refused, be it a callback that repeats or an old add that the nightly comparison finds at WeCom. What ways and
 * other systems are still to be told of counts and ids is told. docs/decisions/0033-a-tombstone-is-a-moment.md
 */
export function forgotten(record: CustomerRecord, at: Instant): CustomerRecord {
  const { customerId, version, sequence, relations } = record;
  const erasedAt = Math.max(at, record.erasedAt ?? at);
  const pending = record.pending.filter(({ kind }) => kind === 'count' || kind === 'publish');
  return {
    ...emptyCustomer(customerId),
    version,
    sequence,
    // Whoever comes back is a new customer.
    relations: { facts: factsAfter(relations.facts, erasedAt), revision: relations.revision },
    pending: [...pending, { kind: 'forget-welcomes' }],
    erasedAt,
  };
}

/** Whether news of that time are of before the customer was forgotten. */
export const isForgotten = ({ erasedAt }: CustomerRecord, at: Instant): boolean =>
  erasedAt !== undefined && at <= erasedAt;

function factsAfter(facts: CustomerRecord['relations']['facts'], erasedAt: Instant) {
  const later = Object.entries(facts).map(([agentId, some]): [string, readonly RelationFact[]] => [
    agentId,
    some.filter(({ at }) => at > erasedAt),
  ]);
  return Object.fromEntries(later.filter(([, some]) => some.length > 0));
}
