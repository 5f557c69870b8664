import type { ContactWay, WayWelcomes } from '../contact-me/way.ts';
import type { Calendar } from '../platform/shifts.ts';
import type { LibraryReply } from '../replies/reply.ts';
import { type Rule, RuleSet, repliesOf } from '../replies/rule-set.ts';
import type { AgentTerms, TeamTerms } from '../routing/terms.ts';
import type { Business } from './business.ts';
import { contactWayOf } from './written-way.ts';

/** A business configuration as it lies in the stores: one entry for each thing that can be written by itself. */
export interface Arrangement {
  readonly agents: ReadonlyMap<string, ArrangedAgent>;
  readonly teams: ReadonlyMap<string, ArrangedTeam>;
  /** Which team serves an account. */
  readonly accounts: ReadonlyMap<string, { readonly team: string }>;
  readonly quickReplies: ReadonlyMap<string, LibraryReply>;
  readonly ruleSets: ReadonlyMap<string, RuleSet>;
  /** Absent in a file that says nothing of contact ways: then they stay as they are. */
  readonly contactWays?: ReadonlyMap<string, ContactWay> | undefined;
  /** `calendar` and `welcome`, which hold for all; what is absent stays as it is. */
  readonly waySettings?: WaySettings | undefined;
}

export interface WaySettings {
  readonly calendar?: Calendar;
  readonly welcome?: WayWelcomes;
}

export interface ArrangedAgent extends AgentTerms {
  readonly capacity: number;
  readonly duty: 'on' | 'off';
  readonly teams: readonly string[];
  /** The teams whose `overflow` names one of his. */
  readonly helps?: readonly string[];
}

export interface ArrangedTeam extends TeamTerms {
  readonly agents: readonly string[];
  readonly endAfterSilenceSeconds: number;
}

/** The order of agents and teams means nothing, so it is always the same here. */
export function arrangementOf(business: Business): Arrangement {
  const { agents, teams, replies, quickReplies, contactWays, calendar, welcome } = business;
  const teamsOf = (agentId: string) => teams.filter((team) => team.agents.includes(agentId)).map((team) => team.id);
  const helpsOf = (agentId: string) => {
    const own = teamsOf(agentId);
    const helped = teams.filter(({ overflow = [] }) => overflow.some(({ teamId }) => own.includes(teamId)));
    return helped.map(({ id }) => id).filter((id) => !own.includes(id));
  };
  return {
    agents: new Map(
      agents.map(({ id, ...agent }) => {
        const helps = helpsOf(id).sort();
        return [id, { ...agent, teams: teamsOf(id).sort(), ...(helps.length > 0 && { helps }) }];
      }),
    ),
    teams: new Map(teams.map(({ id, accounts: _, ...team }) => [id, { ...team, agents: team.agents.toSorted() }])),
    accounts: new Map(teams.flatMap(({ id, accounts }) => accounts.map((account) => [account, { team: id }]))),
    quickReplies: new Map(quickReplies.map((quickReply) => [quickReply.id, quickReply])),
    ruleSets: new Map(
      replies.flatMap(({ accounts, ...rules }) => {
        const ruleSet = RuleSet.parse({
          ...rules,
          quickReplies: namedBy(rules.rules, quickReplies),
          ...(rules.openingHours !== undefined && calendar && { calendar }),
        });
        return accounts.map((account) => [account, ruleSet]);
      }),
    ),
    contactWays: contactWays && new Map(contactWays.map((way) => [way.id, contactWayOf(way)])),
    waySettings: { ...(calendar && { calendar }), ...(welcome && { welcome }) },
  };
}

/**
 * The quick replies that these rules name, without their folders. They are copied when the file is applied, not looked up when a
 * customer asks: a version of a rule set then always says the same, names nothing that was removed, and is read at once.
 */
function namedBy(rules: readonly Rule[], library: readonly LibraryReply[]) {
  const names = new Set(rules.flatMap(repliesOf).flatMap((reply) => ('quick' in reply ? [reply.quick] : [])));
  return library.filter(({ id }) => names.has(id)).map(({ folder: _, ...quickReply }) => quickReply);
}
