import type { Instant } from '../platform/clock.ts';
import type { Conversation } from './conversation.ts';
import { withEvent } from './effects.ts';

/** How many tags a conversation keeps, the latest: a rule that is wrong must not let the state grow for ever. */
export const MOST_TAGS = 50;

/** The customer has these tags from now on, as his latest. Told are those that he did not have. */
export function withTags(conversation: Conversation, tags: readonly string[] | undefined, now: Instant): Conversation {
  const given = [...new Set(tags)];
  if (given.length === 0) return conversation;
  const before = conversation.tags ?? [];
  const others = before.filter((tag) => !given.includes(tag));
  const tagged: Conversation = { ...conversation, tags: [...others, ...given].slice(-MOST_TAGS) };
  const added = given.filter((tag) => !before.includes(tag));
  return added.length > 0 ? withEvent(tagged, 'customer.tagged.v1', now, { tags: added }) : tagged;
}
