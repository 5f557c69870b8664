import { isDeepStrictEqual } from 'node:util';
import type { ContactWay, WayWelcomes } from '../contact-me/way.ts';
import { NO_NOTICES } from '../notices/supervisor.ts';
import { type Calendar, type Shifts, writtenShifts } from '../platform/shifts.ts';
import { namedRuleSet } from '../replies/entrance.ts';
import { ModelTerms } from '../replies/model-terms.ts';
import { Rating } from '../replies/rating.ts';
import { defaultRuleSet, type RuleSet } from '../replies/rule-set.ts';
import { type Arrangement, FAQ_LIST, NOTICES } from './arrangement.ts';
import { WrittenWay, writtenWay, writtenWelcomes } from './written-way.ts';

/**
 * An arrangement as its file would say it, which reads as the same arrangement again; what is as it would be by itself is left out.
 * Files of the library are named as they were when they were applied. Pure.
 */
export function writtenBusiness(arrangement: Arrangement): Readonly<Record<string, unknown>> {
  const { agents, teams, accounts, quickReplies, ruleSets, supervisors, entries, media } = arrangement;
  const { welcome } = arrangement.waySettings ?? {};
  const calendar = writtenCalendar(arrangement);
  const faq = arrangement.faq.get(FAQ_LIST)?.entries ?? [];
  const accountsOf = (teamId: string) => [...accounts].flatMap(([id, { team }]) => (team === teamId ? [id] : []));
  const ways = [...(arrangement.contactWays?.values() ?? [])].map(wayOf);
  const sections = {
    agents: [...agents].map(([id, { teams: _, helps: __, shifts, ...agent }]) => ({
      id,
      ...agent,
      ...(shifts && { shifts: shiftsOf(shifts) }),
    })),
    teams: [...teams].map(([id, { agents: members, ...team }]) => ({
      id,
      accounts: accountsOf(id),
      agents: members,
      ...team,
    })),
    calendar,
    quickReplies: [...quickReplies.values()].map((reply) => differing(reply, { folder: '' })),
    faq: faq.map((entry) => differing(entry, FAQ_DEFAULTS)),
    media: [...media.values()].map(({ id, file, name }) => ({ id, file, name })),
    entries: [...entries.values()],
    supervisors: [...supervisors.values()].map(({ quiet, ...one }) => ({
      ...one,
      ...(quiet && { quiet: shiftsOf(quiet) }),
    })),
    notices: differing(arrangement.notices.get(NOTICES) ?? {}, NO_NOTICES.terms),
    welcome: welcome && differing(welcomesOf(welcome), NO_WELCOMES),
    contactWays: ways,
    replies: writtenReplies(ruleSets, faq.length > 0),
  };
  return Object.fromEntries(Object.entries(sections).filter(([, section]) => section && !isEmpty(section)));
}

/** The calendar that the stage has, where a file that names it would leave the rule sets as they are. */
export function writtenCalendar({ ruleSets, waySettings }: Arrangement): Calendar | undefined {
  const calendar = waySettings?.calendar;
  const withHours = [...ruleSets.values()].filter(({ openingHours }) => openingHours !== undefined);
  const named = withHours.length > 0 ? withHours.some((one) => one.calendar) : !isEmptyCalendar(calendar);
  return named ? calendar : undefined;
}

/** Whether no day in it is another than its weekday says. */
export const isEmptyCalendar = (calendar: Calendar | undefined): boolean =>
  calendar === undefined || (calendar.holidays.length === 0 && isEmpty(calendar.workdays));

const FAQ_DEFAULTS = { similar: [], tags: [], enabled: true };
const NO_WELCOMES = { variants: [] };

interface WrittenRuleSet {
  readonly accounts: string[];
  id?: string;
  readonly rules: object;
}

/** Accounts that answer the same are one entry of the file. */
function writtenReplies(ruleSets: Arrangement['ruleSets'], hasFaq: boolean): object[] {
  const found: WrittenRuleSet[] = [];
  const mark = namedRuleSet('');
  for (const [name, ruleSet] of ruleSets) {
    const rules = rulesOf(ruleSet, hasFaq);
    const id = name.startsWith(mark) ? name.slice(mark.length) : undefined;
    const same = found.find((one) => isDeepStrictEqual(one.rules, rules) && !(id !== undefined && one.id));
    const entry = same ?? { accounts: [], rules };
    if (!same) found.push(entry);
    if (id === undefined) entry.accounts.push(name);
    else entry.id = id;
  }
  return found.map(({ accounts, id, rules }) => ({ ...(id !== undefined && { id }), accounts, ...rules }));
}

/** Without what was copied into the rule set when it was applied. */
function rulesOf(ruleSet: RuleSet, hasFaq: boolean): object {
  const { quickReplies: _, media: __, calendar: ___, faq, rating, model, ...rest } = ruleSet;
  const { list: ____, ...terms } = faq ?? { list: '' };
  return {
    ...differing(rest, defaultRuleSet),
    ...(faq ? !isEmpty(terms) && { faq: terms } : hasFaq && { faq: false }),
    ...(rating && { rating: { kind: rating.kind, ...differing(rating, Rating.parse({ kind: rating.kind })) } }),
    ...(model && { model: differing(model, { ...ModelTerms.parse({ instructions: '-' }), instructions: undefined }) }),
  };
}

const { id: _, name: __, mode: ___, ...WAY_DEFAULTS } = WrittenWay.parse({ id: 'a', name: 'a', mode: 'turn' });

function wayOf(way: ContactWay): object {
  const written = writtenWay(way);
  const briefly = <T extends { id: string | number; shifts?: object }>({ shifts, ...one }: T) => {
    const terms = { ...differing(one, { weight: 1 }), ...(shifts && { shifts: withoutEmptyDates(shifts) }) };
    return Object.keys(terms).length === 1 ? one.id : terms;
  };
  return differing(
    {
      ...written,
      welcome: welcomesOf(way.welcome),
      members: written.members.map(briefly),
      departments: written.departments.map(briefly),
    },
    WAY_DEFAULTS,
  );
}

function welcomesOf(welcomes: WayWelcomes) {
  const { variants, ...rest } = writtenWelcomes(welcomes);
  return { variants: variants.map((one) => ({ ...one, shifts: withoutEmptyDates(one.shifts) })), ...rest };
}

const shiftsOf = (shifts: Shifts): object => withoutEmptyDates(writtenShifts(shifts));

const withoutEmptyDates = (shifts: object): object => differing(shifts, { dates: {} });

/** The fields that say something else than the defaults; of one that has fields itself, those. */
function differing(value: object, defaults: object): object {
  const usual = new Map<string, unknown>(Object.entries(defaults));
  const kept = Object.entries(value).flatMap(([name, field]: [string, unknown]): [string, unknown][] => {
    const plain = usual.get(name);
    if (field === undefined || isDeepStrictEqual(field, plain)) return [];
    return [[name, isRecord(field) && isRecord(plain) ? differing(field, plain) : field]];
  });
  return Object.fromEntries(kept);
}

const isRecord = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isEmpty = (value: object): boolean => Object.keys(value).length === 0;
