import type { Instant } from '../platform/clock.ts';
import type { CardJob } from '../platform/wakes.ts';
import type { AgentRequest, Conversation } from './conversation.ts';
import type { ConversationStore } from './conversation-store.ts';
import { type Brief, type Effect, type Figure, type HouseEffect, TRIES } from './effects.ts';
import { erasedUpTo } from './erase.ts';
import type { Outcome } from './settle.ts';

type EventEffect = Extract<HouseEffect, { kind: 'publish' }>;

/** Whom the effects that stay in our house ask something of. */
export interface HousePorts {
  readonly store: Pick<ConversationStore, 'forgetText' | 'markFailed' | 'eraseHistory'>;
  /** The other rooms, as far as effects ask something of them. Every one may be repeated. */
  readonly house: {
    requestAgent(conversation: Conversation, request: AgentRequest, prefer?: string): Promise<void>;
    cancelRequest(teamId: string, r: string): Promise<void>;
    /** The team says again where the request stands; `n` counts the questions. */
    askPlace(request: Pick<AgentRequest, 'r' | 'teamId' | 'askedAt'>, n: number): Promise<void>;
    agentRefused(
      conversation: Conversation,
      request: AgentRequest,
      n: number,
      agentId: string,
      errcode?: number,
    ): Promise<void>;
    offerMissed(conversation: Conversation, teamId: string, r: string, agentId: string, at: Instant): Promise<void>;
    offerAnswered(conversation: Conversation, teamId: string, agentId: string, at: Instant): Promise<void>;
    releasePlace(agentId: string, element: string): Promise<void>;
    recordPlace(agentId: string, element: string): Promise<void>;
    /** `id` is the figure's own: a repeat is the same figure. */
    noteFigure(openKfId: string, id: string, figure: Figure): Promise<void>;
    /** `id` is the brief's own: a repeat is the same brief. */
    briefAgent(conversation: Conversation, id: string, brief: Brief): Promise<void>;
    /** Has a card shown or changed. */
    tellCard(job: CardJob): Promise<void>;
    /** Has the model asked question `a`; the answer comes as an entry. */
    askModel(conversationId: string, a: string): Promise<void>;
    /** These quick replies were said. `id` is the use's own: a repeat is the same use. */
    countQuickReplies(id: string, quick: readonly string[], at: Instant): Promise<void>;
    /** Has somebody see to the file of this message. */
    keepMedia(conversationId: string, messageId: string): Promise<void>;
  };
  publish(conversationId: string, events: readonly EventEffect[]): Promise<void>;
  armTimer(conversationId: string, dueAt: Instant): Promise<void>;
}

/** What was told, and what went wrong with the house's part and with the bus's. */
interface ToldInHouse {
  readonly outcomes: Map<string, Outcome>;
  readonly houseFailure?: unknown;
  readonly busFailure?: unknown;
}

/**
 * Tells what stays in the house, in order, and the events in one go. A failure stops its own kind alone, and what was told
 * before it counts. An effect that was tried too often is set aside.
 */
export async function tellHouse(
  conversation: Conversation,
  lane: readonly HouseEffect[],
  ports: HousePorts,
  setAside: (conversationId: string, effect: Effect) => Promise<Outcome>,
): Promise<ToldInHouse> {
  const { conversationId } = conversation;
  const outcomes = new Map<string, Outcome>();
  const isSetAside = async (effect: HouseEffect): Promise<boolean> => {
    if ((effect.tries ?? 0) <= TRIES) return false;
    outcomes.set(effect.id, await setAside(conversationId, effect));
    return true;
  };
  const houseFailure = await failureOf(async () => {
    for (const effect of lane) {
      if (effect.kind === 'publish' || (await isSetAside(effect))) continue;
      await tellOne(conversation, effect, ports);
      outcomes.set(effect.id, { is: 'done' });
    }
  });
  const busFailure = await failureOf(async () => {
    const events: EventEffect[] = [];
    for (const effect of lane) if (effect.kind === 'publish' && !(await isSetAside(effect))) events.push(effect);
    if (events.length > 0) await ports.publish(conversationId, events);
    for (const { id } of events) outcomes.set(id, { is: 'done' });
  });
  return { outcomes, houseFailure, busFailure };
}

async function tellOne(
  conversation: Conversation,
  effect: Exclude<HouseEffect, EventEffect>,
  { house, store, armTimer }: HousePorts,
): Promise<void> {
  const { conversationId } = conversation;
  switch (effect.kind) {
    case 'request-agent':
      return house.requestAgent(conversation, effect.request, effect.prefer);
    case 'cancel-request':
      return house.cancelRequest(effect.teamId, effect.r);
    case 'agent-refused':
      return house.agentRefused(conversation, effect.request, effect.n, effect.agentId, effect.errcode);
    case 'offer-missed':
      return house.offerMissed(conversation, effect.teamId, effect.r, effect.agentId, effect.at);
    case 'offer-answered':
      return house.offerAnswered(conversation, effect.teamId, effect.agentId, effect.at);
    case 'release-place':
      return house.releasePlace(effect.agentId, effect.element);
    case 'record-place':
      return house.recordPlace(effect.agentId, effect.element);
    case 'forget-text':
      await store.forgetText(conversationId, effect.messageId);
      return house.keepMedia(conversationId, effect.messageId);
    case 'erase-history':
      return store.eraseHistory(conversationId, erasedUpTo(conversation, effect.upTo), (messageId) =>
        house.keepMedia(conversationId, messageId),
      );
    case 'keep-media':
      return house.keepMedia(conversationId, effect.messageId);
    case 'mark-failed':
      return store.markFailed(conversationId, effect.messageId, effect.failType);
    case 'ask-place':
      return house.askPlace(effect.request, effect.n);
    case 'note-figure':
      return house.noteFigure(conversation.openKfId, effect.id, effect.figure);
    case 'ask-model':
      return house.askModel(conversationId, effect.a);
    case 'count-quick-replies':
      return house.countQuickReplies(effect.id, effect.quick, effect.at);
    case 'arm-timer':
      return armTimer(conversationId, effect.dueAt);
    case 'brief-agent':
      return house.briefAgent(conversation, effect.id, effect.brief);
    case 'tell-card':
      return house.tellCard(effect.job);
    default:
      // Saved by a newer version of this code: set aside where people see it, rather than taken for done.
      throw new TypeError('An effect of a kind that this version does not know.');
  }
}

async function failureOf(work: () => Promise<void>): Promise<unknown> {
  try {
    await work();
    return undefined;
  } catch (failure) {
    return failure;
  }
}
