import type { Instant } from '../platform/clock.ts';
import { isOn, NO_CALENDAR, nextEdge, Shifts } from '../platform/shifts.ts';
import type { RuleSet } from './rule-set.ts';

/** Whether an account is open; while it is closed, until when, if it ever opens again. */
export type Opening = { readonly open: true } | { readonly open: false; readonly opensAt?: Instant };

/** Undefined for an account that has no hours: nobody knows whether it is open. `zone` is the corp's time zone. */
export function openingOf(ruleSet: RuleSet, zone: string, at: Instant): Opening | undefined {
  const hours = hoursOf(ruleSet);
  if (!hours) return undefined;
  const { calendar = NO_CALENDAR } = ruleSet;
  if (isOn(hours, calendar, zone, at)) return { open: true };
  const opensAt = nextEdge(hours, calendar, zone, at);
  return { open: false, ...(opensAt !== undefined && { opensAt }) };
}

const read = new WeakMap<RuleSet, Shifts>();

/** The hours are kept as they were written, because a stored rule set is read again; so they are made ready once for each. */
function hoursOf(ruleSet: RuleSet): Shifts | undefined {
  if (ruleSet.openingHours === undefined) return undefined;
  const known = read.get(ruleSet) ?? Shifts.parse(ruleSet.openingHours);
  read.set(ruleSet, known);
  return known;
}
