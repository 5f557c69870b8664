import * as z from 'zod';
import type { Language } from './language.ts';

/** What a rule asks of the person to whom it hands over. Whether a team can give it is checked when the file is applied. */
export const HandOver = z.strictObject({
  /** Another team than the account's. */
  team: z.string().min(1).optional(),
  /** One agent of the team, for whom it waits a while. */
  agent: z.string().trim().toLowerCase().min(1).optional(),
  /** Higher is served first; without it 0. */
  priority: z.int().optional(),
  /** The level wanted of each skill, 1 to 5. */
  skills: z.record(z.string(), z.number()).optional(),
  /** A language that the person has to speak. Without it, whoever speaks the customer's comes first. */
  language: z.string().min(1).optional(),
});
export type HandOver = z.infer<typeof HandOver>;

/** What is wanted of whoever serves: by the rule, or as the customer's own words show it. */
export interface Wanted {
  readonly priority?: number;
  readonly skills?: Readonly<Record<string, number>>;
  readonly language?: string;
  /** The customer's language, where no rule names one: it is preferred, and nobody waits for it. */
  readonly seenLanguage?: string;
}

/** What this hand-over wants for a customer who writes in this language. Undefined: nothing. */
export function wantedBy(handOver: true | HandOver | undefined, seen: Language | undefined): Wanted | undefined {
  const { priority, skills, language } = typeof handOver === 'object' ? handOver : {};
  const wanted: Wanted = {
    ...(priority !== undefined && { priority }),
    ...(skills && { skills }),
    ...(language !== undefined ? { language } : seen !== undefined && { seenLanguage: seen }),
  };
  return Object.keys(wanted).length > 0 ? wanted : undefined;
}
