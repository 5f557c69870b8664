import { ANY_ACCOUNT, type Business, type Finding, type Findings } from './business.ts';

/** Checks that the agents to whom rules hand over can be asked: each is in the team in whose line the customer would wait. Pure. */
export function checkWantedAgents({ replies, teams, agents }: Business): Findings {
  const known = new Set(agents.map(({ id }) => id));
  const problems = replies.flatMap(({ accounts, rules }, set) =>
    rules.flatMap(({ handOver }, index): Finding[] => {
      if (typeof handOver !== 'object') return [];
      const { agent, team: named } = handOver;
      const path = `replies[${set}].rules[${index}].handOver`;
      if (agent === undefined) return [];
      if (!known.has(agent)) {
        const mend = 'add the agent under agents, or correct the userid';
        return [{ path: `${path}.agent`, problem: `there is no agent ${agent}`, mend }];
      }
      const isOne = (account: string) => accounts.includes(ANY_ACCOUNT) || accounts.includes(account);
      const asked = teams.filter(({ id, accounts: served }) =>
        named === undefined ? served.includes(ANY_ACCOUNT) || served.some(isOne) : id === named,
      );
      if (asked.length === 0 || asked.some((team) => team.agents.includes(agent))) return [];
      const problem = `${agent} is not in team ${asked.map(({ id }) => id).join(', ')}, so nobody would ask him`;
      return [{ path: `${path}.agent`, problem, mend: 'name his team beside him: { agent, team }' }];
    }),
  );
  return { problems, warnings: [] };
}
