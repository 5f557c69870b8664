import type { Random } from './random.ts';
import { Refusal } from './refusal.ts';
import { HOUR } from './sessions.ts';

const LIFETIME = 72 * HOUR;
const MEGABYTE = 1024 * 1024;

const MAX_BYTES: Readonly<Record<string, number>> = {
  image: 2 * MEGABYTE,
  voice: 2 * MEGABYTE,
  video: 10 * MEGABYTE,
  file: 20 * MEGABYTE,
};

export interface StoredMedia {
  type: string;
  fileName: string;
  contentType: string;
  bytes: Buffer;
  at: number;
}

export interface MediaShelf {
  /** @throws Refusal 40004, 40005, 40006, 40123, 44001, 45001 */
  put(type: string, fileName: string, bytes: Buffer, now: number): string;
  /** @throws Refusal 40007 when unknown or older than three days */
  get(mediaId: string, now: number): StoredMedia;
  has(mediaId: string, type: string, now: number): boolean;
}

export function mediaShelf(random: Random): MediaShelf {
  const stored = new Map<string, StoredMedia>();
  const find = (mediaId: string, now: number) => {
    const found = stored.get(mediaId);
    return found !== undefined && now - found.at <= LIFETIME ? found : undefined;
  };
  return {
    put(type, fileName, bytes, now) {
      const contentType = checkFile(type, bytes);
      const mediaId = `${random.digits(1)}${random.text(43)}`;
      stored.set(mediaId, { type, fileName, contentType, bytes, at: now });
      return mediaId;
    },
    get(mediaId, now) {
      const found = find(mediaId, now);
      if (found === undefined) throw new Refusal(40007);
      return found;
    },
    has: (mediaId, type, now) => find(mediaId, now)?.type === type,
  };
}

function checkFile(type: string, bytes: Buffer): string {
  const max = Object.hasOwn(MAX_BYTES, type) ? MAX_BYTES[type] : undefined;
  if (max === undefined) throw new Refusal(40005);
  if (bytes.length === 0) throw new Refusal(44001);
  if (bytes.length <= 5) throw new Refusal(40006);
  if (bytes.length > max) throw new Refusal(45001);
  const startsWith = (...values: number[]) => values.every((value, index) => bytes[index] === value);
  switch (type) {
    case 'image':
      if (startsWith(0xff, 0xd8, 0xff)) return 'image/jpeg';
      if (startsWith(0x89, 0x50, 0x4e, 0x47)) return 'image/png';
      throw new Refusal(40123);
    case 'voice':
      if (bytes.toString('latin1', 0, 5) === '#!AMR') return 'audio/amr';
      throw new Refusal(40004);
    case 'video':
      if (bytes.toString('latin1', 4, 8) === 'ftyp') return 'video/mp4';
      throw new Refusal(40004);
    default:
      return 'application/octet-stream';
  }
}

/** The part named `media` of a multipart upload, which needs a file name. @throws Refusal 44001, 40058 */
export function readUpload(contentType: string, body: Buffer): { fileName: string; bytes: Buffer } {
  const boundary = /^multipart\/form-data\s*;.*boundary="?([^";]+)"?/i.exec(contentType)?.[1];
  if (boundary === undefined) throw new Refusal(40058, 'multipart/form-data');
  const mark = Buffer.from(`--${boundary}`);
  let at = body.indexOf(mark);
  while (at !== -1) {
    const next = body.indexOf(mark, at + mark.length);
    if (next === -1) break;
    const part = body.subarray(at + mark.length + 2, next - 2);
    const split = part.indexOf('\r\n\r\n');
    const head = part.toString('utf8', 0, Math.max(split, 0));
    const fileName = /filename="([^"]+)"/i.exec(head)?.[1];
    if (split !== -1 && /[; ]name="media"/i.test(head) && fileName !== undefined) {
      return { fileName, bytes: part.subarray(split + 4) };
    }
    at = next;
  }
  throw new Refusal(44001, 'media');
}
