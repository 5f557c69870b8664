import type * as z from 'zod';

/** A fact that other systems may rely on: past tense, versioned, ids and never message text. */
export interface EventDefinition<Data extends z.ZodType = z.ZodType, Type extends string = string> {
  /** E.g. `conversation.assigned.v1`; the bus's `detail-type`. */
  readonly type: Type;
  /** One sentence: when it happens. */
  readonly says: string;
  readonly data: Data;
  readonly example: z.input<Data>;
}

export function defineEvent<const Type extends string, Data extends z.ZodType>(
  definition: EventDefinition<Data, Type>,
): EventDefinition<Data, Type> {
  return definition;
}
