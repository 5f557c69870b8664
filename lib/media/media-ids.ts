import { randomUUID } from 'node:crypto';
import { type Clock, DAY, HOUR, SECOND } from '../platform/clock.ts';
import { errorFields, log } from '../platform/log.ts';
import { count } from '../platform/metrics.ts';
import type { Objects } from '../store/objects.ts';
import { isOutage, parkedUntil, WeComError, WeComUnreachable } from '../wecom/errors.ts';
import { MEDIA_LIFE_MS } from '../wecom/media.ts';
import type { MediaApi } from '../wecom/media-api.ts';
import type { MediaIdStore } from './media-id-store.ts';
import { libraryKey, type OurFile } from './our-file.ts';

/**
 * WeCom's ids of our files. A content is uploaded once, and again before its three days end; one process at a time does it, and the
 * others wait for what it gets.
 *
 * Throws what `WeComApi` throws, and never so that a message might have been sent; `ObjectStoreFailed`.
 */
export interface MediaIds {
  /** An id that is good now. */
  idOf(app: string, file: OurFile): Promise<string>;
  /** An id other than `refused`, which WeCom just called invalid. */
  renew(app: string, file: OurFile, refused: string): Promise<string>;
  /** Renews an id before its time, if the time has come; what does not work now is looked at again. */
  refresh(app: string, file: OurFile): Promise<void>;
}

const UPLOAD = 'media/upload';
/** Nothing is sent with an id that ends under way. */
const MARGIN = HOUR;
/** A day is left for trying again. */
const REFRESH_AFTER = 2 * DAY;
/** Longer than an upload and the token before it can take; after this, whoever held the lease has died. */
const LEASE = 40 * SECOND;
/** What is not there then is parked: others wait behind this message. */
const WAIT_AT_MOST = 5 * SECOND;
const LOOK_AGAIN_AFTER = 200;

export function mediaIds(room: {
  store: MediaIdStore;
  objects: Pick<Objects, 'get'>;
  upload: MediaApi['upload'];
  clock: Clock;
  random: () => number;
  pause: (milliseconds: number) => Promise<void>;
}): MediaIds {
  const { store, objects, clock, pause } = room;

  async function find(app: string, file: OurFile, wanted: { refused?: string; ahead?: true }): Promise<string> {
    const giveUpAt = clock() + WAIT_AT_MOST;
    while (clock() < giveUpAt) {
      const { mediaId, refreshAt = 0, validUntil = 0 } = await store.read(app, file);
      const usable = mediaId !== undefined && mediaId !== wanted.refused && validUntil > clock();
      if (usable && (!wanted.ahead || refreshAt > clock())) return mediaId;
      const fresh = await uploadAsOnlyOne(app, file, mediaId);
      if (fresh !== undefined) return fresh;
      if (usable) return mediaId;
      await pause(LOOK_AGAIN_AFTER);
    }
    throw new WeComUnreachable({ api: UPLOAD, reason: 'another upload', mayHaveActed: false });
  }

  /** A new id; undefined when another process uploads. */
  async function uploadAsOnlyOne(app: string, file: OurFile, seen: string | undefined): Promise<string | undefined> {
    const holder = randomUUID();
    const now = clock();
    if (!(await store.lease(app, file, { holder, seen, now, until: now + LEASE }))) return undefined;
    try {
      const mediaId = await upload(app, file);
      const uploaded = { mediaId, refreshAt: now + REFRESH_AFTER, validUntil: now + MEDIA_LIFE_MS - MARGIN };
      count('MediaUploaded', { kind: file.kind });
      return (await store.save(app, file, holder, uploaded)) ? mediaId : undefined;
    } catch (error) {
      await store.release(app, file, holder);
      throw error;
    }
  }

  async function upload(app: string, { kind, hash, name }: OurFile): Promise<string> {
    const object = await objects.get(libraryKey(hash));
    // Nothing that we could upload: there is no id of it, as WeCom would say.
    if (!object) throw new WeComError({ api: UPLOAD, errcode: 40007 });
    try {
      return await room.upload(app, { kind, name, ...object });
    } catch (error) {
      // An upload whose outcome is unknown has sent nothing to anybody.
      const reason = error instanceof WeComUnreachable ? error.reason : 'system busy';
      const unknown = error instanceof WeComUnreachable || (error instanceof WeComError && error.errcode === -1);
      throw unknown ? new WeComUnreachable({ api: UPLOAD, reason, mayHaveActed: false }) : error;
    }
  }

  return {
    idOf: (app, file) => find(app, file, {}),
    renew: (app, file, refused) => find(app, file, { refused }),
    async refresh(app, file) {
      try {
        await find(app, file, { ahead: true });
      } catch (error) {
        if (!isOutage(error) && !(error instanceof WeComError)) throw error;
        log.warn('A file could not be uploaded again before its time', { app, kind: file.kind, ...errorFields(error) });
        // What WeCom refuses, it will refuse again: whoever sends the file next hears of it.
        await store.lookAgain(app, file, isOutage(error) ? parkedUntil(error, clock(), 10, room.random()) : undefined);
      }
    },
  };
}
