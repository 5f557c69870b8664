import { HOUR, type Instant } from '../platform/clock.ts';
import type { Conversation } from './conversation.ts';

/** WeCom: kf/send_msg. */
export const MESSAGES_PER_WINDOW = 5;
export const WINDOW = 48 * HOUR;

/** How many messages WeCom would still take from us now. */
export function allowance(conversation: Conversation, now: Instant): number {
  const { openedAt, sent } = conversation.window;
  if (openedAt === undefined || now >= openedAt + WINDOW) return 0;
  return Math.max(0, MESSAGES_PER_WINDOW - sent);
}

/** Whether a message may go out: one of the five is kept back for what accompanies the hand-over to a person (guarantee 5). */
export function maySend(conversation: Conversation, purpose: 'reply' | 'hand-over', now: Instant): boolean {
  return allowance(conversation, now) >= (purpose === 'hand-over' ? 1 : 2);
}

/** When the window closes; undefined when the customer never wrote. */
export function windowEnd(conversation: Conversation): Instant | undefined {
  const { openedAt } = conversation.window;
  return openedAt === undefined ? undefined : openedAt + WINDOW;
}
