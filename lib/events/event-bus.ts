import { EventBridgeClient, PutEventsCommand, type PutEventsRequestEntry } from '@aws-sdk/client-eventbridge';
import { awsClientSettings, type ClientAccess } from '../platform/aws-client.ts';
import type { Instant } from '../platform/clock.ts';
import { InfrastructureError } from '../platform/infrastructure.ts';
import { inChunks, type Pause, repeatUndone } from '../platform/repeat-undone.ts';

/** Where other systems hear of what happened. */
export interface EventBus {
  /**
   * Resolves when the bus has all of them; it delivers each at least once, in no order. Throws `EventTooLarge` before
   * anything is sent, `EventsNotPut` when the bus would not take some, again and again; the others were put.
   */
  put(entries: readonly EventEntry[]): Promise<void>;
}

export interface EventEntry {
  readonly detailType: string;
  readonly source: string;
  readonly detail: object;
  readonly time: Instant;
}

export class EventTooLarge extends Error {
  constructor(detailType: string, bytes: number) {
    super(`An event ${detailType} of ${bytes} bytes; ${ENTRY_BYTES} are possible`);
    this.name = 'EventTooLarge';
  }
}

export class EventsNotPut extends InfrastructureError {
  constructor(count: number) {
    super(`The event bus did not take ${count} events`);
    this.name = 'EventsNotPut';
  }
}

/** A client for `eventBus`; see `awsClientSettings` for its limits. */
export function eventBridgeClient(access?: ClientAccess): EventBridgeClient {
  return new EventBridgeClient(awsClientSettings(access));
}

// PutEvents takes ten entries in one call, 256 KB in all where its newer limit is not in force.
const ENTRIES_A_CALL = 10;
const ENTRY_BYTES = 256 * 1024;

/** An EventBridge bus, by its name. */
export function eventBus(client: EventBridgeClient, name: string, pause?: Pause): EventBus {
  return {
    async put(entries) {
      const requests = entries.map((entry) => toRequest(name, entry));
      for (const request of requests) {
        const bytes = sizeOf(request);
        if (bytes > ENTRY_BYTES) throw new EventTooLarge(request.DetailType ?? '', bytes);
      }
      let left = 0;
      for (const call of calls(requests)) left += (await repeatUndone(call, put, pause)).length;
      if (left > 0) throw new EventsNotPut(left);
    },
  };

  /** Puts what it can, and returns what the bus refused: it answers 200 all the same, with its answers in the same order. */
  async function put(requests: readonly PutEventsRequestEntry[]): Promise<PutEventsRequestEntry[]> {
    const answer = await client.send(new PutEventsCommand({ Entries: [...requests] }));
    return requests.filter((_request, index) => answer.Entries?.[index]?.EventId === undefined);
  }
}

function toRequest(bus: string, entry: EventEntry): PutEventsRequestEntry {
  return {
    EventBusName: bus,
    Source: entry.source,
    DetailType: entry.detailType,
    Detail: JSON.stringify(entry.detail),
    Time: new Date(entry.time),
  };
}

/** Bytes as EventBridge counts them. https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevents.html */
function sizeOf({ Source = '', DetailType = '', Detail = '' }: PutEventsRequestEntry): number {
  const time = 14;
  return time + Buffer.byteLength(Source) + Buffer.byteLength(DetailType) + Buffer.byteLength(Detail);
}

/** The entries in order, as many in a call as it takes. */
function calls(requests: readonly PutEventsRequestEntry[]): PutEventsRequestEntry[][] {
  return inChunks(requests, ENTRIES_A_CALL).flatMap((chunk) => {
    const all = chunk.reduce((bytes, request) => bytes + sizeOf(request), 0);
    // Events are small: ten that do not fit together are rare enough to go one by one.
    return all <= ENTRY_BYTES ? [chunk] : inChunks(chunk, 1);
  });
}
