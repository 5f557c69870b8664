import { type Instant, SECOND } from '../platform/clock.ts';
import { OUT, type Standing } from './standing.ts';
import type { Strategy } from './terms.ts';

/** What is decided, and by which terms. Together with the standings it is all that a decision goes by. */
export interface Question {
  readonly at: Instant;
  readonly askedAt: Instant;
  readonly strategy: Strategy;
  readonly relaxAfterSeconds: readonly number[];
  /** Of each overflow team, in order. */
  readonly overflowAfterSeconds: readonly number[];
  readonly stickySeconds?: number | undefined;
  /** The levels wanted, in the order of the standings' `levels`. */
  readonly levels: readonly number[];
  readonly prefer?: string | undefined;
  readonly owner?: string | undefined;
}

/** `skills`, `language`: not enough of them, so far. `not-yet`: of an overflow team whose time has not come. */
export const PASSED_OVER = [...OUT, 'skills', 'language', 'not-yet'] as const;
export type PassedOver = (typeof PASSED_OVER)[number];

/** Lower is first: the stage of the choice, then what the strategy goes by. On equal scores the name decides. */
export type Score = readonly [stage: number, ...by: number[]];

export interface Able {
  readonly agentId: string;
  readonly score: Score;
}

export interface Unable {
  readonly agentId: string;
  readonly passedOver: PassedOver;
  /** Time alone may mend it, but not before this moment. */
  readonly notBefore?: Instant;
}

export type Candidate = Able | Unable;

export const isAble = (candidate: Candidate): candidate is Able => 'score' in candidate;

/** Why this agent. `full-skills`: all that is wanted; `relaxed`: less than that, by the time waited. */
export const WHY = ['served-last', 'owns-relation', 'full-skills', 'relaxed', 'overflow', 'nobody-can'] as const;
export type Why = (typeof WHY)[number];

export interface Pick {
  readonly agentId?: string;
  readonly why: Why;
  /** How many steps of relaxation have come. */
  readonly step: number;
  readonly candidates: readonly Candidate[];
  /** Nobody can: before this moment, time alone does not change that. Absent: it never does. */
  readonly wait?: Instant;
}

const SERVED_LAST = 0;
const OWNS_RELATION = 1;
const FIRST_SKILLED = 2;

/**
 * Who is next: each candidate has a score of his own, so that leaving out some of the others changes nothing about the best one.
 * The stages: who served last; who owns the relation; the team's own with all skills, then with less and less of them as far as the
 * time waited allows; then the overflow teams alike.
 */
export function pick(question: Question, standings: readonly Standing[]): Pick {
  const waited = (question.at - question.askedAt) / SECOND;
  const step = question.relaxAfterSeconds.filter((after) => waited >= after).length;
  const candidates = standings.map((standing) => judge(standing, question, waited));
  let best: Able | undefined;
  let wait: Instant | undefined;
  for (const candidate of candidates) {
    if (isAble(candidate)) {
      if (!best || compare(candidate, best) < 0) best = candidate;
    } else if (candidate.notBefore !== undefined && candidate.notBefore < (wait ?? Number.POSITIVE_INFINITY)) {
      wait = candidate.notBefore;
    }
  }
  if (best) return { agentId: best.agentId, why: whyOf(best.score[0], question), step, candidates };
  return { why: 'nobody-can', step, candidates, ...(wait !== undefined && { wait }) };
}

function judge(standing: Standing, question: Question, waited: number): Candidate {
  const { agentId, from, out } = standing;
  const entry = entryOf(standing, question, waited);
  const isIn = waited >= entry.afterSeconds;
  if (out === undefined && isIn) return { agentId, score: scoreOf(entry.stage, standing, question.strategy) };
  const passedOver = out ?? (isOpen(from, question, waited) ? lackOf(standing) : 'not-yet');
  const mended = out === undefined ? 0 : (standing.notBefore ?? Number.POSITIVE_INFINITY);
  const notBefore = Math.max(mended, isIn ? 0 : question.askedAt + entry.afterSeconds * SECOND);
  return notBefore === Number.POSITIVE_INFINITY ? { agentId, passedOver } : { agentId, passedOver, notBefore };
}

/** Of two who can, the one to come first. */
export function compare(a: Able, b: Able): number {
  for (let index = 0; index < a.score.length; index += 1) {
    const difference = (a.score[index] ?? 0) - (b.score[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return a.agentId < b.agentId ? -1 : 1;
}

interface Entry {
  readonly stage: number;
  /** How long the request has to have waited. */
  readonly afterSeconds: number;
}

const SERVED_LAST_ENTRY: Entry = { stage: SERVED_LAST, afterSeconds: 0 };
const OWNS_RELATION_ENTRY: Entry = { stage: OWNS_RELATION, afterSeconds: 0 };

/** In which stage somebody stands, and from when on. Whoever knows the customer needs no skill. */
function entryOf(standing: Standing, question: Question, waited: number): Entry {
  const { relaxAfterSeconds, overflowAfterSeconds, prefer, owner, stickySeconds } = question;
  const { agentId, from } = standing;
  if (from === 0 && (stickySeconds === undefined || waited < stickySeconds)) {
    if (agentId === prefer) return SERVED_LAST_ENTRY;
    if (agentId === owner) return OWNS_RELATION_ENTRY;
  }
  const step = stepFor(standing, question);
  const relaxed = step === 0 ? 0 : (relaxAfterSeconds[step - 1] ?? Number.POSITIVE_INFINITY);
  const overflow = from === 0 ? 0 : (overflowAfterSeconds[from - 1] ?? Number.POSITIVE_INFINITY);
  return {
    stage: FIRST_SKILLED + from * (relaxAfterSeconds.length + 1) + step,
    afterSeconds: Math.max(relaxed, overflow),
  };
}

/** The first step of relaxation that lets somebody in; one more than there are, when none does. */
function stepFor({ levels, speaks }: Standing, question: Question): number {
  const last = question.relaxAfterSeconds.length;
  const everything = last === 0 ? 1 : last;
  if (!speaks) return everything;
  let missing = 0;
  for (let index = 0; index < levels.length; index += 1) {
    const level = levels[index] ?? 0;
    if (level === 0) return everything;
    missing = Math.max(missing, (question.levels[index] ?? 0) - level);
  }
  return missing === 0 ? 0 : Math.min(missing, everything);
}

function scoreOf(stage: number, standing: Standing, strategy: Strategy): Score {
  const { load, capacity, lastWorkAt, levels, ahead } = standing;
  const busy = load / capacity;
  switch (strategy) {
    case 'least-busy':
      return [stage, busy, lastWorkAt];
    case 'longest-idle':
      return [stage, lastWorkAt, busy];
    case 'round-robin':
    case 'weighted':
      return [stage, ahead, lastWorkAt];
    case 'by-skill':
      return [stage, -levels.reduce((sum, level) => sum + level, 0), busy, lastWorkAt];
  }
}

const isOpen = (from: number, { overflowAfterSeconds }: Question, waited: number): boolean =>
  from === 0 || waited >= (overflowAfterSeconds[from - 1] ?? Number.POSITIVE_INFINITY);

const lackOf = ({ speaks }: Standing): PassedOver => (speaks ? 'skills' : 'language');

function whyOf(stage: number, { relaxAfterSeconds }: Question): Why {
  if (stage === SERVED_LAST) return 'served-last';
  if (stage === OWNS_RELATION) return 'owns-relation';
  if (stage === FIRST_SKILLED) return 'full-skills';
  return stage <= FIRST_SKILLED + relaxAfterSeconds.length ? 'relaxed' : 'overflow';
}
