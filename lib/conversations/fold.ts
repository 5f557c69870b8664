import { type Instant, SECOND } from '../platform/clock.ts';
import type { Origin } from '../replies/entrance.ts';
import type { Rating } from '../replies/rating.ts';
import type { Content } from '../wecom/outgoing-messages.ts';
import { withoutTold } from './briefing.ts';
import { foldCard } from './card-offer.ts';
import { withAdopted, withReleased } from './change-of-hands.ts';
import type { Conversation, Heard, Question } from './conversation.ts';
import { withEffect, withEvent } from './effects.ts';
import type { Entry } from './entries.ts';
import { erased } from './erase.ts';
import { handOverWished } from './hand-over.ts';
import { withoutHolder } from './holder-left.ts';
import { foldModelAnswer } from './model.ts';
import { accepted } from './offer.ts';
import { ratedBy, withoutListening, withRating } from './rating.ts';
import { answeredByAgent, awaiting, withFigure, withoutRecalled } from './response-times.ts';
import { withPlace } from './stand-in-line.ts';
import { teamServing } from './team-rules.ts';
import { noteVisit, withVisit } from './visit.ts';
import { MESSAGES_PER_WINDOW, reopened, WINDOW, withSent } from './window.ts';

/** WeCom: codes of a welcome and of an ended session die 20 seconds after the event. */
export const CODE_LIFE = 20 * SECOND;

/** What folding needs to know of the business configuration. */
export interface FoldRules {
  readonly greeting?: Content;
  /** While the account is closed: what to say, and until when. */
  closedAt(at: Instant): { readonly text: Content; readonly opensAt?: Instant } | undefined;
  /** The team that serves this account. */
  readonly team?: { readonly teamId: string };
  /** The one that the conversation is with, where that is another. */
  readonly otherTeam?: { readonly teamId: string };
  /** Whether a message is only polite, which right after the end needs no answer. */
  isCourtesy(question: Question): boolean;
  /** How long "right after the end" lasts, in milliseconds. */
  readonly grace: number;
  /** What customers are asked when a session with a person ends. */
  readonly rating?: Rating;
  /** The entrance for whose customers these rules hold. */
  readonly entrance?: string;
}

/** Takes one inbox entry into the state. Facts change it; what agents did in WeCom's client only makes us read again. */
export function fold(conversation: Conversation, entry: Entry, now: Instant, rules: FoldRules): Conversation {
  switch (entry.kind) {
    case 'message':
      return foldMessage(knowingApp(conversation, entry.app), entry, now, rules);
    case 'answer':
      return foldAnswer(knowingApp(conversation, entry.app), entry, now, rules);
    case 'entered':
      return foldEntered(knowingApp(conversation, entry.app), entry, now, rules);
    case 'session-changed': {
      if (entry.old) return knowingApp(conversation, entry.app);
      const read = toBeRead(knowingApp(conversation, entry.app));
      const deadline = entry.sentAt + CODE_LIFE;
      return entry.change === 'ended' && entry.code && now < deadline
        ? { ...read, endCode: { code: entry.code, deadline, ...(entry.oldAgentId && { agentId: entry.oldAgentId }) } }
        : read;
    }
    case 'send-failed': {
      const failed = withEffect(knowingApp(conversation, entry.app), {
        kind: 'mark-failed',
        messageId: entry.failedId,
        failType: entry.failType,
      });
      const told = withEvent(failed, 'reply.failed.v1', now, {
        messageId: entry.failedId,
        reason: 'not-delivered',
        failType: entry.failType,
      });
      // 4 and 5: the session is over; 6: WeCom counted five messages where we counted fewer.
      if (entry.failType === 4 || entry.failType === 5) return toBeRead(told);
      return entry.failType === 6
        ? { ...told, window: withSent(told.window, now, MESSAGES_PER_WINDOW - told.window.sent.length) }
        : told;
    }
    case 'recalled': {
      const known = knowingApp(conversation, entry.app);
      const unanswered = known.unanswered.filter((question) => question.id !== entry.messageId);
      return withEffect(
        { ...withoutRecalled(known, entry.messageId), unanswered },
        { kind: 'forget-text', messageId: entry.messageId },
      );
    }
    case 'noted':
      return knowingApp(conversation, entry.app);
    case 'assigned':
      return foldAssigned(conversation, entry);
    case 'waiting':
      return withPlace(conversation, entry);
    case 'place-asked': {
      const { agentId, element } = entry;
      const { place } = conversation;
      const claimed = conversation.request?.assigned;
      const taken =
        (place?.agentId === agentId && place.element === element) ||
        (claimed?.agentId === agentId && claimed.element === element);
      // Claimed for our open request: its assignment is on the way.
      const { request } = conversation;
      const coming = request !== undefined && !request.assigned && element.endsWith(`#${request.r}`);
      return taken || coming ? conversation : withEffect(conversation, { kind: 'release-place', agentId, element });
    }
    case 'hand-over':
      return handOverWished(conversation, entry, now);
    case 'card-shown':
    case 'card-refused':
    case 'card-answered':
      return foldCard(conversation, entry, now);
    case 'holder-left':
      return withoutHolder(conversation, entry.agentId, now, teamServing(conversation, rules));
    case 'model-answered':
      return foldModelAnswer(conversation, entry);
    case 'erased':
      return erased(conversation, entry.at, now);
    case 'adopted':
      return withAdopted(conversation, entry);
    case 'released':
      return withReleased(conversation, now);
  }
}

function foldMessage(
  conversation: Conversation,
  entry: Extract<Entry, { kind: 'message' }>,
  now: Instant,
  rules: FoldRules,
): Conversation {
  const question: Question = {
    id: entry.id,
    type: entry.type,
    at: entry.sentAt,
    ...(entry.text !== undefined && { text: entry.text }),
    ...(entry.menuId !== undefined && { menuId: entry.menuId }),
  };
  const rated = ratedBy(conversation, question, rules);
  const heard: Conversation = {
    ...conversation,
    window: reopened(conversation.window, entry.sentAt),
    lastCustomerAt: Math.max(entry.sentAt, conversation.lastCustomerAt ?? 0),
    ...(!rated && { heard: oneMore(conversation) }),
  };
  if (entry.old) return heard;
  const { session, endedAt } = conversation;
  const told = withEvent(heard, 'message.received.v1', now, {
    messageId: entry.id,
    messageType: entry.type,
    sentAt: new Date(entry.sentAt).toISOString(),
    chosen: entry.menuId !== undefined,
  });
  if (rated) return withRating(told, rated, question, now);
  const justEnded = endedAt !== undefined && session.state !== 'person' && entry.sentAt < endedAt + rules.grace;
  if (justEnded && !conversation.request && rules.isCourtesy(question)) return told;
  const closed = rules.closedAt(question.at) !== undefined;
  const spoken: Conversation = {
    ...awaiting(noteVisit(withoutListening(told), 'wrote', question.at), {
      id: question.id,
      at: question.at,
      ...(closed && { closed }),
    }),
    lastSpeaker: 'customer',
    unanswered: [...told.unanswered, question],
  };
  // The first message of a session: WeCom's own reception rules may have given it to somebody (practice: rule 13).
  return session.state === 'unknown' || session.state === 'ended' ? toBeRead(spoken) : spoken;
}

/** A session begins with what is written after the last one ended. */
function oneMore({ session, heard = NOTHING_HEARD }: Conversation): Heard {
  const begins = session.state === 'unknown' || session.state === 'ended';
  const { ever: _, session: before, ...asked } = begins ? NOTHING_HEARD : heard;
  return { ever: heard.ever + 1, session: before + 1, ...asked };
}

const NOTHING_HEARD: Heard = { ever: 0, session: 0, same: {} };

function foldAnswer(
  conversation: Conversation,
  entry: Extract<Entry, { kind: 'answer' }>,
  now: Instant,
  rules: FoldRules,
): Conversation {
  if (entry.old) return conversation;
  const teamId = teamServing(conversation, rules)?.teamId;
  const { next, times, figure } = answeredByAgent(conversation, entry.agentId, entry.sentAt, teamId);
  const { session } = conversation;
  const answered: Conversation = {
    ...withEvent(withoutTold(next), 'message.answered.v1', now, {
      messageId: entry.id,
      messageType: entry.type,
      by: 'agent',
      agentId: entry.agentId,
      ...times,
    }),
    lastAgentAt: Math.max(entry.sentAt, conversation.lastAgentAt ?? 0),
    lastAgentId: entry.agentId,
    lastSpeaker: 'agent',
    unanswered: [],
    fallbacks: 0,
  };
  const expected = session.state === 'person' && session.agentId === entry.agentId;
  const known = expected ? accepted(answered, entry.agentId, entry.sentAt, now) : toBeRead(answered);
  return figure ? withFigure(known, figure) : known;
}

/** Who comes again by another way comes by that one alone; who opens the chat from his list comes by none, and belongs to the last. */
export const originAfter = (conversation: Conversation, entry: Entry): Origin =>
  entry.kind === 'entered' && comesByAWay(entry) ? entry : conversation;

const comesByAWay = ({ scene, channel }: Origin): boolean => scene !== undefined || channel !== undefined;

function withOrigin(conversation: Conversation, entry: Extract<Entry, { kind: 'entered' }>, rules: FoldRules) {
  if (!comesByAWay(entry)) return conversation;
  const { scene, channel, sentAt, old } = entry;
  const { scene: _, channel: __, ...rest } = conversation;
  const came = { ...rest, ...(scene !== undefined && { scene }), ...(channel !== undefined && { channel }) };
  return withVisit(came, rules.entrance, sentAt, old);
}

function foldEntered(
  conversation: Conversation,
  entry: Extract<Entry, { kind: 'entered' }>,
  now: Instant,
  rules: FoldRules,
): Conversation {
  const entered = withOrigin(conversation, entry, rules);
  if (entry.welcomeCode === undefined || !rules.greeting || entry.old) return entered;
  // Whoever opens the chat twice before the greeting is there brings two codes: one greeting, with the newer code.
  const { greetedAt } = entered;
  if (greetedAt !== undefined && now < greetedAt + WINDOW) return entered;
  const deadline = entry.sentAt + CODE_LIFE;
  if (now >= deadline) return withEvent(entered, 'greeting.missed.v1', now, { reason: 'late' });
  const pending = entered.pending.filter((effect) => effect.kind !== 'send-by-code' || effect.purpose !== 'greeting');
  return withEffect(
    { ...entered, pending },
    {
      kind: 'send-by-code',
      code: entry.welcomeCode,
      deadline,
      content: rules.greeting,
      purpose: 'greeting',
    },
  );
}

function foldAssigned(conversation: Conversation, entry: Extract<Entry, { kind: 'assigned' }>): Conversation {
  const { request } = conversation;
  const place = { agentId: entry.agentId, element: entry.element };
  const { place: taken } = conversation;
  if (taken?.agentId === place.agentId && taken.element === place.element) return conversation;
  // Only the conversation releases: a place claimed for a request that is no longer open goes back (rule 14).
  if (request?.r !== entry.r || request.assigned) {
    const known = request?.assigned?.element === entry.element && request.assigned.agentId === entry.agentId;
    return known ? conversation : withEffect(conversation, { kind: 'release-place', ...place });
  }
  // The place of whoever holds the session stays taken until the session has moved.
  if (request.from !== undefined) {
    // Whoever let it lie is not asked for again.
    if (request.from === entry.agentId) {
      const freed = withEffect(conversation, { kind: 'release-place', ...place });
      return withEffect(freed, { kind: 'agent-refused', request, n: entry.n, agentId: entry.agentId });
    }
    return { ...conversation, request: { ...request, assigned: { n: entry.n, ...place } } };
  }
  return { ...conversation, request: { ...request, assigned: { n: entry.n, agentId: entry.agentId } }, place };
}

function knowingApp(conversation: Conversation, app: string): Conversation {
  return conversation.app === app ? conversation : { ...conversation, app };
}

/** The session is to be read before anything is decided. */
export function toBeRead(conversation: Conversation): Conversation {
  return { ...conversation, session: { ...conversation.session, toRead: true } };
}
