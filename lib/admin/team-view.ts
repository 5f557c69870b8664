import { type Instant, SECOND } from '../platform/clock.ts';
import type { Agent, Team, WaitingRequest } from '../routing/agent.ts';

/** A team as supervisors see it. Times are ISO 8601, `waitedSeconds` whole seconds. */
export function teamView(
  team: Team,
  facts: { agents: readonly Agent[]; line: readonly WaitingRequest[]; accounts: readonly string[] },
  now: Instant,
) {
  return {
    id: team.teamId,
    accounts: facts.accounts,
    endAfterSilenceSeconds: team.endAfterSilenceSeconds,
    agents: facts.agents.map(agentView),
    waiting: facts.line.map(({ conversationId, askedAt }) => ({
      conversationId,
      askedAt: new Date(askedAt).toISOString(),
      waitedSeconds: Math.max(0, Math.floor((now - askedAt) / SECOND)),
    })),
  };
}

function agentView({ agentId, duty, serving, capacity, presence, lastWorkAt }: Agent) {
  return {
    id: agentId,
    duty,
    placesTaken: serving.size,
    capacity,
    ...(lastWorkAt !== undefined && { lastWorkAt: new Date(lastWorkAt).toISOString() }),
    // An account that is missing here was never told about by WeCom.
    presence: Object.entries(presence).map(([openKfId, { status, at }]) => ({
      account: openKfId,
      status,
      at: new Date(at).toISOString(),
    })),
  };
}
