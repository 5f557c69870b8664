import { type Clock, type Instant, MINUTE, SECOND } from '../platform/clock.ts';
import { log } from '../platform/log.ts';
import { count } from '../platform/metrics.ts';
import type { Objects } from '../store/objects.ts';
import { isOutage, parkedUntil, WeComError } from '../wecom/errors.ts';
import { FileTooLarge } from '../wecom/file-exchange.ts';
import { MEDIA_BYTES, MEDIA_LIFE_MS } from '../wecom/media.ts';
import type { MediaApi } from '../wecom/media-api.ts';
import type { KeptMedia } from './kept-media.ts';
import { inboundKey } from './our-file.ts';

/** A message of the history that came with a file. */
export interface MediaMessage {
  readonly app: string;
  readonly mediaId: string;
  /** WeCom's time, from which its three days count. */
  readonly sentAt: Instant;
  /** What became of the file, where that is known. */
  readonly kept?: KeptMedia | undefined;
}

export interface KeepInbound {
  readonly clock: Clock;
  readonly random: () => number;
  readonly objects: Pick<Objects, 'put' | 'delete'>;
  readonly download: MediaApi['download'];
  readonly messages: {
    /** Undefined where there is none (any more), where it came with no file, and where it was taken back. */
    read(conversationId: string, messageId: string, now: Instant): Promise<MediaMessage | undefined>;
    /** False when the message was taken back or erased meanwhile; nothing was noted then. */
    note(conversationId: string, messageId: string, kept: KeptMedia): Promise<boolean>;
  };
  /** The same again, after a while. */
  again(wanted: InboundWanted, delaySeconds: number): Promise<void>;
}

export interface InboundWanted {
  readonly conversationId: string;
  readonly messageId: string;
  /** How often WeCom slept when this was tried. */
  readonly tries: number;
}

/** What WeCom sends on is never larger (WeCom: kf/sync_msg sends a hint instead). */
const LARGEST = MEDIA_BYTES.file;
const LONGEST_PAUSE_SECONDS = (15 * MINUTE) / SECOND;

/**
 * Makes the bucket hold what the history says of a message: its file while the message is there, nothing once it was taken back or is
 * gone. So it may be asked for at any time, and again; a recall asks for it as well as an arrival.
 */
export function keepInbound(room: KeepInbound) {
  const { clock, objects, messages } = room;

  return async function keep(wanted: InboundWanted): Promise<void> {
    const { conversationId, messageId } = wanted;
    const key = inboundKey(conversationId, messageId);
    const message = await messages.read(conversationId, messageId, clock());
    if (!message) return objects.delete(key);
    if (message.kept) return;
    const kept = await copy(message, key, wanted);
    if (!kept) return;
    count('InboundMedia', { outcome: kept.is });
    // Taken back while it was copied.
    if (!(await messages.note(conversationId, messageId, kept))) await objects.delete(key);
  };

  /** What became of it; undefined where that is still open. */
  async function copy(
    { app, mediaId, sentAt }: MediaMessage,
    key: string,
    wanted: InboundWanted,
  ): Promise<KeptMedia | undefined> {
    if (clock() >= sentAt + MEDIA_LIFE_MS) return { is: 'expired' };
    try {
      const { bytes, contentType, name } = await room.download(app, mediaId, LARGEST);
      await objects.put(key, { bytes, contentType: contentType || 'application/octet-stream' });
      return { is: 'kept', bytes: bytes.length, contentType, ...(name !== undefined && { name }) };
    } catch (error) {
      if (error instanceof FileTooLarge) return { is: 'too-large' };
      if (isOutage(error)) {
        await room.again({ ...wanted, tries: wanted.tries + 1 }, pauseAfter(error, wanted.tries));
        return undefined;
      }
      if (!(error instanceof WeComError)) throw error;
      log.warn('A file of a message could not be fetched', { app, errcode: error.errcode });
      return error.errcode === 40007 ? { is: 'expired' } : { is: 'refused', errcode: error.errcode };
    }
  }

  /** Seconds. Longer with every try: three days are many minutes. */
  function pauseAfter(error: unknown, tries: number): number {
    const now = clock();
    const asked = Math.ceil((parkedUntil(error, now, tries, room.random()) - now) / SECOND);
    return Math.min(LONGEST_PAUSE_SECONDS, Math.max(asked, 2 ** Math.min(tries, 10)));
  }
}
