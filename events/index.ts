import * as z from 'zod';
import { catalogue } from './catalogue.ts';
import { Envelope } from './envelope.ts';

export { catalogue } from './catalogue.ts';
export { Envelope } from './envelope.ts';
export {
  judge,
  type Known,
  type KnownStore,
  keyOf,
  noted,
  TakenMeanwhile,
  takeNews,
  type Verdict,
} from './take-news.ts';

type Definition = (typeof catalogue)[number];

/** The names of all events, e.g. `conversation.assigned.v1`. */
export type EventType = Definition['type'];

/** One event with its envelope: `EventOf<'conversation.assigned.v1'>['data'].agentId`. */
export type EventOf<Type extends EventType> = Type extends EventType
  ? Omit<Envelope, 'type'> & {
      readonly type: Type;
      readonly data: z.infer<Extract<Definition, { readonly type: Type }>['data']>;
    }
  : never;

/** Any of our events; `switch (event.type)` tells which. */
export type ConciergeEvent = EventOf<EventType>;

/** What was delivered is none of our events, or does not keep its contract. Names where, never what stood there. */
export class NotOurEvent extends Error {
  constructor(where: string) {
    super(`Not an event of this contract: ${where}`);
    this.name = 'NotOurEvent';
  }
}

const Delivered = z.object({ detail: z.unknown() });
const shapes = new Map(
  catalogue.map((definition): [string, z.ZodType] => [
    definition.type,
    Envelope.extend({ type: z.literal(definition.type), data: definition.data }),
  ]),
);

/**
 * Reads what EventBridge delivers, whole or only its `detail`. Fields that this version does not know are left out; an event that
 * it does not know is `undefined`, so that a rule may let more through than its consumer handles.
 *
 * @throws NotOurEvent
 */
export function parseEvent(delivered: unknown): ConciergeEvent | undefined {
  const whole = Delivered.safeParse(delivered);
  const detail = whole.success ? whole.data.detail : delivered;
  const envelope = Envelope.safeParse(detail);
  if (!envelope.success) throw new NotOurEvent(placeOf(envelope.error));
  const shape = shapes.get(envelope.data.type);
  if (!shape) return undefined;
  const event = shape.safeParse(detail);
  if (!event.success) throw new NotOurEvent(`${envelope.data.type} ${placeOf(event.error)}`);
  // The map's schemas are the catalogue's own; their union is more than the compiler follows.
  return event.data as ConciergeEvent;
}

/** Whether it is this very event: `if (isEvent(event, 'conversation.assigned.v1')) event.data.agentId`. */
export function isEvent<Type extends EventType>(
  event: ConciergeEvent | undefined,
  type: Type,
): event is Extract<ConciergeEvent, { readonly type: Type }> {
  return event?.type === type;
}

const placeOf = (error: z.ZodError): string => error.issues.map(({ path }) => path.join('.') || 'its form').join(', ');
