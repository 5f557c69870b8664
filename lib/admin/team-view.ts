import { type Instant, MINUTE, SECOND } from '../platform/clock.ts';
import type { Agent, Team, WaitingRequest } from '../routing/agent.ts';
import { estimateWait } from '../routing/estimate-wait.ts';

/** A team as supervisors see it, its line in the order in which it is served. Times are ISO 8601, `…Seconds` whole seconds. */
export function teamView(
  team: Team,
  facts: {
    agents: readonly Agent[];
    line: readonly WaitingRequest[];
    accounts: readonly string[];
    /** The last assignments. */
    assignedAt: readonly Instant[];
  },
  now: Instant,
) {
  const { teamId, agents: _, endAfterSilenceSeconds, ...terms } = team;
  return {
    id: teamId,
    accounts: facts.accounts,
    endAfterSilenceSeconds,
    // As the configuration says them; what is absent has its default.
    terms,
    agents: facts.agents.map(agentView),
    waiting: facts.line.map((request, index) => waitingView(request, index + 1, facts.assignedAt, now)),
  };
}

function waitingView(request: WaitingRequest, place: number, assignedAt: readonly Instant[], now: Instant) {
  const { r, conversationId, askedAt, priority = 0, skills, language } = request;
  const estimate = estimateWait(place, assignedAt, now);
  return {
    r,
    conversationId,
    askedAt: iso(askedAt),
    waitedSeconds: Math.max(0, Math.floor((now - askedAt) / SECOND)),
    place,
    priority,
    ...(estimate !== 'unknown' && { estimateSeconds: (estimate.minutes * MINUTE) / SECOND }),
    ...(skills && { skills }),
    ...(language !== undefined && { language }),
  };
}

function agentView({ agentId, duty, away, left, serving, capacity, presence, lastWorkAt }: Agent) {
  return {
    id: agentId,
    duty,
    ...(away && { away: { reason: away.reason, ...(away.until !== undefined && { until: iso(away.until) }) } }),
    ...(left && { left: { reason: left.reason, at: iso(left.at) } }),
    placesTaken: serving.size,
    capacity,
    ...(lastWorkAt !== undefined && { lastWorkAt: iso(lastWorkAt) }),
    // An account that is missing here was never told about by WeCom.
    presence: Object.entries(presence).map(([openKfId, { status, at }]) => ({
      account: openKfId,
      status,
      at: iso(at),
    })),
  };
}

const iso = (at: Instant): string => new Date(at).toISOString();
