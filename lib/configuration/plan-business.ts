import type { ContactWay } from '../contact-me/way.ts';
import type { Supervisor } from '../notices/supervisor.ts';
import { writtenShifts } from '../platform/shifts.ts';
import type { Arrangement, WaySettings } from './arrangement.ts';
import { writtenWay, writtenWelcomes } from './written-way.ts';

/** One thing that applying would write. `details` says what of a changed one becomes different. */
export interface Change {
  readonly kind: keyof Arrangement;
  readonly id: string;
  readonly how: 'new' | 'changed' | 'removed';
  readonly details: readonly string[];
}

const KINDS = ['teams', 'accounts', 'quickReplies', 'faq', 'media'] as const;

/**
 * What leads from the current arrangement to the wanted one; empty when they are the same. Contact ways, and each of their settings, are
 * left alone where nothing is said of them. Pure.
 */
export function planBusiness(current: Arrangement, wanted: Arrangement): Change[] {
  return [
    ...planKind('agents', writtenAgents(current.agents), writtenAgents(wanted.agents)),
    ...KINDS.flatMap((kind) => planKind(kind, current[kind], wanted[kind])),
    ...planKind('ruleSets', comparedRuleSets(current.ruleSets), comparedRuleSets(wanted.ruleSets)),
    ...planKind('supervisors', writtenSupervisors(current.supervisors), writtenSupervisors(wanted.supervisors)),
    ...planKind('notices', current.notices, wanted.notices),
    ...planSettings(current.waySettings ?? {}, wanted.waySettings ?? {}),
    ...planWays(current.contactWays ?? new Map(), wanted.contactWays),
    ...planKind('entries', current.entries, wanted.entries),
  ];
}

/** Which sections the stage has something of, and the wanted arrangement says nothing about. */
export function leftAlone(current: Arrangement, wanted: Arrangement): string[] {
  return wanted.contactWays === undefined && (current.contactWays?.size ?? 0) > 0 ? ['contactWays'] : [];
}

/** With quiet hours as people write them. */
function writtenSupervisors(supervisors: ReadonlyMap<string, Supervisor>) {
  return new Map(
    [...supervisors].map(([id, { quiet, ...one }]) => [id, { ...one, ...(quiet && { quiet: writtenShifts(quiet) }) }]),
  );
}

/** With shifts as they are written, as it is there that a difference is looked for. */
const writtenAgents = (agents: Arrangement['agents']): ReadonlyMap<string, unknown> =>
  new Map(
    [...agents].map(([id, { shifts, ...agent }]) => [id, shifts ? { ...agent, shifts: writtenShifts(shifts) } : agent]),
  );

/** As they are compared: the order of what a rule set copied from the libraries means nothing. */
export function comparedRuleSets(ruleSets: Arrangement['ruleSets']): ReadonlyMap<string, unknown> {
  const sorted = <T extends { id: string }>(copies: readonly T[]) => copies.toSorted((a, b) => (a.id < b.id ? -1 : 1));
  return new Map(
    [...ruleSets].map(([name, { quickReplies, media, ...rules }]) => [
      name,
      { ...rules, quickReplies: sorted(quickReplies), media: sorted(media) },
    ]),
  );
}

/** As they are written, so that what differs is said in the words of the file. */
function planSettings(current: WaySettings, wanted: WaySettings): Change[] {
  const written = ({ calendar, welcome }: WaySettings) => ({
    ...(calendar && { calendar }),
    ...(welcome && { welcome: writtenWelcomes(welcome) }),
  });
  const [before, after] = [written(current), written(wanted)];
  return (['calendar', 'welcome'] as const).flatMap((id): Change[] => {
    const details = after[id] === undefined ? [] : differences(before[id], after[id]);
    return details.length > 0 ? [{ kind: 'waySettings', id, how: 'changed', details }] : [];
  });
}

function planWays(
  current: ReadonlyMap<string, ContactWay>,
  wanted: ReadonlyMap<string, ContactWay> | undefined,
): Change[] {
  if (wanted === undefined) return [];
  const written = (ways: ReadonlyMap<string, ContactWay>) =>
    new Map([...ways].map(([id, way]) => [id, writtenWay(way)]));
  return planKind('contactWays', written(current), written(wanted)).map((change) => ({
    ...change,
    details: [...change.details, ...warningsOf(change, current.get(change.id), wanted.get(change.id))],
  }));
}

/** What whoever printed the code, or is about to, should know. */
function warningsOf({ how }: Change, before: ContactWay | undefined, after: ContactWay | undefined): string[] {
  if (how === 'removed') {
    return ['its printed code stops working for good; replace it first. 已印出的码将永久失效，请先更换'];
  }
  if (how === 'new') {
    return after?.mode === 'link'
      ? [
          'its code is our own address: print it with a domain of yours (contactAddress). 印码前请设置自有域名 contactAddress',
        ]
      : [];
  }
  if (before && after && (before.mode === 'link') !== (after.mode === 'link')) {
    return ['the code that was printed for the other mode has to be replaced. 模式变更后须更换已印出的码'];
  }
  if (before && after && before.app !== after.app) {
    return [
      'its codes stay with the app that made them; use another id for new ones. 已有的码仍属于原应用，换应用请用新 id',
    ];
  }
  return [];
}

function planKind(
  kind: Change['kind'],
  current: ReadonlyMap<string, unknown>,
  wanted: ReadonlyMap<string, unknown>,
): Change[] {
  const written = [...wanted].flatMap(([id, after]): Change[] => {
    if (!current.has(id)) return [{ kind, id, how: 'new', details: [] }];
    const details = differences(current.get(id), after);
    return details.length > 0 ? [{ kind, id, how: 'changed', details }] : [];
  });
  const removed = [...current.keys()].filter((id) => !wanted.has(id));
  return [...written, ...removed.map((id): Change => ({ kind, id, how: 'removed', details: [] }))];
}

/** Where two plain values differ, e.g. `capacity: 2 → 3`, `agents: added eve; removed bob`, `rules.hours: new`. */
function differences(before: unknown, after: unknown, path = ''): string[] {
  if (Array.isArray(before) && Array.isArray(after)) return differencesOfLists(before, after, path);
  if (isRecord(before) && isRecord(after)) {
    const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
    return names.flatMap((name) => differences(before[name], after[name], path === '' ? name : `${path}.${name}`));
  }
  return before === after ? [] : [`${path}: ${brief(before)} → ${brief(after)}`];
}

function differencesOfLists(before: readonly unknown[], after: readonly unknown[], path: string): string[] {
  const [had, has] = [byId(before), byId(after)];
  if (had && has) {
    const stayed = [...has.keys()].filter((id) => had.has(id));
    const moved = [...had.keys()].filter((id) => has.has(id)).join('\n') !== stayed.join('\n');
    return [
      ...[...has].flatMap(([id, element]) =>
        had.has(id) ? differences(had.get(id), element, `${path}.${id}`) : [`${path}.${id}: new`],
      ),
      ...[...had.keys()].filter((id) => !has.has(id)).map((id) => `${path}.${id}: removed`),
      ...(moved ? [`${path}: in another order`] : []),
    ];
  }
  if (before.length === after.length && [...before, ...after].every(isRecord)) {
    return after.flatMap((element, index) => differences(before[index], element, `${path}[${index}]`));
  }
  if (JSON.stringify(before) === JSON.stringify(after)) return [];
  return [`${path}: ${changesOfTexts(before, after) ?? `${brief(before)} → ${brief(after)}`}`];
}

/** Which texts a list got and lost; undefined for a list of something else. */
function changesOfTexts(before: readonly unknown[], after: readonly unknown[]): string | undefined {
  if (![...before, ...after].every((one) => typeof one === 'string')) return undefined;
  const added = after.filter((one) => !before.includes(one));
  const removed = before.filter((one) => !after.includes(one));
  const parts = [
    ...(added.length > 0 ? [`added ${brief(added)}`] : []),
    ...(removed.length > 0 ? [`removed ${brief(removed)}`] : []),
  ];
  if (parts.length > 0) return parts.join('; ');
  return before.length === after.length ? 'in another order' : undefined;
}

/** The elements by their ids; undefined where some has none. */
function byId(list: readonly unknown[]): Map<string, unknown> | undefined {
  const pairs = list.flatMap((element): [string, unknown][] =>
    isRecord(element) && typeof element.id === 'string' ? [[element.id, element]] : [],
  );
  const found = new Map(pairs);
  return found.size === list.length ? found : undefined;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const LONGEST_BRIEF = 60;

function brief(value: unknown): string {
  if (value === undefined) return 'nothing';
  const text =
    Array.isArray(value) && value.every((one) => typeof one === 'string') ? value.join(', ') : JSON.stringify(value);
  return text.length > LONGEST_BRIEF ? `${[...text].slice(0, LONGEST_BRIEF).join('')}…` : text || 'nothing';
}
