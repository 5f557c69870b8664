import type { Instant } from '../platform/clock.ts';
import type { Conversation } from './conversation.ts';
import { type Brief, withEffect } from './effects.ts';
import { countUnsent } from './unsent.ts';

/**
 * Who serves now is told in WeCom what he cannot see in his client: that the conversation was handed over to him, with a note, and what could not
 * be sent to the customer. Once for each session of his, and again when there is more to tell.
 */
export function withBriefing(conversation: Conversation, now: Instant): Conversation {
  const { session, brief, briefed, handOver, handOverWish, unsent = [] } = conversation;
  if (session.state === 'ended') return withoutBrief(conversation);
  const { state, agentId, since } = session;
  // Whoever is about to lose it has nothing to read up on.
  if (state !== 'person' || agentId === undefined || session.toRead || handOver || handOverWish) return conversation;
  const before = briefed?.agentId === agentId && briefed.since === since ? briefed : undefined;
  const more = unsent.length > (before?.unsent ?? 0) || (brief !== undefined && before?.id !== brief.id);
  if (!more) return conversation;
  const waitedSince = waitingSince(conversation);
  const told: Brief = {
    agentId,
    at: now,
    ...(brief && { by: brief.by }),
    ...(brief?.noteId !== undefined && { noteId: brief.noteId }),
    ...(waitedSince !== undefined && { waitedMs: Math.max(0, now - waitedSince) }),
    unsent: countUnsent(unsent),
  };
  return withEffect(
    { ...conversation, briefed: { agentId, since, unsent: unsent.length, ...(brief && { id: brief.id }) } },
    { kind: 'brief-agent', brief: told },
  );
}

function waitingSince({ personWait, lastSpeaker, lastCustomerAt }: Conversation): Instant | undefined {
  return personWait?.messages[0]?.at ?? (lastSpeaker === 'customer' ? lastCustomerAt : undefined);
}

/** A person answered: he knows, and what was not said before is his to say. Who only waits to be relieved leaves the note to the next. */
export function withoutTold(conversation: Conversation): Conversation {
  const { unsent: _, briefed: __, ...answered } = conversation;
  return answered.handOver || answered.handOverWish ? answered : withoutBrief(answered);
}

function withoutBrief(conversation: Conversation): Conversation {
  const { brief: _, briefed: __, ...rest } = conversation;
  return conversation.brief || conversation.briefed ? rest : conversation;
}
