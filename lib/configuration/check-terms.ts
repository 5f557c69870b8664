import type { Business, Finding, Findings } from './business.ts';

type Team = Business['teams'][number];

/** Checks by what terms teams choose their agents, as far as one field alone does not tell. Pure. */
export function checkTerms({ teams }: Pick<Business, 'teams'>): Findings {
  return {
    problems: teams.flatMap((team, index) => overflowProblems(teams, team, `teams[${index}].overflow`)),
    warnings: teams.flatMap(({ offer, agents, overflow = [] }, index): Finding[] => {
      // By card the customer is still ours, and goes back to the line.
      if (!offer || offer.mode === 'card' || agents.length !== 1 || overflow.length > 0) return [];
      const problem = 'the team has a single agent, so an offer that expires can go to nobody else';
      return [
        { path: `teams[${index}].offer`, problem, mend: 'add an agent or an overflow team, or leave the field out' },
      ];
    }),
  };
}

function overflowProblems(teams: readonly Team[], team: Team, path: string): Finding[] {
  const { id, overflow = [] } = team;
  return overflow.flatMap(({ teamId }, place): Finding[] => {
    const at = `${path}[${place}]`;
    if (!teams.some((one) => one.id === teamId)) {
      const mend = 'add the team under teams, or correct the id';
      return [{ path: `${at}.teamId`, problem: `there is no team ${teamId}`, mend }];
    }
    if (overflow.findIndex((one) => one.teamId === teamId) < place) {
      return [{ path: at, problem: `names team ${teamId} a second time`, mend: 'remove one of the two' }];
    }
    const way = wayBack(teams, teamId, id);
    if (!way) return [];
    const mend = 'let one of these teams help nobody out';
    return [{ path: at, problem: `leads back to the team itself: ${[id, ...way].join(' → ')}`, mend }];
  });
}

/** The teams from one to another, by way of who helps out whom; undefined when there is no such way. */
function wayBack(teams: readonly Team[], from: string, to: string, seen: readonly string[] = []): string[] | undefined {
  if (from === to) return [to];
  const path = [...seen, from];
  for (const { teamId } of teams.find(({ id }) => id === from)?.overflow ?? []) {
    if (path.includes(teamId)) continue;
    const rest = wayBack(teams, teamId, to, path);
    if (rest) return [from, ...rest];
  }
  return undefined;
}
