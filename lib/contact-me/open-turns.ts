import type { Instant } from '../platform/clock.ts';
import type { AddCounts } from './eligibility.ts';
import { of } from './turns.ts';

/**
 * `link`: turns that were given and of which nobody knows yet whether they become adds. They take room under the caps; when their time is up
 * without an add, they are lost. An opening leaves nothing but its number, so turns are known by batches: those of one epoch. An add is counted
 * against the member's oldest open turn.
 */
export interface OpenTurns {
  /** The oldest first. */
  readonly batches: readonly Batch[];
  /** Each one's adds on this way, as far as they are counted against turns. */
  readonly adds: Counts;
}

interface Batch {
  /** No turn of it was given later. */
  readonly until: Instant;
  readonly turns: Counts;
}

type Counts = Readonly<Record<string, number>>;

/** Adds that were there before the first turn came of something else. */
export function noOpenTurns(adds: AddCounts): OpenTurns {
  return { batches: [], adds: totalsOf(adds) };
}

/**
 * The open turns after a batch was given and its epoch is over, and those that are lost now: without an add for `openForMs` since the last of
 * their batch.
 */
export function countOpenTurns(
  open: OpenTurns,
  given: Counts,
  facts: { readonly adds: AddCounts; readonly at: Instant; readonly openForMs: number },
): { readonly open: OpenTurns; readonly lost: Counts } {
  const totals = totalsOf(facts.adds);
  // An older reading of the adds may come after a newer one; what was counted stays counted.
  const adds = Object.fromEntries(
    [...Object.keys(open.adds), ...Object.keys(totals)].map((id) => [id, Math.max(of(open.adds, id), of(totals, id))]),
  );
  const fresh = new Map(Object.entries(adds).map(([id, total]) => [id, total - of(open.adds, id)]));
  const batches = [...open.batches, { until: facts.at, turns: given }].map(({ until, turns }) => ({
    until,
    turns: counts(
      Object.entries(turns).map(([id, count]) => {
        const became = Math.min(count, fresh.get(id) ?? 0);
        fresh.set(id, (fresh.get(id) ?? 0) - became);
        return [id, count - became];
      }),
    ),
  }));
  const isOver = ({ until }: Batch): boolean => until + facts.openForMs <= facts.at;
  const waiting = batches.filter((batch) => !isOver(batch) && Object.keys(batch.turns).length > 0);
  return { open: { batches: fewer(waiting), adds }, lost: sumOf(batches.filter(isOver)) };
}

/** How many turns of each member may still become adds. */
export const pendingOf = ({ batches }: OpenTurns): Counts => sumOf(batches);

/** Batches beyond these are joined, so that the record stays small; joined ones wait for the youngest of them. */
const MOST_BATCHES = 48;

function fewer(batches: readonly Batch[]): readonly Batch[] {
  if (batches.length <= MOST_BATCHES) return batches;
  const joined = batches.slice(0, batches.length - MOST_BATCHES + 1);
  const until = Math.max(...joined.map((batch) => batch.until));
  return [{ until, turns: sumOf(joined) }, ...batches.slice(joined.length)];
}

function sumOf(batches: readonly Batch[]): Counts {
  return addUp(batches.map(({ turns }) => turns));
}

/** All counts together; who has none is left out. */
export function addUp(all: readonly Counts[]): Counts {
  const sums = new Map<string, number>();
  for (const [id, count] of all.flatMap((one) => Object.entries(one))) sums.set(id, (sums.get(id) ?? 0) + count);
  return counts([...sums]);
}

const counts = (entries: readonly (readonly [string, number])[]): Counts =>
  Object.fromEntries(entries.filter(([, count]) => count > 0));

const totalsOf = (adds: AddCounts): Counts =>
  Object.fromEntries(Object.entries(adds).map(([id, { total }]) => [id, total]));
