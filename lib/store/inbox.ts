import { createHash } from 'node:crypto';
import * as z from 'zod';
import { DAY, type Instant, SECOND } from '../platform/clock.ts';
import { timeOrder } from './entry-order.ts';
import {
  above,
  absent,
  all,
  any,
  type Change,
  type Cursor,
  type Item,
  type Key,
  present,
  type Table,
} from './table.ts';

/**
 * What waits for an owner (a conversation, a team, a contact way): one item per entry in the owner's own collection.
 * Whoever has news puts an entry and then wakes the owner; the owner reads what is unread, and settles it when its
 * decision is saved. A handled entry stays where it is, so that a repeat of it is known and not taken for new.
 */
export interface Inbox {
  /**
   * Puts an entry under its own key; a repeat changes nothing. The owner has to be woken in either case: 'known' may be
   * an entry whose first putter died before it woke anybody, or this very call, repeated after its answer was lost.
   */
  put(entry: NewEntry): Promise<'new' | 'known'>;
  /** The first unread entries in their order, read consistently; `more` says whether others follow. */
  unread(owner: string, limit: number): Promise<InboxPage>;
  /** These entries are handled, also where a slower process has set one aside since. Those that are handled already, or were erased, are
   *  left alone. */
  settle(owner: string, entries: readonly string[], at: Instant): Promise<void>;
  /** Notes one more try of an unread entry, before it is tried, so that a try that kills its process counts as well.
   *  Returns how often it was tried, this time included; 0 when it is not unread any more. */
  tried(owner: string, entry: string): Promise<number>;
  /** Takes one try back from each of these unread entries: what failed had nothing to do with them. */
  untried(owner: string, entries: readonly string[]): Promise<void>;
  /** This entry cannot be handled: it is marked `dead` with the reason (ours, never a customer's words), and no longer
   *  unread. An entry that is not unread is left alone. */
  setAside(owner: string, entry: string, reason: string, at: Instant): Promise<void>;
  /**
   * An entry that was set aside is unread again, where it stood, with all its tries before it. The owner has to be woken. May be repeated:
   * `unread`, also where it was already; `handled`, once it has been; `gone`, where nothing is kept of it any more.
   */
  putBack(owner: string, entry: string, at: Instant): Promise<'unread' | 'handled' | 'gone'>;
}

export interface NewEntry {
  readonly owner: string;
  /** Its key in the owner's collection, derived from what it is (e.g. WeCom's msgid), so that a repeat has the same. */
  readonly entry: string;
  /** Where it stands among the unread; see `entry-order.ts`. */
  readonly order: string;
  readonly body: Item;
  readonly at: Instant;
}

const StoredItem = z
  .looseObject({
    entry: z.string(),
    unread: z.string(),
    // What was taken back has none any more, perhaps before its crashed owner could settle it. It must not hold up the others.
    body: z.record(z.string(), z.unknown()).default({}),
    arrivedAt: z.number(),
    tries: z.number().default(0),
  })
  .transform(({ entry, unread, body, arrivedAt, tries }) => ({ entry, order: unread, body, at: arrivedAt, tries }));

/** A beginning of the unread entries; `more`: others follow. */
export interface InboxPage {
  readonly entries: readonly StoredEntry[];
  readonly more: boolean;
}

/** An entry as the owner reads it. `at`: when it was put. `tries`: how often it was tried one by one. */
export type StoredEntry = z.infer<typeof StoredItem>;

// WeCom gives the last three days again to whoever pulls without a cursor (WeCom: kf/sync_msg), so what was handled has to
// be remembered longer than that.
const SHORTEST_KEEP_MS = 4 * DAY;

/**
 * An inbox in a table whose sort key is `entry` and that has the indexes `unread` and `attention`.
 *
 * @param settings.attentionAfterMs how long an entry may stay unread before the sweep looks at its owner
 * @param settings.keepMs how long a handled entry stays; four days at least, whatever is asked. An unread one never expires.
 */
export function inbox(table: Table, settings: { attentionAfterMs: number; keepMs: number }): Inbox {
  const keepMs = Math.max(settings.keepMs, SHORTEST_KEEP_MS);
  const { partition } = table.shape;
  const keyOf = (owner: string, entry: string): Key => ({ [partition]: owner, entry });

  /** The change that takes an entry off the unread. */
  const handled = (at: Instant, more: Item = {}, without: readonly string[] = []): Change => ({
    set: { handledAt: at, expiresAt: Math.ceil((at + keepMs) / SECOND), ...more },
    remove: ['unread', 'attention', 'attentionAt', ...without],
  });
  const open = any(present('unread'), present('dead'));

  async function putBack(owner: string, entry: string, at: Instant): Promise<'unread' | 'handled' | 'gone'> {
    const key = keyOf(owner, entry);
    const item = await table.get(key, { consistent: true });
    if (item?.body === undefined) return 'gone';
    if (item.unread !== undefined) return 'unread';
    if (item.dead === undefined) return 'handled';
    const set = {
      // What an older version set aside has lost its place, and stands behind what was pulled.
      unread: item.order ?? timeOrder(Number(item.arrivedAt)),
      attention: attentionShard(owner),
      attentionAt: at + settings.attentionAfterMs,
    };
    const remove = ['dead', 'order', 'tries', 'handledAt', 'expiresAt'];
    const condition = all(present('dead'), present('body'));
    if (await table.update(key, { set, remove }, { condition })) return 'unread';
    // Somebody was faster, or it was erased just now: once more, for the state that it has now.
    return putBack(owner, entry, at);
  }

  return {
    async put({ owner, entry, order, body, at }) {
      const isNew = await table.put(
        {
          ...keyOf(owner, entry),
          unread: order,
          attention: attentionShard(owner),
          attentionAt: at + settings.attentionAfterMs,
          arrivedAt: at,
          body,
        },
        absent('entry'),
      );
      return isNew ? 'new' : 'known';
    },

    async unread(owner, limit) {
      // One more than asked for: a page that ends at its limit does not tell whether something follows.
      const page = await table.query({ index: 'unread', partition: owner, limit: limit + 1, consistent: true });
      const entries = page.items.slice(0, limit).map((item) => StoredItem.parse(item));
      const cutShort = page.items.length <= limit && page.next !== undefined;
      return { entries, more: page.items.length > limit || cutShort };
    },

    async settle(owner, entries, at) {
      // Put back, what was taken in would be taken in again.
      const change = handled(at, {}, ['dead', 'order']);
      await Promise.all(entries.map((entry) => table.update(keyOf(owner, entry), change, { condition: open })));
    },

    async tried(owner, entry) {
      const after = await table.update(
        keyOf(owner, entry),
        { add: { tries: 1 } },
        { condition: present('unread'), returning: 'after' },
      );
      return after ? StoredItem.parse(after).tries : 0;
    },

    async untried(owner, entries) {
      const change = { add: { tries: -1 } };
      const condition = all(present('unread'), above('tries', 0));
      await Promise.all(entries.map((entry) => table.update(keyOf(owner, entry), change, { condition })));
    },

    async setAside(owner, entry, reason, at) {
      const key = keyOf(owner, entry);
      // Where it stood is kept for the day on which somebody puts it back.
      const order = (await table.get(key, { consistent: true }))?.unread;
      const change = handled(at, { dead: reason, ...(order !== undefined && { order }) });
      await table.update(key, change, { condition: present('unread') });
    },

    putBack,
  };
}

/**
 * The entries of a writer's page that its state has not taken in yet; what it has, it only marks again, since whoever took it in may have died
 * before marking it.
 *
 * @param first whether it is the writer's first page. Then what was taken in may lie behind a page's end, with others before it that
 *   came later; it is marked unseen, since the state will forget that it took it in.
 */
export async function newEntries(
  inbox: Inbox,
  owner: string,
  folded: readonly string[],
  page: InboxPage,
  { first, at }: { readonly first: boolean; readonly at: Instant },
): Promise<StoredEntry[]> {
  const known = page.entries.filter(({ entry }) => folded.includes(entry)).map(({ entry }) => entry);
  await inbox.settle(owner, first && page.more ? folded : known, at);
  return page.entries.filter(({ entry }) => !known.includes(entry));
}

/** Whether an item's time is over. DynamoDB removes expired items up to two days late, so whoever reads them asks. */
export function isExpired(item: Item, at: Instant): boolean {
  return typeof item.expiresAt === 'number' && item.expiresAt * SECOND <= at;
}

const SHARDS = 8;
/** Keys read at once; the index holds nothing else. */
const PAGE = 1000;

/** The part of the `attention` index that an owner is in, 'a0' to 'a7': one alone would take every write of the table. */
export function attentionShard(owner: string): string {
  return `a${createHash('sha256').update(owner).digest().readUInt8(0) % SHARDS}`;
}

/** An owner with something undone, and since when it has been overdue. */
export interface Overdue {
  readonly owner: string;
  readonly attentionAt: Instant;
}

/**
 * For the sweep: who should have been looked at by `at`, the longest overdue first, each once, `limit` at most. The index lags
 * a little behind the table, so somebody may be named who has just been seen to, and then wakes for nothing.
 */
export async function needingAttention(table: Table, at: Instant, limit: number): Promise<Overdue[]> {
  const shards = await Promise.all(
    Array.from({ length: SHARDS }, (_, shard) => overdueOwners(table, `a${shard}`, at, limit)),
  );
  return shards
    .flat()
    .sort((a, b) => a.attentionAt - b.attentionAt)
    .slice(0, limit);
}

/** Everybody of a shard who will want attention some day, each once: whoever has something open. `shard` from 0; undefined: no such shard. */
export async function attentiveOwners(table: Table, shard: number): Promise<string[] | undefined> {
  if (shard >= SHARDS) return undefined;
  return (await overdueOwners(table, `a${shard}`, Number.MAX_SAFE_INTEGER, Number.POSITIVE_INFINITY)).map(
    ({ owner }) => owner,
  );
}

/** Read on until enough owners are found: one with thousands of entries (a long line) must not hide the others. */
async function overdueOwners(table: Table, shard: string, at: Instant, limit: number): Promise<Overdue[]> {
  const since = new Map<string, Instant>();
  let after: Cursor | undefined;
  do {
    const query = { index: 'attention', partition: shard, sort: { atMost: at }, limit: PAGE };
    const page = await table.query({ ...query, ...(after && { after }) });
    for (const item of page.items) {
      const owner = String(item[table.shape.partition]);
      if (!since.has(owner)) since.set(owner, Number(item.attentionAt));
    }
    after = page.next;
  } while (after && since.size < limit);
  return [...since].map(([owner, attentionAt]) => ({ owner, attentionAt }));
}
