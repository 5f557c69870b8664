import { HOUR, type Instant } from '../platform/clock.ts';
import {
  clickedValue,
  isRatingClick,
  type Rating,
  type RatingKind,
  ratingQuestion,
  typedValue,
} from '../replies/rating.ts';
import type { Content } from '../wecom/outgoing-messages.ts';
import { type Conversation, idFrom, type Question } from './conversation.ts';
import { type SendByCode, withEffect, withEvent } from './effects.ts';
import { withFigure } from './response-times.ts';
import { maySend, windowEnd, withSent } from './window.ts';

/**
 * The rating after a session with a person: asked by the one message of the end's code, in the end text's place. Its answer is no question: nothing
 * answers it but thanks, once.
 */
export interface Survey {
  readonly id: string;
  readonly kind: RatingKind;
  /** Who served last, and for which team. */
  readonly agentId?: string;
  readonly teamId?: string;
  readonly askedAt: Instant;
  readonly until: Instant;
  /** It is known to have been asked, and the customer has asked nothing else since: what he types may be the answer. */
  readonly listening?: true;
  readonly answered?: true;
  /** The thanks are still owed. */
  readonly thank?: true;
}

interface RatingRules {
  readonly rating?: Rating;
  readonly team?: { readonly teamId: string };
}

/** The one message that an end's code buys: the rating, where there is one, or the end text. */
export function sayEnded(
  conversation: Conversation,
  { code, deadline }: Pick<SendByCode, 'code' | 'deadline'>,
  agentId: string | undefined,
  now: Instant,
  rules: RatingRules & { readonly texts: { readonly ended: Content } },
): Conversation {
  const { rating } = rules;
  if (!rating)
    return withEffect(conversation, {
      kind: 'send-by-code',
      code,
      deadline,
      content: rules.texts.ended,
      purpose: 'ended',
    });
  const teamId = conversation.servedFor ?? rules.team?.teamId;
  const survey: Survey = {
    id: idFrom(conversation.conversationId, conversation.bornAt, 'survey', conversation.effects + 1).slice(0, 16),
    kind: rating.kind,
    ...(agentId !== undefined && { agentId }),
    ...(teamId !== undefined && { teamId }),
    askedAt: now,
    until: now + rating.answerWithinHours * HOUR,
  };
  const content = ratingQuestion(rating, survey.id);
  return withEffect(
    { ...conversation, survey },
    { kind: 'send-by-code', code, deadline, content, purpose: 'rating', survey: survey.id },
  );
}

/** What became of the question. Where nobody knows whether it arrived, a click still counts, because only who has it can click. */
export function settleAsked(
  conversation: Conversation,
  surveyId: string | undefined,
  outcome: 'done' | 'refused' | 'other',
  now: Instant,
): Conversation {
  const { survey, ...rest } = conversation;
  if (survey?.id !== surveyId || !survey || outcome === 'other') return conversation;
  if (outcome === 'refused') return rest;
  const asked = withFigure(
    { ...conversation, survey: { ...survey, listening: true } },
    figureOf(survey, 'rating-asked', now),
  );
  return withEvent(asked, 'survey.asked.v1', now, factsOf(survey));
}

export type Rated =
  /** The open survey's first answer. */
  | { readonly is: 'answer'; readonly survey: Survey; readonly value: number }
  /** A second answer, a late one, or one to an older survey: it counts nowhere, and is no question either. */
  | { readonly is: 'ignored' };

/** Whether a message is a rating; undefined for everything else that customers write. */
export function ratedBy({ survey }: Conversation, question: Question, { rating }: RatingRules): Rated | undefined {
  const { menuId } = question;
  const open = survey && question.at < survey.until ? survey : undefined;
  if (menuId !== undefined && isRatingClick(menuId)) {
    const value = open && !open.answered ? clickedValue(menuId, open.id, open.kind) : undefined;
    return open && value !== undefined ? { is: 'answer', survey: open, value } : { is: 'ignored' };
  }
  if (!open?.listening || rating?.kind !== open.kind) return undefined;
  const value = typedValue(rating, question);
  if (value === undefined) return undefined;
  return open.answered ? { is: 'ignored' } : { is: 'answer', survey: open, value };
}

/** Takes a rating in. The customer's message has made WeCom's session a new one, so whether we may speak has to be read. */
export function withRating(conversation: Conversation, rated: Rated, question: Question, now: Instant): Conversation {
  if (rated.is === 'ignored') return conversation;
  const { survey, value } = rated;
  const counted = withFigure(
    { ...conversation, survey: { ...survey, answered: true, thank: true } },
    { ...figureOf(survey, 'rating', question.at), value },
  );
  const { session } = conversation;
  const unread = session.state === 'unknown' || session.state === 'ended';
  const next: Conversation = unread ? { ...counted, session: { ...session, toRead: true } } : counted;
  return withEvent(next, 'survey.answered.v1', now, {
    ...factsOf(survey),
    value,
    messageId: question.id,
    afterMs: Math.max(0, question.at - survey.askedAt),
  });
}

/** The customer asks something else: a number that he types from now on is about that. A click still says what it answers. */
export function withoutListening(conversation: Conversation): Conversation {
  const { survey } = conversation;
  if (!survey?.listening) return conversation;
  const { listening: _, ...rest } = survey;
  return { ...conversation, survey: rest };
}

/** What is thanked for is thanked at once or not at all. */
const THANKS_WORTH = HOUR;

/** Thanks, once, where WeCom lets us speak: nobody else has the session. */
export function thankForRating(conversation: Conversation, now: Instant, { rating }: RatingRules): Conversation {
  const { survey, session } = conversation;
  if (!survey?.thank) return conversation;
  const { thank: _, ...thanked } = survey;
  const next: Conversation = { ...conversation, survey: thanked };
  const end = windowEnd(next);
  const ours = session.state === 'new' || session.state === 'bot';
  if (!rating || !ours || end === undefined || !maySend(next, 'reply', now)) return next;
  return withEffect(
    { ...next, window: withSent(next.window, now) },
    {
      kind: 'send',
      content: { type: 'text', text: rating.thanks },
      purpose: 'thanks',
      answers: [],
      deadline: Math.min(end, now + THANKS_WORTH),
    },
  );
}

const factsOf = ({ id, kind, agentId, teamId }: Survey) => ({
  surveyId: id,
  kind,
  ...(agentId !== undefined && { agentId }),
  ...(teamId !== undefined && { teamId }),
});

const figureOf = ({ kind, agentId, teamId }: Survey, what: 'rating' | 'rating-asked', at: Instant) => ({
  what,
  at,
  rating: kind,
  ...(agentId !== undefined && { agentId }),
  ...(teamId !== undefined && { teamId }),
});
