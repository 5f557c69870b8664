import { HOUR, type Instant, SECOND } from '../platform/clock.ts';
import type { Conversation, ReplyWindow } from './conversation.ts';

/** WeCom: kf/send_msg. */
export const MESSAGES_PER_WINDOW = 5;
export const WINDOW = 48 * HOUR;

/** How many messages WeCom would still take from us now. */
export function allowance(conversation: Conversation, now: Instant): number {
  const { openedAt, sent } = conversation.window;
  if (openedAt === undefined || now >= openedAt + WINDOW) return 0;
  return Math.max(0, MESSAGES_PER_WINDOW - sent.length);
}

/** Whether a message may go out: one of the five is kept back for what accompanies the hand-over to a person (guarantee 5). */
export function maySend(conversation: Conversation, purpose: 'reply' | 'hand-over', now: Instant): boolean {
  return allowance(conversation, now) >= (purpose === 'hand-over' ? 1 : 2);
}

/** How many replies may go out before only the hand-over's message is left. */
export function repliesLeft(conversation: Conversation, now: Instant): number {
  return Math.max(0, allowance(conversation, now) - 1);
}

/** When the window closes; undefined when the customer never wrote. */
export function windowEnd(conversation: Conversation): Instant | undefined {
  const { openedAt } = conversation.window;
  return openedAt === undefined ? undefined : openedAt + WINDOW;
}

/** Whether nobody may write to this customer any more, we or a person, until he writes again. */
export function isWindowOver(conversation: Conversation, now: Instant): boolean {
  const end = windowEnd(conversation);
  return end !== undefined && now >= end;
}

/** One more message that may have been sent; or as many as are said. */
export function withSent(window: ReplyWindow, at: Instant, count = 1): ReplyWindow {
  return { ...window, sent: [...window.sent, ...Array<Instant>(Math.max(0, count)).fill(at)] };
}

/** The last message counted, or one so many before it, is known to have been sent at this moment, not when it was decided. */
export function withSentAt(window: ReplyWindow, at: Instant, after = 0): ReplyWindow {
  const place = window.sent.length - 1 - after;
  return { ...window, sent: window.sent.map((decided, index) => (index === place ? at : decided)) };
}

/** Messages that were counted and certainly did not go out. */
export function withoutSent(window: ReplyWindow, count: number): ReplyWindow {
  return { ...window, sent: window.sent.slice(0, Math.max(0, window.sent.length - count)) };
}

/**
 * A customer's message opens the window anew. What we sent after it, before we had heard of it, counts in the new one.
 * WeCom's time is the second in which it was written: what we sent in that second is taken for earlier, since a customer who
 * writes quickly must not use up the window by it.
 */
export function reopened(window: ReplyWindow, writtenAt: Instant): ReplyWindow {
  return {
    openedAt: Math.max(writtenAt, window.openedAt ?? 0),
    sent: window.sent.filter((at) => at >= writtenAt + SECOND),
  };
}
