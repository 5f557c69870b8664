import type { Instant } from '../platform/clock.ts';
import { withoutCardOf } from './card-offer.ts';
import { type AgentRequest, type Conversation, idFrom } from './conversation.ts';
import { withEffect } from './effects.ts';

/**
 * Whoever holds the session has left: his team is asked for somebody who takes it over from him, as when an offer expires, because WeCom
 * takes no session back from a person. Until then it stays where it is, and that is told. A card that he was shown is over. Nothing remembers
 * him as the customer's agent.
 */
export function withoutHolder(
  conversation: Conversation,
  agentId: string,
  now: Instant,
  team?: { readonly teamId: string },
): Conversation {
  const { offer, request, lastServedBy, ...rest } = withoutCardOf(conversation, agentId);
  const known = lastServedBy === undefined || lastServedBy === agentId ? rest : { ...rest, lastServedBy };
  const teamId = offer?.teamId ?? team?.teamId;
  const { session } = conversation;
  const holds = session.state === 'person' && session.agentId === agentId;
  // Somebody else has been asked for already, or nobody can be.
  if (!holds || request || teamId === undefined)
    return { ...known, ...(offer && { offer }), ...(request && { request }) };
  const next: AgentRequest = {
    r: idFrom(conversation.conversationId, conversation.bornAt, 'request', conversation.effects + 1),
    teamId,
    askedAt: now,
    because: 'holder-left',
    from: agentId,
    exclude: [...new Set([...(offer?.missedBy ?? []), agentId])],
    ...(offer?.wanted && { wanted: offer.wanted }),
  };
  return withEffect({ ...known, request: next }, { kind: 'request-agent', request: next });
}
