import { HIGHEST_PRIORITY } from '../routing/line-order.ts';
import { HIGHEST_LEVEL } from '../routing/terms.ts';
import type { Business, Finding, Findings } from './business.ts';

type Agent = Business['agents'][number];

/** Checks what rules ask of the person to whom they hand over: that a team can give it, now or after a while. Pure. */
export function checkHandOvers({ replies, agents, teams }: Pick<Business, 'replies' | 'agents' | 'teams'>): Findings {
  const problems: Finding[] = [];
  const warnings: Finding[] = [];
  replies.forEach(({ rules }, set) => {
    rules.forEach(({ handOver }, index) => {
      if (typeof handOver !== 'object') return;
      const path = `replies[${set}].rules[${index}].handOver`;
      const { team, priority, skills = {}, language } = handOver;
      if (Object.keys(handOver).length === 0) {
        problems.push({ path, problem: 'asks for nothing', mend: 'write handOver: true' });
      }
      if (priority !== undefined && Math.abs(priority) > HIGHEST_PRIORITY) {
        const problem = `is not a whole number from -${HIGHEST_PRIORITY} to ${HIGHEST_PRIORITY}`;
        problems.push({ path: `${path}.priority`, problem, mend: 'write how many steps ahead, e.g. 1' });
      }
      // A team that is not there is a finding of its own.
      const asked = teams.filter(({ id }) => team === undefined || id === team);
      if (asked.length === 0) return;
      const people = agentsOf(asked, teams, agents);
      const relaxes = asked.every(({ relaxAfterSeconds = [] }) => relaxAfterSeconds.length > 0);
      const nobody = (problem: string, at: string) => {
        const mend = 'give it to one of the agents, ask for less, or write relaxAfterSeconds for the team';
        if (relaxes) warnings.push({ path: at, problem: `${problem}, so it is only a delay`, mend });
        else problems.push({ path: at, problem: `${problem}, so the customer would wait for ever`, mend });
      };
      for (const [skill, level] of Object.entries(skills)) {
        const at = `${path}.skills.${skill}`;
        if (!Number.isInteger(level) || level < 1 || level > HIGHEST_LEVEL) {
          const problem = `is no level from 1 to ${HIGHEST_LEVEL}`;
          problems.push({ path: at, problem, mend: '1 can do it, 5 teaches it' });
          continue;
        }
        const best = Math.max(0, ...people.map((agent) => levelOf(agent, skill)));
        if (best === 0) {
          const mend = 'write it under skills of an agent of the team, or correct the name';
          problems.push({ path: at, problem: `no agent who may be asked has the skill ${skill}`, mend });
        } else if (best < level) nobody(`nobody reaches level ${level} of ${skill} (the best has ${best})`, at);
      }
      if (language !== undefined && !people.some(({ languages }) => languages?.includes(language) ?? true)) {
        nobody(`no agent who may be asked speaks ${language}`, `${path}.language`);
      }
    });
  });
  return { problems, warnings };
}

/** Who may be asked: the teams' own agents, and those who help them out. */
function agentsOf(asked: Business['teams'], teams: Business['teams'], agents: readonly Agent[]): Agent[] {
  const helpers = new Set(asked.flatMap(({ overflow = [] }) => overflow.map(({ teamId }) => teamId)));
  const ids = new Set([...asked, ...teams.filter(({ id }) => helpers.has(id))].flatMap((team) => team.agents));
  return agents.filter(({ id }) => ids.has(id));
}

// A skill may be called `constructor`.
const levelOf = ({ skills = {} }: Agent, skill: string): number =>
  Object.hasOwn(skills, skill) ? (skills[skill] ?? 0) : 0;
