import { HOUR, type Instant } from '../platform/clock.ts';
import type { Conversation, SessionState } from './conversation.ts';
import { passiveEndDue } from './due.ts';
import { withEffect, withEvent } from './effects.ts';
import { withLeft } from './leave-line.ts';
import { withoutOffer, withPersonRead } from './offer.ts';
import { awaitingPerson, notedAssignment, withoutWaits } from './response-times.ts';
import { isWindowOver } from './window.ts';

/** What WeCom answered when asked for the session (WeCom: kf/service_state/get). */
export interface SessionReading {
  readonly state: Exclude<SessionState, 'unknown'>;
  readonly agentId?: string;
}

/** A reading is believed this long before a new question makes us read again. */
const BELIEVED = 2 * HOUR;

/** Whether WeCom's session has to be read before anything is decided (consistency rule 13). */
export function needsReading(conversation: Conversation, now: Instant): boolean {
  const { session, unanswered } = conversation;
  if (session.toRead) return true;
  if (unanswered.length > 0 && now - (session.verifiedAt ?? 0) > BELIEVED) return true;
  const passiveEnd = passiveEndDue(conversation);
  return passiveEnd !== undefined && now >= passiveEnd;
}

/**
 * Makes our state equal to WeCom's: WeCom's session is the truth. Places follow the person who really serves, requests that
 * WeCom's own client has answered are taken back, and what we meant to say is dropped where somebody else speaks now. `teamId` is the account's, for its figures.
 */
export function adopt(
  conversation: Conversation,
  reading: SessionReading,
  now: Instant,
  teamId?: string,
): Conversation {
  const before = conversation.session;
  const verified: Conversation = {
    ...conversation,
    session: {
      state: reading.state,
      ...(reading.state === 'person' && reading.agentId !== undefined && { agentId: reading.agentId }),
      since: reading.state === before.state && reading.agentId === before.agentId ? before.since : now,
      verifiedAt: now,
    },
  };
  switch (reading.state) {
    case 'person':
      return reading.agentId === undefined
        ? verified
        : adoptPerson(verified, reading.agentId, before.agentId, now, teamId);
    case 'ended':
      return endSession(verified, before.state === 'person' ? before.agentId : undefined, now, teamId);
    default:
      // Back with us (or never left): a place that a person took in an earlier session is free again.
      return before.state === 'person' ? endSession(verified, before.agentId, now, teamId, true) : verified;
  }
}

function adoptPerson(
  conversation: Conversation,
  agentId: string,
  before: string | undefined,
  now: Instant,
  teamId: string | undefined,
): Conversation {
  let next = withPersonRead(conversation, agentId);
  const { request, place } = next;
  // While the session stays with whom it is to be taken from, the request stays open.
  if (request && request.from !== agentId) {
    const { request: _, ...without } = next;
    next = without;
    // An assignment that still comes for it finds it closed and is released.
    if (request.assigned?.agentId !== agentId) {
      next = withEffect(next, { kind: 'cancel-request', r: request.r, teamId: request.teamId });
    }
  }
  if (place?.agentId !== agentId) {
    if (place) next = withEffect(next, { kind: 'release-place', ...place });
    const taken = { agentId, element: `${next.conversationId}#seen${next.effects + 1}` };
    next = withEffect({ ...next, place: taken }, { kind: 'record-place', ...taken });
  }
  next = { ...next, unanswered: [], fallbacks: 0, refusedSends: 0 };
  if (before === agentId) return next;
  const forTeam = request?.teamId ?? (before === undefined ? undefined : next.servedFor);
  const { servedFor: _, ...served } = next;
  next = { ...served, ...(forTeam !== undefined && { servedFor: forTeam }) };
  const event = before === undefined ? 'conversation.assigned.v1' : 'conversation.transferred.v1';
  const by = request?.assigned?.agentId === agentId ? 'concierge' : 'wecom';
  const team = request?.teamId ?? teamId;
  // Whoever wrote to an account where WeCom itself gives sessions to people has waited for one since then.
  if (before === undefined) next = awaitingPerson(next, team);
  next = withEvent(
    { ...next, lastSpeaker: next.lastAgentId === agentId ? (next.lastSpeaker ?? 'customer') : 'customer' },
    event,
    now,
    {
      agentId,
      by,
      ...(before !== undefined && { from: before }),
      ...(request && { teamId: request.teamId, waitedMs: now - request.askedAt }),
    },
  );
  return notedAssignment(next, before === undefined ? 'assigned' : 'transferred', agentId, now, team);
}

/** A session is over: the place is free, the request closed. `stillTalking` keeps what the customer has asked since. */
function endSession(
  conversation: Conversation,
  agentId: string | undefined,
  now: Instant,
  teamId: string | undefined,
  stillTalking = false,
): Conversation {
  const { place, request } = conversation;
  // A take-over is of the session that is over, and ends with it.
  const open = stillTalking && request?.from === undefined ? request : undefined;
  const { place: _, request: __, endCode: ___, ...rest } = withoutOffer(conversation);
  let next: Conversation = rest;
  if (place) next = withEffect(next, { kind: 'release-place', ...place });
  if (open) next = { ...next, request: open };
  else if (request) {
    next = withEffect(next, { kind: 'cancel-request', r: request.r, teamId: request.teamId });
    next = withEvent(next, 'conversation.abandoned.v1', now, {
      teamId: request.teamId,
      because: request.because,
      waitedMs: now - request.askedAt,
    });
    if (isWindowOver(next, now)) next = withLeft(next, request, 'window', now);
  }
  next = { ...next, fallbacks: stillTalking ? next.fallbacks : 0 };
  if (agentId !== undefined) {
    const over = { ...next, endedAt: now, lastServedBy: agentId };
    next = withEvent(over, 'session.ended.v1', now, { agentId, by: 'wecom' });
  }
  if (open) return next;
  const asked = new Set(stillTalking ? next.unanswered.map(({ id }) => id) : []);
  const awaited = next.awaited?.filter(({ id }) => asked.has(id)) ?? [];
  return { ...withoutWaits(next, agentId, now, request?.teamId ?? teamId), ...(awaited.length > 0 && { awaited }) };
}
