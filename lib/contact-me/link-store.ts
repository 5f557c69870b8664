import { setTimeout as sleep } from 'node:timers/promises';
import { DAY, type Instant, SECOND } from '../platform/clock.ts';
import type { Pause } from '../platform/repeat-undone.ts';
import { absent, all, any, atMost, equals, type Item, type Table } from '../store/table.ts';
import {
  canTake,
  inDayOf,
  isOutOfDate,
  type LinkEpoch,
  type LinkFacts,
  lastTurn,
  planLinkEpoch,
  turnsByMember,
  whoseTurn,
} from './link-epoch.ts';

/**
 * The turns of `link` ways, in the contact-ways table. Giving one costs one write: the way's counter goes up by one, and the answer says which
 * turn it was and which epoch holds. Whose turn it is stands in the epoch, which never changes and is remembered here.
 *
 *     counter   … 198 199 200 │ 201 202 …          turn 201 makes epoch 2; 202 and those after it wait for it to do so
 *     epoch 1 ────────────────┘ epoch 2 ────
 *
 * When something has changed, an epoch ends early: the counter then says where (`begins`) the next one begins, and whoever has its first
 * turn plans it. A turn whose opening died counts as given.
 */
export interface LinkStore {
  /** Gives the next turn. Rejects when the counter did not answer: then a turn may have been given to nobody. */
  take(wayId: string, facts: LinkFacts, at: Instant): Promise<Taken>;
  /** Passes this turn over, because its member cannot be shown, and gives another; both in one write. */
  takeInstead(wayId: string, turn: number, facts: LinkFacts, at: Instant): Promise<Taken>;
  /** The turns that were given, by member: ever, and on the day of the last one. Consistently read. */
  given(wayId: string): Promise<GivenTurns>;
}

/** `nobody`: no member can take a turn now. */
export type Taken = { readonly turn: number; readonly agentId: string } | 'nobody';

export interface GivenTurns extends Partial<Pick<LinkEpoch, 'today'>> {
  /** All numbers that were given out, those of skipped turns and of openings that found nobody included. */
  readonly count: number;
  readonly ever: Readonly<Record<string, number>>;
  /** Whose turn the next opening takes by the plan; absent where that is not planned yet. Whoever cannot take it by then is passed over. */
  readonly next?: string;
}

/** Times that an opening meets a turn whose member cannot take it, before it gives up. */
const MOST_SKIPS = 40;
/** How far ahead an epoch is ended when openings come too fast to end it at once. */
const AHEAD = [4, 16, 64];
/** How long whoever has not the first turn of an epoch waits for it to be made. */
const WAITS_MS = [10, 20, 40, 80, 160];
/** Past epochs stay for a while for those who want to understand what happened. */
const KEPT_MS = 7 * DAY;
const REMEMBERED = 200;

interface Counter {
  readonly turn: number;
  readonly epoch: number;
  readonly begins: number;
  readonly skipped: ReadonlySet<number>;
}

/**
 * @param counting the same table by a client that does not repeat calls by itself: a repeat would give a turn to nobody
 */
export function linkStore(table: Table, counting: Table, pause: Pause = sleep): LinkStore {
  const counterKey = (wayId: string) => ({ wayId, entry: 'link' });
  const epochKey = (wayId: string, number: number) => ({ wayId, entry: `epoch#${String(number).padStart(9, '0')}` });
  const remembered = new Map<string, LinkEpoch>();

  async function count(wayId: string, skipped?: number): Promise<Counter> {
    const add = { turn: 1, ...(skipped !== undefined && { skipped: new Set([String(skipped)]) }) };
    return counterOf(await counting.update(counterKey(wayId), { add }));
  }

  async function epochOf(wayId: string, number: number): Promise<LinkEpoch | undefined> {
    const id = `${wayId}#${number}`;
    const known = remembered.get(id);
    if (known) return known;
    const item = await table.get(epochKey(wayId, number), { consistent: true });
    if (!item) return undefined;
    const epoch = item.epoch as LinkEpoch;
    if (remembered.size >= REMEMBERED) remembered.delete(remembered.keys().next().value ?? '');
    remembered.set(id, epoch);
    return epoch;
  }

  /** The epoch that begins after turn `begins`: made by whoever has its first turn, and by the others only when nobody did. */
  async function epochFrom(wayId: string, number: number, begins: number, turn: number, facts: LinkFacts, at: Instant) {
    const waits = turn === begins + 1 ? [] : WAITS_MS;
    for (const ms of waits) {
      const made = await epochOf(wayId, number);
      if (made) return made;
      await pause(ms);
    }
    return (await epochOf(wayId, number)) ?? make(wayId, number, begins, facts, at);
  }

  async function make(wayId: string, number: number, begins: number, facts: LinkFacts, at: Instant) {
    const epoch = await epochOf(wayId, number - 1);
    const counter = counterOf(await table.get(counterKey(wayId), { consistent: true }));
    const planned = planLinkEpoch(begins, facts, at, epoch && { epoch, skipped: counter.skipped });
    const mine = { ...planned, number };
    if (!(await table.put({ ...epochKey(wayId, number), epoch: mine }, absent('entry')))) {
      return (await epochOf(wayId, number)) ?? mine;
    }
    // Those that the plan took in; whoever was quicker may have passed over turns of the new epoch already.
    const known = [...counter.skipped].filter((turn) => turn <= begins).map(String);
    const change = {
      set: { epoch: number, begins },
      ...(known.length > 0 && { delete: { skipped: new Set(known) } }),
    };
    await table.update(counterKey(wayId), change, { condition: any(absent('epoch'), atMost('epoch', number)) });
    if (number > 2) await expire(wayId, number - 2, at);
    return mine;
  }

  async function expire(wayId: string, number: number, at: Instant): Promise<void> {
    const expiresAt = Math.ceil((at + KEPT_MS) / SECOND);
    await table.update(epochKey(wayId, number), { set: { expiresAt } }, { condition: equals('wayId', wayId) });
  }

  /**
   * Ends an epoch early: before this very turn if no other was given since, else a little ahead of the openings, whose turns up to there
   * stay those of the old plan. True when this turn belongs to the next epoch. Whoever made this one may have died before the counter
   * was told of it; the counter never goes back.
   */
  async function overtake(wayId: string, epoch: LinkEpoch, turn: number): Promise<boolean> {
    const set = { epoch: epoch.number + 1, begins: turn - 1 };
    const notLater = any(absent('epoch'), atMost('epoch', epoch.number));
    const condition = all(notLater, atMost('turn', turn));
    if (await table.update(counterKey(wayId), { set }, { condition })) return true;
    for (const ahead of AHEAD) {
      const now = counterOf(await table.get(counterKey(wayId), { consistent: true }));
      const begins = now.turn + ahead;
      if (now.epoch > epoch.number || begins >= lastTurn(epoch)) return false;
      const later = { set: { epoch: epoch.number + 1, begins } };
      const inTime = all(notLater, atMost('turn', begins));
      if (await table.update(counterKey(wayId), later, { condition: inTime })) return false;
    }
    return false;
  }

  /** The epoch of a turn that was just counted. */
  async function epochOfTurn(wayId: string, counter: Counter, facts: LinkFacts, at: Instant): Promise<LinkEpoch> {
    const { turn } = counter;
    // An early end was set ahead of this turn: it is still one of the epoch before.
    const early = turn <= counter.begins ? await epochOf(wayId, counter.epoch - 1) : undefined;
    if (early) return early;
    let epoch = await epochFrom(wayId, Math.max(1, counter.epoch), counter.begins, turn, facts, at);
    while (turn > lastTurn(epoch)) {
      epoch = await epochFrom(wayId, epoch.number + 1, lastTurn(epoch), turn, facts, at);
    }
    const isLatest = epoch.number >= counter.epoch;
    if (!isLatest || !isOutOfDate(epoch, facts, at)) return epoch;
    if (!(await overtake(wayId, epoch, turn))) return epoch;
    return make(wayId, epoch.number + 1, turn - 1, facts, at);
  }

  async function takeFrom(wayId: string, first: Counter, read: LinkFacts, at: Instant): Promise<Taken> {
    const facts = inDayOf(read, at);
    let counter = first;
    for (let skips = 0; ; skips += 1) {
      const epoch = await epochOfTurn(wayId, counter, facts, at);
      const agentId = whoseTurn(epoch, counter.turn);
      if (agentId !== undefined && canTake(epoch, facts, agentId, at)) return { turn: counter.turn, agentId };
      // A plan without anybody holds until it is out of date; then the next one begins, at the latest, some openings from here.
      const nobodyCan = agentId === undefined && !isOutOfDate(epoch, facts, at);
      if (nobodyCan || skips === MOST_SKIPS) return 'nobody';
      counter = await count(wayId, agentId === undefined ? undefined : counter.turn);
    }
  }

  async function nextOf(
    wayId: string,
    counter: Counter,
    last: LinkEpoch | undefined,
  ): Promise<Pick<GivenTurns, 'next'>> {
    const turn = counter.turn + 1;
    const following = await epochOf(wayId, (last?.number ?? 0) + 1);
    const planned = [last, following].findLast((epoch) => epoch !== undefined && epoch.begins < turn);
    const isOver = planned !== undefined && planned.number < counter.epoch && counter.begins < turn;
    const next = planned && !isOver ? whoseTurn(planned, turn) : undefined;
    return next === undefined ? {} : { next };
  }

  return {
    take: async (wayId, facts, at) => takeFrom(wayId, await count(wayId), facts, at),
    takeInstead: async (wayId, turn, facts, at) => takeFrom(wayId, await count(wayId, turn), facts, at),

    async given(wayId) {
      const counter = counterOf(await table.get(counterKey(wayId), { consistent: true }));
      let last: LinkEpoch | undefined;
      for (let number = Math.max(1, counter.epoch - 1); ; number += 1) {
        const epoch = await epochOf(wayId, number);
        if (!epoch || epoch.begins >= counter.turn) break;
        last = epoch;
      }
      const next = await nextOf(wayId, counter, last);
      if (!last) return { count: counter.turn, ever: {}, ...next };
      const end = last.number < counter.epoch ? Math.min(counter.turn, counter.begins) : counter.turn;
      return { count: counter.turn, ...turnsByMember(last, end, counter.skipped), ...next };
    },
  };
}

function counterOf(item: Item = {}): Counter {
  const number = (value: unknown): number => (typeof value === 'number' ? value : 0);
  const skipped = item.skipped instanceof Set ? [...item.skipped].map(Number) : [];
  return { turn: number(item.turn), epoch: number(item.epoch), begins: number(item.begins), skipped: new Set(skipped) };
}
