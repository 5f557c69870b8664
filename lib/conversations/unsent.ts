import type { Instant } from '../platform/clock.ts';
import type { Conversation, Unsent } from './conversation.ts';

/** As many as a person reads. */
const REMEMBERED = 20;

/** One more reply that did not reach the customer, or may not have. `facts` are those of `reply.failed.v1`. */
export function withUnsent(
  conversation: Conversation,
  at: Instant,
  facts: Readonly<Record<string, unknown>>,
): Conversation {
  const { reason, messageId, purpose, errcode, failType } = facts;
  const one: Unsent = {
    at,
    reason: typeof reason === 'string' ? reason : 'unknown',
    ...(typeof messageId === 'string' && { messageId }),
    ...(typeof purpose === 'string' && { purpose }),
    ...(typeof errcode === 'number' && { errcode }),
    ...(typeof failType === 'number' && { failType }),
  };
  return { ...conversation, unsent: [...(conversation.unsent ?? []), one].slice(-REMEMBERED) };
}

/** How many, by reason; a refusal by WeCom's code. */
export function countUnsent(unsent: readonly Unsent[]): Record<string, number> {
  const counts = new Map<string, number>();
  for (const one of unsent) {
    const reason = one.reason === 'refused' && one.errcode !== undefined ? String(one.errcode) : one.reason;
    counts.set(reason, (counts.get(reason) ?? 0) + 1);
  }
  return Object.fromEntries(counts);
}
