import type { Instant } from '../platform/clock.ts';
import type { Conversation } from './conversation.ts';
import { isForWeCom, withEffect, withEvent } from './effects.ts';
import type { Entry } from './entries.ts';
import { withoutRequest } from './observe.ts';
import { withoutOffer } from './offer.ts';
import { reopened, WINDOW, withoutSent } from './window.ts';

/** An account comes to us, or leaves us: each of its conversations hears of it by an entry, in its turn. */

/** We serve from now on: whoever holds the session holds a place, and what was written before is not ours to answer. */
export function withAdopted(conversation: Conversation, entry: Extract<Entry, { kind: 'adopted' }>): Conversation {
  const { silenceSeen: _, ...open } = letGo(conversation);
  const { app, agentId, element, lastCustomerAt, scene, channel } = entry;
  let next: Conversation = {
    ...open,
    app,
    ...(conversation.scene === undefined && scene !== undefined && { scene }),
    ...(conversation.channel === undefined && channel !== undefined && { channel }),
    ...(lastCustomerAt !== undefined && {
      lastCustomerAt: Math.max(lastCustomerAt, conversation.lastCustomerAt ?? 0),
      window: reopened(open.window, lastCustomerAt),
    }),
    // The place is recorded already; who holds the session by the time we decide, WeCom says.
    session: { ...open.session, toRead: true },
  };
  if (agentId === undefined || element === undefined) return next;
  const { place } = next;
  if (place?.agentId === agentId) {
    return place.element === element ? next : withEffect(next, { kind: 'release-place', agentId, element });
  }
  if (place) next = withEffect(next, { kind: 'release-place', ...place });
  return withEffect({ ...next, place: { agentId, element } }, { kind: 'record-place', agentId, element });
}

/** Somebody else serves from now on. Who waits for us is handed to WeCom's pool, where servicers see him. */
export function withReleased(conversation: Conversation, now: Instant): Conversation {
  const { session, request, unanswered } = conversation;
  const mayMove = session.state !== 'person' && session.state !== 'pool' && session.state !== 'ended';
  const waits = mayMove && (request !== undefined || unanswered.length > 0);
  const held = conversation.place ?? (session.state === 'person' ? { agentId: session.agentId } : undefined);
  const { place, ...rest } = letGo(conversation);
  let next: Conversation = { ...rest, session: { state: 'unknown', since: now } };
  if (place) next = withEffect(next, { kind: 'release-place', ...place });
  if (waits)
    return withEffect(next, { kind: 'move', to: { state: 'pool' }, because: 'release', deadline: now + WINDOW });
  if (held === undefined) return next;
  return withEvent(next, 'conversation.released.v1', now, {
    waited: false,
    ...(held.agentId !== undefined && { agentId: held.agentId }),
  });
}

/** What became of handing over who waited. `inPool`: a servicer can see him there, or serves him already. */
export function settleReleased(conversation: Conversation, inPool: boolean, now: Instant): Conversation {
  return withEvent(conversation, 'conversation.released.v1', now, { waited: true, inPool });
}

/** Everything that was under way ends: requests, offers, wishes, and what was still to be said. */
function letGo(conversation: Conversation): Conversation {
  const free = withoutRequest(withoutOffer(conversation));
  const unsaid = free.pending.filter(({ kind }) => kind === 'send').length;
  const {
    awaited: _,
    personWait: __,
    asking: ___,
    endCode: ____,
    handOver: _____,
    handOverWish: ______,
    ...rest
  } = free;
  return {
    ...rest,
    pending: free.pending.filter((effect) => !isForWeCom(effect)),
    window: withoutSent(free.window, unsaid),
    unanswered: [],
    fallbacks: 0,
    refusedSends: 0,
  };
}
