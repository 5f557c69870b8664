import * as z from 'zod';
import type { Decision, RoutingFacts } from './choose-agent.ts';
import {
  type Candidate,
  compare,
  isAble,
  PASSED_OVER,
  type PassedOver,
  type Pick,
  pick,
  type Question,
  type Unable,
  WHY,
} from './rank.ts';
import { isOut, type Standing, wantedSkills } from './standing.ts';
import { Strategy } from './terms.ts';

/** How many are written down of those who could, the best, and of those who were passed over, the first. */
const KEPT = 50;

const Moment = z.number();
const Count = z.int().min(0);

const RecordedCandidate = z.strictObject({
  agentId: z.string(),
  /** Absent: the team's own. 1: of the first overflow team, and so on. */
  from: Count.optional(),
  load: Count,
  capacity: z.number(),
  lastWorkAt: Moment.optional(),
  ahead: z.number().optional(),
  /** In the skills that were wanted, in the order of `skills`. */
  levels: z.array(z.number()).optional(),
  /** Absent: speaks the language, or none is wanted. */
  speaks: z.literal(false).optional(),
  passedOver: z.enum(PASSED_OVER).optional(),
  notBefore: Moment.optional(),
});

/**
 * One decision as it was made: what it went by, who was passed over and why, and what came of it. Ids and numbers only. With many
 * candidates the best and the first passed over stand here, the others as counts; what was chosen follows from those who stand here.
 */
export const DecisionRecord = z.strictObject({
  v: z.literal(1),
  r: z.string(),
  teamId: z.string(),
  /** The team's settings: `policyVersion`. */
  policy: z.string(),
  at: Moment,
  askedAt: Moment,
  strategy: Strategy,
  relaxAfterSeconds: z.array(z.number()).optional(),
  overflow: z.array(z.strictObject({ teamId: z.string(), afterSeconds: z.number() })).optional(),
  stickySeconds: z.number().optional(),
  skills: z.array(z.tuple([z.string(), z.number()])).optional(),
  language: z.string().optional(),
  prefer: z.string().optional(),
  owner: z.string().optional(),
  candidates: z.array(RecordedCandidate),
  /** How many others could, or were passed over for each reason. */
  others: z.partialRecord(z.enum(['able', ...PASSED_OVER]), Count).optional(),
  agentId: z.string().optional(),
  why: z.enum(WHY),
  step: Count,
  wait: Moment.optional(),
});
export type DecisionRecord = Readonly<z.infer<typeof DecisionRecord>>;

/** Writes a decision down. `facts` are those that it was made with. */
export function recordOf(teamId: string, facts: RoutingFacts, decision: Decision): DecisionRecord {
  const { question, standings } = decision.basis;
  const { request, team } = facts;
  const skills = wantedSkills(request);
  const kept = keptOf(decision.candidates);
  const byId = new Map(standings.map((standing) => [standing.agentId, standing]));
  const others = countOthers(decision.candidates, kept);
  return defined({
    v: 1 as const,
    r: request.r,
    teamId,
    policy: decision.policy,
    at: question.at,
    askedAt: question.askedAt,
    strategy: question.strategy,
    relaxAfterSeconds: unlessEmpty([...question.relaxAfterSeconds]),
    overflow: unlessEmpty([...(team.overflow ?? [])]),
    stickySeconds: question.stickySeconds,
    skills: unlessEmpty(skills),
    language: request.language,
    prefer: request.prefer,
    owner: request.owner,
    candidates: kept.flatMap((candidate) => {
      const standing = byId.get(candidate.agentId);
      return standing ? [recordedOf(standing, candidate)] : [];
    }),
    others: Object.keys(others).length > 0 ? others : undefined,
    agentId: decision.agentId,
    why: decision.why,
    step: decision.step,
    wait: decision.wait,
  });
}

/** The decision again, among those who stand in the record. Its choice, reason, step and wait are the recorded ones. */
export function replay(record: DecisionRecord): Pick {
  const { skills = [], overflow = [], relaxAfterSeconds = [] } = record;
  const question: Question = {
    at: record.at,
    askedAt: record.askedAt,
    strategy: record.strategy,
    relaxAfterSeconds,
    overflowAfterSeconds: overflow.map(({ afterSeconds }) => afterSeconds),
    stickySeconds: record.stickySeconds,
    levels: skills.map(([, level]) => level),
    prefer: record.prefer,
    owner: record.owner,
  };
  return pick(question, record.candidates.map(standingIn));
}

/** The best first; of those who were passed over, the one that a `wait` goes by is among them. */
function keptOf(candidates: readonly Candidate[]): readonly Candidate[] {
  const able = candidates.filter(isAble).sort(compare);
  const unable = candidates.filter((candidate): candidate is Unable => !isAble(candidate));
  if (unable.length > KEPT) {
    const soonest = unable.reduce((one, other) => (notBefore(other) < notBefore(one) ? other : one));
    return [...able.slice(0, KEPT), soonest, ...unable.filter((one) => one !== soonest).slice(0, KEPT - 1)];
  }
  return [...able.slice(0, KEPT), ...unable];
}

const notBefore = (unable: Unable): number => unable.notBefore ?? Number.POSITIVE_INFINITY;

function countOthers(all: readonly Candidate[], kept: readonly Candidate[]): NonNullable<DecisionRecord['others']> {
  if (all.length === kept.length) return {};
  const counts: Partial<Record<PassedOver | 'able', number>> = {};
  const written = new Set(kept);
  for (const candidate of all) {
    if (written.has(candidate)) continue;
    const kind = isAble(candidate) ? 'able' : candidate.passedOver;
    counts[kind] = (counts[kind] ?? 0) + 1;
  }
  return counts;
}

function recordedOf(standing: Standing, candidate: Candidate): z.infer<typeof RecordedCandidate> {
  const { agentId, from, load, capacity, lastWorkAt, ahead, levels, speaks, notBefore } = standing;
  return defined({
    agentId,
    from: from || undefined,
    load,
    capacity,
    lastWorkAt: lastWorkAt || undefined,
    ahead: ahead || undefined,
    levels: unlessEmpty([...levels]),
    speaks: speaks ? undefined : (false as const),
    passedOver: isAble(candidate) ? undefined : candidate.passedOver,
    notBefore,
  });
}

function standingIn(recorded: z.infer<typeof RecordedCandidate>): Standing {
  const { from = 0, lastWorkAt = 0, ahead = 0, levels = [], speaks = true, passedOver, ...rest } = recorded;
  return { ...rest, from, lastWorkAt, ahead, levels, speaks, out: isOut(passedOver) ? passedOver : undefined };
}

const unlessEmpty = <Value>(list: Value[]): Value[] | undefined => (list.length > 0 ? list : undefined);

/** Without the fields that are undefined: a table would refuse them. */
function defined<Fields extends object>(fields: Fields): Fields {
  for (const key of Object.keys(fields) as (keyof Fields)[]) if (fields[key] === undefined) delete fields[key];
  return fields;
}
