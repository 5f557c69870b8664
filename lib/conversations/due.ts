import { HOUR, type Instant } from '../platform/clock.ts';
import { cardDue } from './card.ts';
import type { Conversation } from './conversation.ts';
import { modelDue } from './model.ts';
import { WINDOW } from './window.ts';

/**
 * A timer is a due time that follows from the state. Firing one only wakes the conversation, which compares its own state
 * with the clock: a timer that fires early, late or twice, or after things moved on, does nothing.
 */

/** How long after a window's end we look again when WeCom still shows a person serving. */
const LOOK_AGAIN = HOUR;

/** The customer has been silent since the agent's last answer for as long as the team allows. */
export function silenceDue(conversation: Conversation, silence: number): Instant | undefined {
  const { session, lastAgentAt, lastSpeaker } = conversation;
  // WeCom's times are whole seconds, so who spoke last comes from the order of the pull, not from a comparison of times.
  if (session.state !== 'person' || lastAgentAt === undefined || lastSpeaker !== 'agent') return undefined;
  if (conversation.silenceSeen === lastAgentAt) return undefined;
  // An agent who comes back to an old session has not been silent in this one.
  return Math.max(lastAgentAt, session.since) + silence;
}

/** WeCom ends a session 48 hours after the customer's last message, without a word. Then we read its state. */
export function passiveEndDue(conversation: Conversation): Instant | undefined {
  const { session, request, lastCustomerAt, place } = conversation;
  if (session.state !== 'person' && !request && !place) return undefined;
  const ends = (lastCustomerAt ?? session.since) + WINDOW;
  const looked = session.verifiedAt ?? 0;
  return looked >= ends ? looked + LOOK_AGAIN : ends;
}

/** How long before the window's end somebody is told of a customer who waits in line. */
const BEFORE_CLOSING = 2 * HOUR;

/** When to warn of a window that closes on a customer in line; undefined when nobody has to, or it was done. */
export function closingDue({ request, window }: Conversation): Instant | undefined {
  if (!request || request.closing || window.openedAt === undefined) return undefined;
  return window.openedAt + WINDOW - BEFORE_CLOSING;
}

/** When the team is asked again where the customer stands in its line. */
export function placeDue({ request, session }: Conversation): Instant | undefined {
  const speaks = session.state === 'new' || session.state === 'bot';
  return speaks && request?.waiting && !request.assigned ? request.line?.askAt : undefined;
}

/** The next moment at which this conversation has to be looked at, if nothing else happens. */
export function nextDue(conversation: Conversation, silence: number): Instant | undefined {
  const dues = [
    conversation.parkedUntil,
    silenceDue(conversation, silence),
    passiveEndDue(conversation),
    conversation.offer?.expiresAt,
    closingDue(conversation),
    cardDue(conversation),
    modelDue(conversation),
    placeDue(conversation),
  ];
  const known = dues.filter((due) => due !== undefined);
  return known.length > 0 ? Math.min(...known) : undefined;
}
