import { createHash } from 'node:crypto';
import * as z from 'zod';
import { Shifts } from '../platform/shifts.ts';

/** What supervisors set about agents and teams that bears on who is next. Everything may be left out. */

export const HIGHEST_LEVEL = 5;
/** A skill's level: 1 can do it, 5 teaches it. */
export const SkillLevel = z.int().min(1).max(HIGHEST_LEVEL);

export const AgentTerms = z.object({
  skills: z.record(z.string().min(1), SkillLevel).optional(),
  /** Absent: nobody has said, and nobody is passed over for it. */
  languages: z.array(z.string().min(1)).optional(),
  /** `weighted`: the share of the turns. */
  weight: z.int().min(1).max(100).optional(),
  /** Absent: around the clock. */
  shifts: Shifts.optional(),
});
export type AgentTerms = Readonly<z.infer<typeof AgentTerms>>;

/**
 * `least-busy`: the smallest share of the capacity. `longest-idle`: the longest without work coming or going. `round-robin` and
 * `weighted`: by turns. `by-skill`: the highest levels in the skills that are wanted.
 */
export const Strategy = z.enum(['least-busy', 'longest-idle', 'round-robin', 'weighted', 'by-skill']);
export type Strategy = z.infer<typeof Strategy>;

const Seconds = z.int().min(0);
const growing = (seconds: readonly number[]): boolean =>
  seconds.every((one, index) => index === 0 || one > (seconds[index - 1] ?? 0));

export const TeamTerms = z.object({
  strategy: Strategy.optional(),
  /** After so long in line each step lowers the wanted levels by one, to no less than 1; the last step wants no skill and no language. */
  relaxAfterSeconds: z
    .array(Seconds)
    .refine(growing, { error: 'each step comes later than the one before' })
    .optional(),
  /** Whose agents serve, too, after so long in line; in order. */
  overflow: z.array(z.strictObject({ teamId: z.string().min(1), afterSeconds: Seconds })).optional(),
  /** How long in line who served the customer last, or owns the relation, comes first. Absent: always. */
  stickySeconds: Seconds.optional(),
  /** A step of priority is worth so many minutes of waiting. */
  agingMinutes: z
    .int()
    .min(1)
    .max(24 * 60)
    .optional(),
});
export type TeamTerms = Readonly<z.infer<typeof TeamTerms>>;

export const DEFAULT_STRATEGY: Strategy = 'least-busy';
export const DEFAULT_AGING_MINUTES = 10;

/** Which settings a decision was made with: the same for the same terms, whatever else the team has. */
export function policyVersion(team: TeamTerms): string {
  const terms = [
    team.strategy ?? DEFAULT_STRATEGY,
    team.relaxAfterSeconds ?? [],
    (team.overflow ?? []).map(({ teamId, afterSeconds }) => [teamId, afterSeconds]),
    team.stickySeconds ?? null,
    team.agingMinutes ?? DEFAULT_AGING_MINUTES,
  ];
  return createHash('sha256').update(JSON.stringify(terms)).digest('base64url').slice(0, 12);
}
