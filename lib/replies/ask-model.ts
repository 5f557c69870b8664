import { type Clock, type Instant, SECOND } from '../platform/clock.ts';
import { count } from '../platform/metrics.ts';
import { dayOf } from '../platform/wall-clock.ts';
import type { Origin } from './entrance.ts';
import { answerIn } from './faq.ts';
import type { FaqIndex } from './faq-index.ts';
import { rankFaq } from './find-faq.ts';
import { languageOf } from './language.ts';
import { type Knowledge, type ModelMessage, modelPrompt, type Turn } from './model-prompt.ts';
import type { ModelOutcome, ModelTerms } from './model-terms.ts';
import type { LibraryReply } from './reply.ts';

/** What still waits for the model's answer. */
export interface OpenQuestion {
  readonly account: string;
  /** What brought the customer: his entry may have a rule set of its own. */
  readonly origin: Origin;
  /** What the customer wrote, oldest first. */
  readonly questions: readonly string[];
  /** After this moment nobody waits for it any more. */
  readonly until: Instant;
}

/** What asking needs from outside. */
export interface AskModel {
  readonly clock: Clock;
  /** Whose days count. */
  readonly zone: string;
  /** How often the model may be asked in a day, for all conversations together. */
  readonly callsPerDay: number;
  readonly budget: {
    tryOnce(a: string, tries: number, now: Instant): Promise<boolean>;
    spend(day: string, calls: number, now: Instant): Promise<boolean>;
  };
  /** Undefined when question `a` is settled, or something else has become of it. */
  openQuestion(conversationId: string, a: string): Promise<OpenQuestion | undefined>;
  /** The last messages before what is unanswered, oldest first. */
  turnsBefore(conversationId: string, limit: number): Promise<readonly Turn[]>;
  /** Undefined when the rule set that holds uses no model any more. */
  termsOf(account: string, origin: Origin): Promise<{ model: ModelTerms; faq?: FaqIndex | undefined } | undefined>;
  quickReplies(): Promise<readonly LibraryReply[]>;
  /** Never throws. */
  ask(messages: readonly ModelMessage[], timeoutMs: number): Promise<ModelOutcome>;
  /** Into the conversation's inbox, and its wake. A repeat changes nothing. */
  tell(conversationId: string, a: string, outcome: ModelOutcome, at: Instant): Promise<void>;
}

/** Whoever asks may die before he has told the answer; then it is asked once more, and no more. */
const TRIES = 2;
/** Entries of the list that are told; those nearest to the question. */
const FAQ_ENTRIES = 6;

/**
 * Asks the model one open question, and tells the conversation what it said. The tries and the day's budget are counted before the
 * call, so that crashes cannot overspend. Throws only when our own infrastructure fails.
 *
 * @param deadline when this invocation ends
 */
export function askModel(room: AskModel) {
  const { clock, budget } = room;

  return async function ask(conversationId: string, a: string, deadline: Instant): Promise<void> {
    const open = await room.openQuestion(conversationId, a);
    // It was answered, recalled or taken over in the meantime, or it is too late: the conversation has gone on by itself.
    if (!open || clock() >= open.until) return;
    const outcome = await outcomeOf(conversationId, a, open, deadline);
    count('ModelAsked', { outcome: outcome.said === 'hand-over' ? outcome.why : outcome.said });
    await room.tell(conversationId, a, outcome, clock());
  };

  async function outcomeOf(
    conversationId: string,
    a: string,
    { account, origin, questions, until }: OpenQuestion,
    deadline: Instant,
  ): Promise<ModelOutcome> {
    const terms = await room.termsOf(account, origin);
    if (!terms) return { said: 'no-budget' };
    const { model, faq } = terms;
    if (!(await budget.tryOnce(a, TRIES, clock()))) return { said: 'hand-over', why: 'tried-enough' };
    if (!(await budget.spend(dayOf(room.zone, clock()), room.callsPerDay, clock()))) return { said: 'no-budget' };
    const [quickReplies, turns] = await Promise.all([
      room.quickReplies(),
      model.historyMessages > 0 ? room.turnsBefore(conversationId, model.historyMessages) : [],
    ]);
    const messages = modelPrompt(model, { quickReplies, faq: nearest(faq, questions) }, turns, questions);
    const left = Math.min(until, deadline) - clock();
    return room.ask(messages, Math.min(model.deadlineSeconds * SECOND, left));
  }
}

/** The entries that share most with what was asked, in its language. */
function nearest(faq: FaqIndex | undefined, questions: readonly string[]): Knowledge['faq'] {
  if (!faq) return [];
  const text = questions.join('\n');
  const language = languageOf(text);
  const ranked = rankFaq(faq, text).slice(0, FAQ_ENTRIES);
  return ranked.flatMap(({ entry }) => {
    const answer = answerIn(entry, language);
    return 'text' in answer ? [{ question: entry.question, answer: answer.text }] : [];
  });
}
