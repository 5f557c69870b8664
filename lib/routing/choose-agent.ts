import type { Instant } from '../platform/clock.ts';
import type { Agent, WaitingRequest } from './agent.ts';
import { type Pick, pick, type Question, type Why } from './rank.ts';
import { preferSeenLanguage } from './seen-language.ts';
import { type Asked, type Standing, standingOf, wantedSkills } from './standing.ts';
import { NO_TEAM_TURNS, type TeamTurns, takeOutOfTurn, takeTurn } from './team-turns.ts';
import { DEFAULT_STRATEGY, policyVersion, type Strategy, type TeamTerms } from './terms.ts';
import { type Hours, PLAIN_HOURS } from './working-hours.ts';

/** All that decides who is next. */
export interface RoutingFacts {
  readonly team: TeamTerms;
  /** The team's own. */
  readonly agents: readonly Agent[];
  readonly request: WaitingRequest;
  readonly now: Instant;
  /** The agents of the teams that `team.overflow` names. A team that is missing here does not help. */
  readonly overflow?: readonly { readonly teamId: string; readonly agents: readonly Agent[] }[];
  /** `round-robin` and `weighted`: the `turnsAfter` of the team's last decision. */
  readonly turns?: TeamTurns;
  /** Absent: no holidays, and Shanghai's clock. */
  readonly hours?: Hours;
}

export interface Decision extends Pick {
  /** The team's settings that it was made with: `policyVersion`. */
  readonly policy: string;
  /** To be kept once the agent was given the request. Absent: the strategy takes no turns. */
  readonly turnsAfter?: TeamTurns;
  /** What it goes by, for the record. */
  readonly basis: { readonly question: Question; readonly standings: readonly Standing[] };
}

/**
 * Who is next. First who served this customer last, then who owns the relation, for the team's `stickySeconds`; then by the team's
 * strategy among those with the wanted skills and language, or as much of them as is wanted after the time waited; then the
 * overflow teams whose time has come. Nobody is held back for someone who is busy. On equal claims by name, so that the same facts
 * always give the same answer.
 */
export function chooseAgent(facts: RoutingFacts): Decision {
  const question = questionOf(facts);
  const standings = preferSeenLanguage(standingsOf(facts), facts.request, question.levels, facts.agents);
  const picked = pick(question, standings);
  const turnsAfter = turnsAfterPick(facts, picked);
  return {
    ...picked,
    policy: policyVersion(facts.team),
    ...(turnsAfter && { turnsAfter }),
    basis: { question, standings },
  };
}

function questionOf({ team, request, now }: RoutingFacts): Question {
  return {
    at: now,
    askedAt: request.askedAt,
    strategy: team.strategy ?? DEFAULT_STRATEGY,
    relaxAfterSeconds: team.relaxAfterSeconds ?? [],
    overflowAfterSeconds: (team.overflow ?? []).map(({ afterSeconds }) => afterSeconds),
    stickySeconds: team.stickySeconds,
    levels: wantedSkills(request).map(([, level]) => level),
    prefer: request.prefer,
    owner: request.owner,
  };
}

/** Everybody once: who is in two of the teams stands in the first. */
function standingsOf(facts: RoutingFacts): Standing[] {
  const { team, request, now, hours = PLAIN_HOURS } = facts;
  const turns = takesTurns(team.strategy) ? (facts.turns ?? NO_TEAM_TURNS) : NO_TEAM_TURNS;
  const asked: Asked = {
    request,
    wanted: wantedSkills(request),
    refusedUntil: new Map(Object.entries(request.excluded)),
    turns,
    hours,
    now,
  };
  const standings = facts.agents.map((agent) => standingOf(agent, 0, asked));
  if (!team.overflow) return standings;
  const seen = new Set(facts.agents.map(({ agentId }) => agentId));
  for (const [index, { teamId }] of team.overflow.entries()) {
    for (const agent of facts.overflow?.find((one) => one.teamId === teamId)?.agents ?? []) {
      if (seen.has(agent.agentId)) continue;
      seen.add(agent.agentId);
      standings.push(standingOf(agent, index + 1, asked));
    }
  }
  return standings;
}

/** The turns once somebody was picked for this reason; undefined where the strategy takes none. */
export function turnsAfterPick(
  facts: Omit<RoutingFacts, 'request' | 'now'>,
  { agentId, why }: { readonly agentId?: string; readonly why: Why },
): TeamTurns | undefined {
  const { strategy } = facts.team;
  if (!takesTurns(strategy)) return undefined;
  const turns = facts.turns ?? NO_TEAM_TURNS;
  if (agentId === undefined) return turns;
  const weight = strategy === 'weighted' ? weightOf(facts, agentId) : 1;
  const inTurn = why !== 'served-last' && why !== 'owns-relation';
  return inTurn ? takeTurn(turns, agentId, weight) : takeOutOfTurn(turns, agentId, weight);
}

function weightOf({ agents, overflow = [] }: Omit<RoutingFacts, 'request' | 'now'>, agentId: string): number {
  const everybody = [agents, ...overflow.map((team) => team.agents)];
  for (const some of everybody) {
    const found = some.find((agent) => agent.agentId === agentId);
    if (found) return found.weight ?? 1;
  }
  return 1;
}

const takesTurns = (strategy: Strategy | undefined): boolean => strategy === 'round-robin' || strategy === 'weighted';
