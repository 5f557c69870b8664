import type { Envelope } from './envelope.ts';

/**
 * EventBridge delivers at least once and in no order, and an archive delivers again what was delivered long ago. These functions
 * tell news from the rest. They know no clock and no client: where what is known is kept, is the consumer's affair.
 */

type Place = Pick<Envelope, 'id' | 'source' | 'subject' | 'sequence'>;

/** What a consumer knows of one subject. */
export interface Known {
  /** The highest sequence number that was taken. */
  readonly sequence: number;
  /** The ids of the last events that were taken, the newest last. */
  readonly ids: readonly string[];
}

/**
 * `news`: newer than everything known of its subject. `repeat`: taken before. `older`: overtaken by a newer one, or a repeat from so
 * long ago that its id is forgotten. Whoever keeps a state takes `news` alone.
 */
export type Verdict = 'news' | 'repeat' | 'older';

/** How many ids are remembered of a subject, unless said otherwise. */
const IDS_KEPT = 50;

export function judge(known: Known | undefined, { id, sequence }: Place): Verdict {
  if (known === undefined || sequence > known.sequence) return known?.ids.includes(id) ? 'repeat' : 'news';
  return known.ids.includes(id) ? 'repeat' : 'older';
}

/** What is known once this event was taken. */
export function noted(known: Known | undefined, { id, sequence }: Place, idsKept = IDS_KEPT): Known {
  const ids = [...(known?.ids ?? []).filter((one) => one !== id), id];
  return {
    sequence: Math.max(known?.sequence ?? sequence, sequence),
    ids: ids.slice(Math.max(0, ids.length - idsKept)),
  };
}

/** Where what is known is kept. Subjects of different stages have different keys. */
export interface KnownStore {
  read(key: string): Promise<Known | undefined>;
  /** Writes if what is there still is `before`; `false` if it is not: another process was faster. */
  save(key: string, known: Known, before: Known | undefined): Promise<boolean>;
}

/** Another process took an event of this subject at the same time. Let the queue deliver again. */
export class TakenMeanwhile extends Error {
  constructor() {
    super('Another process took an event of the same subject at the same time.');
    this.name = 'TakenMeanwhile';
  }
}

/**
 * Does the work for news only, and notes it afterwards: a crash in between has the work done again when the queue delivers again, so it
 * has to bear that. Work that is one write can have `sequence` in its own condition instead, and needs no store.
 *
 * @throws TakenMeanwhile
 */
export async function takeNews<Event extends Place>(
  store: KnownStore,
  event: Event,
  work: (event: Event) => Promise<void>,
): Promise<Verdict> {
  const key = keyOf(event);
  const known = await store.read(key);
  const verdict = judge(known, event);
  if (verdict !== 'news') return verdict;
  await work(event);
  if (!(await store.save(key, noted(known, event), known))) throw new TakenMeanwhile();
  return verdict;
}

/** A source has no space in it. */
export const keyOf = ({ source, subject }: Pick<Place, 'source' | 'subject'>): string => `${source} ${subject}`;
