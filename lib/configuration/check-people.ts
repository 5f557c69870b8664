import { ANY_ACCOUNT, type Business, type Finding, type Findings } from './business.ts';

/** WeCom: user/create, `userid`: 1 to 64 letters, digits and `_-@.`, the first a letter or a digit. */
export const USER_ID = /^[a-z0-9][a-z0-9_.@-]{0,63}$/;
const TEAM_ID = /^[\p{L}\p{N}][\p{L}\p{N}_.-]{0,63}$/u;
export const OPEN_KFID = /^[A-Za-z0-9_-]{1,64}$/;

/** WeCom limits nobody's sessions itself; this catches a slipped digit. */
const LARGEST_CAPACITY = 500;
/** WeCom ends a session by itself 48 hours after the customer's last message. */
const LONGEST_SILENCE = 48 * 60 * 60;
const SHORTEST_SILENCE = 60;

/** Checks agents, teams, and which accounts they serve. Pure. */
export function checkPeople({ agents, teams, ...others }: Business): Findings {
  const named = teamsNamed({ teams, ...others });
  const problems: Finding[] = [];
  const warnings: Finding[] = [];
  const teamed = new Set(teams.flatMap((team) => team.agents));
  const duties = new Map(agents.map((agent) => [agent.id, agent.duty]));

  agents.forEach((agent, index) => {
    const path = `agents[${index}]`;
    if (!USER_ID.test(agent.id)) {
      problems.push({
        path: `${path}.id`,
        problem: 'is no userid of a WeCom member',
        mend: 'copy the account from the member’s page in the WeCom console: 1 to 64 letters, digits and _ - @ .',
      });
    } else if (!teamed.has(agent.id)) {
      warnings.push({
        path,
        problem: `agent ${agent.id} is in no team and gets no customers`,
        mend: 'name the agent in a team, or remove the agent',
      });
    }
    if (!Number.isInteger(agent.capacity) || agent.capacity < 1 || agent.capacity > LARGEST_CAPACITY) {
      problems.push({
        path: `${path}.capacity`,
        problem: `is not a whole number from 1 to ${LARGEST_CAPACITY}`,
        mend: 'write how many customers the agent serves at once; for somebody who serves none, write duty: off',
      });
    }
  });
  problems.push(
    ...repeated(
      agents.map((agent) => agent.id),
      'agents',
      'agent',
      ' (small and capital letters are the same)',
    ),
  );

  teams.forEach((team, index) => {
    const path = `teams[${index}]`;
    if (!TEAM_ID.test(team.id)) {
      problems.push({
        path: `${path}.id`,
        problem: 'is no id',
        mend: 'write 1 to 64 letters, digits and - _ . that begin with a letter or a digit',
      });
    }
    if (team.agents.length === 0) {
      problems.push({
        path: `${path}.agents`,
        problem: 'is empty, so nobody would serve',
        mend: 'name an agent, or remove the team',
      });
    }
    team.agents.forEach((agentId, place) => {
      const at = `${path}.agents[${place}]`;
      if (!duties.has(agentId)) {
        problems.push({
          path: at,
          problem: `there is no agent ${agentId}`,
          mend: 'add the agent under agents, or correct the id',
        });
      } else if (team.agents.indexOf(agentId) < place) {
        problems.push({ path: at, problem: `names agent ${agentId} a second time`, mend: 'remove one of the two' });
      }
    });
    if (team.agents.length > 0 && team.agents.every((agentId) => duties.get(agentId) === 'off')) {
      warnings.push({
        path: `${path}.agents`,
        problem: 'nobody of this team is on duty',
        mend: 'write duty: on for one of its agents',
      });
    }
    if (
      !Number.isInteger(team.endAfterSilenceSeconds) ||
      team.endAfterSilenceSeconds < SHORTEST_SILENCE ||
      team.endAfterSilenceSeconds > LONGEST_SILENCE
    ) {
      problems.push({
        path: `${path}.endAfterSilenceSeconds`,
        problem: `is not a whole number from ${SHORTEST_SILENCE} to ${LONGEST_SILENCE}`,
        mend: 'write after how many seconds of the customer’s silence a conversation ends, e.g. 1800',
      });
    }
    if (team.accounts.length === 0 && !named.has(team.id)) {
      warnings.push({
        path: `${path}.accounts`,
        problem: 'is empty, so no customers come to this team',
        mend: "name an account, or '*' for all; or the team in an entry, a rule's handOver, or another team's overflow",
      });
    }
  });
  problems.push(
    ...repeated(
      teams.map((team) => team.id),
      'teams',
      'team',
    ),
  );
  problems.push(...checkAccounts(teams, 'teams', 'team'));
  return { problems, warnings };
}

/** The accounts of teams or of rule sets: no account may stand twice. */
export function checkAccounts(
  entries: readonly { readonly accounts: readonly string[] }[],
  field: 'teams' | 'replies',
  noun: string,
): Finding[] {
  const owners = new Map<string, string>();
  return entries.flatMap(({ accounts }, index) =>
    accounts.flatMap((account, place): Finding[] => {
      const path = `${field}[${index}].accounts[${place}]`;
      const owner = owners.get(account);
      if (owner !== undefined) {
        const problem = `${account} belongs to ${owner} already`;
        return [{ path, problem, mend: `an account has one ${noun}; keep it in one place` }];
      }
      owners.set(account, path);
      if (account === ANY_ACCOUNT || OPEN_KFID.test(account)) return [];
      const mend = "copy the open_kfid of the customer service account (wk…), or write '*' for all others";
      return [{ path, problem: 'is no customer service account', mend }];
    }),
  );
}

/** Ids that stood before, in a list of things with ids. */
export function repeated(ids: readonly string[], field: string, noun: string, note = ''): Finding[] {
  return ids.flatMap((id, index) => {
    const first = ids.indexOf(id);
    if (first === index) return [];
    const problem = `${noun} ${id} already stands at ${field}[${first}]${note}`;
    return [{ path: `${field}[${index}].id`, problem, mend: 'remove one of the two, or give it another id' }];
  });
}

/** The teams to which customers come although no account is theirs. */
function teamsNamed({ teams, entries, replies }: Pick<Business, 'teams' | 'entries' | 'replies'>): ReadonlySet<string> {
  const helping = teams.flatMap(({ overflow = [] }) => overflow.map(({ teamId }) => teamId));
  const byEntries = entries.flatMap(({ team }) => team ?? []);
  const byRules = replies
    .flatMap(({ rules }) => rules)
    .flatMap(({ handOver }) => (typeof handOver === 'object' ? (handOver.team ?? []) : []));
  return new Set([...helping, ...byEntries, ...byRules]);
}
