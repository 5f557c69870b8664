import type { Instant } from '../platform/clock.ts';
import { ASSIGNMENTS_LOOKED_AT } from './estimate-wait.ts';
import { NO_TEAM_TURNS, type TeamTurns } from './team-turns.ts';

/** What a team remembers from one choice to the next: whose turn it is, and how fast its line moved. */
export interface TeamPace {
  /** 0: nothing was saved yet. */
  readonly version: number;
  readonly turns: TeamTurns;
  /** The last assignments, the newest last. `of` says which choice it was, so that a repeated one is known. */
  readonly assigned: readonly { readonly of: string; readonly at: Instant }[];
}

export const NO_PACE: TeamPace = { version: 0, turns: NO_TEAM_TURNS, assigned: [] };

/** The pace after one more assignment; undefined when it was counted before. `turns` stays where the strategy takes none. */
export function paceAfter(
  pace: TeamPace,
  assigned: { readonly of: string; readonly at: Instant },
  turns: TeamTurns | undefined,
): TeamPace | undefined {
  if (pace.assigned.some(({ of }) => of === assigned.of)) return undefined;
  return {
    version: pace.version + 1,
    turns: turns ?? pace.turns,
    assigned: [...pace.assigned, assigned].slice(-ASSIGNMENTS_LOOKED_AT),
  };
}
