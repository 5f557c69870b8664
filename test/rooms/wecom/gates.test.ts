import { describe, expect, test } from '@jest/globals';
import { HOUR, MINUTE, SECOND } from '../../../lib/platform/clock.ts';
import { wecomShape } from '../../../lib/store/tables.ts';
import { GateClosed, MissingAppSecret, parkedUntil, WeComError, WeComUnreachable } from '../../../lib/wecom/errors.ts';
import { restAfter, restAfterStrikes, weComGates } from '../../../lib/wecom/gates.ts';
import { weComStore } from '../../../lib/wecom/wecom-store.ts';
import { memoryTable } from '../../support/memory-table.ts';
import { movingClock } from './stand-in.ts';

const SEND = 'kf/send_msg';
const caught = (error: unknown): unknown => error;

function gatesOf(processes: number) {
  const time = movingClock();
  const store = weComStore(memoryTable(wecomShape('wecom')));
  const gates = Array.from({ length: processes }, () => weComGates({ store, clock: time.clock, random: () => 0.5 }));
  const [one, two] = [gates[0], gates[processes - 1]];
  if (!one || !two) throw new Error('at least one');
  return { ...time, store, one, two };
}

describe('a gate', () => {
  test('closes for all processes, two seconds later at the latest, and opens by time', async () => {
    const { one, two, move } = gatesOf(2);
    await two.pass('main', SEND);
    await one.noteAnswer('main', SEND, 45009);
    expect(await one.pass('main', SEND).catch(caught)).toBeInstanceOf(GateClosed);
    move(2 * SECOND);
    expect(await two.pass('main', SEND).catch(caught)).toBeInstanceOf(GateClosed);
    move(MINUTE);
    await two.pass('main', SEND);
  });

  test('is one app’s and one API’s', async () => {
    const { one } = gatesOf(1);
    await one.noteAnswer('main', SEND, 48002);
    await one.pass('main', 'kf/sync_msg');
    await one.pass('other', SEND);
    expect(await one.pass('main', SEND).catch(caught)).toBeInstanceOf(GateClosed);
  });

  test('of the whole app closes when our address or secret is refused', async () => {
    for (const errcode of [60020, 40001]) {
      const { one } = gatesOf(1);
      await one.noteAnswer('main', SEND, errcode);
      expect(await one.pass('main', 'kf/sync_msg').catch(caught)).toMatchObject({ reason: `errcode ${errcode}` });
      await one.pass('other', 'kf/sync_msg');
    }
  });

  test('that is closed for long is not opened by a short closing', async () => {
    const { one, move } = gatesOf(1);
    await one.noteAnswer('main', SEND, 45009);
    await one.noteAnswer('main', SEND, 45033);
    move(30 * SECOND);
    expect(await one.pass('main', SEND).catch(caught)).toBeInstanceOf(GateClosed);
  });

  test.each([0, -1, 95001, 95018, 40058, 48007])('stays open after errcode %i', async (errcode) => {
    const { one } = gatesOf(1);
    await one.noteAnswer('main', SEND, errcode);
    await expect(one.pass('main', SEND)).resolves.toBeUndefined();
  });

  test('rests for a few seconds, never the same, after too many calls at once', () => {
    const rests = [0, 0.25, 0.5, 0.99].map((random) => restAfter(SEND, 45033, random)?.ms ?? 0);
    expect(new Set(rests).size).toBe(4);
    for (const ms of rests) {
      expect(ms).toBeGreaterThanOrEqual(SECOND);
      expect(ms).toBeLessThan(5 * SECOND);
    }
  });
});

describe('an API that cannot be reached', () => {
  /** One failing call after the other, each beginning when the gate is open; the rests between them, in seconds. */
  async function failAgain(room: ReturnType<typeof gatesOf>): Promise<number> {
    room.move(SECOND);
    const startedAt = room.clock();
    room.move(10);
    await room.one.noteUnreachable('main', SEND, startedAt);
    const error = await room.one.pass('main', SEND).catch(caught);
    if (!(error instanceof GateClosed)) return 0;
    const rest = error.until - room.clock();
    room.move(rest);
    return rest / SECOND;
  }

  test('rests after the second failure in a row, longer each time, up to a minute', async () => {
    const room = gatesOf(1);
    const rests: number[] = [];
    for (let n = 0; n < 8; n += 1) rests.push(await failAgain(room));
    expect(rests).toEqual([0, 1.75, 3.5, 7, 14, 28, 52.5, 52.5]);
  });

  test('begins anew after an answer, whatever it says', async () => {
    const room = gatesOf(1);
    await failAgain(room);
    await failAgain(room);
    await room.one.noteAnswer('main', SEND, 95018);
    expect(await failAgain(room)).toBe(0);
  });

  test('begins anew after a long quiet time', async () => {
    const room = gatesOf(1);
    await failAgain(room);
    room.move(HOUR);
    expect(await failAgain(room)).toBe(0);
  });

  test('counts calls that fail side by side as one', async () => {
    const room = gatesOf(2);
    const startedAt = room.clock();
    room.move(10 * SECOND);
    await Promise.all([room.one, room.two, room.one].map((gates) => gates.noteUnreachable('main', SEND, startedAt)));
    await room.one.noteUnreachable('main', SEND, startedAt);
    expect((await room.store.readGates('main')).strikes.get(SEND)?.count).toBe(1);
  });

  test('rests for at most a minute, and for another time than the others', () => {
    for (const strikes of [2, 3, 7, 50]) {
      expect(restAfterStrikes(strikes, 0)).toBeLessThan(restAfterStrikes(strikes, 0.99));
      expect(restAfterStrikes(strikes, 0.99)).toBeLessThanOrEqual(MINUTE);
    }
  });
});

test('a gate that cannot be written does not turn an answer into a failure', async () => {
  const broken = (): Promise<never> => Promise.reject(new Error('the table is away'));
  const store = { readGates: broken, closeGate: broken, strike: broken, forgetStrikes: broken };
  const gates = weComGates({ store, clock: movingClock().clock });
  await expect(gates.noteAnswer('main', SEND, 45009)).resolves.toBeUndefined();
  await expect(gates.noteUnreachable('main', SEND, 0)).resolves.toBeUndefined();
});

describe('when to come back', () => {
  test('not before the gate opens, and not all at the same moment', () => {
    const closed = new GateClosed({ app: 'main', api: SEND, reason: 'errcode 45009', until: 90_000 });
    const times = [0, 0.3, 0.9].map((random) => parkedUntil(closed, 30_000, 3, random));
    expect(Math.min(...times)).toBeGreaterThanOrEqual(90_000);
    expect(new Set(times).size).toBe(3);
  });

  test('later with every try, up to two minutes', () => {
    const lost = new WeComUnreachable({ api: SEND, reason: 'time-out', mayHaveActed: true });
    const waits = [0, 1, 2, 3, 20].map((tries) => parkedUntil(lost, 0, tries, 0.5));
    expect(waits).toEqual([3000, 6000, 12_000, 24_000, 90_000]);
  });

  test('not within a minute where only an operator can help', () => {
    for (const error of [new WeComError({ api: SEND, errcode: 48007 }), new MissingAppSecret('main')]) {
      expect(parkedUntil(error, 0, 0, 0)).toBe(MINUTE);
    }
  });
});

describe('pulls without a fresh pull token', () => {
  test('are five a minute for the whole corp, however many ask at once', async () => {
    const store = weComStore(memoryTable(wecomShape('wecom')));
    const now = Date.parse('2026-03-02T04:00:20Z');
    const answers = await Promise.all(Array.from({ length: 12 }, () => store.takePull('ww1', now)));
    expect(answers.filter((answer) => answer.granted)).toHaveLength(5);
    expect(answers.at(-1)).toEqual({ granted: false, retryAt: Date.parse('2026-03-02T04:01:00Z') });
    expect(await store.takePull('ww2', now)).toEqual({ granted: true });
    expect(await store.takePull('ww1', now + 40 * SECOND)).toEqual({ granted: true });
  });
});
