import type { Instant } from '../platform/clock.ts';
import type { PlaceInLine } from '../replies/line-terms.ts';
import type { Content } from '../wecom/outgoing-messages.ts';
import type { AgentRequest, Conversation } from './conversation.ts';
import { withEffect, withEvent } from './effects.ts';
import type { Entry } from './entries.ts';
import { sendForHandOver } from './say.ts';
import { maySend } from './window.ts';

/** What customers in line are told, and what takes them out of it. */
export interface LineRules {
  /** How long until the team is asked again where a customer stands, in milliseconds; 0: never. */
  readonly every: number;
  /** What somebody at this place is told; undefined, where there are no words for it. */
  text(place: PlaceInLine): Content | undefined;
  readonly left: Content;
  asksToLeave(question: { readonly type: string; readonly text?: string; readonly menuId?: string }): boolean;
}

interface Rules {
  readonly line: LineRules;
  readonly texts: { readonly waiting: Content };
  closedAt(at: Instant): { readonly text: Content; readonly opensAt?: Instant } | undefined;
}

/** The team said where the request stands. An answer that was overtaken by a later one says nothing any more. */
export function withPlace(conversation: Conversation, entry: Extract<Entry, { kind: 'waiting' }>): Conversation {
  const { request } = conversation;
  const { r, ahead, estimateMs, n = 0 } = entry;
  if (request?.r !== r || request.assigned) return conversation;
  const { ahead: _, estimateMs: __, ...line } = request.line ?? {};
  if (n < (line.heard ?? 0)) return conversation;
  const place = { ...(ahead !== undefined && { ahead }), ...(estimateMs !== undefined && { estimateMs }) };
  return { ...conversation, request: { ...request, waiting: true, line: { ...line, ...place, heard: n } } };
}

/** The customer learns once that the conversation waits. */
export function sayWaiting(conversation: Conversation, now: Instant, rules: Rules): Conversation {
  const { request } = conversation;
  if (!request?.waiting || request.announced) return conversation;
  const closed = rules.closedAt(now);
  const place = closed ? undefined : textOf(request, rules);
  const waiting: Conversation = {
    ...conversation,
    request: { ...request, announced: true, ...(place && { line: { ...request.line, said: place.ahead } }) },
  };
  const event = withEvent(waiting, 'conversation.waiting.v1', now, {
    teamId: request.teamId,
    because: request.because,
  });
  // Heard already, while somebody was offered him.
  if (request.soothed) return event;
  if (!closed) return sendForHandOver(event, place?.text ?? rules.texts.waiting, 'waiting', now);
  // Once until it opens, however often somebody asks.
  const opensAt = closed.opensAt ?? Number.MAX_SAFE_INTEGER;
  if (event.closedTold === opensAt) return event;
  return sendForHandOver({ ...event, closedTold: opensAt }, closed.text, 'waiting', now);
}

/** Said again only where it is better news: of the five messages of a window none is spent on standing still, and one is kept. */
export function sayPlace(conversation: Conversation, now: Instant, rules: Rules): Conversation {
  const { request } = conversation;
  if (!request?.announced || request.assigned || !(request.line?.heard ?? 0)) return conversation;
  const place = textOf(request, rules);
  if (!place || place.ahead >= (request.line?.said ?? Number.POSITIVE_INFINITY)) return conversation;
  if (rules.closedAt(now) || !maySend(conversation, 'reply', now)) return conversation;
  const told: Conversation = {
    ...conversation,
    request: { ...request, line: { ...request.line, said: place.ahead } },
  };
  return sendForHandOver(told, place.text, 'waiting', now);
}

/** The team is asked for the place as long as there are words for it, and the window leaves room for them. */
export function keepAsking(conversation: Conversation, now: Instant, rules: Rules): Conversation {
  const { request } = conversation;
  if (!request?.waiting || !request.announced || request.assigned || request.from !== undefined) return conversation;
  const { askAt, ...line } = request.line ?? {};
  if (askAt !== undefined && now < askAt) return conversation;
  const next = nextAskAt(conversation, request, now, rules);
  const asked = next !== undefined && askAt !== undefined && !rules.closedAt(now);
  const n = (line.asks ?? 0) + 1;
  const memory = { ...line, ...(next !== undefined && { askAt: next }), ...(asked && { asks: n }) };
  const remembered: Conversation = { ...conversation, request: { ...request, line: memory } };
  if (!asked) return next === askAt ? conversation : remembered;
  const { r, teamId, askedAt } = request;
  return withEffect(remembered, { kind: 'ask-place', request: { r, teamId, askedAt }, n });
}

function nextAskAt(conversation: Conversation, request: AgentRequest, now: Instant, rules: Rules): Instant | undefined {
  const { every } = rules.line;
  if (every === 0 || !textOf(request, rules) || !maySend(conversation, 'reply', now)) return undefined;
  // Nobody is served before it opens, so nothing changes before.
  const closed = rules.closedAt(now);
  const from = closed ? closed.opensAt : now;
  return from === undefined ? undefined : from + every;
}

function textOf({ line }: AgentRequest, { line: { text } }: Rules): { ahead: number; text: Content } | undefined {
  const { ahead, estimateMs } = line ?? {};
  if (ahead === undefined) return undefined;
  const said = text({ ahead, ...(estimateMs !== undefined && { estimateMs }) });
  return said && { ahead, text: said };
}
