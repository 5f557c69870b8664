import type { Instant } from '../platform/clock.ts';
import type { Agent, WaitingRequest } from './agent.ts';
import { type Hours, PLAIN_HOURS, spellAt } from './working-hours.ts';

/** A team's line as somebody sees it who only passes by. */
export interface LineGlance {
  readonly count: number;
  /** Since when the first of them waits; now, when nobody does. */
  readonly since: Instant;
  /** How many of the team's agents receive on some account, or may: WeCom did not tell us of all. */
  readonly receiving: number;
}

export function glanceAtLine(
  line: readonly WaitingRequest[],
  agents: readonly Agent[],
  now: Instant,
  hours: Hours = PLAIN_HOURS,
): LineGlance {
  return {
    count: line.length,
    since: Math.min(now, ...line.map(({ askedAt }) => askedAt)),
    receiving: agents.filter((agent) => mayReceive(agent, now, hours)).length,
  };
}

function mayReceive({ duty, away, presence, left, shifts }: Agent, now: Instant, hours: Hours): boolean {
  const isAway = away !== undefined && (away.until === undefined || away.until > now);
  const known = Object.values(presence);
  return (
    !left &&
    (!shifts || spellAt(shifts, hours, now).on) &&
    duty === 'on' &&
    !isAway &&
    (known.length === 0 || known.some(({ status }) => status === 'receiving' || status === 'unknown'))
  );
}
