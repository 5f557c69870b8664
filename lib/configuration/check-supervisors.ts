import { EVERY_TEAM } from '../notices/supervisor.ts';
import type { Business, Finding, Findings } from './business.ts';
import { USER_ID } from './check-people.ts';

/** Checks who is told what goes wrong. Pure. */
export function checkSupervisors({ supervisors, teams }: Business): Findings {
  const teamIds = new Set(teams.map(({ id }) => id));
  const problems = supervisors.flatMap(({ id, teams: named }, index): Finding[] => {
    const path = `supervisors[${index}]`;
    const found: Finding[] = [];
    if (!USER_ID.test(id)) {
      found.push({
        path: `${path}.id`,
        problem: 'is no userid of a WeCom member',
        mend: 'copy the account from the member’s page in the WeCom console: 1 to 64 letters, digits and _ - @ .',
      });
    } else if (supervisors.findIndex((one) => one.id === id) < index) {
      const problem = `there is another supervisor ${id} above (small and capital letters are the same)`;
      found.push({ path: `${path}.id`, problem, mend: 'name all teams of a supervisor in one place' });
    }
    if (named.length === 0) {
      const mend = "name a team, write '*' for all, or remove the supervisor";
      found.push({ path: `${path}.teams`, problem: 'is empty, so nothing would be told', mend });
    }
    named.forEach((team, place) => {
      if (team === EVERY_TEAM || teamIds.has(team)) return;
      const mend = "correct the id, or write '*' for all teams";
      found.push({ path: `${path}.teams[${place}]`, problem: `there is no team ${team}`, mend });
    });
    return found;
  });
  return { problems, warnings: [] };
}
