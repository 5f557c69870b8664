import type * as z from 'zod';

/** A fact that other systems may rely on: past tense, versioned, ids and never message text. */
export interface EventDefinition<Data extends z.ZodType = z.ZodType> {
  /** E.g. `conversation.assigned.v1`; the bus's `detail-type`. */
  readonly type: string;
  /** One sentence: when it happens. */
  readonly says: string;
  readonly data: Data;
  readonly example: z.input<Data>;
}

export function defineEvent<Data extends z.ZodType>(definition: EventDefinition<Data>): EventDefinition<Data> {
  return definition;
}
