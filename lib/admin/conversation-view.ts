import type { Conversation } from '../conversations/conversation.ts';
import { keptMediaIn } from '../media/kept-media.ts';
import type { Instant } from '../platform/clock.ts';
import { isExpired } from '../store/inbox.ts';

/** A conversation's state: ids, states and counts, none of what was written. Times are ISO 8601. */
export function conversationView(conversation: Conversation) {
  const { session, request, place, window, pending } = conversation;
  return {
    id: conversation.conversationId,
    account: conversation.openKfId,
    customerId: conversation.customerId,
    version: conversation.version,
    session: {
      state: session.state,
      since: iso(session.since),
      ...(session.agentId !== undefined && { agentId: session.agentId }),
      ...(session.verifiedAt !== undefined && { verifiedAt: iso(session.verifiedAt) }),
    },
    ...(request && {
      request: {
        id: request.r,
        teamId: request.teamId,
        because: request.because,
        askedAt: iso(request.askedAt),
        waiting: request.waiting ?? false,
        ...(request.assigned && { assignedTo: request.assigned.agentId }),
        ...(request.from !== undefined && { from: request.from }),
        ...(request.only && { onlyFor: { agentId: request.only.agentId, until: iso(request.only.until) } }),
      },
    }),
    ...(place && { place: { agentId: place.agentId } }),
    replyWindow: { ...(window.openedAt !== undefined && { openedAt: iso(window.openedAt) }), sent: window.sent.length },
    ...(conversation.tags && { tags: conversation.tags }),
    unansweredQuestions: conversation.unanswered.length,
    pendingEffects: pending.map(({ id, kind, deadline, tries }) => ({
      id,
      kind,
      ...(deadline !== undefined && { deadline: iso(deadline) }),
      ...(tries !== undefined && { tries }),
    })),
    ...(conversation.parkedUntil !== undefined && { parkedUntil: iso(conversation.parkedUntil) }),
    ...(conversation.lastCustomerAt !== undefined && { lastCustomerAt: iso(conversation.lastCustomerAt) }),
    ...(conversation.lastAgentAt !== undefined && { lastAgentAt: iso(conversation.lastAgentAt) }),
    ...(conversation.endedAt !== undefined && { endedAt: iso(conversation.endedAt) }),
    ...handOverView(conversation),
    // What did not reach the customer since a person answered last.
    unsentReplies: (conversation.unsent ?? []).map(({ at, ...one }) => ({ ...one, at: iso(at) })),
  };
}

function handOverView({ handOverWish, handOver = handOverWish }: Conversation) {
  if (!handOver) return {};
  const { id, by, to, at, noteId } = handOver;
  return { handOver: { id, by, to, at: iso(at), ...(noteId !== undefined && { note: noteId }) } };
}

/** What a person wrote and what was answered, newest first, text included: supervisors read it. Expired entries are left out. */
export function historyView(items: readonly Readonly<Record<string, unknown>>[], now: Instant) {
  return items
    .filter((item) => !isExpired(item, now))
    .map(entryView)
    .map(({ at, ...entry }) => ({ ...entry, at: iso(at) }));
}

/** Entries are the inbox's (their `body` says what came) or ours (`kind: 'sent'`). */
function entryView(item: Readonly<Record<string, unknown>>) {
  const body = recordOf(item.body);
  const times = [body.sentAt, body.at, item.at, item.arrivedAt];
  const at = times.find((time) => typeof time === 'number') ?? 0;
  const told = item.kind === 'sent' ? item : body;
  return {
    entry: item.entry,
    at,
    // What was taken back keeps its place, without its words.
    kind: told.kind ?? (item.recalled === true ? 'recalled-message' : 'unknown'),
    ...pick(told, [
      'type',
      'agentId',
      'purpose',
      'outcome',
      'errcode',
      'text',
      'menuId',
      'content',
      'change',
      'scene',
      'by',
      'to',
      'noteId',
    ]),
    ...mediaView(item),
    ...(item.recalled === true && { recalled: true }),
    ...(item.unread !== undefined && { unread: true }),
    ...(item.dead !== undefined && { setAside: item.dead }),
    ...(item.failType !== undefined && { failType: item.failType }),
  };
}

/** What became of the file that came with it; `GET /conversations/{id}/media/{message}` gives an address where it is kept. */
function mediaView(item: Readonly<Record<string, unknown>>) {
  const kept = keptMediaIn(item);
  return kept ? { media: kept } : {};
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : {};
}

function pick(from: Readonly<Record<string, unknown>>, names: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(names.flatMap((name) => (from[name] === undefined ? [] : [[name, from[name]]])));
}

const iso = (at: Instant): string => new Date(at).toISOString();
