import * as z from 'zod';
import type { Instant } from '../platform/clock.ts';
import type { Objects } from '../store/objects.ts';
import type { Cursor, Item, Key, Table, TableShape } from '../store/table.ts';
import { folderOf, names } from './customer.ts';

/** Where something of a customer lies. */
export type Place = 'conversations' | 'customers' | 'contact-ways' | 'routing' | 'wecom' | 'media';

/** Something that is kept of a customer. */
export interface Trace {
  readonly place: Exclude<Place, 'media'>;
  readonly key: Key;
  readonly item: Item;
  readonly what: What;
  /** Of when it is; absent where it does not say. */
  readonly at?: Instant;
}

/**
 * - `tombstone`: of a customer who was forgotten. It holds his id, counters and a moment.
 * - `content`: what was said, done and noted; its owner's writer takes it out.
 * - `undone`: waits for its owner's writer, who first has to take it in.
 * - `memory`: handled, kept only so that a repeat is known. It has no writer any more.
 * - `fading`: ids in what supervisors are still to be told, or in the keys of entries that a way took in last; it is written anew.
 */
export type What = 'tombstone' | 'content' | 'undone' | 'memory' | 'fading';

export interface FileTrace {
  readonly place: 'media';
  readonly path: string;
}

/** Where to look. The keyed tables are asked for what is the customer's, the others are read whole. */
export interface Archive {
  readonly conversations: Table;
  readonly customers: Table;
  readonly houses: Readonly<Record<'contact-ways' | 'routing' | 'wecom', House>>;
  readonly files: Pick<Objects, 'list' | 'get' | 'delete'>;
  /** Told while whole tables are read: items so far. */
  progress?(place: Place, items: number): void;
}

export interface House {
  readonly table: Table;
  scan(): AsyncIterable<Item>;
}

/** Everything that is kept of a customer, as it is found; nothing is held in memory. In no particular order. */
export async function* findTraces(archive: Archive, customerId: string): AsyncGenerator<Trace | FileTrace> {
  for await (const { openKfId } of accountsOf(archive)) {
    const conversationId = `${openKfId}:${customerId}`;
    for await (const item of partition(archive.conversations, conversationId)) yield ofConversation(item);
    for await (const path of archive.files.list(folderOf(conversationId))) yield { place: 'media', path };
  }
  for await (const item of partition(archive.customers, customerId)) yield ofCustomer(item);
  for (const place of ['contact-ways', 'routing', 'wecom'] as const) {
    const { table, scan } = archive.houses[place];
    let read = 0;
    for await (const item of scan()) {
      read += 1;
      if (read % 500 === 0) archive.progress?.(place, read);
      if (names(item, customerId)) yield inHouse(place, table.shape, item);
    }
  }
}

const Account = z.object({ id: z.string().startsWith('account#'), openKfId: z.string() });

/** Every account that was ever followed: their items never expire. */
async function* accountsOf({ houses }: Archive): AsyncGenerator<{ openKfId: string }> {
  for await (const item of houses.wecom.scan()) {
    const account = Account.safeParse(item);
    if (account.success) yield account.data;
  }
}

async function* partition(table: Table, of: string): AsyncGenerator<Item> {
  let after: Cursor | undefined;
  do {
    const page = await table.query({ partition: of, consistent: true, ...(after && { after }) });
    yield* page.items;
    after = page.next;
  } while (after);
}

const Times = z.looseObject({
  unread: z.string().optional(),
  handledAt: z.number().optional(),
  at: z.number().optional(),
  arrivedAt: z.number().optional(),
  body: z.looseObject({ sentAt: z.number().optional(), at: z.number().optional() }).optional(),
  note: z.looseObject({ at: z.number().optional() }).optional(),
  request: z.looseObject({ askedAt: z.number() }).optional(),
  choice: z.looseObject({ request: z.looseObject({ askedAt: z.number() }).optional() }).optional(),
});

function timeOf(item: Item): { at?: Instant } {
  const read = Times.safeParse(item).data;
  const at =
    read?.body?.sentAt ??
    read?.body?.at ??
    read?.at ??
    read?.note?.at ??
    read?.arrivedAt ??
    read?.request?.askedAt ??
    read?.choice?.request?.askedAt;
  return at === undefined ? {} : { at };
}

const Owner = z.looseObject({
  erasedAt: z.number().optional(),
  pending: z.array(z.unknown()).optional(),
  app: z.string().optional(),
  relations: z.looseObject({ facts: z.record(z.string(), z.unknown()) }).optional(),
});

/** What an owner's state says of the erasure. `bare`: nothing has happened since, and nothing is left to do. */
export function tombstoneIn(item: Item): { erasedAt?: Instant; bare: boolean } {
  const { erasedAt, pending = [], app, relations } = Owner.parse(item.state);
  const empty = app === undefined && Object.keys(relations?.facts ?? {}).length === 0;
  return { ...(erasedAt !== undefined && { erasedAt }), bare: erasedAt !== undefined && empty && pending.length === 0 };
}

function ofConversation(item: Item): Trace {
  const key = { conversationId: String(item.conversationId), entry: String(item.entry) };
  if (item.entry === 'state') {
    return { place: 'conversations', key, item, what: tombstoneIn(item).bare ? 'tombstone' : 'content' };
  }
  return { place: 'conversations', key, item, what: item.unread === undefined ? 'content' : 'undone', ...timeOf(item) };
}

function ofCustomer(item: Item): Trace {
  const key = { customerId: String(item.customerId), entry: String(item.entry) };
  const bare = item.entry === 'relations' && tombstoneIn(item).bare;
  return { place: 'customers', key, item, what: bare ? 'tombstone' : 'content', ...timeOf(item) };
}

function inHouse(place: 'contact-ways' | 'routing' | 'wecom', shape: TableShape, item: Item): Trace {
  const names = shape.sort === undefined ? [shape.partition] : [shape.partition, shape.sort];
  const key = Object.fromEntries(names.map((name) => [name, String(item[name])]));
  return { place, key, item, what: whatIn(place, item), ...timeOf(item) };
}

/** As notices keeps them in WeCom's table. */
const DESK = 'notices#';
/** The supervisor whose desk this is. */
export const deskOf = (id: string): string => id.slice(DESK.length);

function whatIn(place: 'contact-ways' | 'routing' | 'wecom', item: Item): What {
  if (item.unread !== undefined) return 'undone';
  const id = String(item.id);
  if (place === 'wecom') return id.startsWith(DESK) ? 'fading' : 'memory';
  // A choice is the memory of a request; a place in line, and an agent's places, are the team's.
  if (place === 'routing') return id.startsWith('request#') || item.handledAt !== undefined ? 'memory' : 'undone';
  if (item.entry === 'state') return 'fading';
  return item.handledAt !== undefined ? 'memory' : 'undone';
}
