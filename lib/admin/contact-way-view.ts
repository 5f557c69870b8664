import { writtenWay } from '../configuration/written-way.ts';
import { factsOf, type House } from '../contact-me/fold-way.ts';
import { type Rotation, rotate } from '../contact-me/rotate.ts';
import { of } from '../contact-me/turns.ts';
import type { ContactWay, WayMember } from '../contact-me/way.ts';
import { addsIn, type Figures, NO_FIGURES, type WayRecord } from '../contact-me/way-record.ts';
import type { Instant } from '../platform/clock.ts';
import { dayOf } from '../platform/wall-clock.ts';

/** What a contact way is shown by. */
export interface WayFacts {
  readonly way: ContactWay;
  /** Of today: what was counted yesterday is of today's figures no more. */
  readonly record: WayRecord;
  readonly house: House;
  /** The turns that a `link` way's openings took; other ways give theirs to adds. */
  readonly opened?: OpenedTurns | undefined;
  readonly at: Instant;
}

export interface OpenedTurns {
  readonly count: number;
  readonly ever: Readonly<Record<string, number>>;
  readonly today?: { readonly day: string; readonly turns: Readonly<Record<string, number>> };
  readonly next?: string;
}

/** A way in a few words, for a list. Times are ISO 8601. */
export function waySummary(facts: WayFacts) {
  const { way, record } = facts;
  const { next } = rotationOf(facts);
  const figures = Object.values(record.figures);
  return {
    id: way.wayId,
    name: way.name,
    mode: way.mode,
    strategy: way.strategy,
    paused: way.paused,
    ...(next !== undefined && { next }),
    hasCode: record.code !== undefined,
    // WeCom's handle of the code, which a mini-program button is made with; nobody finds it in WeCom's console.
    ...(record.code && { configId: record.code.configId }),
    ...troubles(record),
    turns: allTurns(facts),
    adds: {
      today: figuresView(figures.map(({ today }) => today)),
      total: figuresView(figures.map(({ total }) => total)),
    },
    elsewhere: record.elsewhere,
  };
}

/** A way with each member, who is next, and why everybody else is not. */
export function wayView(facts: WayFacts) {
  const { way, record } = facts;
  const rotation = rotationOf(facts);
  const { given, push, lags } = record;
  return {
    ...waySummary(facts),
    configuration: writtenWay(way),
    rotation: {
      from: rotation.from,
      ...(rotation.validUntil !== undefined && { validUntil: iso(rotation.validUntil) }),
    },
    members: membersOf(facts).map((member) => memberView(facts, member, rotation)),
    // What WeCom certainly has, and whether it is being given something else.
    list: { ...(given && { members: given.users, since: iso(given.at) }), changing: push !== undefined },
    rotationLag: { samples: lags.length, ...(lags.length > 0 && { p50Ms: rank(lags, 0.5), p99Ms: rank(lags, 0.99) }) },
  };
}

type Shown = Pick<Rotation, 'next' | 'from' | 'passedOver' | 'validUntil'>;

function rotationOf({ way, record, house, opened, at }: WayFacts): Shown {
  const rotation = rotate(factsOf(record, way, house, at));
  if (way.mode !== 'link') return rotation;
  // Whose turn it is stands in the plan that openings go by; only whoever can take it is named.
  const passedOver = rotation.passedOver.filter(({ because }) => because !== 'list-full');
  const next = passedOver.some(({ agentId }) => agentId === opened?.next) ? undefined : opened?.next;
  const { from, validUntil } = rotation;
  return { from, passedOver, ...(validUntil !== undefined && { validUntil }), ...(next !== undefined && { next }) };
}

interface ShownMember extends Partial<WayMember> {
  readonly agentId: string;
  /** `former`: not in the way any more, but some of its adds were his. */
  readonly role: 'member' | 'backup' | 'former';
}

function membersOf({ way, record, house, opened, at }: WayFacts): ShownMember[] {
  const { members } = factsOf(record, way, house, at).way;
  const known = new Set(members.map(({ agentId }) => agentId));
  const others = (ids: readonly string[], role: 'backup' | 'former') =>
    ids.flatMap((agentId): ShownMember[] => {
      if (known.has(agentId)) return [];
      known.add(agentId);
      return [{ agentId, role }];
    });
  return [
    ...members.map((member): ShownMember => ({ ...member, role: 'member' })),
    ...others(way.backups, 'backup'),
    ...others([...Object.keys(record.figures), ...Object.keys(opened?.ever ?? {})], 'former'),
  ];
}

function memberView(facts: WayFacts, { agentId, role, weight }: ShownMember, rotation: Shown) {
  const { record } = facts;
  const refused = own(record.refused, agentId);
  const { code, link } = own(record.members ?? {}, agentId) ?? {};
  const { today = NO_FIGURES, total = NO_FIGURES } = own(record.figures, agentId) ?? {};
  const because = rotation.passedOver.find((one) => one.agentId === agentId)?.because;
  return {
    id: agentId,
    role,
    ...(weight !== undefined && { weight }),
    duty: own(record.duty, agentId) ?? 'on',
    next: rotation.next === agentId,
    ...(because !== undefined && { passedOver: because }),
    // How openings of a `link` way show him.
    ...(code !== undefined && { hasCode: true }),
    ...(link !== undefined && { hasLink: true }),
    ...(refused && {
      setAside: { reason: refused.reason, since: iso(refused.since), retryAt: iso(refused.retryAt) },
    }),
    turns: turnsOf(facts, agentId),
    adds: { today: figuresView([today]), total: figuresView([total]) },
  };
}

/** In `turn` and `pool` a turn is taken by an add, so that today's are today's adds. */
function turnsOf({ way, record, opened, house, at }: WayFacts, agentId: string) {
  if (way.mode === 'link') {
    const today = opened?.today?.day === dayOf(house.zone, at) ? opened.today.turns : {};
    return { today: of(today, agentId), total: of(opened?.ever ?? {}, agentId) };
  }
  return { today: addsIn(own(record.figures, agentId)?.today ?? NO_FIGURES), total: of(record.turned, agentId) };
}

function allTurns(facts: WayFacts) {
  const each = membersOf(facts).map(({ agentId }) => turnsOf(facts, agentId));
  return { today: sum(each.map(({ today }) => today)), total: sum(each.map(({ total }) => total)) };
}

/** What somebody has to see to. */
function troubles({ alarm, trouble, linksRefused, labelsRefused = [], parkedUntil, parkedBecause }: WayRecord) {
  return {
    ...(alarm !== undefined && { alarm }),
    ...(trouble && { trouble: trouble.reason }),
    ...(linksRefused && { linksRefused: linksRefused.reason }),
    ...(labelsRefused.length > 0 && { labelsRefused }),
    ...(parkedUntil !== undefined && { parkedUntil: iso(parkedUntil) }),
    ...(parkedUntil !== undefined && parkedBecause !== undefined && { waitsBecause: parkedBecause }),
  };
}

function figuresView(figures: readonly Figures[]) {
  const all = (kind: keyof Figures) => sum(figures.map((one) => one[kind]));
  return { new: all('new'), again: all('again'), alreadyServed: all('already-served'), lost: all('lost') };
}

/** The value below which this part of them lies, by nearest rank. */
function rank(values: readonly number[], part: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(part * sorted.length) - 1)] ?? 0;
}

const own = <Value>(record: Readonly<Record<string, Value>>, key: string): Value | undefined =>
  Object.hasOwn(record, key) ? record[key] : undefined;

const sum = (numbers: readonly number[]): number => numbers.reduce((all, one) => all + one, 0);
const iso = (at: Instant): string => new Date(at).toISOString();
