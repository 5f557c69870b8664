import { type Clock, type Instant, MINUTE } from '../platform/clock.ts';
import { not, present } from '../store/table.ts';
import { names } from './customer.ts';
import {
  type Archive,
  deskOf,
  type FileTrace,
  findTraces,
  type Place,
  type Trace,
  tombstoneIn,
} from './find-traces.ts';

/** What erasing needs from outside. Everything may be repeated. */
export interface EraseCustomer {
  readonly archive: Archive;
  readonly clock: Clock;
  /** Puts the wish into a conversation's inbox, and wakes its writer. */
  forgetConversation(conversationId: string, id: string, at: Instant): Promise<void>;
  /** Tells the writer of the customer's contacts. */
  forgetContact(customerId: string, at: Instant): Promise<void>;
  /** Has a way's writer write it anew: keys of entries that it took in last name the customer. `id`: the wish's own. */
  rewriteWay(wayId: string, id: string): Promise<void>;
  /** Takes the customer out of what a supervisor is still to be told. */
  forgetAtDesk(supervisorId: string, isHis: (id: string) => boolean): Promise<void>;
  pause(ms: number): Promise<void>;
  /** Told before every look but the first: how many traces are left. */
  left?(traces: number): void;
}

/** How many there are in each place. */
export type Counts = Readonly<Partial<Record<Place, number>>>;

export interface Survey {
  /** Of before the moment: these go. */
  readonly toErase: Counts;
  readonly total: number;
  readonly tombstones: number;
  /** What is of an erasure that was begun before: this is its moment, and it is to be ended. */
  readonly begunAt?: Instant;
  /** The moment to erase by, so that all that was found goes. */
  readonly moment: Instant;
}

export interface Erased extends Survey {
  readonly at: Instant;
  /** Nothing of before is left. False: the writers had no time yet; the same again goes on. */
  readonly done: boolean;
  readonly files: number;
  readonly memories: number;
}

const LOOK_AGAIN_MS = 500;
/** Whose clock is further off, AWS does not talk to. What is of later than that is no time of something that happened. */
const CLOCKS_APART = 15 * MINUTE;

/**
 * Erases a customer everywhere. The owners of what is kept forget him themselves, each by its one writer, and refuse from then on what
 * is of before (docs/decisions/0033-a-tombstone-is-a-moment.md). What has no writer any more (handled entries that others' inboxes
 * remember, records of choices) is removed here, once the owners know. Every step may be repeated, by anybody, at any time.
 */
export function eraseCustomer(room: EraseCustomer) {
  const { archive, clock } = room;

  /** Looks what there is, and erases nothing. `at` is now, by the clock of whoever looks. */
  async function survey(customerId: string, at = clock()): Promise<Survey> {
    const { traces, files } = await collect(customerId);
    const begun = begunAt(traces);
    const unfinished = begun !== undefined && leftOf(traces, files, begun).length > 0;
    const moment = unfinished ? begun : newestOf(traces, at);
    const left = leftOf(traces, files, moment);
    return {
      toErase: countOf(left),
      total: left.length,
      tombstones: traces.filter(({ what }) => what === 'tombstone').length,
      moment,
      ...(unfinished && { begunAt: begun }),
    };
  }

  /** @param until when to stop waiting for the writers */
  async function erase(customerId: string, at: Instant, until: Instant): Promise<Erased> {
    const before = await survey(customerId, at);
    let removed = { files: 0, memories: 0 };
    for (let looks = 0; ; looks += 1) {
      const { traces, files } = await collect(customerId);
      const left = leftOf(traces, files, at);
      if (looks > 0) room.left?.(left.length);
      const after = {
        ...before,
        at,
        moment: at,
        ...removed,
        tombstones: traces.filter(({ what }) => what === 'tombstone').length,
      };
      if (left.length === 0) return { ...after, done: true };
      if (looks > 0 && clock() >= until) return { ...after, done: false, toErase: countOf(left), total: left.length };
      // Wakes may be lost; a wish that is there already changes nothing.
      if (looks % 10 === 0) await wish(customerId, traces, files, at);
      await tidy(customerId, traces, looks, at);
      const cleared = await clear(traces, files, at);
      removed = { files: removed.files + cleared.files, memories: removed.memories + cleared.memories };
      await room.pause(LOOK_AGAIN_MS);
    }
  }

  /** Asks every owner that has something and does not refuse it yet. */
  async function wish(customerId: string, traces: readonly Trace[], files: readonly FileTrace[], at: Instant) {
    const asked = new Set<string>();
    for (const { place, key } of traces) if (place === 'conversations') asked.add(String(key.conversationId));
    // A file outlives its words where the history's time was over first: nobody has to be asked for it.
    for (const conversationId of asked) await room.forgetConversation(conversationId, `at-${at}`, at);
    const hasContact = traces.some(({ place }) => place === 'customers' || place === 'contact-ways');
    if (hasContact || (asked.size === 0 && files.length > 0)) await room.forgetContact(customerId, at);
  }

  /** Has others' records written without him. A way is asked again after a while: its wake may be lost. */
  async function tidy(customerId: string, traces: readonly Trace[], looks: number, at: Instant): Promise<void> {
    for (const { place, what, key } of traces) {
      if (what !== 'fading') continue;
      if (place === 'wecom') await room.forgetAtDesk(deskOf(String(key.id)), (id) => names(id, customerId));
      else if (looks % 4 === 1) await room.rewriteWay(String(key.wayId), `erased-${at}-${clock()}`);
    }
  }

  /** Removes what has no writer, once those who could bring it back refuse it. */
  async function clear(traces: readonly Trace[], files: readonly FileTrace[], at: Instant) {
    const knowing = traces.filter((trace) => knows(trace, at));
    const conversations = traces.filter(({ place, key }) => place === 'conversations' && key.entry === 'state');
    const allConversationsKnow = conversations.every((trace) => knowing.includes(trace));
    const records = traces.filter(({ place, key }) => place === 'customers' && key.entry === 'relations');
    // What ways are still to be told again is known to them as a repeat only as long as they remember it.
    const contactKnows = records.every((trace) => knowing.includes(trace) && !stillCounts(trace));
    let [memories, gone] = [0, 0];
    for (const trace of traces) {
      const { place, what, key } = trace;
      if (what !== 'memory' || !isOfBefore(trace, at)) continue;
      if (place === 'contact-ways' ? !contactKnows : !allConversationsKnow) continue;
      if (place === 'conversations' || place === 'customers') continue;
      if (await archive.houses[place].table.delete(key, not(present('unread')))) memories += 1;
    }
    if (allConversationsKnow) {
      const held = new Set(traces.flatMap((trace) => fileIn(trace)));
      for (const { path } of files) {
        if (held.has(path.slice(path.lastIndexOf('/') + 1))) continue;
        await archive.files.delete(path);
        gone += 1;
      }
    }
    return { files: gone, memories };
  }

  async function collect(customerId: string): Promise<{ traces: Trace[]; files: FileTrace[] }> {
    const traces: Trace[] = [];
    const files: FileTrace[] = [];
    for await (const trace of findTraces(archive, customerId)) {
      if (trace.place === 'media') files.push(trace);
      // Only what is asked of it below: a long history is not held in memory.
      else
        traces.push({
          ...trace,
          item: trace.key.entry === 'state' || trace.key.entry === 'relations' ? trace.item : slim(trace.item),
        });
    }
    return { traces, files };
  }

  return { survey, erase };
}

/** A new owner's state refuses what is of before `at`. */
function knows({ key, item }: Trace, at: Instant): boolean {
  if (key.entry !== 'state' && key.entry !== 'relations') return false;
  return (tombstoneIn(item).erasedAt ?? Number.NEGATIVE_INFINITY) >= at;
}

/** What still has to go. */
function leftOf(traces: readonly Trace[], files: readonly FileTrace[], at: Instant): (Trace | FileTrace)[] {
  const cameBack = traces.some((trace) => knows(trace, at) && trace.what === 'content');
  const held = new Set(traces.filter((trace) => !isOfBefore(trace, at)).flatMap(fileIn));
  const left = traces.filter((trace) => {
    if (trace.what === 'tombstone') return false;
    if (trace.what === 'fading') return true;
    if (knows(trace, at)) return hasUndone(trace);
    // Without a time it may be of the one who came back.
    if (trace.at === undefined && cameBack && trace.place !== 'conversations' && trace.place !== 'customers')
      return false;
    return isOfBefore(trace, at);
  });
  return [...left, ...files.filter(({ path }) => !held.has(path.slice(path.lastIndexOf('/') + 1)))];
}

const isOfBefore = (trace: Trace, at: Instant): boolean => trace.at === undefined || trace.at <= at;

/** Adds of before are still to be told to their ways, which may have heard of them already. */
const stillCounts = ({ item }: Trace): boolean => pendingOf(item).some(({ kind }) => kind === 'count');

/** The tombstone stands, and what follows from it is still to be done, or to be told to other systems. */
function hasUndone({ item }: Trace): boolean {
  return pendingOf(item).some(
    ({ kind, type = '' }) =>
      kind === 'erase-history' || kind === 'forget-welcomes' || (kind === 'publish' && type.endsWith('.erased.v1')),
  );
}

function pendingOf(item: Record<string, unknown>): readonly { kind?: string; type?: string }[] {
  const state: { pending?: readonly { kind?: string; type?: string }[] } = Object(item.state);
  return state.pending ?? [];
}

/** The moment of an erasure that was begun: of its wish, or of what already knows. */
function begunAt(traces: readonly Trace[]): Instant | undefined {
  const moments = traces.flatMap(({ key, item, at }) => {
    if (String(key.entry).startsWith('erased#')) return at === undefined ? [] : [at];
    if (key.entry !== 'state' && key.entry !== 'relations') return [];
    const { erasedAt } = tombstoneIn(item);
    return erasedAt === undefined ? [] : [erasedAt];
  });
  return moments.length === 0 ? undefined : Math.max(...moments);
}

/**
 * Now, or when the newest of what is there came, if that is later: its time is WeCom's or a function's, and the clock of whoever looks may be
 * behind theirs.
 */
function newestOf(traces: readonly Trace[], now: Instant): Instant {
  const times = traces.flatMap(({ at }) => (at !== undefined && at <= now + CLOCKS_APART ? [at] : []));
  return times.reduce((newest, at) => Math.max(newest, at), now);
}

/** The name of the file that a message's entry may have in the bucket. */
function fileIn({ place, key }: Trace): string[] {
  const [, id] = place === 'conversations' ? (/^msg#(.+)$/.exec(String(key.entry)) ?? []) : [];
  return id === undefined ? [] : [id];
}

const slim = ({ unread, handledAt }: Record<string, unknown>): Record<string, unknown> => ({ unread, handledAt });

function countOf(traces: readonly (Trace | FileTrace)[]): Counts {
  const counts = new Map<Place, number>();
  for (const { place } of traces) counts.set(place, (counts.get(place) ?? 0) + 1);
  return Object.fromEntries(counts);
}
