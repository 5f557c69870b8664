import type { Instant } from '../platform/clock.ts';
import { currentTrace, traceparent } from '../platform/trace.ts';
import type { EventDefinition } from './define-event.ts';
import type { EventBus } from './event-bus.ts';

/** A fact as a room hands it over. */
export interface Fact {
  readonly id: string;
  readonly type: string;
  /** What it is about, e.g. a conversation's id; `sequence` counts per subject. */
  readonly subject: string;
  readonly sequence: number;
  readonly at: Instant;
  readonly data: unknown;
}

/** Publishes facts in the CloudEvents 1.0 form. Data that does not match its definition is a defect of ours and throws. */
export function publisher(bus: EventBus, catalogue: readonly EventDefinition[], stage: string) {
  const definitions = new Map(catalogue.map((definition) => [definition.type, definition]));
  const source = `wecom-concierge/${stage}`;

  return async function publish(facts: readonly Fact[]): Promise<void> {
    const trace = currentTrace();
    await bus.put(
      facts.map(({ id, type, subject, sequence, at, data }) => {
        const definition = definitions.get(type);
        if (!definition) throw new TypeError(`No event ${type} in the catalogue.`);
        const detail = {
          specversion: '1.0',
          id,
          source,
          type,
          subject,
          time: new Date(at).toISOString(),
          sequence,
          ...(trace !== undefined && { traceparent: traceparent(trace, id) }),
          datacontenttype: 'application/json',
          data: definition.data.parse(data),
        };
        return { detailType: type, source: 'wecom-concierge', detail, time: at };
      }),
    );
  };
}
