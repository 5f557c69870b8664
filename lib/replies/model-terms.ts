import * as z from 'zod';

/** How long the model's endpoint is given at most; the function that asks it has to end in its own time. */
export const LONGEST_MODEL_DEADLINE_SECONDS = 20;

/** How an account uses the operator's model where no rule and no frequent question answers. */
export const ModelTerms = z.strictObject({
  /** Who it speaks for, how, and about what. Told to the model before everything else, never to customers. */
  instructions: z.string().trim().min(1).max(4000),
  /** How many earlier messages it is shown. */
  historyMessages: z.int().min(0).max(50).default(10),
  /** Without an answer by then a person takes over. */
  deadlineSeconds: z.int().min(1).max(LONGEST_MODEL_DEADLINE_SECONDS).default(8),
  /** How often it is asked for one conversation in a day of the corp. */
  perConversationPerDay: z.int().min(1).max(200).default(20),
});
export type ModelTerms = z.infer<typeof ModelTerms>;

/** What became of asking. */
export type ModelOutcome =
  | { readonly said: 'answer'; readonly text: string }
  /** A person is to answer. `why` is for metrics, and never holds what anybody wrote. */
  | { readonly said: 'hand-over'; readonly why: NoAnswer }
  /** The day's calls are used up: as if there were no model. */
  | { readonly said: 'no-budget' };

/** Why the model gave no answer. */
export type NoAnswer =
  | 'does-not-know'
  | 'slow'
  /** 429. */
  | 'limited'
  /** A status of 400 and above, or no connection. */
  | 'failed'
  | 'too-long'
  | 'unreadable'
  /** Its provider's filter, or the model itself, would not say it. */
  | 'refused'
  | 'cut-off'
  | 'empty'
  /** It was asked as often as one question may be, and whoever asked died each time. */
  | 'tried-enough';
