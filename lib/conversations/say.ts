import type { Instant } from '../platform/clock.ts';
import type { Content } from '../wecom/outgoing-messages.ts';
import type { Conversation } from './conversation.ts';
import { withEffect } from './effects.ts';
import { maySend, windowEnd, withSent } from './window.ts';

/** A courtesy: where the window leaves no room it is left out, and the hand-over goes on. */
export function sendForHandOver(
  conversation: Conversation,
  content: Content,
  purpose: 'waiting' | 'connecting' | 'left',
  now: Instant,
): Conversation {
  const deadline = windowEnd(conversation);
  if (deadline === undefined || !maySend(conversation, 'hand-over', now)) return conversation;
  return withEffect(counted(conversation, now), { kind: 'send', content, purpose, answers: [], deadline });
}

/** Counted when decided: from now on it may have been sent. */
export function counted(conversation: Conversation, now: Instant): Conversation {
  return { ...conversation, window: withSent(conversation.window, now) };
}
