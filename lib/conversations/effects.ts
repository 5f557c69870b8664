import type { Instant } from '../platform/clock.ts';
import type { CardJob } from '../platform/wakes.ts';
import type { RatingKind } from '../replies/rating.ts';
import type { Content } from '../wecom/outgoing-messages.ts';
import type { AgentRequest, Conversation, Question } from './conversation.ts';
import { idFrom } from './conversation.ts';
import { withUnsent } from './unsent.ts';

/**
 * What a decision wants done outside. Effects are stored in the same write as the state that decided them, told in order,
 * then cleared. Two lanes (consistency rule 8): what goes to WeCom, and what stays in our house. Neither waits for the other.
 */
export type Effect = WeComEffect | HouseEffect;

interface Base {
  readonly id: string;
  /** Past this moment the effect is worthless; it is dropped and recorded instead of told (rule 9). */
  readonly deadline?: Instant;
  /** How often telling it blew up; after a limit it is set aside (rule 4). */
  readonly tries?: number;
  /** Parked, and every attempt so far certainly did nothing: it may still be withdrawn and decided again. */
  readonly untouched?: boolean;
}

export type WeComEffect = SendReply | SendByCode | MoveSession;

/** A message by kf/send_msg. Its `id` is WeCom's `msgid`, so a repeat is refused instead of delivered twice. */
export interface SendReply extends Base {
  readonly kind: 'send';
  readonly deadline: Instant;
  readonly content: Content;
  readonly purpose: 'answer' | 'fallback' | 'waiting' | 'connecting' | 'nobody' | 'thanks' | 'left';
  /** The questions that it answers; they become unanswered again when it is withdrawn. */
  readonly answers: readonly Question[];
  /** Which rule answered, for the history and the event. */
  readonly rule?: string;
  readonly ruleSetVersion?: number;
  /** Of an answer of several messages which one it is, from 0, and how many go out. The questions are the first one's. */
  readonly part?: { readonly index: number; readonly of: number };
  /** The words are the model's, not the house's. */
  readonly by?: 'model';
  /** The library's quick replies that it says: they are counted once it is sent. */
  readonly quick?: readonly string[];
}

/** The one message that a code of WeCom's buys (kf/send_msg_on_event). */
export interface SendByCode extends Base {
  readonly kind: 'send-by-code';
  readonly code: string;
  readonly deadline: Instant;
  readonly content: Content;
  readonly purpose: 'greeting' | 'ended' | 'rating';
  /** Of a rating: the survey's id. */
  readonly survey?: string;
}

/** A session change (kf/service_state/trans). It has an outcome, so it is the last of its decision (rule 7). */
export interface MoveSession extends Base {
  readonly kind: 'move';
  readonly to:
    | { readonly state: 'person'; readonly agentId: string }
    | { readonly state: 'ended' }
    | { readonly state: 'pool' };
  /** The agent from whom the session is taken; where he has spoken or it is somebody else's, it is not. */
  readonly from?: string;
  /** Why it ends; absent, for the customer's silence. `release`: to the pool, because we do not serve the account any more. */
  readonly because?: 'hand-over' | 'release';
  /** The rule that ends a session which no person has. */
  readonly rule?: string;
}

export type HouseEffect =
  | (Base & { readonly kind: 'request-agent'; readonly request: AgentRequest; readonly prefer?: string })
  | (Base & { readonly kind: 'cancel-request'; readonly r: string; readonly teamId: string })
  | (Base & {
      readonly kind: 'agent-refused';
      readonly request: AgentRequest;
      readonly n: number;
      readonly agentId: string;
      /** WeCom's, where it was WeCom that refused. */
      readonly errcode?: number;
    })
  | (Base & {
      readonly kind: 'offer-missed';
      readonly r: string;
      readonly teamId: string;
      readonly agentId: string;
      readonly at: Instant;
    })
  | (Base & {
      readonly kind: 'offer-answered';
      readonly teamId: string;
      readonly agentId: string;
      readonly at: Instant;
    })
  | (Base & { readonly kind: 'release-place'; readonly agentId: string; readonly element: string })
  | (Base & { readonly kind: 'record-place'; readonly agentId: string; readonly element: string })
  | (Base & { readonly kind: 'forget-text'; readonly messageId: string })
  /** The bucket holds what the history says of this message: its file, or nothing once it was taken back. */
  | (Base & { readonly kind: 'keep-media'; readonly messageId: string })
  /** What the history has of up to then leaves it, files and all. */
  | (Base & { readonly kind: 'erase-history'; readonly upTo: Instant })
  | (Base & { readonly kind: 'mark-failed'; readonly messageId: string; readonly failType: number })
  | (Base & { readonly kind: 'arm-timer'; readonly dueAt: Instant })
  | (Base & {
      readonly kind: 'ask-place';
      readonly request: Pick<AgentRequest, 'r' | 'teamId' | 'askedAt'>;
      readonly n: number;
    })
  | (Base & { readonly kind: 'note-figure'; readonly figure: Figure })
  | (Base & { readonly kind: 'ask-model'; readonly a: string })
  | (Base & { readonly kind: 'count-quick-replies'; readonly quick: readonly string[]; readonly at: Instant })
  | (Base & {
      readonly kind: 'publish';
      readonly type: string;
      readonly at: Instant;
      readonly sequence: number;
      readonly data: Readonly<Record<string, unknown>>;
    })
  | (Base & { readonly kind: 'brief-agent'; readonly brief: Brief })
  /** Shows an agent a card, or changes it. */
  | (Base & { readonly kind: 'tell-card'; readonly job: CardJob });

/** What an agent is told in WeCom about a conversation that is his now: ids, codes and numbers. */
export interface Brief {
  readonly agentId: string;
  readonly at: Instant;
  /** Who handed it over to him, where somebody did. */
  readonly by?: string;
  readonly noteId?: string;
  /** How long the customer has waited for a person, in milliseconds. */
  readonly waitedMs?: number;
  /** Replies that did not reach the customer: how many, by reason. */
  readonly unsent: Readonly<Record<string, number>>;
}

/** One fact of a day's figures. No customer, and nothing that was written. */
export interface Figure {
  readonly what:
    | 'bot-answer'
    | 'person-answer'
    | 'assigned'
    | 'expired'
    | 'abandoned'
    | 'transferred'
    | FigureOfRating
    | FigureOfVisit;
  readonly at: Instant;
  readonly teamId?: string;
  readonly agentId?: string;
  /** How long it took, in milliseconds: the wait that it ended; absent where none did. */
  readonly ms?: number;
  /** The account was closed when that wait began. */
  readonly closed?: true;
  /** Of an assignment or a transfer how many places the agent had taken then, this one included. */
  readonly serving?: number;
  /** Of a rating: what was asked, and the value that was answered. */
  readonly rating?: RatingKind;
  readonly value?: number;
  /** Of a visit: by which entrance. It counts for the entrance alone. */
  readonly entrance?: string;
}

type FigureOfRating = 'rating-asked' | 'rating';
export type FigureOfVisit = 'entered' | 'wrote' | 'handed-over';

/** How often an entry or an effect is tried one by one before it is set aside (rule 4). */
export const TRIES = 3;

const WECOM: ReadonlySet<string> = new Set(['send', 'send-by-code', 'move']);
export const isForWeCom = (effect: Effect): effect is WeComEffect => WECOM.has(effect.kind);
export const isForHouse = (effect: Effect): effect is HouseEffect => !WECOM.has(effect.kind);

type WithoutId<E> = E extends unknown ? Omit<E, 'id'> : never;

/** Adds an effect, with an id that no other effect of this conversation has or had. */
export function withEffect(conversation: Conversation, effect: WithoutId<Effect>): Conversation {
  const effects = conversation.effects + 1;
  const id = idFrom(conversation.conversationId, conversation.bornAt, effects);
  return { ...conversation, effects, pending: [...conversation.pending, { ...effect, id } as Effect] };
}

/** Adds an event, numbered so that consumers can order what they get. */
export function withEvent(
  conversation: Conversation,
  type: string,
  at: Instant,
  data: Readonly<Record<string, unknown>>,
): Conversation {
  const sequence = conversation.sequence + 1;
  const known = type === 'reply.failed.v1' ? withUnsent(conversation, at, data) : conversation;
  return withEffect({ ...known, sequence }, { kind: 'publish', type, at, sequence, data });
}
