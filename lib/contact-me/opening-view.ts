import type { Calendar } from '../platform/shifts.ts';
import type { Day } from '../platform/wall-clock.ts';
import type { AddCounts } from './eligibility.ts';
import type { ContactWay } from './way.ts';

/**
 * What the openings of a `link` way go by: made by the way's writer whenever something of it changes, and only read by
 * openings, so that an opening reads one item and writes one.
 */
export interface OpeningView {
  readonly wayId: string;
  /** Of the way's record that it was made of: an older view never takes the place of a newer. */
  readonly version: number;
  /** Grows whenever the members, their duty, or the configuration change; adds alone do not change it. */
  readonly revision: number;
  /** With its departments expanded. */
  readonly way: ContactWay;
  readonly calendar: Calendar;
  readonly zone: string;
  readonly duty: Readonly<Record<string, 'on' | 'off'>>;
  readonly setAside: Readonly<Record<string, { readonly reason: string; readonly since: number }>>;
  readonly lastGood: readonly string[];
  /** The day of the adds called `today`: on a later one there are none of them yet. */
  readonly day: Day;
  readonly adds: AddCounts;
  readonly addsAcrossWays: AddCounts;
  /** How each member can be shown. Whoever has neither cannot be. */
  readonly members: Readonly<Record<string, MemberContact>>;
  /** The code of the whole way, by the name of its picture: for the emergency switch, and when no turn can be had. */
  readonly nativeImage?: string;
  /** Where the way's kf account is written to. */
  readonly kfLink?: string;
}

/** `image` is the name of a stored picture (`OpeningStore.image`). `link` is a customer-acquisition link, which goes first. */
export interface MemberContact {
  readonly image?: string;
  readonly link?: string;
}
