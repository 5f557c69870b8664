import type { Instant } from '../platform/clock.ts';
import { tidyCards } from './card-offer.ts';
import { type Conversation, emptyConversation } from './conversation.ts';
import { type Effect, withEffect, withEvent } from './effects.ts';
import type { Entry } from './entries.ts';

/**
 * What stays of a conversation whose customer wanted to be forgotten: a tombstone, a conversation in which nothing was ever said. It
 * keeps its counters, so that no id and no event number is given twice, and the moment before which everything is refused: WeCom
 * gives the last three days again to whoever pulls without a cursor (WeCom: kf/sync_msg), and callbacks repeat.
 * docs/decisions/0033-a-tombstone-is-a-moment.md
 */
export function erased(conversation: Conversation, at: Instant, now: Instant): Conversation {
  const { conversationId, version, effects, sequence, erasedAt = at } = conversation;
  // An older wish that comes late takes nothing from who came back since.
  if (conversation.erasedAt !== undefined && at <= conversation.erasedAt) return withHistoryErased(conversation, now);
  const closed = withNobodyServing(conversation, now);
  const tombstone: Conversation = {
    ...emptyConversation(conversationId, now),
    version,
    sequence,
    effects: Math.max(effects, closed.effects),
    pending: closed.pending.filter(outlives),
    erasedAt: Math.max(at, erasedAt),
  };
  return withHistoryErased(withErasedTold(tombstone, now), now);
}

/** Other systems learn to forget him, too: once for each moment, since an older wish does not come here. */
function withErasedTold(tombstone: Conversation, now: Instant): Conversation {
  const { openKfId, customerId, erasedAt = now } = tombstone;
  const upTo = new Date(erasedAt).toISOString();
  return withEvent(tombstone, 'conversation.erased.v1', now, { openKfId, customerId, upTo });
}

/** The request is taken back and the place is free; agents' cards say so. WeCom's session is WeCom's, and read again when needed. */
function withNobodyServing(conversation: Conversation, now: Instant): Conversation {
  const { request, place, ...rest } = conversation;
  let next: Conversation = rest;
  if (request) next = withEffect(next, { kind: 'cancel-request', r: request.r, teamId: request.teamId });
  const claimed = request?.assigned;
  if (claimed?.element !== undefined && claimed.element !== place?.element) {
    next = withEffect(next, { kind: 'release-place', agentId: claimed.agentId, element: claimed.element });
  }
  if (place) next = withEffect(next, { kind: 'release-place', ...place });
  return tidyCards(next, now);
}

/** What is still told: what others wait for, and facts of ids and numbers. Nothing is said any more, and nobody is asked for. */
function outlives(effect: Effect): boolean {
  switch (effect.kind) {
    case 'cancel-request':
    case 'release-place':
    case 'offer-missed':
    case 'offer-answered':
    case 'note-figure':
    case 'count-quick-replies':
    case 'publish':
    case 'keep-media':
      return true;
    case 'tell-card':
      return effect.job.kind === 'change';
    default:
      return false;
  }
}

/** Whether this was there before the erasure: it is refused, and its words leave the table with the rest of the history. */
export function isOfBefore({ erasedAt }: Conversation, entry: Entry): boolean {
  if (erasedAt === undefined) return false;
  if ('sentAt' in entry) return entry.sentAt <= erasedAt;
  // What the team and its cards say must be heard: a place that nobody takes has to be given back.
  return (entry.kind === 'hand-over' || entry.kind === 'model-answered') && entry.at <= erasedAt;
}

/** Takes in what came after an erasure but leaves a trace of before it: the history is looked through once more. */
export function withTraceErased(conversation: Conversation, entry: Entry, now: Instant): Conversation {
  const { erasedAt } = conversation;
  if (erasedAt === undefined) return conversation;
  const isOld = ('sentAt' in entry ? entry.sentAt : entry.at) <= erasedAt;
  return isOld || isBare(conversation) ? withHistoryErased(conversation, now) : conversation;
}

/** Nobody has come back since: whatever is pulled names its app. */
const isBare = ({ app, session }: Conversation): boolean => app === undefined && session.state === 'unknown';

/** The history is to be looked through, once more where it was before. */
export function withHistoryErased(conversation: Conversation, now: Instant): Conversation {
  const others = conversation.pending.filter(({ kind }) => kind !== 'erase-history');
  return withEffect({ ...conversation, pending: others }, { kind: 'erase-history', upTo: now });
}

/** Up to when the history is to go, now that it is told: somebody may have come back since it was decided. */
export const erasedUpTo = (conversation: Conversation, upTo: Instant): Instant =>
  isBare(conversation) ? Math.max(upTo, conversation.erasedAt ?? 0) : (conversation.erasedAt ?? 0);
