import * as z from 'zod';

const Share = z.number().min(0).max(1);

/** How sure an account wants to be before its list of frequent questions answers; what is left out is as `FAQ_DEFAULTS` says. */
export const FaqTerms = z.strictObject({
  threshold: Share.optional(),
  closeBy: Share.optional(),
  lowest: Share.optional(),
});

/** The version of a list that a rule set answers from, and how. */
export const FaqUse = FaqTerms.extend({ list: z.string().min(1) });
export type FaqUse = z.infer<typeof FaqUse>;
