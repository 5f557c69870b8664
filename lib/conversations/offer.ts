import type { Instant } from '../platform/clock.ts';
import { type AgentRequest, type Conversation, idFrom, type Offer } from './conversation.ts';
import { withEffect, withEvent } from './effects.ts';
import { withFigure } from './response-times.ts';
import { WINDOW } from './window.ts';

/**
 * An assignment is an offer until the agent has answered. The session is with him at once; when his time is up, another one is asked for, and takes
 * it over from him. WeCom gives no session back from a person, so where nobody else can, it stays with him.
 */

/** How long an agent may leave a customer without an answer, in milliseconds, before another one is asked for. */
export interface OfferTerms {
  readonly answerWithin: number;
  /** The agent is asked by card, in this language, and the session moves when he takes it. */
  readonly card?: { readonly language: 'zh' | 'en' };
}

/** The offer that begins when the session has moved. */
export function offerTo(agentId: string, request: AgentRequest, terms: OfferTerms, now: Instant): Offer {
  const { teamId, exclude: missedBy = [], wanted } = request;
  const offer = { agentId, teamId, since: now, expiresAt: now + terms.answerWithin, missedBy };
  return wanted ? { ...offer, wanted } : offer;
}

/** The session stays with whoever has it until somebody else can take it: WeCom takes none back from a person. */
export function expireOffer(
  conversation: Conversation,
  now: Instant,
  team?: { readonly teamId: string; readonly offer?: OfferTerms },
): Conversation {
  const { offer, request } = conversation;
  if (!offer || now < offer.expiresAt || request) return conversation;
  const { offer: _, ...expired } = conversation;
  // The team makes no offers any more.
  if (!team?.offer) return expired;
  const { agentId, missedBy, wanted } = offer;
  const exclude = [...new Set([...missedBy, agentId])];
  const next: AgentRequest = {
    r: idFrom(conversation.conversationId, conversation.bornAt, 'request', conversation.effects + 1),
    teamId: team.teamId,
    askedAt: now,
    because: 'offer-expired',
    from: agentId,
    exclude,
    ...(wanted && { wanted }),
  };
  const told = withEvent(expired, 'offer.expired.v1', now, {
    agentId,
    teamId: next.teamId,
    missed: exclude.length,
    afterMs: now - offer.since,
  });
  const missed = withEffect(told, { kind: 'offer-missed', r: next.r, teamId: next.teamId, agentId, at: now });
  const asked = withEffect({ ...missed, request: next }, { kind: 'request-agent', request: next });
  return withFigure(asked, { what: 'expired', at: now, teamId: offer.teamId, agentId, ms: now - offer.since });
}

/** Moves the session from whoever let it lie. */
export function takeOver(conversation: Conversation, from: string, agentId: string, now: Instant): Conversation {
  return withEffect(conversation, { kind: 'move', to: { state: 'person', agentId }, from, deadline: now + WINDOW });
}

/** Nobody else can take it, now: said once, so that somebody sees to it. */
export function tellStalled(conversation: Conversation, request: AgentRequest, now: Instant): Conversation {
  const { teamId, because } = request;
  const told: Conversation = { ...conversation, request: { ...request, announced: true } };
  return withEvent(told, 'conversation.waiting.v1', now, { teamId, because });
}

/** The first answer accepts: nobody else is asked for any more, and whose turn it was has not missed it. */
export function accepted(conversation: Conversation, agentId: string, at: Instant, now: Instant): Conversation {
  const { offer, request } = conversation;
  let next = conversation;
  if (offer?.agentId === agentId) {
    const { offer: _, ...answered } = next;
    next = withEvent(answered, 'offer.accepted.v1', now, { agentId, afterMs: Math.max(0, at - offer.since) });
    next = withEffect(next, { kind: 'offer-answered', teamId: offer.teamId, agentId, at });
  }
  // Who hands over may answer until he is relieved.
  return request?.from === agentId && request.because !== 'hand-over' ? withoutTakeOver(next, request) : next;
}

/** The session stays where it is: the request is taken back, and with it a place that was claimed for it. */
function withoutTakeOver(conversation: Conversation, request: AgentRequest): Conversation {
  const { request: _, ...next } = conversation;
  const { r, teamId, assigned } = request;
  const pending = next.pending.filter((effect) => effect.kind !== 'move' || effect.from === undefined);
  const cancelled = withEffect({ ...next, pending }, { kind: 'cancel-request', r, teamId });
  if (assigned?.element === undefined) return cancelled;
  return withEffect(cancelled, { kind: 'release-place', agentId: assigned.agentId, element: assigned.element });
}

/**
 * WeCom shows this person: an offer to somebody else is over, and where our take-over has landed its place is the conversation's. Where somebody
 * else again has it, the place that was claimed goes back.
 */
export function withPersonRead(conversation: Conversation, agentId: string): Conversation {
  const { request, offer, place } = conversation;
  const { offer: _, ...unoffered } = conversation;
  const next = offer && offer.agentId !== agentId ? unoffered : conversation;
  const { from, assigned } = request ?? {};
  if (from === undefined || assigned?.element === undefined || from === agentId) return next;
  const claimed = { agentId: assigned.agentId, element: assigned.element };
  if (assigned.agentId !== agentId) return withEffect(next, { kind: 'release-place', ...claimed });
  const freed = place ? withEffect(next, { kind: 'release-place', ...place }) : next;
  return { ...freed, place: claimed };
}

/** A session that is over offers nothing; a place that was claimed for its take-over goes back. */
export function withoutOffer(conversation: Conversation): Conversation {
  const { offer: _, ...next } = conversation;
  const { assigned } = conversation.request ?? {};
  if (assigned?.element === undefined) return next;
  return withEffect(next, { kind: 'release-place', agentId: assigned.agentId, element: assigned.element });
}
