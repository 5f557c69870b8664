import type { Instant } from '../platform/clock.ts';
import type { RelationFact } from './adds.ts';
import { type CustomerRecord, emptyCustomer, withCustomerFact } from './customer-record.ts';

/**
 * What stays of a customer who wanted to be forgotten: the counters, so that nothing is counted or numbered twice, and the moment before
 * which everything is refused, be it a callback that repeats or an old add that the nightly comparison finds at WeCom. What ways and
 * other systems are still to be told of counts and ids is told, and for each new moment that they have to forget him, too. docs/decisions/0033-a-tombstone-is-a-moment.md
 */
export function forgotten(record: CustomerRecord, at: Instant): CustomerRecord {
  // A wish that comes late or again takes nothing from who came back since.
  if (isForgotten(record, at) && Object.keys(record.relations.facts).length > 0) return withWelcomesForgotten(record);
  const { customerId, version, sequence, relations } = record;
  const erasedAt = Math.max(at, record.erasedAt ?? at);
  const pending = record.pending.filter(({ kind }) => kind === 'count' || kind === 'publish');
  const tombstone: CustomerRecord = withWelcomesForgotten({
    ...emptyCustomer(customerId),
    version,
    sequence,
    // Whoever comes back is a new customer.
    relations: { facts: factsAfter(relations.facts, erasedAt), revision: relations.revision },
    pending,
    erasedAt,
  });
  if (erasedAt === record.erasedAt) return tombstone;
  const data = { customerId, upTo: new Date(erasedAt).toISOString() };
  const fact = { id: `erased#${customerId}#${erasedAt}`, type: 'contact.erased.v1', at: erasedAt, data };
  return withCustomerFact(tombstone, fact);
}

/** The notes of welcomes are not told apart by when the customer came, so all of them go. */
const withWelcomesForgotten = (record: CustomerRecord): CustomerRecord => ({
  ...record,
  pending: [...record.pending, { kind: 'forget-welcomes' }],
});

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
