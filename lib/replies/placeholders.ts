import type { Instant } from '../platform/clock.ts';
import { dayOf, timeOfDay } from '../platform/wall-clock.ts';

/** What a text can be filled from. */
export interface Filling {
  readonly now: Instant;
  /** The corp's time zone. */
  readonly zone: string;
  /** When people serve again, while nobody does. */
  readonly opensAt?: Instant | undefined;
  /** The customer's place in line, and how long it takes, in minutes. */
  readonly place?: number;
  readonly minutes?: number;
}

const FILLERS: ReadonlyMap<string, (filling: Filling) => string | undefined> = new Map([
  ['time', ({ zone, now }: Filling) => timeOfDay(zone, now)],
  ['date', ({ zone, now }: Filling) => dayOf(zone, now)],
  [
    'openAt',
    ({ zone, opensAt }: Filling) =>
      opensAt === undefined ? undefined : `${dayOf(zone, opensAt).slice(5)} ${timeOfDay(zone, opensAt)}`,
  ],
  ['place', ({ place }: Filling) => place?.toString()],
  ['minutes', ({ minutes }: Filling) => minutes?.toString()],
]);

/**
 * The names that may stand in braces: {time} is 14:05, {date} is 2026-10-01, {openAt} is 10-02 09:00: when people serve again, for texts
 * that are said while the account is closed. {place} and {minutes} are those of a customer in line, for what he is told there.
 */
export const PLACEHOLDERS: readonly string[] = [...FILLERS.keys()];

const IN_BRACES = /\{([a-z][a-z0-9]*)\}/gi;

/** A text with its placeholders filled; what is none stays as it is. */
export function fillPlaceholders(text: string, filling: Filling): string {
  return text.replace(IN_BRACES, (written, name: string) => FILLERS.get(name)?.(filling) ?? written);
}

/** The names that stand in braces, whether or not they can be filled. */
export function placeholdersIn(text: string): string[] {
  return [...text.matchAll(IN_BRACES)].map(([, name = '']) => name);
}
