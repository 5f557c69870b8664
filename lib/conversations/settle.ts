import type { Instant } from '../platform/clock.ts';
import { saysOtherState } from '../wecom/send-outcome.ts';
import { withBriefing } from './briefing.ts';
import { settleReleased } from './change-of-hands.ts';
import type { Conversation } from './conversation.ts';
import { type HouseRules, rulesAt } from './decide.ts';
import {
  type Effect,
  isForWeCom,
  type MoveSession,
  type SendByCode,
  type SendReply,
  withEffect,
  withEvent,
} from './effects.ts';
import { settleEndByRule } from './end-by-rule.ts';
import { CODE_LIFE, toBeRead } from './fold.ts';
import { concluded } from './hand-over.ts';
import { settleObserved } from './observe.ts';
import { type OfferTerms, offerTo, withoutOffer } from './offer.ts';
import { sayEnded, settleAsked } from './rating.ts';
import {
  answeredByBot,
  awaitingPerson,
  isAnswer,
  notedAssignment,
  withFigure,
  withoutAwaited,
  withoutWaits,
} from './response-times.ts';
import { adopt, type SessionReading } from './session.ts';
import { teamServing } from './team-rules.ts';
import { MESSAGES_PER_WINDOW, withoutSent, withSent, withSentAt } from './window.ts';

/** What became of an effect that was told. */
export type Outcome =
  /** It is done. A session change may give a code for one message. */
  | { readonly is: 'done'; readonly code?: string }
  /** WeCom said no, for good. */
  | { readonly is: 'refused'; readonly errcode: number }
  /** A repeat of an earlier attempt was refused in a way that leaves open whether the first one arrived (rule 11). */
  | { readonly is: 'uncertain'; readonly errcode: number }
  /** Its deadline passed before it could be told. */
  | { readonly is: 'late' }
  /** Before repeating a session change WeCom was read, and things stand differently (rule 12). */
  | { readonly is: 'overtaken'; readonly reading: SessionReading }
  /** The other side sleeps: try again then. `untouched`: neither this attempt nor an earlier one can have acted. */
  | { readonly is: 'parked'; readonly until: Instant; readonly untouched: boolean }
  /** The account is not served: it was not told, and what would have become of it is unknown. */
  | { readonly is: 'observed' }
  /** Telling it blew up again and again; it lies with the dead letters now. */
  | { readonly is: 'set-aside'; readonly reason: string };

/** WeCom: this agent cannot take it: not a servicer, stopped receiving, not in the account's list, or out of the app's sight. */
export const AGENT_CODES: ReadonlySet<number> = new Set([95014, 95019, 60253, 60011, 60111]);
/** How often in a row a refused effect is decided again. */
const SECOND_CHANCES = 2;

/**
 * Takes the outcomes of told effects into the state. What follows from them (notices and events that presume success, another
 * agent, a place given back) is decided here, so nothing is told before it is true; and because this is one conditional
 * write, an outcome counts once.
 */
export function settle(
  conversation: Conversation,
  outcomes: ReadonlyMap<string, Outcome>,
  now: Instant,
  house: HouseRules,
): Conversation {
  const rules = rulesAt(house, conversation);
  const { parkedUntil, parkedSince = now, parkedTimes = 0, ...rest } = conversation;
  const settled = conversation.pending.filter((effect) => outcomes.has(effect.id));
  const stillParked = parkedUntil !== undefined && !settled.some(isForWeCom);
  let next: Conversation = {
    ...rest,
    pending: conversation.pending.filter((effect) => !outcomes.has(effect.id)),
    ...(stillParked && { parkedUntil, parkedSince, parkedTimes }),
  };
  for (const effect of settled) {
    const outcome = outcomes.get(effect.id);
    if (outcome?.is === 'parked') next = { ...parked(next, effect, outcome, parkedTimes + 1), parkedSince };
    else if (outcome) next = settleOne(next, effect, outcome, now, rules);
  }
  return withBriefing(concluded(next, now), now);
}

function settleOne(
  conversation: Conversation,
  effect: Effect,
  outcome: Outcome,
  now: Instant,
  rules: HouseRules,
): Conversation {
  // What is so broken that it cannot be told must not be looked into here either.
  if (outcome.is === 'set-aside') return settleSetAside(conversation, effect, outcome, now);
  if (outcome.is === 'observed') return isForWeCom(effect) ? settleObserved(conversation, effect, now) : conversation;
  switch (effect.kind) {
    case 'send':
      return settleSend(conversation, effect, outcome, now, rules);
    case 'send-by-code':
      return settleCode(conversation, effect, outcome, now);
    case 'move':
      if (effect.to.state === 'pool') return settleReleased(conversation, isInPool(outcome), now);
      return effect.to.state === 'person'
        ? settleHandOver(conversation, effect.to.agentId, outcome, now, teamServing(conversation, rules))
        : settleEnd(conversation, effect, outcome, now, rules);
    default:
      return conversation;
  }
}

function settleSetAside(conversation: Conversation, effect: Effect, outcome: Outcome, now: Instant): Conversation {
  const assigned = conversation.request?.assigned;
  if (effect.kind === 'move') {
    return assigned ? settleHandOver(conversation, assigned.agentId, outcome, now) : toBeRead(conversation);
  }
  if (!isForWeCom(effect)) return conversation;
  return withEvent(conversation, 'reply.failed.v1', now, { messageId: effect.id, reason: outcome.is });
}

/** Back to where it stood in its lane: before everything that has not been told. */
function parked(
  conversation: Conversation,
  effect: Effect,
  outcome: Extract<Outcome, { is: 'parked' }>,
  parkedTimes: number,
): Conversation {
  const waiting: Effect = { ...effect, untouched: outcome.untouched };
  return { ...conversation, pending: [waiting, ...conversation.pending], parkedUntil: outcome.until, parkedTimes };
}

function settleSend(
  conversation: Conversation,
  effect: SendReply,
  outcome: Outcome,
  now: Instant,
  rules: HouseRules,
): Conversation {
  const facts = {
    messageId: effect.id,
    purpose: effect.purpose,
    ...(effect.rule !== undefined && { rule: effect.rule }),
    ...(effect.ruleSetVersion !== undefined && { ruleSetVersion: effect.ruleSetVersion }),
    ...(effect.answers.length > 0 && { answers: effect.answers.map(({ id }) => id) }),
  };
  if (outcome.is === 'done') {
    const { session } = conversation;
    const { part } = effect;
    const { next, times, figure } = isAnswer(effect)
      ? answeredByBot(conversation, now, rules.team?.teamId)
      : { next: conversation, times: {} };
    // WeCom: sending in state 0 makes it 1.
    const speaking: Conversation = {
      ...next,
      refusedSends: 0,
      window: withSentAt(conversation.window, now, part ? part.of - 1 - part.index : 0),
      session: session.state === 'person' ? session : { ...session, state: 'bot' },
    };
    const told = withEvent(speaking, 'message.answered.v1', now, {
      ...facts,
      by: effect.by ?? 'concierge',
      messageType: effect.content.type,
      ...times,
    });
    const counted = effect.quick
      ? withEffect(told, { kind: 'count-quick-replies', quick: effect.quick, at: now })
      : told;
    return figure ? withFigure(counted, figure) : counted;
  }
  const failed = withEvent(conversation, 'reply.failed.v1', now, { ...facts, ...reasonOf(outcome) });
  // It may well have arrived, nobody knows when: no figure.
  if (outcome.is === 'uncertain') return toBeRead(isAnswer(effect) ? withoutAwaited(failed) : failed);
  if (outcome.is !== 'refused') return failed;
  if (outcome.errcode === 95001) {
    const missing = MESSAGES_PER_WINDOW - failed.window.sent.length;
    return { ...failed, window: withSent(failed.window, now, missing) };
  }
  if (!saysOtherState(outcome.errcode)) return failed;
  // Somebody else speaks here, or the session is over: what else we meant to say is decided again after reading it.
  const dropped = withoutWeComLane(failed);
  if (conversation.refusedSends >= SECOND_CHANCES) return toBeRead(dropped);
  return toBeRead({
    ...dropped,
    refusedSends: conversation.refusedSends + 1,
    unanswered: [...effect.answers, ...dropped.unanswered],
  });
}

function settleCode(conversation: Conversation, effect: SendByCode, outcome: Outcome, now: Instant): Conversation {
  const facts = { messageId: effect.id, purpose: effect.purpose };
  if (outcome.is === 'done') {
    const greeted = effect.purpose === 'greeting' ? { ...conversation, greetedAt: now } : conversation;
    const told = withEvent(greeted, 'message.answered.v1', now, {
      ...facts,
      by: 'concierge',
      messageType: effect.content.type,
    });
    return settleAsked(told, effect.survey, 'done', now);
  }
  const type = effect.purpose === 'greeting' ? 'greeting.missed.v1' : 'reply.failed.v1';
  const failed = withEvent(conversation, type, now, { ...facts, ...reasonOf(outcome) });
  return settleAsked(failed, effect.survey, outcome.is === 'refused' ? 'refused' : 'other', now);
}

function settleHandOver(
  conversation: Conversation,
  agentId: string,
  outcome: Outcome,
  now: Instant,
  team?: { readonly teamId: string; readonly offer?: OfferTerms },
): Conversation {
  const { request, place } = conversation;
  if (outcome.is === 'done') {
    const { request: _, offer: __, ...served } = conversation;
    const taken = request?.assigned?.element === undefined ? place : { agentId, element: request.assigned.element };
    const waited = awaitingPerson(served, request?.teamId ?? team?.teamId);
    const moved = taken !== place && place ? withEffect(waited, { kind: 'release-place', ...place }) : waited;
    const next: Conversation = {
      ...moved,
      ...(taken && { place: taken }),
      // A card was taken already; what moved from person to person was not asked about.
      ...(team?.offer &&
        request &&
        (!team.offer.card || request.from !== undefined) && { offer: offerTo(agentId, request, team.offer, now) }),
      session: { state: 'person', agentId, since: now, verifiedAt: now },
      lastSpeaker: 'customer',
      unanswered: [],
      fallbacks: 0,
      refusedSends: 0,
      ...(request && { servedFor: request.teamId }),
    };
    const what = request?.from === undefined ? 'assigned' : 'transferred';
    const told = withEvent(next, `conversation.${what}.v1`, now, {
      agentId,
      by: 'concierge',
      ...(request?.from !== undefined && { from: request.from }),
      ...(request && { teamId: request.teamId, because: request.because, waitedMs: now - request.askedAt }),
    });
    return notedAssignment(told, what, agentId, now, request?.teamId ?? team?.teamId);
  }
  if (outcome.is === 'overtaken') return adopt(conversation, outcome.reading, now, team?.teamId);
  const stateChanged = outcome.is === 'refused' && saysOtherState(outcome.errcode);
  if (stateChanged && conversation.refusedSends < SECOND_CHANCES) {
    return toBeRead({ ...conversation, refusedSends: conversation.refusedSends + 1 });
  }
  if (!request?.assigned) return conversation;
  // This agent cannot take it: his place goes back, and the team chooses another one for the same request.
  const errcode = outcome.is === 'refused' ? outcome.errcode : 0;
  const { assigned, ...open } = request;
  const { place: _, ...free } = conversation;
  const claimed = assigned.element === undefined ? place : { agentId: assigned.agentId, element: assigned.element };
  let next: Conversation = claimed === place ? { ...free, request: open } : { ...conversation, request: open };
  if (claimed) next = withEffect(next, { kind: 'release-place', ...claimed });
  next = withEffect(next, {
    kind: 'agent-refused',
    request: open,
    n: assigned.n,
    agentId,
    ...(errcode !== 0 && { errcode }),
  });
  return withEvent(next, 'assignment.refused.v1', now, {
    agentId,
    teamId: request.teamId,
    errcode,
    reason: AGENT_CODES.has(errcode) ? 'agent' : 'session',
  });
}

const isInPool = (outcome: Outcome): boolean =>
  outcome.is === 'done' ||
  (outcome.is === 'overtaken' && (outcome.reading.state === 'pool' || outcome.reading.state === 'person'));

function settleEnd(
  conversation: Conversation,
  effect: MoveSession,
  outcome: Outcome,
  now: Instant,
  rules: HouseRules,
): Conversation {
  if (outcome.is === 'overtaken')
    return adopt(conversation, outcome.reading, now, teamServing(conversation, rules)?.teamId);
  if (effect.rule !== undefined) return settleEndByRule(conversation, effect, outcome, now) ?? toBeRead(conversation);
  if (outcome.is !== 'done') return toBeRead(conversation);
  const { place, request, ...over } = withoutOffer(conversation);
  const { agentId } = conversation.session;
  let next: Conversation = {
    ...over,
    session: { state: 'ended', since: now, verifiedAt: now },
    // What was handed to the bot is the bot's: the customer's next question does not go back to the person.
    ...(effect.because === undefined && { endedAt: now, ...(agentId !== undefined && { lastServedBy: agentId }) }),
  };
  if (place) next = withEffect(next, { kind: 'release-place', ...place });
  if (request) next = withEffect(next, { kind: 'cancel-request', r: request.r, teamId: request.teamId });
  if (outcome.code !== undefined) {
    // Who was handed to the bot is still being served, and judges nobody yet.
    const { rating: _, ...plain } = rules;
    const said = effect.because === 'hand-over' ? plain : rules;
    next = sayEnded(next, { code: outcome.code, deadline: now + CODE_LIFE }, agentId, now, said);
  }
  next = withEvent(next, 'session.ended.v1', now, {
    by: effect.because ?? 'silence',
    cause: effect.id,
    ...(agentId !== undefined && { agentId }),
  });
  return withoutWaits(next, agentId, now, teamServing(conversation, rules)?.teamId);
}

/**
 * Takes back replies that certainly never reached WeCom; their questions wait again, for one answer that covers what the
 * customer wrote in the meantime (rule 9).
 */
export function withdrawUntouched(conversation: Conversation): Conversation {
  const taken = withdrawable(conversation.pending);
  if (taken.length === 0) return conversation;
  const questions = taken.flatMap((effect) => effect.answers);
  const fallbacks = taken.filter((effect) => effect.purpose === 'fallback' && !isFurtherPart(effect)).length;
  const { parkedUntil: _, ...rest } = conversation;
  return {
    ...rest,
    // A rule that is not heard any more ends nothing.
    pending: conversation.pending.filter(
      (effect) => !taken.some(({ id }) => id === effect.id) && !(effect.kind === 'move' && effect.rule !== undefined),
    ),
    unanswered: [...questions, ...conversation.unanswered],
    fallbacks: Math.max(0, conversation.fallbacks - fallbacks),
    window: withoutSent(conversation.window, taken.length),
  };
}

/**
 * Answers that were parked before anything of them went out, with their further messages, which stand behind the first and so were
 * never tried. Once the first is out, the rest belongs to it and is told.
 */
function withdrawable(pending: readonly Effect[]): SendReply[] {
  const taken: SendReply[] = [];
  let withIt = false;
  for (const effect of pending) {
    if (effect.kind !== 'send' || (effect.purpose !== 'answer' && effect.purpose !== 'fallback')) continue;
    if (!isFurtherPart(effect)) withIt = effect.untouched === true;
    if (withIt) taken.push(effect);
  }
  return taken;
}

const isFurtherPart = ({ part }: SendReply): boolean => (part?.index ?? 0) > 0;

function withoutWeComLane(conversation: Conversation): Conversation {
  return { ...conversation, pending: conversation.pending.filter((effect) => !isForWeCom(effect)) };
}

function reasonOf(outcome: Outcome): { reason: string; errcode?: number } {
  switch (outcome.is) {
    case 'refused':
      return { reason: 'refused', errcode: outcome.errcode };
    case 'uncertain':
      return { reason: 'uncertain', errcode: outcome.errcode };
    default:
      return { reason: outcome.is };
  }
}
