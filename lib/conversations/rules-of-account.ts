import type { Calendar } from '../platform/shifts.ts';
import { type Entrance, entranceOf, namedRuleSet } from '../replies/entrance.ts';
import type { FaqIndex } from '../replies/faq-index.ts';
import type { RuleSet } from '../replies/rule-set.ts';
import type { HouseRules } from './decide.ts';
import { houseRules, type TeamSettings } from './house-rules.ts';

/** Where the business configuration lies. */
export interface RuleSources {
  /** The corp's. */
  readonly zone: string;
  /** The stage has a model, so that a rule set may ask it. */
  readonly hasModel?: boolean;
  /** Of an account or, by its name (`namedRuleSet`), of entrances; the common one where there is none. */
  ruleSetFor(openKfIdOrName: string): Promise<{ readonly ruleSet: RuleSet; readonly version: number }>;
  faqIndexFor(list: string): Promise<FaqIndex | undefined>;
  teamOf(openKfId: string): Promise<TeamSettings | undefined>;
  team(teamId: string): Promise<TeamSettings | undefined>;
  entrances(): Promise<readonly Entrance[]>;
  /** The corp's holidays and working days. */
  calendar(): Promise<Calendar>;
}

/** What holds on an account, and for those who come by one of its entrances. */
export async function rulesOfAccount(sources: RuleSources, openKfId: string): Promise<HouseRules> {
  const [base, team, all, calendar] = await Promise.all([
    ruleSetOf(sources, openKfId),
    sources.teamOf(openKfId),
    sources.entrances(),
    sources.calendar(),
  ]);
  const { zone } = sources;
  const rules = houseRules(withHours(base, team, calendar), team, zone);
  const entrances = await Promise.all(
    all
      .filter(({ account }) => account === openKfId)
      .map(async (entrance) => {
        const [own = base, ownTeam = team] = await Promise.all([
          entrance.rules === undefined ? undefined : ruleSetOf(sources, namedRuleSet(entrance.rules)),
          entrance.team === undefined ? undefined : sources.team(entrance.team),
        ]);
        return {
          ...entrance,
          met: {
            ...houseRules(withHours(own, ownTeam, calendar), ownTeam, zone, entrance.language),
            entrance: entrance.id,
          },
        };
      }),
  );
  if (entrances.length === 0) return rules;
  return { ...rules, entranceOf: (origin) => entranceOf(entrances, origin)?.met };
}

/** A rule set without hours is open when the team is. */
function withHours<Saved extends { readonly ruleSet: RuleSet }>(
  saved: Saved,
  team: TeamSettings | undefined,
  calendar: Calendar,
): Saved {
  const { ruleSet } = saved;
  if (ruleSet.openingHours !== undefined || team?.openingHours === undefined) return saved;
  return { ...saved, ruleSet: { ...ruleSet, openingHours: team.openingHours, calendar } };
}

async function ruleSetOf(sources: RuleSources, name: string) {
  const saved = await sources.ruleSetFor(name);
  const { faq } = saved.ruleSet;
  const { hasModel } = sources;
  return { ...saved, faq: faq && (await sources.faqIndexFor(faq.list)), ...(hasModel && { hasModel }) };
}
