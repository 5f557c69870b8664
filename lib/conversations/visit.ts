import type { Instant } from '../platform/clock.ts';
import type { Conversation } from './conversation.ts';
import { withEffect } from './effects.ts';

/** A customer came by an entrance; what he did since counts for it, each once. */
export interface Visit {
  readonly entrance: string;
  readonly wrote?: true;
  readonly handedOver?: true;
}

/** How many visitors entered, wrote something, and came to a person. */
export interface Visits {
  readonly entered: number;
  readonly wrote: number;
  readonly handedOver: number;
}

/** `entrance` is the one of where he came from; without one he came by none. What is `old` is history and does not count. */
export function withVisit(
  conversation: Conversation,
  entrance: string | undefined,
  at: Instant,
  old: true | undefined,
): Conversation {
  const { visit: _, ...rest } = conversation;
  if (entrance === undefined) return rest;
  const visited: Conversation = { ...rest, visit: { entrance } };
  return old ? visited : withEffect(visited, { kind: 'note-figure', figure: { what: 'entered', at, entrance } });
}

/** The visitor wrote, or a person has him now. */
export function noteVisit(conversation: Conversation, what: 'wrote' | 'handed-over', at: Instant): Conversation {
  const { visit } = conversation;
  const step = what === 'wrote' ? 'wrote' : 'handedOver';
  if (!visit || visit[step]) return conversation;
  const { entrance } = visit;
  const noted: Conversation = { ...conversation, visit: { ...visit, [step]: true } };
  return withEffect(noted, { kind: 'note-figure', figure: { what, at, entrance } });
}
