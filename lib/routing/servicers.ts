import type { Agent, Team } from './agent.ts';

/** The account that stands for all accounts without a team of their own. */
const ANY_ACCOUNT = '*';

/** What a configuration says of who serves which account, in a file or in the stores. */
export interface Staffing {
  readonly teams: readonly Pick<Team, 'teamId' | 'agents' | 'overflow'>[];
  readonly accounts: readonly { readonly openKfId: string; readonly teamId: string }[];
}

/** Whom replies send an account's customers to beside the account's own team: by an entry, or because a rule hands over. */
export interface AlsoServing {
  readonly teams: readonly string[];
  readonly agents: readonly string[];
}
const NOBODY_ELSE: AlsoServing = { teams: [], agents: [] };

/** A person on WeCom's list of an account. */
export interface ListedServicer {
  readonly agentId: string;
  readonly status: 'receiving' | 'stopped' | 'suspended' | 'unknown';
}

export interface ServicerDifference {
  readonly missing: readonly string[];
  readonly surplus: readonly string[];
}

/**
 * Whom WeCom has to list for an account so that its customers can be given to him: the agents of its team, of the teams that its replies
 * name, and of those that help them out. Undefined: no team serves this account, so it is none of ours.
 */
export function servicersWanted(
  { teams, accounts }: Staffing,
  openKfId: string,
  also: AlsoServing = NOBODY_ELSE,
): string[] | undefined {
  const own = accounts.find((one) => one.openKfId === openKfId) ?? accounts.find((one) => one.openKfId === ANY_ACCOUNT);
  const serving = teams.filter(({ teamId }) => teamId === own?.teamId || also.teams.includes(teamId));
  if (serving.length === 0) return undefined;
  const helping = serving.flatMap(({ overflow = [] }) => overflow.map(({ teamId }) => teamId));
  const wanted = [...serving, ...teams.filter(({ teamId }) => helping.includes(teamId))];
  return [...new Set([...wanted.flatMap(({ agents }) => agents), ...also.agents])].sort();
}

/** What leads from WeCom's list to the wanted one. */
export function compareServicers(wanted: readonly string[], listed: readonly ListedServicer[]): ServicerDifference {
  const known = new Set(listed.map(({ agentId }) => agentId));
  return {
    missing: wanted.filter((agentId) => !known.has(agentId)),
    surplus: [...known].filter((agentId) => !wanted.includes(agentId)).sort(),
  };
}

/** How many conversations of an account an agent holds. */
export function conversationsHeld({ serving }: Pick<Agent, 'serving'>, openKfId: string): number {
  const held = [...serving].filter((element) => element.startsWith(`${openKfId}:`));
  return new Set(held.map((element) => element.slice(0, element.lastIndexOf('#')))).size;
}
