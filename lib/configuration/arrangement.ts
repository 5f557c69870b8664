import type { ContactWay, WayWelcomes } from '../contact-me/way.ts';
import type { LibraryFile } from '../media/our-file.ts';
import type { NoticeTerms, Supervisor } from '../notices/supervisor.ts';
import type { Calendar } from '../platform/shifts.ts';
import { type Entrance, namedRuleSet } from '../replies/entrance.ts';
import { type Faq, versionOfFaq } from '../replies/faq.ts';
import { fileNamedBy, isMediaReply } from '../replies/media-reply.ts';
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
  /** The list of frequent questions, which has one name; none where it is empty. Rule sets name its version. */
  readonly faq: ReadonlyMap<typeof FAQ_LIST, { readonly entries: Faq }>;
  readonly media: ReadonlyMap<string, LibraryFile>;
  /** By account, or by the name that entries take them by (`namedRuleSet`). */
  readonly ruleSets: ReadonlyMap<string, RuleSet>;
  readonly supervisors: ReadonlyMap<string, Supervisor>;
  /** The one entry is what holds for all supervisors. */
  readonly notices: ReadonlyMap<typeof NOTICES, NoticeTerms>;
  /** Absent in a file that says nothing of contact ways: then they stay as they are. */
  readonly contactWays?: ReadonlyMap<string, ContactWay> | undefined;
  /** `calendar` and `welcome`, which hold for all; what is absent stays as it is. */
  readonly waySettings?: WaySettings | undefined;
  readonly entries: ReadonlyMap<string, Entrance>;
}

export const FAQ_LIST = 'list';
/** The id of what holds for all supervisors. */
export const NOTICES = 'notices';

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

/** The order of agents, teams and frequent questions means nothing, so it is always the same here. */
export function arrangementOf(business: Business): Arrangement {
  const { agents, teams, replies, quickReplies, contactWays, calendar, welcome, supervisors, notices, entries, media } =
    business;
  const faq = business.faq.toSorted((a, b) => (a.id < b.id ? -1 : 1));
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
    faq: new Map(faq.length > 0 ? [[FAQ_LIST, { entries: faq }]] : []),
    media: new Map(media.map((file) => [file.id, file])),
    ruleSets: new Map(
      replies.flatMap(({ accounts, id, ...rules }) => {
        const ruleSet = RuleSet.parse({
          ...rules,
          faq: useOfFaq(faq, rules.faq),
          quickReplies: namedBy(rules.rules, quickReplies),
          media: filesNamedBy(rules.rules, media),
          ...(rules.openingHours !== undefined && calendar && { calendar }),
        });
        const names = id === undefined ? accounts : [...accounts, namedRuleSet(id)];
        return names.map((name) => [name, ruleSet]);
      }),
    ),
    supervisors: new Map(supervisors.map((one) => [one.id, { ...one, teams: one.teams.toSorted() }])),
    notices: new Map([[NOTICES, notices]]),
    contactWays: contactWays && new Map(contactWays.map((way) => [way.id, contactWayOf(way)])),
    waySettings: { ...(calendar && { calendar }), ...(welcome && { welcome }) },
    entries: new Map(entries.map((entry) => [entry.id, entry])),
  };
}

/** What a rule set keeps of the list: its version, so that a version of the rule set always answers from the same one. */
function useOfFaq(faq: Faq, { enabled, ...terms }: WrittenFaqUse = { enabled: true }) {
  return enabled && faq.length > 0 ? { ...terms, list: versionOfFaq(faq) } : undefined;
}

type WrittenFaqUse = NonNullable<Business['replies'][number]['faq']>;

/**
 * The quick replies that these rules name, without their folders. They are copied when the file is applied, not looked up when a
 * customer asks: a version of a rule set then always says the same, names nothing that was removed, and is read at once.
 */
function namedBy(rules: readonly Rule[], library: readonly LibraryReply[]) {
  const names = new Set(rules.flatMap(repliesOf).flatMap((reply) => ('quick' in reply ? [reply.quick] : [])));
  return library.filter(({ id }) => names.has(id)).map(({ folder: _, ...quickReply }) => quickReply);
}

/** The files that these rules name, copied as quick replies are: what a version of a rule set sends does not change under it. */
function filesNamedBy(rules: readonly Rule[], library: readonly LibraryFile[]) {
  const names = rules.flatMap(repliesOf).flatMap((reply) => (isMediaReply(reply) ? [fileNamedBy(reply).id] : []));
  return library.filter(({ id }) => names.includes(id)).map(({ id, hash, name }) => ({ id, hash, name }));
}
