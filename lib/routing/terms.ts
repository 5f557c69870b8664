import { createHash } from 'node:crypto';
import * as z from 'zod';
import { Shifts, WrittenShifts } from '../platform/shifts.ts';

/** What supervisors set about agents and teams that bears on who is next. Everything may be left out. */

export const HIGHEST_LEVEL = 5;
/** A skill's level: 1 can do it, 5 teaches it. */
export const SkillLevel = z.int().min(1).max(HIGHEST_LEVEL);

const SkillName = z.string().regex(/^[\p{L}\p{N}][\p{L}\p{N}_.-]{0,31}$/u, {
  error: 'a skill is 1 to 32 letters, digits and - _ . that begin with a letter or a digit; correct its name',
});
const Language = z.string().regex(/^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$/, {
  error: 'is no language; write one like zh, en or zh-Hant',
});

export const AgentTerms = z.object({
  skills: z.record(SkillName, SkillLevel).optional(),
  /** Absent: nobody has said, and nobody is passed over for it. */
  languages: z.array(Language).optional(),
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

/** How many offers in a row an agent may let expire, where nothing else is said. */
export const DEFAULT_OFF_DUTY_AFTER = 3;
/** So many are remembered of each agent. */
export const MOST_OFF_DUTY_AFTER = 20;

export const OfferTerms = z.strictObject({
  /** How long an agent has for his first answer, before the conversation goes to the next one. */
  seconds: z.int().min(10).max(3600),
  /** `direct`, where nothing is said: the session goes to the agent at once. `card`: he is asked by a card in WeCom, and the session goes to him when he takes it. */
  mode: z.enum(['direct', 'card']).optional(),
  /** Of the team's cards; Chinese, where nothing is said. */
  language: z.enum(['zh', 'en']).optional(),
  /** Who lets so many offers in a row expire goes off duty. */
  offDutyAfter: z.int().min(1).max(MOST_OFF_DUTY_AFTER).default(DEFAULT_OFF_DUTY_AFTER),
});

export const TeamTerms = z.object({
  strategy: Strategy.optional(),
  /** After so long in line each step lowers the wanted levels by one, to no less than 1; the last step wants no skill and no language. */
  relaxAfterSeconds: z
    .array(Seconds)
    .refine(growing, { error: 'each step has to come later than the one before; write rising seconds, e.g. [60, 180]' })
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
  /** When it serves customers, for accounts whose replies have no hours of their own. Absent: nobody says so. */
  openingHours: WrittenShifts.optional(),
  /** Absent: whoever is chosen keeps the conversation, answered or not. */
  offer: OfferTerms.optional(),
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
