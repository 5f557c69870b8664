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

/**
 * Reading a shift takes tens of microseconds, and every request in line asks for every agent, so each spell is remembered: by the
 * object while the agents are the same, and by what it says, because agents are read again and many work the same hours.
 */
const knownObjects = new WeakMap<Shifts, Spell & Hours>();
const knownTexts = new Map<string, Spell & Hours>();
const MOST_KNOWN = 1000;

/** Whether shifts are on at this moment, and until when that holds. */
export function spellAt(shifts: Shifts, hours: Hours, at: Instant): Spell {
  const known = knownObjects.get(shifts);
  if (known && holds(known, hours, at)) return known;
  const text = JSON.stringify(shifts);
  const same = knownTexts.get(text);
  const spell = same && holds(same, hours, at) ? same : lookUp(shifts, hours, at);
  knownObjects.set(shifts, spell);
  if (knownTexts.size >= MOST_KNOWN) knownTexts.clear();
  knownTexts.set(text, spell);
  return spell;
}

function lookUp(shifts: Shifts, { calendar, zone }: Hours, at: Instant): Spell & Hours {
  const until = nextEdge(shifts, calendar, zone, at);
  return { on: isOn(shifts, calendar, zone, at), from: at, until, calendar, zone };
}

function holds(spell: Spell & Hours, { calendar, zone }: Hours, at: Instant): boolean {
  const ended = spell.until !== undefined && at >= spell.until;
  return !ended && spell.from <= at && spell.calendar === calendar && spell.zone === zone;
}
