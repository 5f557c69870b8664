import type { WayMode } from '../../../lib/contact-me/way.ts';
import type { Instant } from '../../../lib/platform/clock.ts';
import { type Day, dayOf } from '../../../lib/platform/wall-clock.ts';

/** An add as it was made in WeCom, whatever the system makes of it. */
export interface MadeAdd {
  readonly wayId: string;
  readonly mode: WayMode;
  readonly agentId: string;
  readonly customerId: string;
  readonly at: Instant;
  readonly day: Day;
  /** The turn of the link that led to it. */
  readonly turn?: number;
  /** WeCom's first event of it came. */
  heardAt?: Instant;
  /** The way's writer has counted it. */
  takenIn: boolean;
  /** WeCom was given a list that was decided with it. */
  given: boolean;
  removedAt?: Instant;
}

/** In milliseconds, until WeCom confirmed the list: from the add, and from WeCom's first event of it. */
export interface Lag {
  readonly mode: WayMode;
  readonly sinceAdd: number;
  readonly sinceHeard: number;
}

/**
 * What really happened, kept beside the system and without its code: adds, and how long each list took to follow them. Lags run from the add
 * in WeCom until WeCom confirmed a list that was decided with it; an add after which the list stays has none.
 */
export function dayLedger(zone: string) {
  const adds: MadeAdd[] = [];
  const byWay = new Map<string, MadeAdd[]>();
  const relations = new Map<string, MadeAdd>();
  const unfollowed = new Map<string, Set<MadeAdd>>();
  const lags: Lag[] = [];

  const ofWay = (wayId: string): readonly MadeAdd[] => byWay.get(wayId) ?? [];
  const relationOf = (customerId: string, agentId: string): string => `${customerId} ${agentId}`;

  return {
    adds: adds as readonly MadeAdd[],
    lags: lags as readonly Lag[],
    ofWay,
    areInContact: (customerId: string, agentId: string): boolean => {
      const add = relations.get(relationOf(customerId, agentId));
      return add !== undefined && add.removedAt === undefined;
    },

    add(made: Pick<MadeAdd, 'wayId' | 'mode' | 'agentId' | 'customerId' | 'at' | 'turn'>): MadeAdd {
      const add: MadeAdd = { ...made, day: dayOf(zone, made.at), takenIn: false, given: false };
      adds.push(add);
      byWay.set(add.wayId, [...ofWay(add.wayId), add]);
      relations.set(relationOf(add.customerId, add.agentId), add);
      if (add.mode !== 'link') unfollowed.set(add.wayId, (unfollowed.get(add.wayId) ?? new Set()).add(add));
      return add;
    },

    remove(add: MadeAdd, at: Instant): void {
      add.removedAt = at;
    },

    /** The entries are named by the customer and a number. */
    takenIn(wayId: string, entries: readonly string[]): void {
      for (const entry of entries) {
        const customerId = /^counted#([^#]+)#/.exec(entry)?.[1];
        const add = ofWay(wayId).find((one) => one.customerId === customerId && !one.takenIn);
        if (add) add.takenIn = true;
      }
    },

    heard(add: MadeAdd, at: Instant): void {
      add.heardAt ??= at;
    },

    /** True when it was decided with an add that no list knew of before. */
    listGiven(wayId: string): boolean {
      const fresh = [...(unfollowed.get(wayId) ?? [])].filter((add) => add.takenIn && !add.given);
      for (const add of fresh) add.given = true;
      return fresh.length > 0;
    },

    listConfirmed(wayId: string, at: Instant): void {
      const waiting = unfollowed.get(wayId);
      for (const add of waiting ?? []) {
        if (!add.given) continue;
        lags.push({ mode: add.mode, sinceAdd: at - add.at, sinceHeard: at - (add.heardAt ?? at) });
        waiting?.delete(add);
      }
    },

    /** The list stays as it is after all that was counted. */
    listStays(wayId: string): void {
      const waiting = unfollowed.get(wayId);
      for (const add of waiting ?? []) if (add.takenIn) waiting?.delete(add);
    },

    /** Whether there is an add that WeCom's list does not know of yet. */
    isBehind: (wayId: string): boolean => (unfollowed.get(wayId)?.size ?? 0) > 0,

    countOn: (wayId: string, agentId: string, day: Day, counted = false): number =>
      ofWay(wayId).filter((one) => one.agentId === agentId && one.day === day && (!counted || one.takenIn)).length,
  };
}
export type DayLedger = ReturnType<typeof dayLedger>;
