/**
 * Whose turn it is in a team, by weight: start-time fair queueing (Goyal, Vin, Cheng 1996), where a turn moves an agent ahead by a
 * step that is the shorter the greater the weight, and the one least ahead is next.
 *
 * A team's candidates change with nearly every request (places fill up, skills are wanted), so fairness has to hold between any
 * two who could both take the turns, whoever else came and went: what they got, divided by their weights, differs by at most one
 * turn of each. The turns of contact ways promise more, but only as long as the same members take part.
 */
export type TeamTurns = Readonly<Record<string, number>>;

export const NO_TEAM_TURNS: TeamTurns = {};

/** A turn of weight 1: whole numbers, so that nothing is lost by adding, and most weights divide it. */
const WHOLE_TURN = 2_520_000;
/** Customers who come back to the same agent make turns out of turn; no more of them are held against the agent than these. */
const MOST_AHEAD = 2;

/** How far an agent is ahead of the team. Whoever is new, or let turns pass, is not behind either: no one returns to a burst. */
export function aheadOf(turns: TeamTurns, agentId: string): number {
  const ahead = turns[agentId];
  // An agent may be called `constructor`.
  return typeof ahead === 'number' ? ahead : 0;
}

/** The turns after one of this agent, who was least ahead of those who could take it. Whoever is not ahead any more is forgotten. */
export function takeTurn(turns: TeamTurns, agentId: string, weight: number): TeamTurns {
  const now = aheadOf(turns, agentId);
  const after: Record<string, number> = {};
  for (const id of Object.keys(turns)) {
    const ahead = aheadOf(turns, id);
    if (ahead > now) after[id] = ahead - now;
  }
  after[agentId] = stepOf(weight);
  return after;
}

/** The turns after one that went to this agent for another reason. */
export function takeOutOfTurn(turns: TeamTurns, agentId: string, weight: number): TeamTurns {
  const step = stepOf(weight);
  const ahead = Math.max(aheadOf(turns, agentId), Math.min(aheadOf(turns, agentId) + step, MOST_AHEAD * step));
  return { ...turns, [agentId]: ahead };
}

const stepOf = (weight: number): number => Math.round(WHOLE_TURN / weight);
