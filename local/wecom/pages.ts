import type { Fields } from './fields.ts';
import type { Random } from './random.ts';
import { Refusal } from './refusal.ts';
import { HOUR } from './sessions.ts';

const RETENTION = 72 * HOUR;

/** An entry of `msg_list`, as kf/sync_msg returns it. */
export interface Item extends Fields {
  readonly msgid: string;
  readonly send_time: number;
}

export interface Page {
  next_cursor: string;
  has_more: 0 | 1;
  msg_list: readonly Item[];
}

interface Entry {
  at: number;
  item: Item;
}

/** The news of one account, in order, for three days. */
export interface AccountNews {
  add(item: Item, now: number): void;
  /**
   * The page after `cursor`, or from the earliest kept item without one.
   *
   * @throws Refusal for a cursor that this account never gave
   */
  page(cursor: string | undefined, limit: number, now: number): Page;
  /** What was answered last, once more. */
  lastPage(): Page | undefined;
  /** An empty page that says there is more, which WeCom may answer. */
  emptyPage(cursor: string | undefined, now: number): Page;
}

export function accountNews(random: Random, badCursorCode: () => number): AccountNews {
  const entries: Entry[] = [];
  const cursorAt: string[] = [];
  const positionOf = new Map<string, number>();
  let last: Page | undefined;

  const cursorFor = (position: number) => {
    const known = cursorAt[position];
    if (known !== undefined) return known;
    const cursor = `4gw7MepFLfgF2VC5${random.text(12)}`;
    cursorAt[position] = cursor;
    positionOf.set(cursor, position);
    return cursor;
  };
  const startAt = (cursor: string | undefined, now: number) => {
    const given = cursor === undefined ? 0 : positionOf.get(cursor);
    if (given === undefined) throw new Refusal(badCursorCode(), 'cursor');
    const kept = entries.findIndex((entry) => now - entry.at <= RETENTION);
    return Math.max(given, kept === -1 ? entries.length : kept);
  };

  return {
    add: (item, now) => {
      entries.push({ at: now, item });
    },
    page(cursor, limit, now) {
      const start = startAt(cursor, now);
      const end = Math.min(start + limit, entries.length);
      last = {
        next_cursor: cursorFor(end),
        has_more: end < entries.length ? 1 : 0,
        msg_list: entries.slice(start, end).map((entry) => entry.item),
      };
      return last;
    },
    lastPage: () => last,
    emptyPage: (cursor, now) => ({ next_cursor: cursorFor(startAt(cursor, now)), has_more: 1, msg_list: [] }),
  };
}
