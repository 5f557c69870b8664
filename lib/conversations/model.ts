import { type Instant, SECOND } from '../platform/clock.ts';
import type { Turn } from '../replies/model-prompt.ts';
import type { Content } from '../wecom/outgoing-messages.ts';
import type { Conversation, Question } from './conversation.ts';
import { idFrom } from './conversation.ts';
import type { Answer, HouseRules } from './decide.ts';
import { withEffect } from './effects.ts';
import { type Entry, messageKey } from './entries.ts';

/**
 * The operator's model, asked where no rule knows a message. Nobody waits for it: the decision asks (`ask-model`), the questions stay
 * unanswered, and what the model says is an inbox entry like any other, upon which it is decided again.
 */

/** How an account uses the model; absent where it does not, or the stage has none. */
export interface ModelRules {
  readonly deadlineMs: number;
  readonly perConversationPerDay: number;
  /** Which day of the corp a moment belongs to. */
  dayOf(at: Instant): string;
}

/** The questions that the model was asked, and what it said. Void as soon as one of them is no longer unanswered. */
export interface Asking {
  readonly a: string;
  readonly messages: readonly string[];
  /** Without an answer by then it is taken for slow. */
  readonly until: Instant;
  readonly said?: 'answer' | 'hand-over' | 'no-budget';
  readonly text?: string;
}

/** On top of the endpoint's own time: two queues, and two functions that may have to start. */
const ON_THE_WAY = 10 * SECOND;

/** What comes of a burst that the model may know something about. */
export type Consulted =
  /** It is being asked: nothing is said until it has answered, or its time is over. */
  | { readonly is: 'asking'; readonly conversation: Conversation }
  /** It answered `to`; what was written since (`rest`) has an answer of its own (`then`), if any. */
  | {
      readonly is: 'answer';
      readonly content: Content;
      readonly to: readonly Question[];
      readonly rest: readonly Question[];
      readonly then?: Extract<Answer, { do: 'reply' }>;
    }
  | { readonly is: 'hand-over' };

/**
 * Whether the model has to say something to these questions, and what it said. Undefined: go on as if there were none.
 *
 * @param given what the rules say to all of them
 * @param answerTo what the rules say to some of them
 */
export function consultModel(
  conversation: Conversation,
  questions: readonly Question[],
  given: Answer,
  answerTo: (questions: readonly Question[]) => Answer,
  now: Instant,
  rules: HouseRules,
): Consulted | undefined {
  // Who asks for a person meanwhile need not wait for a machine; and once in line, a person is coming.
  if (given.do === 'hand-over' || conversation.request) return undefined;
  const { asking } = conversation;
  if (!asking) return isUnknown(given) ? ask(conversation, questions, now, rules) : undefined;
  if (asking.said === undefined) {
    return now < asking.until ? { is: 'asking', conversation } : { is: 'hand-over' };
  }
  if (asking.said === 'no-budget') return undefined;
  if (asking.said === 'hand-over' || asking.text === undefined) return { is: 'hand-over' };
  const to = questions.filter(({ id }) => asking.messages.includes(id));
  const rest = questions.filter(({ id }) => !asking.messages.includes(id));
  const content: Content = { type: 'text', text: asking.text };
  if (rest.length === 0) return { is: 'answer', content, to, rest };
  const then = answerTo(rest);
  // People write a question in several messages: what it said to the first half may be wrong by now.
  const again = isUnknown(then) ? ask(conversation, questions, now, rules) : undefined;
  if (again) return again;
  return then.do === 'reply' && !then.insteadOfFallback
    ? { is: 'answer', content, to, rest, then }
    : { is: 'answer', content, to: questions, rest: [] };
}

/** No rule knows it, or one that only stands in for the fallback. */
const isUnknown = (given: Answer): boolean =>
  given.do === 'nothing-matched' || (given.do === 'reply' && given.insteadOfFallback === true);

/** Counted here, before anybody is asked: whatever crashes later, it is not asked more often. */
function ask(
  conversation: Conversation,
  questions: readonly Question[],
  now: Instant,
  { model }: HouseRules,
): Consulted | undefined {
  if (!model || !questions.some(({ text }) => text !== undefined)) return undefined;
  const day = model.dayOf(now);
  const { asking: _, modelCalls, ...rest } = conversation;
  const calls = modelCalls?.day === day ? modelCalls.calls : 0;
  if (calls >= model.perConversationPerDay) return undefined;
  const a = idFrom(conversation.conversationId, conversation.bornAt, 'model', conversation.effects + 1);
  const asking: Asking = {
    a,
    messages: questions.map(({ id }) => id),
    until: now + model.deadlineMs + ON_THE_WAY,
  };
  const counted: Conversation = { ...rest, asking, modelCalls: { day, calls: calls + 1 } };
  return { is: 'asking', conversation: withEffect(counted, { kind: 'ask-model', a }) };
}

/** What the model said is kept with its question; to another one it is nothing. */
export function foldModelAnswer(
  conversation: Conversation,
  { a, said, text }: Extract<Entry, { kind: 'model-answered' }>,
): Conversation {
  const { asking } = conversation;
  if (asking?.a !== a || asking.said !== undefined) return conversation;
  return { ...conversation, asking: { ...asking, said, ...(text !== undefined && { text }) } };
}

/**
 * Without a question to the model that is void: one of its messages was recalled, answered or given to a person, or somebody else
 * speaks here now. What is left unanswered is decided like new.
 */
export function withoutVoidAsking(conversation: Conversation): Conversation {
  const { asking, ...rest } = conversation;
  if (!asking) return conversation;
  const open = new Set(conversation.unanswered.map(({ id }) => id));
  const ours = conversation.session.state === 'new' || conversation.session.state === 'bot';
  const valid = ours && !conversation.request && asking.messages.every((id) => open.has(id));
  return valid ? conversation : rest;
}

/** When the model is too late; undefined when it is not being asked. */
export const modelDue = ({ asking }: Conversation): Instant | undefined =>
  asking?.said === undefined ? asking?.until : undefined;

/** What is still to be asked of the model, as whoever asks it needs it: text alone, a message without any as its type. */
export function openQuestionOf(conversation: Conversation, a: string) {
  const { asking } = withoutVoidAsking(conversation);
  if (asking?.a !== a || asking.said !== undefined) return undefined;
  const asked = conversation.unanswered.filter(({ id }) => asking.messages.includes(id));
  return {
    account: conversation.openKfId,
    origin: { scene: conversation.scene, channel: conversation.channel },
    until: asking.until,
    questions: asked.map(({ text, type }) => text ?? `[${type}]`),
  };
}

/**
 * The last turns of a history, oldest first: what was said in text. Left out is what nobody has answered yet, and what was not sent.
 *
 * @param items newest first, as the store gives them
 */
export function turnsOf(
  items: readonly Readonly<Record<string, unknown>>[],
  { unanswered }: Conversation,
  limit: number,
): Turn[] {
  const open = new Set(unanswered.map(({ id }) => messageKey(id)));
  const turns = items.filter(({ entry }) => !open.has(String(entry))).flatMap(turnOf);
  return turns.slice(0, limit).reverse();
}

function turnOf(item: Readonly<Record<string, unknown>>): Turn[] {
  const { kind, outcome, content, body } = item;
  if (kind === 'sent') {
    const text = isRecord(content) ? content.text : undefined;
    return outcome === 'sent' && typeof text === 'string' ? [{ by: 'us', text }] : [];
  }
  if (!isRecord(body)) return [];
  if (body.kind === 'message' && typeof body.text === 'string') return [{ by: 'customer', text: body.text }];
  // What an agent wrote is kept as WeCom sent it: a text is `{ content }`.
  const written = body.kind === 'answer' && isRecord(body.content) ? body.content.content : undefined;
  return typeof written === 'string' ? [{ by: 'us', text: written }] : [];
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;
