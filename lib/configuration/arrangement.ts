import { RuleSet } from '../replies/rule-set.ts';
import type { Business } from './business.ts';

/** A business configuration as it lies in the stores: one entry for each thing that can be written by itself. */
export interface Arrangement {
  readonly agents: ReadonlyMap<string, ArrangedAgent>;
  readonly teams: ReadonlyMap<string, ArrangedTeam>;
  /** Which team serves an account. */
  readonly accounts: ReadonlyMap<string, { readonly team: string }>;
  readonly ruleSets: ReadonlyMap<string, RuleSet>;
}

export interface ArrangedAgent {
  readonly capacity: number;
  readonly duty: 'on' | 'off';
  readonly teams: readonly string[];
}

export interface ArrangedTeam {
  readonly agents: readonly string[];
  readonly endAfterSilenceSeconds: number;
}

/** The order of agents and teams means nothing, so it is always the same here. */
export function arrangementOf({ agents, teams, replies }: Business): Arrangement {
  const teamsOf = (agentId: string) => teams.filter((team) => team.agents.includes(agentId)).map((team) => team.id);
  return {
    agents: new Map(agents.map(({ id, capacity, duty }) => [id, { capacity, duty, teams: teamsOf(id).sort() }])),
    teams: new Map(
      teams.map(({ id, endAfterSilenceSeconds, agents: members }) => [
        id,
        { agents: members.toSorted(), endAfterSilenceSeconds },
      ]),
    ),
    accounts: new Map(teams.flatMap(({ id, accounts }) => accounts.map((account) => [account, { team: id }]))),
    ruleSets: new Map(
      replies.flatMap(({ accounts, ...ruleSet }) => accounts.map((account) => [account, RuleSet.parse(ruleSet)])),
    ),
  };
}
