import type { Instant } from '../platform/clock.ts';
import { cardTask } from '../wecom/card-task.ts';
import { type AgentRequest, type Conversation, idFrom } from './conversation.ts';

/** How an offer by card ended, as the card itself says it afterwards. `gone`: somebody else has the customer, or nobody needs to. */
export type CardEnding = 'taken' | 'passed' | 'expired' | 'refused' | 'gone';

/** An offer as a card in the agent's WeCom: he takes it, passes it on, or lets its time run out. */
export interface Card {
  /** WeCom's `task_id`. */
  readonly task: string;
  readonly agentId: string;
  readonly teamId: string;
  /** The request and the team's choice that it offers. */
  readonly r: string;
  readonly n: number;
  readonly language: 'zh' | 'en';
  readonly since: Instant;
  readonly expiresAt: Instant;
  /** WeCom took it, so that the agent can have seen it. */
  readonly shown?: true;
  /** The agent took it; the session is to move. */
  readonly taken?: true;
  readonly ended?: CardEnding;
  /** What one change of the card costs (WeCom: `response_code`, once within 72 hours). */
  readonly code?: string;
}

/** The card's id, from what it is about, so that a repeat is the same card; undefined where WeCom could not carry it. */
export function taskOf({ openKfId, customerId }: Conversation, { r }: AgentRequest, n: number): string | undefined {
  return cardTask(openKfId, customerId, idFrom(r, n).slice(0, 24));
}

/** Whether the agent may still take it: it is the offer of the one open request. */
export function isOut({ request }: Conversation, { ended, r, n }: Card): boolean {
  return ended === undefined && request?.r === r && request.assigned?.n === n;
}

/** The one card that is out. */
export const cardOut = (conversation: Conversation): Card | undefined =>
  conversation.cards?.find((card) => isOut(conversation, card));

/** When the card that is out expires; undefined while none is, and once it was taken. */
export function cardDue(conversation: Conversation): Instant | undefined {
  const card = cardOut(conversation);
  return card?.taken ? undefined : card?.expiresAt;
}
