import { HOUR, type Instant, MINUTE } from '../platform/clock.ts';

/** How many of the team's last assignments are looked at. */
export const ASSIGNMENTS_LOOKED_AT = 20;
/** Of the hours before, a lunch or a night ago, they say nothing. */
const RECENT = HOUR;
const FEWEST = 5;

export type WaitEstimate = { readonly minutes: number } | 'unknown';

/**
 * How long somebody at this place of the line (1: the head) still waits, by how fast the team's line moved lately: whole minutes,
 * rounded up, at least 1. Assignments to the team's agents of the last hour count, whether somebody had waited or not; so where the
 * team had time to spare, the estimate is too long rather than too short. A line that has come to a halt shows as soon as the
 * halt is longer than usual. `unknown` with fewer than five assignments.
 *
 * @throws RangeError where there is no such place.
 */
export function estimateWait(place: number, assignedAt: readonly Instant[], now: Instant): WaitEstimate {
  if (!Number.isInteger(place) || place < 1) throw new RangeError(`a line has no place ${place}`);
  const recent = assignedAt
    .filter((at) => at <= now && at > now - RECENT)
    .sort((a, b) => a - b)
    .slice(-ASSIGNMENTS_LOOKED_AT);
  const [first] = recent;
  const last = recent.at(-1);
  if (first === undefined || last === undefined || recent.length < FEWEST) return 'unknown';
  const usual = (last - first) / (recent.length - 1);
  const withTheGapSince = (now - first) / recent.length;
  return { minutes: Math.max(1, Math.ceil((place * Math.max(usual, withTheGapSince)) / MINUTE)) };
}
