import { randomUUID } from 'node:crypto';
import { createReplays } from './bus-replays.ts';
import type { Clock } from './clock.ts';
import { PLACE } from './template.ts';

/** An event as a rule's target receives it. */
export interface BusEvent {
  readonly version: '0';
  readonly id: string;
  readonly 'detail-type': string;
  readonly source: string;
  readonly account: string;
  readonly time: string;
  readonly region: string;
  readonly resources: readonly string[];
  readonly detail: unknown;
  /** Of an event that a replay brings again. */
  readonly 'replay-name'?: string;
}

/** What the bus says to a call: an HTTP status and a JSON body. */
export interface Answer {
  readonly status: number;
  readonly body: object;
}

/** EventBridge, as far as publishing goes. */
export interface EventBus {
  /** Every event that was put, in order, with the name of its bus. */
  readonly events: readonly (BusEvent & { readonly bus: string })[];
  handle(action: string, request: Readonly<Record<string, unknown>>): Answer;
  /** Calls `listener` with every event from now on. */
  subscribe(listener: (bus: string, event: BusEvent) => void): void;
}

const MAX_ENTRIES = 10;
/** The limit in bytes of all entries of a call together. AWS raised it elsewhere; China's pages still name this one. */
const MAX_BYTES = 256 * 1024;

/** @param clock gives an event that names no time of its own its time */
export function createEventBus(clock: Clock): EventBus {
  const buses = new Set(['default']);
  const events: (BusEvent & { bus: string })[] = [];
  const listeners: ((bus: string, event: BusEvent) => void)[] = [];

  function put(entry: unknown): { EventId: string } | { ErrorCode: string; ErrorMessage: string } {
    const given: Readonly<Record<string, unknown>> = Object(entry);
    const { Source, DetailType, Detail, Resources, Time } = given;
    const bus = String(given.EventBusName ?? 'default')
      .split('/')
      .at(-1);
    if (bus === undefined || !buses.has(bus)) return refusal('InvalidArgument', `There is no event bus ${bus}.`);
    for (const [name, value] of Object.entries({ Source, DetailType, Detail })) {
      if (typeof value !== 'string' || value === '') return refusal('InvalidArgument', `${name} is missing.`);
    }
    const detail = parsed(String(Detail));
    if (typeof detail !== 'object' || detail === null) return refusal('MalformedDetail', 'Detail is malformed.');
    const event: BusEvent = {
      version: '0',
      id: randomUUID(),
      'detail-type': String(DetailType),
      source: String(Source),
      account: PLACE.account,
      time: new Date(typeof Time === 'number' ? Time * 1000 : clock.now()).toISOString().replace(/\.\d+Z$/, 'Z'),
      region: PLACE.region,
      resources: Array.isArray(Resources) ? Resources.map(String) : [],
      detail,
    };
    events.push({ ...event, bus });
    for (const listener of listeners) listener(bus, event);
    return { EventId: event.id };
  }

  const replays = createReplays({
    clock,
    events,
    deliver: (bus, event) => {
      for (const listener of listeners) listener(bus, event);
    },
  });

  return {
    events,
    subscribe: (listener) => void listeners.push(listener),
    handle(action, request) {
      switch (action) {
        case 'CreateEventBus': {
          const name = String(request.Name);
          buses.add(name);
          return {
            status: 200,
            body: { EventBusArn: `arn:aws:events:${PLACE.region}:${PLACE.account}:event-bus/${name}` },
          };
        }
        case 'PutEvents': {
          const entries: readonly unknown[] = Array.isArray(request.Entries) ? request.Entries : [];
          if (entries.length === 0 || entries.length > MAX_ENTRIES) {
            return invalid(`A call takes 1 to ${MAX_ENTRIES} entries, not ${entries.length}.`);
          }
          const bytes = entries.reduce((sum: number, entry) => sum + sizeOf(entry), 0);
          if (bytes > MAX_BYTES) return invalid('Total size of the entries in the request is over the limit.');
          const results = entries.map(put);
          const failed = results.filter((result) => 'ErrorCode' in result).length;
          return { status: 200, body: { FailedEntryCount: failed, Entries: results } };
        }
        default:
          return replays.handle(action, request);
      }
    },
  };
}

/** An entry's size in bytes, counted as EventBridge counts it. */
function sizeOf(entry: unknown): number {
  const { Source, DetailType, Detail, Resources, Time }: Readonly<Record<string, unknown>> = Object(entry);
  const texts = [Source, DetailType, Detail, ...(Array.isArray(Resources) ? Resources : [])];
  return texts.reduce((sum: number, text) => sum + Buffer.byteLength(String(text ?? '')), Time === undefined ? 0 : 14);
}

function refusal(ErrorCode: string, ErrorMessage: string): { ErrorCode: string; ErrorMessage: string } {
  return { ErrorCode, ErrorMessage };
}

function invalid(message: string): Answer {
  return { status: 400, body: { __type: 'ValidationException', message } };
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
