import { type Entrance, namedRuleSet } from './entrance.ts';
import type { RuleSet } from './rule-set.ts';

/** The rule set of all accounts that have none of their own. */
const ANY_ACCOUNT = '*';

/**
 * The teams and agents that an account's replies send customers to beside the account's own team: those of its entries, and those to whom
 * a rule hands over, on the account or for who came by an entry of it.
 *
 * @param ruleSets by account, and by the name that entries take them by
 */
export function peopleNamedFor(
  openKfId: string,
  ruleSets: ReadonlyMap<string, RuleSet>,
  entrances: readonly Entrance[],
): { teams: string[]; agents: string[] } {
  const here = entrances.filter(({ account }) => account === openKfId);
  const rulesOf = (name: string) => ruleSets.get(name)?.rules ?? [];
  const rules = [
    ...rulesOf(ruleSets.has(openKfId) ? openKfId : ANY_ACCOUNT),
    ...here.flatMap((entrance) => (entrance.rules === undefined ? [] : rulesOf(namedRuleSet(entrance.rules)))),
  ];
  const handOvers = rules.flatMap(({ handOver }) => (typeof handOver === 'object' ? [handOver] : []));
  const teams = [...here.map(({ team }) => team), ...handOvers.map(({ team }) => team)];
  const agents = handOvers.map(({ agent }) => agent);
  return { teams: known(teams), agents: known(agents) };
}

const known = (names: readonly (string | undefined)[]): string[] => [
  ...new Set(names.filter((name) => name !== undefined)),
];
