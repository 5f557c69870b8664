import { HOUR, type Instant } from '../platform/clock.ts';
import type { Conversation } from './conversation.ts';
import { type MoveSession, withEffect, withEvent } from './effects.ts';
import { withoutAwaited } from './response-times.ts';

/**
 * A rule may end a session that the bot has, after what it says. WeCom's page of kf/service_state/trans has no step from the bot to the
 * end; where it is refused (95016) only our side ends: the next message is the first of a session.
 */
const NO_SUCH_STEP = 95016;

/** Who stands in line wants a person, and no rule sends him away. */
export function endByRule(conversation: Conversation, rule: string | undefined, now: Instant): Conversation {
  if (rule === undefined || conversation.request) return conversation;
  return withEffect(conversation, { kind: 'move', to: { state: 'ended' }, rule, deadline: now + HOUR });
}

/** What became of it; undefined, where only a reading of the session says how things stand. */
export function settleEndByRule(
  conversation: Conversation,
  { rule }: MoveSession,
  outcome: { readonly is: string; readonly errcode?: number },
  now: Instant,
): Conversation | undefined {
  if (outcome.is === 'late') return conversation;
  const inWeCom = outcome.is === 'done';
  if (!inWeCom && outcome.errcode !== NO_SUCH_STEP) return undefined;
  const { heard, session } = conversation;
  const over: Conversation = {
    ...withoutAwaited(conversation),
    session: inWeCom ? { state: 'ended', since: now, verifiedAt: now } : session,
    ...(heard && { heard: { ...heard, session: 0, same: {} } }),
    fallbacks: 0,
    refusedSends: 0,
  };
  return withEvent(over, 'session.closed.v1', now, { rule, inWeCom });
}
