import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import * as z from 'zod';
import {
  type EventEntry,
  EventsNotPut,
  EventTooLarge,
  eventBridgeClient,
  eventBus,
} from '../../lib/events/event-bus.ts';
import { localAccess } from '../support/dynalite.ts';
import { startLocalServer } from '../support/local-server.ts';

const Put = z.object({
  Entries: z.array(
    z.object({
      EventBusName: z.string(),
      Source: z.string(),
      DetailType: z.string(),
      Detail: z.string().transform((text) => z.object({ n: z.number() }).parse(JSON.parse(text)).n),
      Time: z.number(),
    }),
  ),
});
type Entries = z.infer<typeof Put>['Entries'];

/** Runs with a bus that refuses the events whose number `refuses` picks, in the call so-and-so-many. */
async function withBus(
  refuses: (n: number, call: number) => boolean,
  work: (bus: ReturnType<typeof eventBus>, asked: Entries[]) => Promise<void>,
): Promise<void> {
  const asked: Entries[] = [];
  const server = await startLocalServer((body) => {
    const { Entries } = Put.parse(body);
    asked.push(Entries);
    const answers = Entries.map(({ Detail }) =>
      refuses(Detail, asked.length)
        ? { ErrorCode: 'ThrottlingException', ErrorMessage: 'slow down' }
        : { EventId: `e${Detail}` },
    );
    return { FailedEntryCount: answers.filter((answer) => 'ErrorCode' in answer).length, Entries: answers };
  });
  const client = eventBridgeClient(localAccess(server.url));
  try {
    await work(
      eventBus(client, 'concierge-dev', async () => {}),
      asked,
    );
  } finally {
    client.destroy();
    await server.stop();
  }
}

const noon = Date.UTC(2026, 0, 15, 12);
const events = (count: number, more: object = {}): EventEntry[] =>
  Array.from({ length: count }, (_, n) => ({
    detailType: 'thing.done.v1',
    source: 'concierge',
    detail: { n, ...more },
    time: noon,
  }));
const numbers = (asked: Entries[]) => asked.map((entries) => entries.map((entry) => entry.Detail));

test('events reach the bus as they are, at most ten a call, in order', async () => {
  await withBus(
    () => false,
    async (bus, asked) => {
      await bus.put(events(12));
      expect(numbers(asked)).toEqual([
        [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
        [10, 11],
      ]);
      expect(asked[0]?.[0]).toEqual({
        EventBusName: 'concierge-dev',
        Source: 'concierge',
        DetailType: 'thing.done.v1',
        Detail: 0,
        Time: noon / 1000,
      });
    },
  );
});

test('no events are no call', async () => {
  await withBus(
    () => false,
    async (bus, asked) => {
      await bus.put([]);
      expect(asked).toEqual([]);
    },
  );
});

test('only refused events are put again', async () => {
  await withBus(
    (n, call) => n >= call,
    async (bus, asked) => {
      await bus.put(events(4));
      expect(numbers(asked)).toEqual([[0, 1, 2, 3], [1, 2, 3], [2, 3], [3]]);
    },
  );
});

test('events that stay refused are an error that says how many, after all others were put', async () => {
  await withBus(
    (n) => n === 1 || n === 2,
    async (bus, asked) => {
      await expect(bus.put(events(11))).rejects.toThrow(new EventsNotPut(2));
      expect(numbers(asked).at(-1)).toEqual([10]);
    },
  );
});

test('whatever is refused and how often, an event is put once or counted as not put', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat({ max: 6 }), { maxLength: 23 }), async (refusals) => {
      const tried = new Map<number, number>();
      const put: number[] = [];
      const refuses = (n: number): boolean => {
        const tries = (tried.get(n) ?? 0) + 1;
        tried.set(n, tries);
        if (tries <= (refusals[n] ?? 0)) return true;
        put.push(n);
        return false;
      };
      await withBus(refuses, async (bus) => {
        const never = refusals.filter((times) => times >= 5).length;
        const outcome = await bus.put(events(refusals.length)).catch((error: unknown) => error);
        expect(outcome).toEqual(never > 0 ? new EventsNotPut(never) : undefined);
        expect(put.toSorted((a, b) => a - b)).toEqual([...refusals.keys()].filter((n) => (refusals[n] ?? 0) < 5));
      });
    }),
    { numRuns: 25 },
  );
});

test('an event that is too large is refused before anything is sent, and counts in bytes', async () => {
  await withBus(
    () => false,
    async (bus, asked) => {
      // 100,000 characters of three bytes each.
      const large = events(1, { text: '中'.repeat(100_000) });
      await expect(bus.put([...events(2), ...large])).rejects.toThrow(EventTooLarge);
      expect(asked).toEqual([]);
    },
  );
});

test('events that are too large together go one by one', async () => {
  await withBus(
    () => false,
    async (bus, asked) => {
      await bus.put(events(3, { text: 'x'.repeat(100_000) }));
      expect(numbers(asked)).toEqual([[0], [1], [2]]);
    },
  );
});
