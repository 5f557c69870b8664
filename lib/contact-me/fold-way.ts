import { HOUR, type Instant } from '../platform/clock.ts';
import type { Calendar } from '../platform/shifts.ts';
import { dayOf } from '../platform/wall-clock.ts';
import type { AddCounts, RotationFacts } from './eligibility.ts';
import { rotate, turnsAfter } from './rotate.ts';
import { forgetOthers, of } from './turns.ts';
import { type ContactWay, withDepartments } from './way.ts';
import type { CountedEntry, WayEntry } from './way-entries.ts';
import {
  addsIn,
  type Figures,
  type MemberFigures,
  NO_FIGURES,
  type WayRecord,
  withFact,
  withRefused,
} from './way-record.ts';

/** What holds for all ways. */
export interface House {
  readonly stage: string;
  readonly zone: string;
  readonly calendar: Calendar;
  /** The adds that members with caps across ways have on other ways. */
  readonly addsElsewhere: AddCounts;
}

/**
 * Takes entries in: who was added and lost, who is on duty, and a turn for each add. Counts are of WeCom's day; what belongs to an
 * earlier day changes the totals alone. `way` is undefined when it was never configured, or is gone: then it is only counted.
 */
export function foldWay(
  record: WayRecord,
  entries: readonly WayEntry[],
  way: ContactWay | undefined,
  house: House,
  now: Instant,
): WayRecord {
  const days = [record.day, dayOf(house.zone, now), ...entries.filter(isCounted).map(({ day }) => day)];
  let next = inDay(record, days.sort().at(-1) ?? record.day);
  for (const entry of entries) next = takenIn(next, entry, now);
  // After all of them: an add that is taken back and counted again under another name is one add, and has one turn.
  const agentIds = [...new Set(entries.filter(isCounted).map(({ agentId }) => agentId))];
  if (agentIds.length > 0) next = { ...next, pending: [...next.pending, { kind: 'share-counts', agentIds }] };
  const adds = entries.filter(isCounted).filter(({ what, change }) => what !== 'lost' && change === 1);
  return adds.reduce((folded, _, index) => withTurn(folded, adds.slice(index), way, house, now), next);
}

function takenIn(record: WayRecord, entry: WayEntry, now: Instant): WayRecord {
  switch (entry.kind) {
    case 'counted':
      return counted(record, entry);
    case 'duty':
      return { ...record, duty: { ...record.duty, [entry.agentId]: entry.duty } };
    case 'set-aside':
      return withRefused(record, { [entry.agentId]: entry.reason }, now);
    case 'back': {
      const { [entry.agentId]: _, ...refused } = record.refused;
      return { ...record, refused };
    }
    case 'look':
      return { ...record, lookAt: now };
    case 'configured':
      // Whoever folds has read the way anew, and decides by that.
      return withoutLabelsRefused(record);
    case 'label-refused':
      return withLabelsRefused(record, entry.reason, now);
    case 'link-gone':
      return withoutLink(record, entry.linkId, now);
  }
}

/** Told once until the way is configured anew. */
function withLabelsRefused(record: WayRecord, reason: string, now: Instant): WayRecord {
  if (record.labelsRefused?.includes(reason)) return record;
  const labelsRefused = [...(record.labelsRefused ?? []), reason];
  return withFact({ ...record, labelsRefused }, 'way.alarmed.v1', now, { wayId: record.wayId, reason });
}

function withoutLabelsRefused({ labelsRefused: _, ...record }: WayRecord): WayRecord {
  return record;
}

/** Without a link that WeCom closed. Another one is asked for after a while: there may be no quota left. */
function withoutLink(record: WayRecord, linkId: string, now: Instant): WayRecord {
  const { members = {} } = record;
  const [agentId] = Object.keys(members).filter((one) => members[one]?.link?.linkId === linkId);
  const member = agentId === undefined ? undefined : members[agentId];
  if (agentId === undefined || !member) return record;
  const { link: _, ...without } = member;
  const linksRefused = { reason: 'link-gone', retryAt: now + LINK_AGAIN_AFTER };
  return { ...record, members: { ...members, [agentId]: without }, linksRefused };
}

const LINK_AGAIN_AFTER = HOUR;

/** What the rotation is to know of this way at this moment. */
export function factsOf(record: WayRecord, way: ContactWay, house: House, at: Instant): RotationFacts {
  const people = record.people?.byDepartment ?? {};
  return {
    way: withDepartments(way, (departmentId) => people[departmentId] ?? []),
    calendar: house.calendar,
    zone: house.zone,
    turns: record.turns,
    adds: addCounts(record),
    addsAcrossWays: together(addCounts(record), house.addsElsewhere),
    duty: record.duty,
    setAside: Object.fromEntries(Object.entries(record.refused).filter(([, { retryAt }]) => retryAt > at)),
    lastGood: record.given?.users ?? [],
    at,
  };
}

/** Each member's adds, of every kind. */
export function addCounts({ figures }: WayRecord): AddCounts {
  return Object.fromEntries(
    Object.entries(figures).map(([agentId, { today, total }]) => [
      agentId,
      { today: addsIn(today), total: addsIn(total) },
    ]),
  );
}

/** The members whose adds on other ways matter here. */
export function cappedAcrossWays(record: WayRecord, way: ContactWay, house: House, at: Instant): string[] {
  const { members } = factsOf(record, way, house, at).way;
  const capped = members.filter((one) => one.perDayAcrossWays !== undefined || one.totalAcrossWays !== undefined);
  return capped.map(({ agentId }) => agentId);
}

function together(here: AddCounts, elsewhere: AddCounts): AddCounts {
  const sums = Object.entries(elsewhere).map(([agentId, { today, total }]) => {
    const own = Object.hasOwn(here, agentId) ? here[agentId] : undefined;
    return [agentId, { today: today + (own?.today ?? 0), total: total + (own?.total ?? 0) }];
  });
  return { ...here, ...Object.fromEntries(sums) };
}

const isCounted = (entry: WayEntry): entry is CountedEntry => entry.kind === 'counted';

/** A new day begins with nothing; an earlier one does not come back. */
function inDay(record: WayRecord, day: string): WayRecord {
  if (day <= record.day) return record;
  const figures = Object.entries(record.figures).map(([agentId, { total }]): [string, MemberFigures] => [
    agentId,
    { today: NO_FIGURES, total },
  ]);
  return { ...record, day, figures: Object.fromEntries(figures) };
}

function counted(record: WayRecord, { agentId, day, what, change }: CountedEntry): WayRecord {
  const known = Object.hasOwn(record.figures, agentId) ? record.figures[agentId] : undefined;
  const { today = NO_FIGURES, total = NO_FIGURES } = known ?? {};
  const changed = (figures: Figures): Figures => ({ ...figures, [what]: figures[what] + change });
  const figures = { today: day === record.day ? changed(today) : today, total: changed(total) };
  return { ...record, figures: { ...record.figures, [agentId]: figures } };
}

function uncounted(record: WayRecord, add: CountedEntry): WayRecord {
  return counted(record, { ...add, change: -1 });
}

/** The turn that belongs to the first of these adds, unless its member's adds all have theirs: then it was an earlier one under another name. */
function withTurn(
  record: WayRecord,
  [add, ...later]: readonly CountedEntry[],
  way: ContactWay | undefined,
  house: House,
  now: Instant,
): WayRecord {
  if (!add) return record;
  const { agentId, at } = add;
  const figures = record.figures[agentId];
  const turned = of(record.turned, agentId);
  if (!figures || addsIn(figures.total) <= turned) return record;
  const next = { ...record, turned: { ...record.turned, [agentId]: turned + 1 } };
  if (!way) return next;
  // The turns of a link are given by its openings.
  if (way.mode === 'link') {
    const { linkAdds = {} } = record;
    return { ...next, linkAdds: { ...linkAdds, [agentId]: of(linkAdds, agentId) + 1 } };
  }
  // Whose turn it was when it came: neither it nor a later one had filled a cap.
  const facts = factsOf([add, ...later].reduce(uncounted, record), way, house, now);
  const waitingSince = Math.min(record.waitingSince ?? at, at);
  return {
    ...next,
    turns: forgetOthers(turnsAfter(facts, agentId), [...facts.way.members.map((one) => one.agentId), ...way.backups]),
    elsewhere: record.elsewhere + (rotate(facts).next === agentId ? 0 : 1),
    waitingSince,
  };
}
