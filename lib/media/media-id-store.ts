import * as z from 'zod';
import { type Instant, SECOND } from '../platform/clock.ts';
import { absent, all, any, atMost, equals, type Table } from '../store/table.ts';
import { mediaRef, type OurFile, readMediaRef } from './our-file.ts';

/**
 * Which id WeCom gave a file of ours, in WeCom's table: `media#<app>#<kind>/<hash>`. Everything is read by its key and changed by updates;
 * the sweep queries the index `attention` for those that should be uploaded again.
 */
export interface MediaIdStore {
  /** Consistently read; empty where it was never uploaded. */
  read(app: string, file: OurFile): Promise<UploadedItem>;
  /** Takes the right to upload, unless somebody has it, or the id is no longer the one that was `seen`. */
  lease(
    app: string,
    file: OurFile,
    lease: { holder: string; seen: string | undefined; now: Instant; until: Instant },
  ): Promise<boolean>;
  /** Keeps a new id and ends the lease. False when the lease went to somebody else meanwhile. */
  save(app: string, file: OurFile, holder: string, uploaded: Uploaded): Promise<boolean>;
  /** Gives the lease back without an id. */
  release(app: string, file: OurFile, holder: string): Promise<void>;
  /** The sweep looks at it again then; never, where no time is given. */
  lookAgain(app: string, file: OurFile, at?: Instant): Promise<void>;
  /** Ids that should be renewed by `now`, longest due first. From an index: it may lag behind. */
  due(now: Instant, limit: number): Promise<{ app: string; file: OurFile; attentionAt: Instant }[]>;
}

export interface Uploaded {
  readonly mediaId: string;
  /** From here on it should be renewed, and until `validUntil` it may still be used. */
  readonly refreshAt: Instant;
  readonly validUntil: Instant;
}
export type UploadedItem = { readonly [K in keyof Uploaded]?: Uploaded[K] | undefined };

const Stored = z.object({
  mediaId: z.string().optional(),
  refreshAt: z.number().optional(),
  validUntil: z.number().optional(),
});
const Due = z.object({ app: z.string(), ref: z.string(), attentionAt: z.number() });
const ATTENTION = 'media';

export function mediaIdStore(table: Table): MediaIdStore {
  // Two names of one content are one upload.
  const key = (app: string, { kind, hash }: OurFile) => ({ id: `media#${app}#${kind}/${hash}` });

  return {
    async read(app, file) {
      return Stored.parse((await table.get(key(app, file), { consistent: true })) ?? {});
    },

    async lease(app, file, { holder, seen, now, until }) {
      const condition = all(
        any(absent('leaseUntil'), atMost('leaseUntil', now)),
        seen === undefined ? absent('mediaId') : equals('mediaId', seen),
      );
      const change = { set: { leaseHolder: holder, leaseUntil: until } };
      return (await table.update(key(app, file), change, { condition })) !== undefined;
    },

    async save(app, file, holder, { mediaId, refreshAt, validUntil }) {
      const set = {
        mediaId,
        refreshAt,
        validUntil,
        app,
        ref: mediaRef(file),
        expiresAt: Math.ceil(validUntil / SECOND),
      };
      const change = {
        set: { ...set, attention: ATTENTION, attentionAt: refreshAt },
        remove: ['leaseHolder', 'leaseUntil'],
      };
      return (await table.update(key(app, file), change, { condition: equals('leaseHolder', holder) })) !== undefined;
    },

    async release(app, file, holder) {
      const change = { remove: ['leaseHolder', 'leaseUntil'] };
      await table.update(key(app, file), change, { condition: equals('leaseHolder', holder) });
    },

    async lookAgain(app, file, at) {
      const change =
        at === undefined
          ? { remove: ['attention', 'attentionAt'] }
          : { set: { attention: ATTENTION, attentionAt: at } };
      await table.update(key(app, file), change, { condition: { is: 'present', attribute: 'mediaId' } });
    },

    async due(now, limit) {
      const { items } = await table.query({ index: 'attention', partition: ATTENTION, sort: { atMost: now }, limit });
      return items.flatMap((item) => {
        const { app, ref, attentionAt } = Due.parse(item);
        const file = readMediaRef(ref);
        return file ? [{ app, file, attentionAt }] : [];
      });
    },
  };
}
