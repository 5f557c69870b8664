import { type Instant, MINUTE } from '../platform/clock.ts';
import type { WaitingRequest } from './agent.ts';
import { DEFAULT_AGING_MINUTES, type TeamTerms } from './terms.ts';

/** What goes beyond is taken for this, so that no slip of the pen keeps the others waiting for days. */
export const HIGHEST_PRIORITY = 100;

type Place = Pick<WaitingRequest, 'r' | 'askedAt' | 'priority'>;

/**
 * The order of a team's line: priority, then time. A step of priority is worth `agingMinutes` of waiting, so the line is in the order
 * of the times at which everybody *would* have asked with priority 0. Nobody starves by it: whoever asks later than
 * `agingMinutes` for each step of his greater priority comes after. It does not depend on the present moment, so two requests never
 * change places while they wait.
 */
export function orderOf(team: Pick<TeamTerms, 'agingMinutes'>): (a: Place, b: Place) => number {
  const aging = (team.agingMinutes ?? DEFAULT_AGING_MINUTES) * MINUTE;
  return (a, b) =>
    turnTime(a, aging) - turnTime(b, aging) || a.askedAt - b.askedAt || (a.r < b.r ? -1 : a.r > b.r ? 1 : 0);
}

/** When the request would have been made to stand where it stands. */
function turnTime({ askedAt, priority = 0 }: Place, aging: number): Instant {
  return askedAt - Math.max(-HIGHEST_PRIORITY, Math.min(HIGHEST_PRIORITY, priority)) * aging;
}
