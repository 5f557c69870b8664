import { HOUR, type Instant } from '../platform/clock.ts';
import type { Asked } from '../replies/asked.ts';
import type { Origin } from '../replies/entrance.ts';
import type { Wanted } from '../replies/hand-over.ts';
import type { AlsoDone } from '../replies/rule-actions.ts';
import type { Content } from '../wecom/outgoing-messages.ts';
import { withBriefing } from './briefing.ts';
import { byCard } from './card-offer.ts';
import type { AgentRequest, AwaitedMessage, Conversation, Question } from './conversation.ts';
import { idFrom } from './conversation.ts';
import { closingDue, silenceDue } from './due.ts';
import { isForWeCom, type SendReply, withEffect, withEvent } from './effects.ts';
import { endByRule } from './end-by-rule.ts';
import type { Entry } from './entries.ts';
import { isOfBefore, withTraceErased } from './erase.ts';
import { type FoldRules, fold, originAfter } from './fold.ts';
import { carriedOut, concluded, onlyFor } from './hand-over.ts';
import { withMediaKept } from './kept-media.ts';
import { leaveLine, leaveOnWish } from './leave-line.ts';
import { consultModel, type ModelRules, withoutVoidAsking } from './model.ts';
import { expireOffer, takeOver, tellStalled } from './offer.ts';
import { sayEnded, thankForRating } from './rating.ts';
import { awaitingPerson, withoutAwaited } from './response-times.ts';
import { counted, sendForHandOver } from './say.ts';
import { adopt, needsReading, type SessionReading } from './session.ts';
import { keepAsking, type LineRules, sayPlace, sayWaiting } from './stand-in-line.ts';
import { withTags } from './tags.ts';
import { type TeamRules, teamServing } from './team-rules.ts';
import { isWindowOver, maySend, repliesLeft, WINDOW, windowEnd } from './window.ts';

/** The business configuration as decisions see it. */
export interface HouseRules extends FoldRules {
  /** What answers a burst of questions, by what is known of who asks. */
  answer(questions: readonly Question[], known: Omit<Asked, 'questions'>, now: Instant): Answer;
  /** Names a question without its words. */
  keyOf(question: Question): string | undefined;
  readonly fallback: Content;
  readonly handOverAfterFallbacks: number;
  readonly texts: Readonly<Record<'waiting' | 'connecting' | 'ended' | 'nobody', Content>>;
  readonly line: LineRules;
  /** The team that serves this account; absent, nobody can take over. */
  readonly team?: TeamRules;
  /** The terms of the team that the conversation is with (`teamWith`), where it is not the account's. */
  readonly otherTeam?: TeamRules;
  /** What is asked where no rule matches; absent, nobody is. */
  readonly model?: ModelRules;
  /** The account is not ours to serve: WeCom's session is taken in, and nothing is decided. */
  readonly rests?: true;
  /** What holds for who came by one of the account's entrances. */
  entranceOf?(origin: Origin): HouseRules | undefined;
}

/** What holds for this customer: by the entrance that he came by, or else the account's. */
export function rulesAt(house: HouseRules, origin: Origin): HouseRules {
  const met = house.entranceOf?.(origin);
  if (!met) return house;
  return house.otherTeam ? { ...met, otherTeam: house.otherTeam } : met;
}

export type Answer = AlsoDone & Reaction;

type Reaction =
  | {
      readonly do: 'reply';
      /** In order; more than one only where merging would lose something. */
      readonly contents: readonly Content[];
      readonly rule: string;
      readonly ruleSetVersion: number;
      /** A rule's words in the fallback's place: it counts as one. */
      readonly insteadOfFallback?: true;
      /** The library's quick replies that it says. */
      readonly quick?: readonly string[];
    }
  /** `team` is another one than the account's; `agent` alone is wanted, for a while. */
  | {
      readonly do: 'hand-over';
      readonly because: 'customer' | 'rule';
      readonly team?: string;
      readonly agent?: string;
      readonly wanted?: Wanted;
    }
  /** A rule wants nothing said. */
  | { readonly do: 'nothing' }
  | { readonly do: 'nothing-matched' };

/** All unread entries folded; the questions wait in the state until something answers them. */
export function foldAll(
  conversation: Conversation,
  entries: readonly Entry[],
  now: Instant,
  rules: HouseRules,
): Conversation {
  return entries.reduce((folded, entry) => {
    if (isOfBefore(folded, entry)) return withTraceErased(folded, entry, now);
    const next = withMediaKept(fold(folded, entry, now, rulesAt(rules, originAfter(folded, entry))), entry);
    return withTraceErased(next, entry, now);
  }, conversation);
}

/**
 * One decision, with at most one merged answer (consistency rule 6). `reading` is WeCom's session where it had to be read;
 * without it a conversation that needs a reading is not decided any further.
 */
export function decide(folded: Conversation, now: Instant, house: HouseRules, reading?: SessionReading): Conversation {
  const rules = rulesAt(house, folded);
  const { endCode, ...open } = folded;
  if (needsReading(folded, now) && !reading) return folded;
  const adopted = reading ? adopt(open, reading, now, teamServing(open, rules)?.teamId) : open;
  if (house.rests) return adopted;
  const ended =
    endCode && adopted.session.state === 'ended' && now < endCode.deadline
      ? sayEnded(adopted, endCode, endCode.agentId ?? adopted.lastServedBy, now, rules)
      : adopted;
  // While something for the customer is still to be told, nothing new is decided for him.
  if (ended.pending.some((effect) => isForWeCom(effect) && effect.kind !== 'send-by-code')) return ended;
  const decided = next(withoutVoidAsking(thankForRating(ended, now, rules)), now, rules);
  return withBriefing(concluded(withoutVoidAsking(decided), now), now);
}

function next(undecided: Conversation, now: Instant, rules: HouseRules): Conversation {
  const conversation = carriedOut(warnOfClosing(undecided, now), now, rules);
  const { session, request, unanswered } = conversation;
  if (session.state === 'ended') return dropUnanswered(conversation, now);
  if (session.state === 'person') return whilePersonServes({ ...conversation, unanswered: [] }, now, rules);
  if (request && isWindowOver(conversation, now)) return leaveLine(conversation, request, 'window', now);
  if (request?.assigned) {
    // Until an agent has taken his card, who gives up is let go.
    const left = leaveOnWish(conversation, now, rules);
    if (left) return left.unanswered.length > 0 ? answer(left, now, rules) : left;
    const sayHeard = (heard: Conversation) => sendForHandOver(heard, rules.texts.waiting, 'waiting', now);
    const offered = byCard(conversation, now, teamServing(conversation, rules)?.offer, sayHeard);
    return offered ?? handOver(conversation, request, request.assigned.agentId, now, rules);
  }
  if (session.state === 'pool')
    return request || isWindowOver(conversation, now) ? conversation : askForAgent(conversation, 'pool', now, rules);
  if (unanswered.length > 0) return keepAsking(answer(conversation, now, rules), now, rules);
  return keepAsking(sayPlace(sayWaiting(conversation, now, rules), now, rules), now, rules);
}

/**
 * WeCom makes an ended session new with the customer's next message, so whatever we heard of before we read that it is over was
 * written before its end: whoever ended it has seen it, and nobody may answer it any more. It is told, not forgotten.
 */
function dropUnanswered(conversation: Conversation, now: Instant): Conversation {
  const { unanswered } = conversation;
  if (unanswered.length === 0) return conversation;
  const answers = unanswered.map(({ id }) => id);
  return withEvent({ ...conversation, unanswered: [] }, 'reply.failed.v1', now, { reason: 'session-ended', answers });
}

function answer(conversation: Conversation, now: Instant, rules: HouseRules): Conversation {
  const left = leaveOnWish(conversation, now, rules);
  if (left) return left.unanswered.length > 0 ? answer(left, now, rules) : left;
  const taken: Conversation = { ...withAsked(conversation, rules), unanswered: [] };
  const { endedAt, lastCustomerAt = 0, request } = conversation;
  const backSoon = endedAt !== undefined && lastCustomerAt < endedAt + rules.grace;
  // Thanks that came with the news of the end, or before it, open nothing either.
  const questions =
    backSoon && !request
      ? conversation.unanswered.filter((question) => !rules.isCourtesy(question))
      : conversation.unanswered;
  if (questions.length === 0) return withoutAwaited(taken);
  const given = rules.answer(questions, knownOf(conversation), now);
  const heard = withTags(taken, given.tags, now);
  const answerTo = (some: readonly Question[]) =>
    rules.answer(some, knownOf({ ...conversation, unanswered: some }), now);
  const toPersonAnyway = backSoon && rules.team !== undefined;
  const model = toPersonAnyway ? undefined : consultModel(conversation, questions, given, answerTo, now, rules);
  if (model?.is === 'asking') return model.conversation;
  if (model?.is === 'answer') {
    const said = send({ ...heard, fallbacks: 0 }, model.content, 'answer', model.to, now, { by: 'model' });
    return model.then ? sendAll(said, model.then.contents, 'answer', model.rest, now, model.then) : said;
  }
  if (given.do === 'nothing') return endByRule({ ...withoutAwaited(heard), fallbacks: 0 }, given.endsBy, now);
  if (given.do === 'reply' && !given.insteadOfFallback) {
    const said = sendAll({ ...heard, fallbacks: 0 }, given.contents, 'answer', questions, now, given);
    return endByRule(said, given.endsBy, now);
  }
  // In line already: asking again, or asking what no rule knows, changes nothing.
  if (request) return sayWaiting(awaitingPerson(heard, request.teamId), now, rules);
  if (given.do === 'hand-over') {
    return askForAgent(heard, given.because, now, rules, given.team, given.wanted, given.agent);
  }
  if (model && rules.team) return askForAgent(heard, 'model', now, rules);
  // Right after a session with a person a real question goes back to a person, to the same one if possible.
  if (rules.team && (backSoon || conversation.fallbacks >= rules.handOverAfterFallbacks)) {
    return askForAgent(heard, backSoon ? 'customer' : 'fallbacks', now, rules);
  }
  const lost = { ...heard, fallbacks: heard.fallbacks + 1 };
  return given.do === 'reply'
    ? endByRule(sendAll(lost, given.contents, 'fallback', questions, now, given), given.endsBy, now)
    : send(lost, rules.fallback, 'fallback', questions, now);
}

/** What rules may look at beside the burst itself. */
function knownOf({ scene, channel, fallbacks, heard, unanswered, tags = [] }: Conversation): Omit<Asked, 'questions'> {
  return {
    ...(scene !== undefined && { scene }),
    ...(channel !== undefined && { channel }),
    tags,
    // Conversations from before this was counted know neither.
    ...(heard && { firstEver: heard.ever <= unanswered.length, firstOfSession: heard.session <= unanswered.length }),
    repeats: { unmatched: fallbacks, ...(heard && { same: heard.same }) },
  };
}

/** With the burst's questions counted; only the latest are remembered. */
function withAsked(conversation: Conversation, rules: HouseRules): Conversation {
  const { heard, unanswered } = conversation;
  if (!heard) return conversation;
  const counts = new Map(Object.entries(heard.same));
  let keys = heard.latest ?? Object.keys(heard.same);
  for (const key of unanswered.flatMap((question) => rules.keyOf(question) ?? [])) {
    counts.set(key, (counts.get(key) ?? 0) + 1);
    keys = [...keys.filter((other) => other !== key), key];
  }
  const latest = keys.slice(-QUESTIONS_REMEMBERED);
  const same = Object.fromEntries(latest.map((key) => [key, counts.get(key) ?? 0]));
  return { ...conversation, heard: { ...heard, same, latest } };
}

const QUESTIONS_REMEMBERED = 20;

function askForAgent(
  conversation: Conversation,
  because: AgentRequest['because'],
  now: Instant,
  rules: HouseRules,
  teamId = rules.team?.teamId,
  wanted?: Wanted,
  agentId?: string,
): Conversation {
  if (teamId === undefined) {
    return because === 'pool' ? conversation : send(conversation, rules.texts.nobody, 'nobody', [], now);
  }
  const { endedAt, lastServedBy } = conversation;
  const request: AgentRequest = {
    r: idFrom(conversation.conversationId, conversation.bornAt, 'request', conversation.effects + 1),
    teamId,
    askedAt: now,
    because,
    ...(wanted && { wanted }),
    ...(agentId !== undefined && { only: onlyFor(agentId, now) }),
  };
  const backSoon = endedAt !== undefined && now < endedAt + rules.grace;
  const prefer = agentId ?? (backSoon ? lastServedBy : undefined);
  return withEffect(
    { ...awaitingPerson(conversation, teamId, beginning(request, rules)), request, fallbacks: 0 },
    { kind: 'request-agent', request, ...(prefer !== undefined && { prefer }) },
  );
}

/** Where no message led to the request, the wait begins with itself: WeCom moved the session to its pool. */
const beginning = ({ r, askedAt }: AgentRequest, rules: HouseRules): AwaitedMessage => ({
  id: r,
  at: askedAt,
  ...(rules.closedAt(askedAt) && { closed: true }),
});

/** WeCom's window for this customer is about to close, and nobody has come: somebody has to see to it now. */
function warnOfClosing(conversation: Conversation, now: Instant): Conversation {
  const { request } = conversation;
  const due = closingDue(conversation);
  if (!request || due === undefined || now < due) return conversation;
  const { teamId, askedAt } = request;
  const warned: Conversation = { ...conversation, request: { ...request, closing: true } };
  return withEvent(warned, 'conversation.closing.v1', now, {
    teamId,
    waitedMs: now - askedAt,
    closesAt: new Date(windowEnd(conversation) ?? now).toISOString(),
  });
}

/** An agent's place is claimed: say so where we may still speak, then move the session. */
function handOver(
  conversation: Conversation,
  request: AgentRequest,
  agentId: string,
  now: Instant,
  rules: HouseRules,
): Conversation {
  const speak = conversation.session.state !== 'pool' && !request.connecting;
  const told: Conversation = { ...conversation, request: { ...request, connecting: true }, unanswered: [] };
  const spoken = speak ? sendForHandOver(told, rules.texts.connecting, 'connecting', now) : told;
  return withEffect(spoken, { kind: 'move', to: { state: 'person', agentId }, deadline: now + WINDOW });
}

/** A person serves: his offer may expire, the next one may take over, or the customer may have gone silent. */
function whilePersonServes(conversation: Conversation, now: Instant, rules: HouseRules): Conversation {
  const { request, handOver } = conversation;
  // Its session is about to end.
  if (handOver?.to === 'bot') return conversation;
  if (request?.from !== undefined) {
    if (request.assigned) return takeOver(conversation, request.from, request.assigned.agentId, now);
    if (request.waiting && !request.announced) return tellStalled(conversation, request, now);
  }
  return endWhenSilent(expireOffer(conversation, now, teamServing(conversation, rules)), now, rules);
}

function endWhenSilent(conversation: Conversation, now: Instant, rules: HouseRules): Conversation {
  const team = teamServing(conversation, rules);
  const due = team && silenceDue(conversation, team.endAfterSilence);
  return due !== undefined && now >= due
    ? withEffect(conversation, { kind: 'move', to: { state: 'ended' }, deadline: now + HOUR })
    : conversation;
}

/** Several messages in their order, as many as the window leaves. */
function sendAll(
  conversation: Conversation,
  contents: readonly Content[],
  purpose: 'answer' | 'fallback',
  questions: readonly Question[],
  now: Instant,
  { rule, ruleSetVersion, quick }: Extract<Answer, { do: 'reply' }>,
): Conversation {
  const of = Math.min(contents.length, repliesLeft(conversation, now));
  return contents.reduce((said, content, index) => {
    const part = of > 1 && { part: { index, of } };
    const first = index === 0 && quick && { quick };
    return send(said, content, purpose, index === 0 ? questions : [], now, { rule, ruleSetVersion, ...part, ...first });
  }, conversation);
}

function send(
  conversation: Conversation,
  content: Content,
  purpose: 'answer' | 'fallback' | 'nobody',
  answers: readonly Question[],
  now: Instant,
  { part, quick, by, ...speaker }: Pick<SendReply, 'rule' | 'ruleSetVersion' | 'part' | 'by' | 'quick'> = {},
): Conversation {
  const deadline = windowEnd(conversation);
  if (deadline === undefined || !maySend(conversation, 'reply', now)) {
    return withEvent(conversation, 'reply.failed.v1', now, {
      reason: 'window',
      purpose,
      ...(answers.length > 0 && { answers: answers.map(({ id }) => id) }),
      ...speaker,
    });
  }
  return withEffect(counted(conversation, now), {
    kind: 'send',
    content,
    purpose,
    answers,
    deadline,
    ...speaker,
    ...(part && { part }),
    ...(quick && { quick }),
    ...(by && { by }),
  });
}
