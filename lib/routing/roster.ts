import type { Instant } from '../platform/clock.ts';
import type { Agent } from './agent.ts';

/** The agents whom a team may choose from, with their places as far as one run knows of them. */
export interface Roster {
  readonly own: readonly Agent[];
  /** Of the overflow teams that were asked for so far. */
  readonly overflow: readonly { readonly teamId: string; readonly agents: readonly Agent[] }[];
}

export const agentIdsOf = ({ own, overflow }: Roster): string[] => [
  ...new Set([own, ...overflow.map(({ agents }) => agents)].flat().map(({ agentId }) => agentId)),
];

/** The roster after this agent got one more place. */
export function withPlace(roster: Roster, agentId: string, element: string, now: Instant): Roster {
  return mapped(roster, (agents) =>
    agents.map((agent) =>
      agent.agentId === agentId ? { ...agent, serving: new Set([...agent.serving, element]), lastWorkAt: now } : agent,
    ),
  );
}

/** The roster with its agents as they were read again. Who is not among these is left out. */
export function readAgain(roster: Roster, agents: readonly Agent[]): Roster {
  const byId = new Map(agents.map((agent) => [agent.agentId, agent]));
  return mapped(roster, (old) =>
    old.flatMap(({ agentId }) => {
      const fresh = byId.get(agentId);
      return fresh ? [fresh] : [];
    }),
  );
}

const mapped = ({ own, overflow }: Roster, how: (agents: readonly Agent[]) => readonly Agent[]): Roster => ({
  own: how(own),
  overflow: overflow.map(({ teamId, agents }) => ({ teamId, agents: how(agents) })),
});
