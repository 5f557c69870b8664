import { HOUR, type Instant } from '../platform/clock.ts';
import { type Card, type CardEnding, cardOut, isOut, taskOf } from './card.ts';
import type { AgentRequest, Assigned, Conversation } from './conversation.ts';
import { withEffect, withEvent } from './effects.ts';
import type { CardEntry } from './entries.ts';
import type { OfferTerms } from './offer.ts';
import { awaitingPerson, withFigure } from './response-times.ts';

/**
 * Offers by card: the session stays with us until the agent takes the card. Unlike an offer by the session itself, one that nobody
 * answers can go back to the line. docs/decisions/0021-an-offer-as-a-card.md
 */

/** So many of a conversation's cards are remembered, for taps that come late. */
const REMEMBERED = 5;
/** A card that could not be changed within this time stays as it is; its taps are answered all the same. */
const CHANGED_WITHIN = HOUR;

/**
 * The team's agent is offered the customer by card: shown, waited for, or expired. Undefined where the session is to move now: the team
 * offers no cards, the agent took it, or WeCom could not carry the card's id.
 */
export function byCard(
  conversation: Conversation,
  now: Instant,
  terms: OfferTerms | undefined,
  sayWaiting: (conversation: Conversation) => Conversation,
): Conversation | undefined {
  const { request } = conversation;
  if (!request?.assigned || !terms?.card) return undefined;
  const card = cardOut(conversation);
  if (card?.taken) return undefined;
  if (card && now >= card.expiresAt) return expired(conversation, card, now);
  // Whoever comes reads it all; until then the bot says nothing that it does not have to.
  const quiet =
    conversation.unanswered.length > 0
      ? { ...awaitingPerson(conversation, request.teamId), unanswered: [] }
      : conversation;
  return card ? quiet : made(quiet, request, request.assigned, terms.card, terms.answerWithin, now, sayWaiting);
}

function made(
  conversation: Conversation,
  request: AgentRequest,
  { agentId, n }: Assigned,
  { language }: NonNullable<OfferTerms['card']>,
  answerWithin: number,
  now: Instant,
  sayWaiting: (conversation: Conversation) => Conversation,
): Conversation | undefined {
  const task = taskOf(conversation, request, n);
  const { app, conversationId, openKfId, cards = [] } = conversation;
  if (task === undefined || app === undefined) return undefined;
  const { r, teamId, because } = request;
  const expiresAt = now + answerWithin;
  const card: Card = { task, agentId, teamId, r, n, language, since: now, expiresAt };
  const shown = withEffect(
    { ...conversation, cards: [...cards, card].slice(-REMEMBERED) },
    {
      kind: 'tell-card',
      job: {
        v: 1,
        kind: 'show',
        app,
        conversationId,
        openKfId,
        task,
        agentId,
        language,
        because,
        waitedMs: now - request.askedAt,
        answerWithin,
        deadline: expiresAt,
      },
    },
  );
  const told = withEvent(shown, 'offer.made.v1', now, { agentId, teamId, n });
  // The customer hears once that he is heard, where we may speak.
  if (request.announced || request.soothed || conversation.session.state === 'pool') return told;
  return sayWaiting({ ...told, request: { ...request, soothed: true } });
}

/** His time is over. One that he cannot have seen is not held against him. */
function expired(conversation: Conversation, card: Card, now: Instant): Conversation {
  const { agentId, teamId, r, n, since, shown } = card;
  const next = letGo(withCard(conversation, { ...card, ended: 'expired' }), card);
  if (!shown) return withEvent(next, 'assignment.refused.v1', now, { agentId, teamId, errcode: 0, reason: 'card' });
  const missed = next.cards?.filter((one) => one.r === r && one.shown && one.ended === 'expired').length ?? 1;
  const afterMs = now - since;
  const told = withEvent(next, 'offer.expired.v1', now, { agentId, teamId, missed, afterMs });
  const counted = withEffect(told, { kind: 'offer-missed', r: `${r}#${n}`, teamId, agentId, at: now });
  return withFigure(counted, { what: 'expired', at: now, teamId, agentId, ms: afterMs });
}

/** Who was shown the card has left: it is over, without being held against him. */
export function withoutCardOf(conversation: Conversation, agentId: string): Conversation {
  const card = cardOut(conversation);
  if (card?.agentId !== agentId || card.taken) return conversation;
  return letGo(withCard(conversation, { ...card, ended: 'gone' }), card);
}

/** His place goes back, and the team chooses another one for the same request, which has kept its turn in line. */
function letGo(conversation: Conversation, { agentId, n }: Card): Conversation {
  const { request, place } = conversation;
  if (!request) return conversation;
  const { assigned: _, ...open } = request;
  const { place: __, ...free } = conversation;
  const own = place?.agentId === agentId;
  const next: Conversation = { ...(own ? free : conversation), request: open };
  const released = own ? withEffect(next, { kind: 'release-place', ...place }) : next;
  return withEffect(released, { kind: 'agent-refused', request: open, n, agentId });
}

/** What became of a card, and what its agent chose. Everything may come late, and more than once. */
export function foldCard(conversation: Conversation, entry: CardEntry, now: Instant): Conversation {
  const card = conversation.cards?.find(({ task }) => task === entry.task);
  switch (entry.kind) {
    case 'card-shown': {
      if (!card) return conversation;
      // His time begins when he can see it.
      const moved = card.shown ? card : { ...card, since: entry.at, expiresAt: entry.at + card.expiresAt - card.since };
      // A tap's code is newer than the one that came with the card.
      const code = card.code ?? entry.code;
      return withCard(conversation, { ...moved, shown: true, ...(code !== undefined && { code }) });
    }
    case 'card-refused': {
      if (!card || card.taken || !isOut(conversation, card)) return conversation;
      const { agentId, teamId } = card;
      const next = letGo(withCard(conversation, { ...card, ended: 'refused' }), card);
      return withEvent(next, 'assignment.refused.v1', now, { agentId, teamId, errcode: entry.errcode, reason: 'card' });
    }
    case 'card-answered':
      if (card) return card.agentId === entry.agentId ? answered(conversation, card, entry, now) : conversation;
      return changed(conversation, entry, entry.code, 'gone', conversation.cards?.at(-1)?.language ?? 'zh', now);
  }
}

/** The first answer to a card that is out counts; every other one only shows the agent how the card ended. */
function answered(
  conversation: Conversation,
  card: Card,
  { answer, code, at }: Extract<CardEntry, { kind: 'card-answered' }>,
  now: Instant,
): Conversation {
  // Who answers has seen it, whatever we have heard of the sending.
  const seen: Card = { ...card, shown: true, ...(code !== undefined && { code }) };
  const open = isOut(conversation, card) && !card.taken;
  if (!open) return withCard(conversation, seen);
  const { agentId, teamId, since } = card;
  const afterMs = Math.max(0, at - since);
  if (answer === 'pass') {
    const passed = letGo(withCard(conversation, { ...seen, ended: 'passed' }), card);
    return withEvent(passed, 'offer.passed.v1', now, { agentId, teamId, afterMs });
  }
  // Somebody may have taken the session in WeCom's client since we looked.
  const session = { ...conversation.session, toRead: true as const };
  const taken = withCard({ ...conversation, session }, { ...seen, taken: true });
  const told = withEvent(taken, 'offer.accepted.v1', now, { agentId, afterMs });
  return withEffect(told, { kind: 'offer-answered', teamId, agentId, at });
}

/**
 * Makes the cards say what became of them, whatever that was: taken by its agent, or gone, because a colleague has the session, the
 * customer gave up, or a supervisor stepped in. Waits with that for the code that WeCom wants for it.
 */
export function tidyCards(conversation: Conversation, now: Instant): Conversation {
  let next = conversation;
  for (const card of conversation.cards ?? []) {
    const ended = card.ended ?? (isOut(conversation, card) ? undefined : endingOf(conversation, card));
    if (ended === undefined || (card.ended !== undefined && card.code === undefined)) continue;
    const { code, ...rest } = card;
    next = changed(withCard(next, { ...rest, ended }), card, code, ended, card.language, now);
  }
  return next;
}

const endingOf = ({ session }: Conversation, { agentId }: Card): CardEnding =>
  session.state === 'person' && session.agentId === agentId ? 'taken' : 'gone';

function changed(
  conversation: Conversation,
  { agentId, task }: Pick<Card, 'agentId' | 'task'>,
  code: string | undefined,
  ending: CardEnding,
  language: Card['language'],
  now: Instant,
): Conversation {
  const { app } = conversation;
  if (app === undefined || code === undefined) return conversation;
  const deadline = now + CHANGED_WITHIN;
  return withEffect(conversation, {
    kind: 'tell-card',
    job: { v: 1, kind: 'change', app, agentId, task, code, ending, language, deadline },
  });
}

function withCard(conversation: Conversation, card: Card): Conversation {
  const cards = conversation.cards?.map((one) => (one.task === card.task ? card : one)) ?? [];
  return { ...conversation, cards };
}
