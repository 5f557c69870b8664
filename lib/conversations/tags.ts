import type { Instant } from '../platform/clock.ts';
import type { Conversation } from './conversation.ts';
import { withEvent } from './effects.ts';

/** How many tags a conversation keeps, the latest: a rule that is wrong must not let the state grow for ever. */
export const MOST_TAGS = 50;

/** The customer has these tags from now on. Told are those that he did not have. */
export function withTags(conversation: Conversation, tags: readonly string[] | undefined, now: Instant): Conversation {
  const before = conversation.tags ?? [];
  const added = [...new Set(tags)].filter((tag) => !before.includes(tag));
  if (added.length === 0) return conversation;
  const tagged: Conversation = { ...conversation, tags: [...before, ...added].slice(-MOST_TAGS) };
  return withEvent(tagged, 'customer.tagged.v1', now, { tags: added });
}
