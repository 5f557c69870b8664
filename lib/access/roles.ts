export type Role = 'viewer' | 'supervisor' | 'operator';

/** Whose teams decide what he sees. */
interface OfTeams {
  readonly teams: readonly string[];
}

/** From the least to the most; each may do what those before it may. */
export const ROLES: readonly Role[] = ['viewer', 'supervisor', 'operator'];

/** The word for all teams, and for what belongs to no team. */
const EVERY_TEAM = '*';

export const mayDo = (role: Role, needed: Role): boolean => ROLES.indexOf(role) >= ROLES.indexOf(needed);

export const hasAllTeams = ({ teams }: OfTeams): boolean => teams.includes(EVERY_TEAM);

/** Whether what belongs to these teams is the caller's to see; what belongs to none is for those who have all. */
export function concernsTeams(caller: OfTeams, teams: readonly string[]): boolean {
  return hasAllTeams(caller) || teams.some((team) => caller.teams.includes(team));
}
