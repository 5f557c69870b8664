import type { Instant } from '../platform/clock.ts';
import { type Day, dayOf } from '../platform/wall-clock.ts';

/**
 * Who added whom, made of WeCom's contact events, which come twice, late and in any order. A customer and a member are in *episodes*: each is opened
 * by the first of the half and the full add, and closed when either deletes the other. An episode is one add, on its first day.
 *
 * What is kept are the facts themselves, and everything else follows from them; so the order of arrival cannot matter. When a late event
 * changes what was counted before, the count is corrected.
 */
export interface CustomerRelations {
  /** Facts by agent, in WeCom's order. */
  readonly facts: Readonly<Record<string, readonly RelationFact[]>>;
  /** How many facts changed something so far. */
  readonly revision: number;
}

/** `at` is WeCom's time (CreateTime), in whole seconds. `wayId` is whose code it was; absent, unattributed. */
export interface RelationFact {
  readonly kind: 'half' | 'full' | 'deleted' | 'transferred';
  readonly at: Instant;
  readonly wayId?: string;
}

/** What is folded: `added` and the deletions of lib/wecom, the state already parsed. */
export interface RelationEvent {
  readonly type: 'added' | 'deleted-by-agent' | 'deleted-by-customer';
  readonly agentId: string;
  readonly customerId: string;
  readonly at: Instant;
  /** `added`: the member has not added the customer back. */
  readonly half?: boolean;
  /** `added`: our way, if it was one of ours. */
  readonly wayId?: string;
  /** `deleted-by-agent`: WeCom did it because another member took the customer over. */
  readonly byTransfer?: boolean;
}

/** One stretch of time in which a member and a customer were in contact. */
export interface Episode {
  readonly agentId: string;
  readonly startedAt: Instant;
  readonly endedAt?: Instant;
  /** The member has added the customer back. */
  readonly full: boolean;
  /** From the first event that tells it. Absent: unattributed. */
  readonly wayId?: string;
  readonly kind: AddKind;
  /** `already-served`: who had the customer when this one began. */
  readonly servedBy?: string;
  /** The end was a hand-over to another member. */
  readonly transferred: boolean;
}

/** `new` to the company; `again` after an earlier episode with anybody; `already-served` by another member at the time. */
export type AddKind = 'new' | 'again' | 'already-served';

/** A change of the counts of a way's member on a day. `lost`: the customer or the member deleted the other. */
export interface Counted {
  readonly day: Day;
  readonly kind: AddKind | 'lost';
  readonly agentId: string;
  readonly wayId?: string;
  /** -1 takes back what was counted before later news came of earlier events. */
  readonly change: 1 | -1;
  /** The same for a repeated fold, another for everything else: the key of the entry in the way's inbox. */
  readonly key: string;
}

export const NO_RELATIONS: CustomerRelations = { facts: {}, revision: 0 };

/**
 * Folds one event into all that is known of its customer. A repeat changes nothing and counts nothing. `zone` decides
 * on which day an add falls.
 */
export function foldContactEvent(
  known: CustomerRelations | undefined,
  event: RelationEvent,
  zone: string,
): { readonly relations: CustomerRelations; readonly counted: readonly Counted[] } {
  const before = known ?? NO_RELATIONS;
  const old = Object.hasOwn(before.facts, event.agentId) ? (before.facts[event.agentId] ?? []) : [];
  const fact = factOf(event);
  // The oldest facts were dropped, so nothing can be said any more of what came before them.
  const tooOld = old.length >= MOST_FACTS && fact.at <= (old[0]?.at ?? 0);
  if (tooOld || old.some((one) => isSame(one, fact))) return { relations: before, counted: [] };
  const facts = { ...before.facts, [event.agentId]: [...old, fact].sort(byTime) };
  const after = { facts, revision: before.revision + 1 };
  const counted = differences(countsOf(before, zone), countsOf(after, zone));
  const relations = { ...after, facts: { ...facts, [event.agentId]: kept(facts[event.agentId] ?? []) } };
  const prefix = `${event.customerId}#${after.revision}`;
  return { relations, counted: counted.map((one, index) => ({ ...one, key: `${prefix}#${index}` })) };
}

/** A customer's episodes with all members, by their beginning. */
export function episodesOf(relations: CustomerRelations): Episode[] {
  const all = Object.entries(relations.facts).flatMap(([agentId, facts]) => spellsOf(agentId, facts));
  const ordered = all.sort((a, b) => a.startedAt - b.startedAt || (a.agentId < b.agentId ? -1 : 1));
  const firstKnownAt = Math.min(...Object.values(relations.facts).flatMap((facts) => facts.map(({ at }) => at)));
  return ordered.map((episode, index) => ({ ...episode, ...kindOf(episode, ordered.slice(0, index), firstKnownAt) }));
}

/** People seldom add and delete each other more than once or twice; this bounds the record of those who play with it. */
const MOST_FACTS = 100;

function factOf(event: RelationEvent): RelationFact {
  const { at } = event;
  if (event.type === 'deleted-by-agent') return { kind: event.byTransfer ? 'transferred' : 'deleted', at };
  if (event.type === 'deleted-by-customer') return { kind: 'deleted', at };
  const kind = event.half ? 'half' : 'full';
  return event.wayId === undefined ? { kind, at } : { kind, at, wayId: event.wayId };
}

/** A repeat may know less than what is known already, never more. */
const isSame = (known: RelationFact, fact: RelationFact): boolean =>
  known.kind === fact.kind && known.at === fact.at && (fact.wayId === undefined || fact.wayId === known.wayId);

const isAdd = ({ kind }: RelationFact): boolean => kind === 'half' || kind === 'full';

const byTime = (a: RelationFact, b: RelationFact): number =>
  a.at - b.at || (textOf(a) < textOf(b) ? -1 : textOf(a) > textOf(b) ? 1 : 0);

const textOf = ({ kind, wayId }: RelationFact): string => `${kind}#${wayId ?? ''}`;

const kept = (facts: readonly RelationFact[]): readonly RelationFact[] => facts.slice(-MOST_FACTS);

type Spell = Omit<Episode, 'kind' | 'servedBy'>;

/**
 * One member's episodes with the customer. Within one second, WeCom's time does not tell which came first: whoever was in contact
 * was deleted first and came back, anybody else was added first.
 */
function spellsOf(agentId: string, facts: readonly RelationFact[]): Spell[] {
  const spells: Spell[] = [];
  let open: Spell | undefined;
  for (const at of new Set(facts.map((fact) => fact.at))) {
    const together = facts.filter((fact) => fact.at === at);
    const adds = together.filter(isAdd);
    const ends = together.filter((fact) => !isAdd(fact));
    for (const fact of open ? [...ends, ...adds] : [...adds, ...ends]) {
      if (isAdd(fact)) {
        open = open ? joined(open, fact) : begun(agentId, fact);
      } else if (open) {
        spells.push({ ...open, endedAt: at, transferred: fact.kind === 'transferred' });
        open = undefined;
      }
    }
  }
  return open ? [...spells, open] : spells;
}

function begun(agentId: string, { kind, at, wayId }: RelationFact): Spell {
  const spell = { agentId, startedAt: at, full: kind === 'full', transferred: false };
  return wayId === undefined ? spell : { ...spell, wayId };
}

function joined(open: Spell, { kind, wayId }: RelationFact): Spell {
  const spell = { ...open, full: open.full || kind === 'full' };
  return open.wayId !== undefined || wayId === undefined ? spell : { ...spell, wayId };
}

/** Whoever was deleted without ever having been added here was a customer before us, and comes back as one. */
function kindOf(spell: Spell, earlier: readonly Spell[], firstKnownAt: Instant): Pick<Episode, 'kind' | 'servedBy'> {
  const server = earlier.find(({ endedAt }) => endedAt === undefined || endedAt > spell.startedAt);
  if (server) return { kind: 'already-served', servedBy: server.agentId };
  return { kind: earlier.length > 0 || firstKnownAt < spell.startedAt ? 'again' : 'new' };
}

type Count = Pick<Counted, 'day' | 'kind' | 'agentId' | 'wayId'>;

function countsOf(relations: CustomerRelations, zone: string): Count[] {
  return episodesOf(relations).flatMap((episode) => {
    const { agentId, wayId, startedAt, endedAt, kind, transferred } = episode;
    const whose = wayId === undefined ? { agentId } : { agentId, wayId };
    const added: Count = { ...whose, day: dayOf(zone, startedAt), kind };
    return endedAt === undefined || transferred
      ? [added]
      : [added, { ...whose, day: dayOf(zone, endedAt), kind: 'lost' }];
  });
}

/** What has to be taken back and what has to be added, so that the old counts become the new ones. */
function differences(before: readonly Count[], after: readonly Count[]): Omit<Counted, 'key'>[] {
  const takenBack = beyond(before, after).map((count) => ({ ...count, change: -1 as const }));
  return [...takenBack, ...beyond(after, before).map((count) => ({ ...count, change: 1 as const }))];
}

/** Those of the first list that the second does not have, each as often as it has more of it. */
function beyond(counts: readonly Count[], others: readonly Count[]): Count[] {
  const left = others.map(nameOf);
  return counts.filter((count) => {
    const found = left.indexOf(nameOf(count));
    if (found >= 0) left.splice(found, 1);
    return found < 0;
  });
}

const nameOf = ({ day, kind, agentId, wayId }: Count): string => JSON.stringify([day, kind, agentId, wayId ?? null]);
