import type { Clock, Instant } from '../platform/clock.ts';
import { InfrastructureError } from '../platform/infrastructure.ts';
import { log } from '../platform/log.ts';
import { count } from '../platform/metrics.ts';
import { isOutage, parkedUntil, WeComError } from '../wecom/errors.ts';
import type { KfApi } from '../wecom/kf-api.ts';
import { judgeSend, judgeSendByCode, type SendOutcome, saysOtherState } from '../wecom/send-outcome.ts';
import type { Conversation } from './conversation.ts';
import type { SentMessage } from './conversation-store.ts';
import type { MoveSession, SendByCode, SendReply, WeComEffect } from './effects.ts';
import { type MediaIdsOfApp, sendWithMedia } from './send-media.ts';
import type { SessionReading } from './session.ts';
import { AGENT_CODES, type Outcome } from './settle.ts';

export interface ToWeCom {
  readonly kf: KfApi;
  readonly clock: Clock;
  /** When this invocation's wake is given to another one. */
  readonly deadline: Instant;
  readonly random: () => number;
  /** What WeCom answers to a repeated `msgid` (undocumented; a setting). */
  readonly duplicateCodes: readonly number[];
  /** Keeps it in the history; returns the outcome that stands there. */
  noteSent(sent: SentMessage): Promise<string>;
  readonly media: MediaIdsOfApp;
}

/** What telling needs to know beside the effect itself. */
interface Attempt {
  /** No earlier attempt of this effect can have acted. */
  readonly first: boolean;
  /** It was decided a while ago: it was parked, or an earlier invocation left it. */
  readonly waited: boolean;
  /** The customer or an agent wrote something that the decision did not know. */
  readonly somebodySpoke: boolean;
}

/**
 * Tells WeCom's lane, in order, and stops where an outcome makes the rest wait (parked) or wrong (another session state).
 * Every effect that was tried has an outcome; the others have none.
 */
export async function tellWeCom(
  conversation: Conversation,
  lane: readonly WeComEffect[],
  room: ToWeCom,
  attemptOf: (effect: WeComEffect) => Attempt,
): Promise<Map<string, Outcome>> {
  const outcomes = new Map<string, Outcome>();
  for (const effect of lane) {
    // A process that was frozen wakes up in another world: whoever has the wake now tells the rest.
    if (room.clock() >= room.deadline) {
      if (outcomes.size === 0) throw new OutOfTime();
      break;
    }
    const outcome = await tellOne(conversation, effect, room, attemptOf(effect));
    outcomes.set(effect.id, outcome);
    if (outcome.is !== 'done') {
      log.info('effect not done', { effectId: effect.id, kind: effect.kind, outcome: outcome.is });
    }
    if (outcome.is === 'parked' || outcome.is === 'overtaken') break;
    if (outcome.is === 'refused' && effect.kind === 'send' && saysOtherState(outcome.errcode)) break;
  }
  return outcomes;
}

async function tellOne(
  conversation: Conversation,
  effect: WeComEffect,
  room: ToWeCom,
  attempt: Attempt,
): Promise<Outcome> {
  // Checked again, however late we are: a dead code or a closed window is not worth a call (rules 6 and 9).
  if (effect.deadline !== undefined && room.clock() >= effect.deadline) {
    // An attempt that may have acted keeps its record; the window's end says nothing about it.
    return attempt.first || effect.kind !== 'send' ? { is: 'late' } : { is: 'uncertain', errcode: 0 };
  }
  switch (effect.kind) {
    case 'send':
      return send(conversation, effect, room, attempt);
    case 'send-by-code':
      return sendByCode(conversation, effect, room, attempt);
    case 'move':
      return move(conversation, effect, room, attempt);
  }
}

async function send(
  { openKfId, customerId, parkedTimes = 0 }: Conversation,
  effect: SendReply,
  room: ToWeCom,
  { first }: Attempt,
): Promise<Outcome> {
  const { id, content } = effect;
  const error = await errorOf(
    sendWithMedia(content, room.media, (filled) => room.kf.sendMessage({ openKfId, customerId, id, content: filled })),
  );
  const judged = judgeSend(error, { firstAttempt: first, duplicateCodes: room.duplicateCodes });
  return outcomeOf(judged, error, effect, room, first, parkedTimes);
}

async function sendByCode(
  { parkedTimes = 0 }: Conversation,
  effect: SendByCode,
  room: ToWeCom,
  { first }: Attempt,
): Promise<Outcome> {
  const { id, code, content } = effect;
  const error = await errorOf(room.kf.sendOnEvent({ code, id, content }));
  const judged = judgeSendByCode(error, { firstAttempt: first });
  return outcomeOf(judged, error, effect, room, first, parkedTimes);
}

async function outcomeOf(
  judged: SendOutcome,
  error: unknown,
  effect: SendReply | SendByCode,
  room: ToWeCom,
  first: boolean,
  parkedTimes: number,
): Promise<Outcome> {
  const errcode = error instanceof WeComError ? error.errcode : 0;
  const now = room.clock();
  if (judged === 'again' || judged === 'unknown' || judged === 'outage') {
    const until = parkedUntil(error, now, parkedTimes, room.random());
    return { is: 'parked', until, untouched: first && judged !== 'unknown' };
  }
  const { id, purpose, content } = effect;
  const note: SentMessage = { id, at: now, purpose, content, outcome: judged, ...(errcode !== 0 && { errcode }) };
  // An earlier attempt that got as far as the history knows better than the refusal of a repeat.
  const outcome = await room.noteSent(note);
  count('MessagesSent', { purpose, outcome });
  return judged === 'sent' || outcome === 'sent' ? { is: 'done' } : { is: judged, errcode };
}

async function move(
  { openKfId, customerId, session, parkedTimes = 0 }: Conversation,
  { to, from, rule }: MoveSession,
  room: ToWeCom,
  { first, waited, somebodySpoke }: Attempt,
): Promise<Outcome> {
  try {
    // A session that is to end for silence does not, where somebody has spoken in the meantime.
    // Nor is it taken from an agent who may have answered.
    const overtaken = (to.state === 'ended' || from !== undefined) && somebodySpoke;
    // And what a rule ends must not be a person's by now: WeCom would end that, too.
    if (waited || overtaken || from !== undefined || rule !== undefined || to.state === 'pool') {
      // An earlier attempt may have landed, or an agent taken the session while this waited: read back before choosing
      // anything (rules 12 and 13), because WeCom lets the API take a session from whoever has it.
      const reading = await readSession(room.kf, openKfId, customerId);
      if (!first && isThere(reading, to)) return { is: 'done' };
      const stillWanted =
        from !== undefined
          ? reading.state === 'person' && reading.agentId === from
          : to.state === 'person'
            ? reading.state !== 'person' && reading.state !== 'ended'
            : rule !== undefined || to.state === 'pool'
              ? reading.state === 'new' || reading.state === 'bot'
              : reading.state === 'person' && reading.agentId === session.agentId;
      if (!stillWanted || overtaken) return { is: 'overtaken', reading };
    }
    const { code } = await room.kf.moveSession(openKfId, customerId, to);
    return { is: 'done', ...(code !== undefined && { code }) };
  } catch (error) {
    // 60011 is otherwise an outage of ours; here it says that this one agent is out of the app's visible range.
    const aboutAgent = to.state === 'person' && error instanceof WeComError && AGENT_CODES.has(error.errcode);
    const outage = isOutage(error) && !aboutAgent;
    if (!outage && !(error instanceof WeComError)) throw error;
    if (outage) {
      const judged = judgeSend(error, { firstAttempt: first, duplicateCodes: [] });
      const until = parkedUntil(error, room.clock(), parkedTimes, room.random());
      return { is: 'parked', until, untouched: first && judged !== 'unknown' };
    }
    return { is: 'refused', errcode: error instanceof WeComError ? error.errcode : 0 };
  }
}

/** WeCom's session in our words. */
export async function readSession(kf: KfApi, openKfId: string, customerId: string): Promise<SessionReading> {
  const { state, agentId } = await kf.readSession(openKfId, customerId);
  return agentId === undefined ? { state } : { state, agentId };
}

function isThere(reading: SessionReading, to: MoveSession['to']): boolean {
  return to.state === 'person'
    ? reading.state === 'person' && reading.agentId === to.agentId
    : reading.state === to.state;
}

async function errorOf(call: Promise<void>): Promise<unknown> {
  try {
    await call;
    return undefined;
  } catch (error) {
    return error;
  }
}

/** This invocation's time was over before it could tell WeCom what is pending; the wake comes back for it. */
class OutOfTime extends InfrastructureError {
  constructor() {
    super('The time of this invocation was over before everything was told.');
  }
}

/** When to look again at a conversation whose session could not be read. */
export const lookAgainAt = (error: unknown, now: Instant, random: () => number): Instant =>
  parkedUntil(error, now, 1, random());
