import type { LinkFacts } from '../../../lib/contact-me/link-epoch.ts';
import { type LinkStore, linkStore, type Taken } from '../../../lib/contact-me/link-store.ts';
import type { OpeningView } from '../../../lib/contact-me/opening-view.ts';
import type { ContactWay } from '../../../lib/contact-me/way.ts';
import type { Instant } from '../../../lib/platform/clock.ts';
import type { Table } from '../../../lib/store/table.ts';
import { aWay, facts, NOON } from './rotation-facts.ts';

export const LINK_SHAPE = { name: 'contact-ways', partition: 'wayId', sort: 'entry' } as const;

export const aLink = (rest: Record<string, unknown> = {}): ContactWay => aWay({ mode: 'link', ...rest });

/** What an opening at noon of an ordinary day reads. */
export function linkFacts(way: ContactWay = aLink(), changed: Partial<LinkFacts> = {}): LinkFacts {
  const { turns: _, at: __, ...rest } = facts(way);
  return { ...rest, revision: 1, ...changed };
}

/** What the way's writer shows to openings; each member's picture is named like him, unless `changed` says otherwise. */
export function aView(facts: LinkFacts = linkFacts(), changed: Partial<OpeningView> = {}): OpeningView {
  const members = Object.fromEntries(facts.way.members.map(({ agentId }) => [agentId, { image: agentId }]));
  return { wayId: facts.way.wayId, version: facts.revision, day: '2026-10-01', members, ...facts, ...changed };
}

/** How often each kind of call was made of a table. */
export interface Calls {
  update: number;
  put: number;
  get: number;
}

/** The table, counting what is asked of it. `before` runs ahead of every call. */
export function countingTable(table: Table, before: () => Promise<unknown> = async () => {}): Table & { calls: Calls } {
  const calls: Calls = { update: 0, put: 0, get: 0 };
  return {
    ...table,
    calls,
    get: async (key, options) => {
      calls.get += 1;
      await before();
      return table.get(key, options);
    },
    put: async (item, condition) => {
      calls.put += 1;
      await before();
      return table.put(item, condition);
    },
    update: async (key, change, options) => {
      calls.update += 1;
      await before();
      return table.update(key, change, options);
    },
  };
}

/** So many functions, each with its own memory, that answer openings one after the other, all side by side. */
export async function openFromMany(
  stores: readonly LinkStore[],
  openings: number,
  see: () => LinkFacts,
  now: () => Instant = () => NOON,
): Promise<Taken[]> {
  const taken: Taken[] = [];
  let left = openings;
  const answer = async (store: LinkStore): Promise<void> => {
    while (left > 0) {
      left -= 1;
      const given = see();
      taken.push(await store.take(given.way.wayId, given, now()));
    }
  };
  await Promise.all(stores.map(answer));
  return taken;
}

/** Stores over one table; waiting lets the others go on, and takes no time. */
export const manyStores = (count: number, table: Table, counting: Table = table): LinkStore[] =>
  Array.from({ length: count }, () => linkStore(table, counting, () => new Promise(setImmediate)));

/** The members in the order of their turns. */
export const inOrder = (taken: readonly Taken[]): string[] =>
  taken
    .flatMap((one) => (one === 'nobody' ? [] : [one]))
    .sort((a, b) => a.turn - b.turn)
    .map(({ agentId }) => agentId);

export const numbersOf = (taken: readonly Taken[]): number[] =>
  taken.flatMap((one) => (one === 'nobody' ? [] : [one.turn])).sort((a, b) => a - b);
