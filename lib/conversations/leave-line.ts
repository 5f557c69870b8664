import type { Instant } from '../platform/clock.ts';
import { cardOut } from './card.ts';
import type { AgentRequest, Conversation, Question } from './conversation.ts';
import { withEffect, withEvent } from './effects.ts';
import { withoutWaits } from './response-times.ts';
import { sendForHandOver } from './say.ts';
import type { LineRules } from './stand-in-line.ts';

/** The customer said so, or WeCom's window closed on him, so that nobody could answer any more. */
export type WhyLeft = 'customer' | 'window';

/** The request is taken back, with a place that was claimed for it. One that is claimed at this moment finds it gone and is released (rule 14). */
export function leaveLine(
  conversation: Conversation,
  request: AgentRequest,
  reason: WhyLeft,
  now: Instant,
): Conversation {
  const { request: _, place, ...rest } = conversation;
  const { r, teamId, assigned } = request;
  let next: Conversation = place && !assigned ? { ...rest, place } : rest;
  if (place && assigned) next = withEffect(next, { kind: 'release-place', ...place });
  next = withEffect(next, { kind: 'cancel-request', r, teamId });
  next = withLeft(next, request, reason, now);
  return withoutWaits({ ...next, fallbacks: 0 }, undefined, now, teamId);
}

/** An agent is thinking about it: nothing has moved. */
function isOffered(conversation: Conversation): boolean {
  const card = cardOut(conversation);
  return card !== undefined && !card.taken;
}

/** Tells that a request left the line. */
export function withLeft(
  conversation: Conversation,
  { teamId, because, askedAt, line }: AgentRequest,
  reason: WhyLeft,
  now: Instant,
): Conversation {
  return withEvent(conversation, 'conversation.left.v1', now, {
    teamId,
    because,
    reason,
    waitedMs: now - askedAt,
    ...(line?.ahead !== undefined && { place: line.ahead }),
  });
}

/**
 * Who is in line and says that he does not want it any more leaves it, with what he asked before. What he wrote since is still to be
 * answered. Undefined: nobody said so, or an agent is on his way already.
 */
export function leaveOnWish(
  conversation: Conversation,
  now: Instant,
  {
    line,
    isCourtesy,
  }: { readonly line: Pick<LineRules, 'asksToLeave' | 'left'>; isCourtesy(question: Question): boolean },
): Conversation | undefined {
  const { request, unanswered, awaited = [] } = conversation;
  if (!request || request.from !== undefined || (request.assigned && !isOffered(conversation))) return undefined;
  // WeCom has no way out of its pool but to a person.
  if (conversation.session.state === 'pool') return undefined;
  const wish = unanswered.findLastIndex((question) => line.asksToLeave(question));
  if (wish === -1) return undefined;
  const since = unanswered.slice(wish + 1).filter((question) => !isCourtesy(question));
  const left = leaveLine({ ...conversation, unanswered: since }, request, 'customer', now);
  const waits = awaited.filter(({ id }) => since.some((question) => question.id === id));
  return sendForHandOver({ ...left, ...(waits.length > 0 && { awaited: waits }) }, line.left, 'left', now);
}
