import * as z from 'zod';
import { Identity } from './identity.ts';

/** The same in both languages that operators read. */
export const Words = z.object({ zh: z.string(), en: z.string() });
export type Words = Readonly<z.infer<typeof Words>>;

/** A step of the set-up path, 0 to 19: see `steps.ts`. */
export const Step = z.int().min(0).max(19);

/**
 * What one check found. No secret, name or message text is in it: ids, codes, addresses and counts.
 *
 * - `ok`: the step is done.
 * - `failed`: the step is missing; `mend` says what to do.
 * - `unknown`: it could not be told, and `what` says why; nothing speaks against it.
 * - `skipped`: it is not wanted here, or could not be looked at because of an earlier finding. `mend` says what to do if it is wanted.
 */
export const Finding = z.object({
  check: z.string(),
  step: Step,
  outcome: z.enum(['ok', 'failed', 'unknown', 'skipped']),
  what: Words,
  mend: Words.optional(),
  /** The app, the account or the function that it is about. */
  about: z.string().optional(),
});
export type Finding = Readonly<z.infer<typeof Finding>>;

/** A GET that WeCom's console would make to prove a callback address, and what it expects to read. Good for as long as its timestamp. */
export const Echo = z.object({ app: z.string(), query: z.string(), expected: z.string() });
export type Echo = Readonly<z.infer<typeof Echo>>;

/** What the function `check-setup` answers. */
export const SetupReport = z.object({
  findings: z.array(Finding),
  echoes: z.array(Echo).default([]),
  /** Where it was asked who the stage is. */
  identity: Identity.optional(),
});
export type SetupReport = Readonly<z.infer<typeof SetupReport>>;

/** The rows of a table that a person reads: failures first, in the order of the path. */
export function inOrder(findings: readonly Finding[]): Finding[] {
  const rank = { failed: 0, unknown: 1, skipped: 2, ok: 3 };
  return [...findings].sort((a, b) => rank[a.outcome] - rank[b.outcome] || a.step - b.step);
}
