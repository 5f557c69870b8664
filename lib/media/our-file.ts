import { createHash } from 'node:crypto';
import * as z from 'zod';
import { MEDIA_KINDS, type MediaKind } from '../wecom/media.ts';

/** A file of the library, as a message names it: what it is sent as, what it holds, and what it is called. */
export interface OurFile {
  readonly kind: MediaKind;
  /** SHA-256 of its content, hexadecimal. */
  readonly hash: string;
  readonly name: string;
}

/** A file of the business configuration. Its content lies in the bucket, under its hash. */
export const LibraryFile = z.strictObject({
  id: z.string().min(1),
  /** Where it lay when the configuration was applied. */
  file: z.string().min(1),
  /** What a customer sees it called; WeCom shows the names of files. */
  name: z.string().min(1),
  hash: z.string().regex(/^[0-9a-f]{64}$/),
  bytes: z.number(),
  format: z.enum(['jpg', 'png', 'amr', 'mp4', 'other']),
  /** Of a voice. */
  seconds: z.number().optional(),
});
export type LibraryFile = z.infer<typeof LibraryFile>;

export const hashOf = (content: Uint8Array): string => createHash('sha256').update(content).digest('hex');

const OURS = 'wecom-concierge:';

/**
 * How a message that is decided and not yet sent names a file of ours, in the place of WeCom's `media_id`: an id of WeCom's lives for
 * three days, and a message may wait.
 */
export const mediaRef = ({ kind, hash, name }: OurFile): string =>
  `${OURS}${kind}/${hash}/${encodeURIComponent(name.toWellFormed())}`;

const REF = new RegExp(`^${OURS}(${MEDIA_KINDS.join('|')})/([0-9a-f]{64})/(.+)$`);

/** The file that is meant; undefined where it is an id of WeCom's. */
export function readMediaRef(text: string): OurFile | undefined {
  const [, kind, hash, name] = REF.exec(text) ?? [];
  const known = MEDIA_KINDS.find((one) => one === kind);
  return known && hash && name ? { kind: known, hash, name: decodeURIComponent(name) } : undefined;
}

/** Where a file of the library lies in the bucket. */
export const libraryKey = (hash: string): string => `library/${hash}`;

/** Where what came with a message lies in the bucket: ids alone, so that it can be found again by them. */
export function inboundKey(conversationId: string, messageId: string): string {
  const safe = (id: string) => (/^[\w-]{1,128}$/.test(id) ? id : createHash('sha256').update(id).digest('hex'));
  return ['inbound', ...conversationId.split(':'), messageId]
    .map((part, index) => (index === 0 ? part : safe(part)))
    .join('/');
}
