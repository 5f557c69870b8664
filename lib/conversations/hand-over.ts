import { HOUR, type Instant, MINUTE } from '../platform/clock.ts';
import type { Wanted } from '../replies/hand-over.ts';
import { type AgentRequest, type AwaitedMessage, type Conversation, type HandOver, idFrom } from './conversation.ts';
import { withEffect, withEvent } from './effects.ts';
import type { Entry } from './entries.ts';
import { withoutRequest } from './observe.ts';
import { awaitingPerson } from './response-times.ts';

/**
 * Hand-overs: somebody wants a conversation to go to an agent, to a team, or back to the bot. WeCom's states are one-way (kf/service_state/trans):
 * from a person a session goes to another person or ends, from the pool only to a person. So what is wanted is decided once WeCom's session was
 * read, and every hand-over ends in one of two events: `hand-over.done.v1` or `hand-over.refused.v1`.
 */

/** How long a request waits for the one agent who is wanted, before his team's others may take it. */
const WAITS_FOR_AGENT = 5 * MINUTE;
/** How often ending a session for the bot is tried. */
const TRIES = 3;

/** Why a hand-over cannot be, or came to nothing. */
export type HandOverRefusal =
  /** Nobody talks: the customer has to write first. */
  | 'no-session'
  | 'already-there'
  /** WeCom moves a session out of its pool only to a person. */
  | 'one-way'
  /** No team serves the account, so nobody can be asked. */
  | 'no-team'
  /** Another hand-over came before it was done. */
  | 'replaced'
  /** The session ended first. */
  | 'session-ended'
  /** WeCom did not let it happen. */
  | 'wecom'
  /** What it waited for was taken back. */
  | 'withdrawn';

/** What deciding needs to know of the account. */
interface Terms {
  readonly team?: { readonly teamId: string };
  closedAt(at: Instant): object | undefined;
}

/** Why this conversation cannot go there, as it stands; undefined when it can. `teamId` is the account's. */
export function impossible(
  { session, request }: Conversation,
  to: HandOver['to'],
  teamId: string | undefined,
): HandOverRefusal | undefined {
  const { state, agentId } = session;
  if (state === 'ended') return 'no-session';
  if (to === 'bot') {
    if (state === 'pool') return 'one-way';
    return state === 'person' || request ? undefined : 'already-there';
  }
  if ('agentId' in to && state === 'person' && to.agentId === agentId) return 'already-there';
  return (to.teamId ?? teamId) === undefined ? 'no-team' : undefined;
}

/** WeCom's session is read before anything is done about it: agents move sessions in their client, too. */
export function handOverWished(
  conversation: Conversation,
  { id, by, to, noteId, at }: Extract<Entry, { kind: 'hand-over' }>,
  now: Instant,
): Conversation {
  const { handOverWish: older } = conversation;
  const next = older ? told(conversation, older, { refused: 'replaced' }, now) : conversation;
  const wish: HandOver = { id, by, to, at, ...(noteId !== undefined && { noteId }) };
  return { ...next, handOverWish: wish, session: { ...next.session, toRead: true } };
}

/** Begins what is wanted, where WeCom's states allow it. */
export function carriedOut(conversation: Conversation, now: Instant, terms: Terms): Conversation {
  const { handOverWish: wish, ...unwished } = conversation;
  if (!wish)
    return conversation.handOver?.to === 'bot' ? endForBot(conversation, conversation.handOver, now) : conversation;
  const reason = impossible(unwished, wish.to, terms.team?.teamId);
  if (reason) return told(unwished, wish, { refused: reason }, now);
  const { handOver: older, brief: _, ...rest } = unwished;
  const open = older ? told(rest, older, { refused: 'replaced' }, now) : rest;
  const { state, agentId } = open.session;
  const begun: HandOver = { ...wish, ...(state === 'person' && agentId !== undefined && { from: agentId }) };
  if (wish.to === 'bot') return toBot(open, begun, now);
  const { id, by, noteId } = wish;
  const brief = { id, by, ...(noteId !== undefined && { noteId }) };
  return toPerson({ ...open, brief }, begun, wish.to, now, terms);
}

function toBot(conversation: Conversation, handOver: HandOver, now: Instant): Conversation {
  const open = withoutRequest(conversation);
  if (open.session.state === 'person') return endForBot(open, handOver, now);
  const { personWait: _, ...back } = open;
  return told({ ...back, fallbacks: 0 }, handOver, { done: 'bot' }, now);
}

/** From a person WeCom gives nothing back: the session ends, and the customer's next message is the bot's. */
function endForBot(conversation: Conversation, handOver: HandOver, now: Instant): Conversation {
  const { tries = 0 } = handOver;
  if (conversation.session.state !== 'person' || tries >= TRIES) return conversation;
  const next = { ...conversation, handOver: { ...handOver, tries: tries + 1 } };
  return withEffect(next, { kind: 'move', to: { state: 'ended' }, because: 'hand-over', deadline: now + HOUR });
}

function toPerson(
  conversation: Conversation,
  handOver: HandOver,
  to: Exclude<HandOver['to'], 'bot'>,
  now: Instant,
  terms: Terms,
): Conversation {
  const { request: before, offer } = conversation;
  const teamId = to.teamId ?? terms.team?.teamId;
  if (teamId === undefined) return conversation;
  const wanted = 'agentId' in to ? to.agentId : undefined;
  // It stands in that line already, and keeps its place there.
  const stays = before && wanted === undefined && !before.only && before.teamId === teamId && before.from === undefined;
  if (stays) return { ...conversation, handOver: { ...handOver, r: before.r } };
  const { offer: _, ...open } = withoutRequest(conversation);
  const request: AgentRequest = {
    r: idFrom(open.conversationId, open.bornAt, 'request', open.effects + 1),
    teamId,
    askedAt: before?.askedAt ?? now,
    because: 'hand-over',
    ...stillWanted(before?.wanted ?? offer?.wanted),
    ...(wanted !== undefined && { only: onlyFor(wanted, now) }),
    // Who holds the session keeps it, and his place, until somebody else's place is claimed.
    ...(handOver.from !== undefined && { from: handOver.from }),
  };
  const { r } = request;
  const beginning: AwaitedMessage = { id: r, at: now, ...(terms.closedAt(now) && { closed: true }) };
  const asking = handOver.from === undefined ? awaitingPerson(open, teamId, beginning) : open;
  return withEffect(
    { ...asking, request, handOver: { ...handOver, r } },
    { kind: 'request-agent', request, ...(wanted !== undefined && { prefer: wanted }) },
  );
}

/**
 * His priority and his language go with a customer. What a rule wanted of its own team does not bind where somebody has chosen another one: skills that
 * nobody has there would keep him in line for ever, and a language is a preference.
 */
function stillWanted(before: Wanted | undefined): { readonly wanted?: Wanted } {
  const { priority, language, seenLanguage = language } = before ?? {};
  const wanted: Wanted = {
    ...(priority !== undefined && { priority }),
    ...(seenLanguage !== undefined && { seenLanguage }),
  };
  return Object.keys(wanted).length > 0 ? { wanted } : {};
}

/** The request is for this agent alone, for a while. */
export const onlyFor = (agentId: string, now: Instant): NonNullable<AgentRequest['only']> => ({
  agentId,
  until: now + WAITS_FOR_AGENT,
});

/** A hand-over is over when what carried it out is: where the session is then says how. */
export function concluded(conversation: Conversation, now: Instant): Conversation {
  const { handOver, ...rest } = conversation;
  if (!handOver) return conversation;
  const { session, request, pending } = rest;
  const outcome = (): Outcome | undefined => {
    if (handOver.to === 'bot') {
      if (session.state !== 'person') return { done: 'bot' };
      const ending = pending.some(({ kind }) => kind === 'move') || session.toRead === true;
      return ending || (handOver.tries ?? 0) < TRIES ? undefined : { refused: 'wecom' };
    }
    if (request?.r === handOver.r) return undefined;
    if (session.state === 'ended') return { refused: 'session-ended' };
    const { agentId } = session;
    const reached = session.state === 'person' && agentId !== undefined && agentId !== handOver.from;
    return reached ? { done: agentId } : { refused: 'withdrawn' };
  };
  const known = outcome();
  return known ? told(rest, handOver, known, now) : conversation;
}

/** `done`: who has it now, or `bot`. */
type Outcome = { readonly done: string } | { readonly refused: HandOverRefusal };

function told(conversation: Conversation, { id, by, to, from, at }: HandOver, outcome: Outcome, now: Instant) {
  const facts = { handOverId: id, by, to: kindOf(to), ...(from !== undefined && { from }) };
  if ('refused' in outcome) {
    return withEvent(conversation, 'hand-over.refused.v1', now, { ...facts, ...wantedOf(to), reason: outcome.refused });
  }
  const agent = outcome.done !== 'bot' && { agentId: outcome.done };
  return withEvent(conversation, 'hand-over.done.v1', now, { ...facts, ...agent, afterMs: Math.max(0, now - at) });
}

const kindOf = (to: HandOver['to']): 'bot' | 'agent' | 'team' =>
  to === 'bot' ? 'bot' : 'agentId' in to ? 'agent' : 'team';
const wantedOf = (to: HandOver['to']): object =>
  to === 'bot' ? {} : 'agentId' in to ? { agentId: to.agentId } : { teamId: to.teamId };
