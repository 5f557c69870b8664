import type { Instant } from '../platform/clock.ts';
import type { AwaitedMessage, Conversation } from './conversation.ts';
import { type Figure, type SendReply, withEffect } from './effects.ts';
import { noteVisit } from './visit.ts';

/**
 * How long customers wait, by WeCom's time of what they wrote. Two waits: for any answer, from the first unanswered message on; and for
 * a person, from the message that led to the request on, across offers, reassignment and transfers, until an agent's first answer.
 */

/** What an answer ended; `afterMs` and `personAfterMs` in milliseconds. Empty when nobody waited for it. */
export interface AnswerTimes {
  readonly afterMs?: number;
  readonly personAfterMs?: number;
  readonly whileClosed?: true;
}

/** Only the oldest of a wait are remembered: the first counts, the next ones where it is recalled. */
const REMEMBERED = 20;

/** What the bot says about the question itself. Notices of a hand-over, greetings and the end text answer nothing. */
const ANSWERS: ReadonlySet<SendReply['purpose']> = new Set(['answer', 'fallback', 'nobody']);
export const isAnswer = ({ purpose }: SendReply): boolean => ANSWERS.has(purpose);

/** One more message for which the customer awaits an answer. */
export function awaiting(conversation: Conversation, message: AwaitedMessage): Conversation {
  return { ...conversation, awaited: [...(conversation.awaited ?? []), message].slice(0, REMEMBERED) };
}

/** Nothing that was written is to be answered any more: it was, or it needs no answer. */
export function withoutAwaited({ awaited: _, ...conversation }: Conversation): Conversation {
  return conversation;
}

/** From now on what is unanswered waits for a person, on top of what already does; where nothing is, what `otherwise` says. */
export function awaitingPerson(
  conversation: Conversation,
  teamId: string | undefined,
  otherwise?: AwaitedMessage,
): Conversation {
  const { awaited = [], personWait } = conversation;
  const waiting = [...(personWait?.messages ?? []), ...awaited].slice(0, REMEMBERED);
  const messages = waiting.length === 0 && otherwise ? [otherwise] : waiting;
  if (messages.length === 0) return conversation;
  const team = personWait?.teamId ?? teamId;
  return { ...withoutAwaited(conversation), personWait: { messages, ...inTeam(team) } };
}

/** The customer took a message back: a wait begins with what he wrote next, or is over where that was all. */
export function withoutRecalled(conversation: Conversation, messageId: string): Conversation {
  const { awaited, personWait, ...rest } = conversation;
  const left = awaited?.filter(({ id }) => id !== messageId) ?? [];
  const messages = personWait?.messages.filter(({ id }) => id !== messageId) ?? [];
  return {
    ...rest,
    ...(left.length > 0 && { awaited: left }),
    ...(personWait && messages.length > 0 && { personWait: { ...personWait, messages } }),
  };
}

/** An answer of ours was sent. */
export function answeredByBot(
  conversation: Conversation,
  at: Instant,
  teamId: string | undefined,
): { next: Conversation; times: AnswerTimes; figure?: Figure } {
  const [first] = conversation.awaited ?? [];
  if (!first) return { next: conversation, times: {} };
  const afterMs = since(first, at);
  return {
    next: withoutAwaited(conversation),
    times: { afterMs, ...closed(first, 'whileClosed') },
    figure: { what: 'bot-answer', at, ms: afterMs, ...closed(first, 'closed'), ...inTeam(teamId) },
  };
}

/** An agent answered. His first answer ends both waits; later ones what was asked since. */
export function answeredByAgent(
  conversation: Conversation,
  agentId: string,
  at: Instant,
  teamId: string | undefined,
): { next: Conversation; times: AnswerTimes; figure?: Figure } {
  const { personWait, awaited: [asked] = [], session } = conversation;
  // WeCom may have given the session to him before we have heard of it: then the question itself began the wait.
  const [waited] = personWait?.messages ?? (session.state === 'person' ? [] : [asked]);
  const first = earlier(asked, waited);
  const { personWait: _, ...next } = withoutAwaited(conversation);
  if (!first) return { next, times: {} };
  const personAfterMs = waited && since(waited, at);
  return {
    next,
    times: {
      afterMs: since(first, at),
      ...(personAfterMs !== undefined && { personAfterMs }),
      ...closed(waited ?? first, 'whileClosed'),
    },
    figure: {
      what: 'person-answer',
      at,
      agentId,
      ...(personAfterMs !== undefined && { ms: personAfterMs }),
      ...closed(waited ?? first, 'closed'),
      ...inTeam(personWait?.teamId ?? teamId),
    },
  };
}

/** The session is with this agent now: how long it took until then. */
export function notedAssignment(
  conversation: Conversation,
  what: 'assigned' | 'transferred',
  agentId: string,
  at: Instant,
  teamId: string | undefined,
): Conversation {
  const { personWait } = conversation;
  const [first] = personWait?.messages ?? [];
  const counted = what === 'assigned' ? noteVisit(conversation, 'handed-over', at) : conversation;
  return withFigure(counted, {
    what,
    at,
    agentId,
    ...inTeam(personWait?.teamId ?? teamId),
    ...(what === 'assigned' && first && { ms: since(first, at), ...closed(first, 'closed') }),
  });
}

/** The session is over: nobody waits any more. Whoever still waited for a person was abandoned. */
export function withoutWaits(
  conversation: Conversation,
  agentId: string | undefined,
  at: Instant,
  teamId: string | undefined,
): Conversation {
  const { personWait, ...next } = withoutAwaited(conversation);
  const [first] = personWait?.messages ?? [];
  if (!first) return next;
  return withFigure(next, {
    what: 'abandoned',
    at,
    ms: since(first, at),
    ...(agentId !== undefined && { agentId }),
    ...closed(first, 'closed'),
    ...inTeam(personWait?.teamId ?? teamId),
  });
}

export function withFigure(conversation: Conversation, figure: Figure): Conversation {
  return withEffect(conversation, { kind: 'note-figure', figure });
}

/** WeCom's times are whole seconds, and its clock is not ours. */
const since = (message: AwaitedMessage, at: Instant): number => Math.max(0, at - message.at);

const closed = <Name extends string>(message: AwaitedMessage, name: Name): { readonly [N in Name]?: true } =>
  message.closed ? ({ [name]: true } as { [N in Name]: true }) : {};

const inTeam = (teamId: string | undefined): { teamId?: string } => (teamId === undefined ? {} : { teamId });

function earlier(one: AwaitedMessage | undefined, other: AwaitedMessage | undefined): AwaitedMessage | undefined {
  if (!one || !other) return one ?? other;
  return other.at <= one.at ? other : one;
}
