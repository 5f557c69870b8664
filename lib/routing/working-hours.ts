import type { Instant } from '../platform/clock.ts';
import { type Calendar, isOn, NO_CALENDAR, nextEdge, type Shifts } from '../platform/shifts.ts';
import { DEFAULT_ZONE } from '../platform/wall-clock.ts';

/** What the corp's shifts are read with. */
export interface Hours {
  readonly calendar: Calendar;
  readonly zone: string;
}

export const PLAIN_HOURS: Hours = { calendar: NO_CALENDAR, zone: DEFAULT_ZONE };

export interface Spell {
  readonly on: boolean;
  readonly from: Instant;
  /** It holds before this moment; absent, for ever. */
  readonly until?: Instant | undefined;
}

/** Reading a shift takes tens of microseconds, and every request in line asks for every agent, so each spell is remembered. */
const known = new WeakMap<Shifts, Spell & Hours>();

/** Whether shifts are on at this moment, and until when that holds. */
export function spellAt(shifts: Shifts, { calendar, zone }: Hours, at: Instant): Spell {
  const last = known.get(shifts);
  if (
    last &&
    last.calendar === calendar &&
    last.zone === zone &&
    last.from <= at &&
    !(at >= (last.until ?? Infinity))
  ) {
    return last;
  }
  const until = nextEdge(shifts, calendar, zone, at);
  const spell = { on: isOn(shifts, calendar, zone, at), from: at, until, calendar, zone };
  known.set(shifts, spell);
  return spell;
}
