/** Media as WeCom takes and gives them (https://developer.work.weixin.qq.com/document/path/90253). */
export const MEDIA_KINDS = ['image', 'voice', 'video', 'file'] as const;
export type MediaKind = (typeof MEDIA_KINDS)[number];
export const isMediaKind = (type: string): type is MediaKind => MEDIA_KINDS.some((kind) => kind === type);

/** WeCom keeps temporary media for three days; from when on is WeCom's affair, so nothing is used up to the last minute. */
export const MEDIA_LIFE_MS = 3 * 24 * 3600 * 1000;

const MEGABYTE = 1024 * 1024;
/** WeCom: media/upload. A file needs more than five bytes whatever it is. */
export const MEDIA_BYTES: Readonly<Record<MediaKind, number>> = {
  image: 10 * MEGABYTE,
  voice: 2 * MEGABYTE,
  video: 10 * MEGABYTE,
  file: 20 * MEGABYTE,
};
const FEWEST_BYTES = 6;
const LONGEST_VOICE_SECONDS = 60;

export type MediaFormat = 'jpg' | 'png' | 'amr' | 'mp4' | 'other';
const FORMATS: Readonly<Record<MediaKind, readonly MediaFormat[]>> = {
  image: ['jpg', 'png'],
  voice: ['amr'],
  video: ['mp4'],
  file: ['jpg', 'png', 'amr', 'mp4', 'other'],
};
export const CONTENT_TYPES: Readonly<Record<MediaFormat, string>> = {
  jpg: 'image/jpeg',
  png: 'image/png',
  amr: 'audio/amr',
  mp4: 'video/mp4',
  other: 'application/octet-stream',
};

/** What a file is, by what it holds and not by its name. */
export interface MediaFacts {
  readonly bytes: number;
  readonly format: MediaFormat;
  /** Of a voice how long it lasts. */
  readonly seconds?: number | undefined;
}

export function readMediaFacts(content: Uint8Array): MediaFacts {
  const bytes = content.length;
  const beginsWith = (...values: readonly number[]) => values.every((value, index) => content[index] === value);
  if (beginsWith(0xff, 0xd8, 0xff)) return { bytes, format: 'jpg' };
  if (beginsWith(0x89, 0x50, 0x4e, 0x47)) return { bytes, format: 'png' };
  if (Buffer.from(content.subarray(0, 6)).toString('latin1') === '#!AMR\n') {
    return { bytes, format: 'amr', seconds: secondsOfAmr(content) };
  }
  if (Buffer.from(content.subarray(4, 8)).toString('latin1') === 'ftyp') return { bytes, format: 'mp4' };
  return { bytes, format: 'other' };
}

/** Bytes of a frame of AMR-NB, its first one included, by the mode in that (RFC 4867, 5.3). A frame lasts 20 ms. */
const AMR_FRAME_BYTES = [13, 14, 16, 18, 20, 21, 27, 32, 6];

function secondsOfAmr(content: Uint8Array): number {
  let frames = 0;
  for (let at = 6; at < content.length; frames += 1) at += AMR_FRAME_BYTES[((content[at] ?? 0) >> 3) & 15] ?? 1;
  return frames / 50;
}

/** What WeCom would refuse of a file that is sent as this kind, in plain words; empty when it takes it. */
export function problemsOfMedia(kind: MediaKind, { bytes, format, seconds = 0 }: MediaFacts): string[] {
  const most = MEDIA_BYTES[kind];
  return [
    ...(bytes < FEWEST_BYTES ? [`it has ${bytes} bytes, and WeCom wants at least ${FEWEST_BYTES}`] : []),
    ...(bytes > most ? [`as ${kind} it may have ${most / MEGABYTE} MB at most, and has ${megabytes(bytes)}`] : []),
    ...(FORMATS[kind].includes(format) ? [] : [`as ${kind} it has to be ${FORMATS[kind].join(' or ')}`]),
    ...(kind === 'voice' && seconds > LONGEST_VOICE_SECONDS
      ? [`it lasts ${Math.ceil(seconds)} seconds, and WeCom takes ${LONGEST_VOICE_SECONDS} at most`]
      : []),
  ];
}

const megabytes = (bytes: number): string => (bytes / MEGABYTE).toFixed(1);
