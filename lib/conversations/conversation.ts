import { createHash } from 'node:crypto';
import type { Instant } from '../platform/clock.ts';
import type { Wanted } from '../replies/hand-over.ts';
import type { Card } from './card.ts';
import type { Effect } from './effects.ts';
import type { Asking } from './model.ts';
import type { Survey } from './rating.ts';
import type { Visit } from './visit.ts';

/** One customer on one kf account. It never closes: sessions come and go, the history goes on. */
export interface Conversation {
  readonly conversationId: string;
  readonly openKfId: string;
  readonly customerId: string;
  /** The WeCom app whose credentials speak for this conversation; known from the first pulled item on. */
  readonly app?: string;
  /** Counts saves; 0 was never saved. Every write is conditional on the version that was read. */
  readonly version: number;
  /** When the state was first made, so that ids differ from those of a conversation erased before. */
  readonly bornAt: Instant;
  readonly session: Session;
  readonly window: ReplyWindow;
  /** What the customer wrote and nobody answered yet, oldest first. Empty while a person serves. */
  readonly unanswered: readonly Question[];
  /** What waits for an answer by anybody, oldest first, for how long it takes; stays while a person serves, unlike `unanswered`. */
  readonly awaited?: readonly AwaitedMessage[];
  /** What waits for a person's first answer; stays across offers and transfers. */
  readonly personWait?: PersonWait;
  /** Fallback texts in a row, since the last matched rule or person. */
  readonly fallbacks: number;
  /** The one open request for an agent. */
  readonly request?: AgentRequest;
  /** The agent who was given the session and has not answered yet; past its time another one is asked for. */
  readonly offer?: Offer;
  /** The place that this conversation takes on an agent, claimed by us or recorded as WeCom has it. */
  readonly place?: Place;
  readonly lastCustomerAt?: Instant;
  readonly lastAgentAt?: Instant;
  readonly lastAgentId?: string;
  /** Who held the last session that a person served: a question right after it goes back there. */
  readonly lastServedBy?: string;
  /** When the last greeting went out. WeCom gives no code again within 48 hours, but may give two at once. */
  readonly greetedAt?: Instant;
  /** Who wrote last in this session. A session that a person just took over owes the customer an answer: `customer`. */
  readonly lastSpeaker?: 'customer' | 'agent';
  /** When the last session with a person ended. */
  readonly endedAt?: Instant;
  /** An end code of WeCom's (20 s) that came with news we have to verify first. */
  readonly endCode?: { readonly code: string; readonly deadline: Instant; readonly agentId?: string };
  /** What brought the customer (`enter_session`: scene and scene_param). */
  readonly scene?: string;
  readonly channel?: string;
  /** How often the customer wrote: ever, in this session, and the same thing (by `questionKey`, the latest few). */
  readonly heard?: Heard;
  /** The customer was told that the account is closed; said again when it closed anew. */
  readonly closedTold?: Instant;
  /** Replies in a row that WeCom refused because of the session's state; bounds how often we decide again. */
  readonly refusedSends: number;
  /** Effects decided and saved, not yet known to be told. */
  readonly pending: readonly Effect[];
  /** WeCom's lane rests until then, because WeCom sleeps or limits us. */
  readonly parkedUntil?: Instant;
  /** While we only observe: the agent's last answer, whose silence we would have ended. */
  readonly silenceSeen?: Instant;
  /** Since when it has rested again and again, without a word to WeCom that got through. */
  readonly parkedSince?: Instant;
  /** How often in a row it was parked, so that it rests longer every time. */
  readonly parkedTimes?: number;
  /** Inbox entries folded into this version. Seen again as unread, they are only marked, never folded twice. */
  readonly folded: readonly string[];
  /** The due time for which a timer was last armed. */
  readonly armedFor?: Instant;
  /** The latest cards on which agents were offered this customer; one at most is out. */
  readonly cards?: readonly Card[];
  /** What the model is being asked. */
  readonly asking?: Asking;
  /** How often the model was asked for this conversation on the last day on which it was. */
  readonly modelCalls?: { readonly day: string; readonly calls: number };
  /** Counts effects, for their ids. */
  readonly effects: number;
  /** The last event's number; consumers order by it. */
  readonly sequence: number;
  /** The team for which the last person serves or served, where we know it: its terms hold for the session. */
  readonly servedFor?: string;
  /** What rules noted about the customer, the latest last. */
  readonly tags?: readonly string[];
  /** The last rating that the customer was asked for. */
  readonly survey?: Survey;
  /** By which entrance the customer came last, and what he did since. */
  readonly visit?: Visit;
  /** Somebody wants the conversation to go elsewhere; decided when WeCom's session was read. */
  readonly handOverWish?: HandOver;
  /** A hand-over that is under way. */
  readonly handOver?: HandOver;
  /** What the next person is to be told of the last hand-over; stays until a person answers. */
  readonly brief?: Pick<HandOver, 'id' | 'by' | 'noteId'>;
  /** What the person who serves was told in WeCom. */
  readonly briefed?: Briefed;
  /** What could not be sent since a person answered last, oldest first; the latest few. */
  readonly unsent?: readonly Unsent[];
  /** The customer was forgotten then: what is of before is refused. */
  readonly erasedAt?: Instant;
}

/** `teamId` of an agent: whose line the request stands in while it waits for him. */
export type HandOverTo =
  | 'bot'
  | { readonly agentId: string; readonly teamId?: string | undefined }
  | { readonly teamId: string };

export interface HandOver {
  readonly id: string;
  /** Who wanted it: a userid, or `rule`. */
  readonly by: string;
  readonly to: HandOverTo;
  /** The note for the receiver; its words lie in the history. */
  readonly noteId?: string;
  readonly at: Instant;
  /** Under way: the request that carries it out; none where the session goes back to the bot. */
  readonly r?: string;
  /** Under way: who held the session when it began. */
  readonly from?: string;
  /** How often ending the session was tried. */
  readonly tries?: number;
}

export interface Briefed {
  readonly agentId: string;
  /** The session's `since`: who comes back later is told again. */
  readonly since: Instant;
  readonly unsent: number;
  /** The hand-over of which he was told. */
  readonly id?: string;
}

/** A reply that did not reach the customer, or may not have: ids and codes only. */
export interface Unsent {
  readonly at: Instant;
  readonly reason: string;
  readonly messageId?: string;
  readonly purpose?: string;
  readonly errcode?: number;
  readonly failType?: number;
}

/** WeCom's service states 4, 0, 1, 2, 3 in words, and `unknown` until we have read one. */
export type SessionState = 'unknown' | 'ended' | 'new' | 'bot' | 'pool' | 'person';

export interface Session {
  readonly state: SessionState;
  /** The agent who serves; only in `person`. */
  readonly agentId?: string;
  readonly since: Instant;
  /** When WeCom last told us so. */
  readonly verifiedAt?: Instant;
  /** Something happened that only WeCom knows the end of: read the session before deciding (consistency rule 13). */
  readonly toRead?: true;
}

/** WeCom: kf/send_msg allows 5 messages within 48 hours of the customer's last one. */
export interface ReplyWindow {
  readonly openedAt?: Instant;
  /** When messages were sent, or may have been, since the window opened. */
  readonly sent: readonly Instant[];
}

export interface Heard {
  readonly ever: number;
  readonly session: number;
  readonly same: Readonly<Record<string, number>>;
  /** The keys of `same` in their order, the latest last: the table gives a map back in an order of its own. */
  readonly latest?: readonly string[];
}

export interface Question {
  /** The message's `msgid`. */
  readonly id: string;
  readonly type: string;
  readonly text?: string;
  /** The chosen menu item: a choice, not free text. */
  readonly menuId?: string;
  readonly at: Instant;
}

export interface AwaitedMessage {
  readonly id: string;
  /** WeCom's time. */
  readonly at: Instant;
  /** The account was closed then. */
  readonly closed?: true;
}

export interface PersonWait {
  /** Oldest first, never empty; the first is what led to the request. */
  readonly messages: readonly AwaitedMessage[];
  readonly teamId?: string;
}

export interface AgentRequest {
  readonly r: string;
  readonly teamId: string;
  readonly askedAt: Instant;
  readonly because:
    | 'customer'
    | 'fallbacks'
    | 'rule'
    | 'pool'
    | 'offer-expired'
    | 'hand-over'
    | 'holder-left'
    | 'model';
  /** Who holds the session until somebody else takes it over; only WeCom's step from one person to the next is left then. */
  readonly from?: string;
  /** Agents who let an offer of this conversation expire. */
  readonly exclude?: readonly string[];
  /** Who alone is wanted, until then. */
  readonly only?: { readonly agentId: string; readonly until: Instant };
  /** No agent had a free place: the conversation stands in the team's line. */
  readonly waiting?: true;
  /** The customer was told that he waits, and that a person is coming: each once per request. */
  readonly announced?: true;
  readonly connecting?: true;
  /** The customer was told that he waits, while agents were asked by card. */
  readonly soothed?: true;
  /** It was told that WeCom's window for this customer is about to close. */
  readonly closing?: true;
  /** The agent whose place is claimed and to whom the session is to move. */
  readonly assigned?: Assigned;
  /** What is wanted of the agent; absent, nothing. */
  readonly wanted?: Wanted;
  /** Where it stands in the team's line, and what was said of it. */
  readonly line?: LineMemory;
}

export interface LineMemory {
  /** Its place, 1 is next, and how long that takes: as the team said last. */
  readonly ahead?: number;
  readonly estimateMs?: number;
  /** The place that the customer was told last. */
  readonly said?: number;
  /** How often the team was asked for the place, which answer was the last, and when it is asked next. */
  readonly asks?: number;
  readonly heard?: number;
  readonly askAt?: Instant;
}

/** `element` is the place claimed with him while another agent's is still taken: of a request with `from` only. */
export interface Assigned {
  readonly n: number;
  readonly agentId: string;
  readonly element?: string;
}

export interface Offer {
  readonly agentId: string;
  readonly teamId: string;
  readonly since: Instant;
  readonly expiresAt: Instant;
  /** Who let it expire before him. */
  readonly missedBy: readonly string[];
  /** What was wanted of him, and is of whoever is offered it next. */
  readonly wanted?: Wanted;
}

export interface Place {
  readonly agentId: string;
  /** The element of the agent's `serving` set. */
  readonly element: string;
}

export const conversationIdOf = (openKfId: string, customerId: string): string => `${openKfId}:${customerId}`;

export function emptyConversation(conversationId: string, now: Instant): Conversation {
  const colon = conversationId.indexOf(':');
  return {
    conversationId,
    openKfId: conversationId.slice(0, colon),
    customerId: conversationId.slice(colon + 1),
    version: 0,
    bornAt: now,
    session: { state: 'unknown', since: 0 },
    window: { sent: [] },
    unanswered: [],
    fallbacks: 0,
    refusedSends: 0,
    pending: [],
    folded: [],
    effects: 0,
    sequence: 0,
  };
}

/** Ids derived from their cause, at most 32 of `[0-9a-zA-Z_-]` as WeCom wants a `msgid`. */
export function idFrom(...cause: readonly (string | number)[]): string {
  return createHash('sha256').update(cause.join('\n')).digest('base64url').slice(0, 32);
}
