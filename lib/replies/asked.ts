import { createHash } from 'node:crypto';
import type { Language } from './language.ts';
import { foldWhole } from './normalize.ts';

/** One customer message, as far as rules look at it. */
export interface Question {
  readonly type: string;
  readonly text?: string;
  readonly menuId?: string;
}

/** A burst of messages, and what is known of who wrote it. What is left out is not known, and no condition on it holds. */
export interface Asked {
  readonly questions: readonly Question[];
  /** What brought the customer: `scene` and `scene_param` of `enter_session`. */
  readonly scene?: string;
  readonly channel?: string;
  readonly tags?: readonly string[];
  /** Whether the account is open now. */
  readonly open?: boolean;
  /** Whether the burst begins with the customer's first message of all, or of this session. */
  readonly firstEver?: boolean;
  readonly firstOfSession?: boolean;
  readonly repeats?: {
    /** How often each question was asked before, by `questionKey`. A question that is not in it was never asked. */
    readonly same?: Readonly<Record<string, number>>;
    /** How many messages in a row, before this burst, no rule knew. */
    readonly unmatched?: number;
  };
  /** The customer's language, for messages that do not tell it themselves. */
  readonly language?: Language;
}

/** Names a question without its words; the same for every way of writing them that rules take for the same. */
export function questionKey({ type, text, menuId }: Question): string | undefined {
  const asked = menuId !== undefined ? `click ${menuId}` : text !== undefined ? `text ${foldWhole(text)}` : undefined;
  if (asked === undefined) return undefined;
  return createHash('sha256').update(`${type}\n${asked}`).digest('base64url').slice(0, 12);
}
