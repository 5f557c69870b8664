import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import * as z from 'zod';
import { recordScope } from '../../lib/platform/log.ts';
import { type QueueDoorSettings, queueDoor, shortBackoff, type Wake } from '../../lib/platform/queue-door.ts';
import { memoryQueue } from '../support/memory-queues.ts';
import { anSqsEvent, type RecordGiven } from '../support/sqs-events.ts';

const Message = z.object({ v: z.literal(1), n: z.number() });
type Message = z.infer<typeof Message>;

const noon = Date.UTC(2026, 0, 15, 12);
const body = (n: number): string => JSON.stringify({ v: 1, n });

/** A door, and what it did: which messages were handed over, and what was given back for how long. */
function aDoor(
  handle: (wake: Wake<Message>) => void | Promise<void> = () => {},
  more: Partial<QueueDoorSettings<Message>> = {},
) {
  const wakes: Wake<Message>[] = [];
  const givenBack = new Map<string, number>();
  const door = queueDoor(
    Message,
    async (wake) => {
      wakes.push(wake);
      await handle(wake);
    },
    {
      service: 'test',
      clock: () => noon,
      giveBack: async (receiptHandle, seconds) => {
        givenBack.set(receiptHandle.replace('handle of ', ''), seconds);
      },
      backoffSeconds: (receives) => receives * 10,
      ...more,
    },
  );
  const feed = async (records: readonly RecordGiven[], remainingMs = 30_000): Promise<string[]> => {
    const answer = await door(anSqsEvent(records), { getRemainingTimeInMillis: () => remainingMs });
    return answer.batchItemFailures.map((failure) => failure.itemIdentifier);
  };
  const handed = () => wakes.map((wake) => [wake.group, wake.messages.map((message) => message.n)] as const);
  return { feed, wakes, handed, givenBack };
}

// Ten records of three groups, as a FIFO queue gives them.
const ten: readonly RecordGiven[] = ['a', 'a', 'b', 'a', 'c', 'b', 'c', 'c', 'a', 'b'].map((group, n) => ({
  group,
  body: body(n),
  receives: n === 3 ? 4 : 1,
}));

describe('a FIFO batch of ten', () => {
  test('is handed over group by group, each at once and in order', async () => {
    const { feed, wakes, handed } = aDoor();
    expect(await feed(ten)).toEqual([]);
    expect(handed()).toEqual([
      ['a', [0, 1, 3, 8]],
      ['b', [2, 5, 9]],
      ['c', [4, 6, 7]],
    ]);
    expect(wakes.map((wake) => wake.receives)).toEqual([4, 1, 1]);
  });

  test('goes side by side: no group waits for another', async () => {
    const started: string[] = [];
    let allStarted = (): void => {};
    const all = new Promise<void>((resolve) => {
      allStarted = resolve;
    });
    const { feed } = aDoor(async ({ group }) => {
      started.push(group);
      if (started.length === 3) allStarted();
      await all;
    });
    expect(await feed(ten)).toEqual([]);
  });

  test('goes no wider than it is told', async () => {
    let running = 0;
    let most = 0;
    const { feed } = aDoor(
      async () => {
        running += 1;
        most = Math.max(most, running);
        await new Promise((resolve) => setImmediate(resolve));
        running -= 1;
      },
      { concurrency: 2 },
    );
    await feed(ten);
    expect(most).toBe(2);
  });

  test("returns a failed group's messages, for a short while, and no others", async () => {
    const { feed, givenBack } = aDoor(({ group }) => {
      if (group === 'a') throw new Error('no');
    });
    expect(await feed(ten)).toEqual(['m0', 'm1', 'm3', 'm8']);
    expect(givenBack).toEqual(new Map(['m0', 'm1', 'm3', 'm8'].map((id) => [id, 40])));
  });

  test('can be all failed and is still answered, not thrown', async () => {
    const { feed } = aDoor(() => Promise.reject('not even an error'));
    expect(await feed(ten)).toHaveLength(10);
  });

  test('one after the other, stops a group at its first failure and returns it with all behind it', async () => {
    const { feed, handed, givenBack } = aDoor(
      ({ messages }) => {
        if (messages[0]?.n === 3 || messages[0]?.n === 9) throw new Error('no');
      },
      { coalesce: false, concurrency: 1 },
    );
    expect(await feed(ten)).toEqual(['m3', 'm8', 'm9']);
    expect(handed().map(([group, [n]]) => `${group}${n}`)).toEqual([
      'a0',
      'a1',
      'a3',
      'b2',
      'b5',
      'b9',
      'c4',
      'c6',
      'c7',
    ]);
    expect(givenBack).toEqual(
      new Map([
        ['m3', 40],
        ['m8', 40],
        ['m9', 10],
      ]),
    );
  });
});

describe('a message that cannot be read', () => {
  test.each(['', 'not json', '{"v":2,"n":1}', 'null', '{"v":1}'])(
    'such as %j fails alone; its group goes on',
    async (bad) => {
      const { feed, handed, givenBack } = aDoor();
      const records = [
        { group: 'a', body: body(0) },
        { group: 'a', body: bad, receives: 9 },
        { group: 'a', body: body(2) },
        { group: 'b', body: body(3) },
      ];
      expect(await feed(records)).toEqual(['m1']);
      expect(handed()).toEqual([
        ['a', [0, 2]],
        ['b', [3]],
      ]);
      // Its group is held back for as long as it is away, so that is never long.
      expect(givenBack).toEqual(new Map([['m1', 5]]));
    },
  );

  test('is no reason to call anybody where nothing else came', async () => {
    const { feed, wakes } = aDoor();
    expect(await feed([{ group: 'a', body: 'x' }])).toEqual(['m0']);
    expect(wakes).toEqual([]);
  });

  test('reaches the dead letters while the messages behind it are handled', async () => {
    let now = noon;
    const clock = () => now;
    const dead = memoryQueue<unknown>({ clock });
    const queue = memoryQueue<unknown>({ clock, deadLetters: { queue: dead, receives: 5 } });
    const handled: number[] = [];
    const door = queueDoor(
      Message,
      async ({ messages }) => {
        handled.push(...messages.map((message) => message.n));
      },
      { service: 'test', clock, giveBack: queue.giveBack },
    );
    await queue.send({ unknown: true }, { group: 'a' });
    await queue.send({ v: 1, n: 1 }, { group: 'a' });
    for (; queue.contents().length > 0; now += 1000) await queue.deliver(door);
    expect([handled, dead.contents()]).toEqual([[1], [{ unknown: true }]]);
    expect(now - noon).toBeLessThanOrEqual(30_000);
  });
});

describe('time', () => {
  test('a deadline lies before the function runs out of time', async () => {
    const { feed, wakes } = aDoor();
    await feed(ten, 30_000);
    expect(wakes.map((wake) => wake.deadline)).toEqual([noon, noon, noon].map((at) => at + 28_000));
  });

  test('that runs out for one group costs the others nothing', async () => {
    const { feed, givenBack } = aDoor(({ group }) => (group === 'b' ? new Promise(() => {}) : undefined), {
      marginMs: 20,
    });
    expect(await feed(ten, 60)).toEqual(['m2', 'm5', 'm9']);
    expect([...givenBack.values()]).toEqual([10, 10, 10]);
  });

  test('that is up before a group starts returns it untouched, to be seen again at once', async () => {
    let now = noon;
    const { feed, handed, givenBack } = aDoor(
      ({ group }) => {
        if (group === 'a') now += 29_000;
      },
      { concurrency: 1, clock: () => now },
    );
    expect(await feed(ten)).toEqual(['m2', 'm4', 'm5', 'm6', 'm7', 'm9']);
    expect(handed()).toEqual([['a', [0, 1, 3, 8]]]);
    expect(new Set(givenBack.values())).toEqual(new Set([0]));
  });

  test.each<[string, () => Promise<void>]>([
    ['fails', () => Promise.reject(new Error('no'))],
    ['hangs', () => new Promise(() => {})],
  ])('lost because giving back %s does not change the answer', async (_how, giveBack) => {
    const { feed } = aDoor(() => Promise.reject(new Error('no')), { giveBack, marginMs: 20 });
    expect(await feed(ten.slice(0, 3))).toEqual(['m0', 'm1', 'm2']);
  });
});

test('a standard queue has no groups: every record stands alone', async () => {
  const { feed, handed } = aDoor(({ messages }) => {
    if (messages[0]?.n === 1) throw new Error('no');
  });
  expect(await feed([0, 1, 2].map((n) => ({ body: body(n) })))).toEqual(['m1']);
  expect(handed()).toEqual([
    ['m0', [0]],
    ['m1', [1]],
    ['m2', [2]],
  ]);
});

test('what is logged about a group carries its own ids, also side by side', async () => {
  const seen: unknown[] = [];
  const { feed } = aDoor(
    async () => {
      await new Promise((resolve) => setImmediate(resolve));
      seen.push(recordScope.getStore());
    },
    { ids: ({ n }) => ({ conversationId: `conversation ${n}` }) },
  );
  await feed(ten);
  expect(seen).toEqual([
    { conversationId: 'conversation 0', trace: expect.any(String) },
    { conversationId: 'conversation 2', trace: expect.any(String) },
    { conversationId: 'conversation 4', trace: expect.any(String) },
  ]);
});

describe('the back-off', () => {
  test.each([
    [1, 1],
    [2, 2],
    [3, 4],
    [6, 32],
    [7, 60],
    [1000, 60],
    [0, 1],
  ])('after %p receives is at most %p seconds, and at least half of it', (receives, most) => {
    expect(shortBackoff(receives, () => 0.999999)).toBe(most);
    expect(shortBackoff(receives, () => 0)).toBe(Math.ceil(most / 2));
  });
});

test('whatever happens, the answer is one that Lambda takes, and order in a group is kept', async () => {
  const records = fc.array(
    fc.record({
      group: fc.constantFrom('a', 'b', 'c'),
      fate: fc.constantFrom('done', 'done', 'fails', 'unreadable'),
      receives: fc.integer({ min: 1, max: 12 }),
    }),
    { minLength: 1, maxLength: 10 },
  );
  await fc.assert(
    fc.asyncProperty(
      records,
      fc.boolean(),
      fc.boolean(),
      fc.integer({ min: 1, max: 4 }),
      async (given, fifo, coalesce, concurrency) => {
        const done: number[] = [];
        const { feed } = aDoor(
          ({ messages }) => {
            if (messages.some(({ n }) => given[n]?.fate === 'fails')) throw new Error('no');
            done.push(...messages.map(({ n }) => n));
          },
          { coalesce, concurrency },
        );
        const returned = await feed(
          given.map(({ group, fate, receives }, n) => ({
            ...(fifo && { group }),
            receives,
            body: fate === 'unreadable' ? 'x' : body(n),
          })),
        );

        // Every identifier is one of the batch, and named once; what is not returned was done.
        expect(new Set(returned).size).toBe(returned.length);
        const all = given.map((_record, n) => `m${n}`);
        expect([...returned, ...done.map((n) => `m${n}`)].toSorted()).toEqual(all.toSorted());
        // What cannot be read or fails is returned; in a group, so is everything readable behind a failure.
        given.forEach(({ group, fate }, n) => {
          const behind = (other: { group: string; fate: string }, at: number): boolean =>
            other.group === group && other.fate === 'fails' && (coalesce || at <= n);
          const held = fifo ? given.some(behind) : fate === 'fails';
          expect(returned.includes(`m${n}`)).toBe(fate === 'unreadable' || held);
        });
        // In a group, things are done in the order of the queue.
        for (const group of ['a', 'b', 'c']) {
          const inGroup = done.filter((n) => fifo && given[n]?.group === group);
          expect(inGroup).toEqual(inGroup.toSorted((a, b) => a - b));
        }
      },
    ),
  );
});
