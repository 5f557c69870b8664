import { fileIn, withMediaId } from '../media/fill-media.ts';
import type { OurFile } from '../media/our-file.ts';
import { WeComError } from '../wecom/errors.ts';
import type { Content } from '../wecom/outgoing-messages.ts';

/** WeCom's ids of our files, for the app that speaks. Throw what WeCom's calls throw, and never so that a message may have been sent. */
export interface MediaIdsOfApp {
  idOf(file: OurFile): Promise<string>;
  /** Another one than `refused`. */
  renew(file: OurFile, refused: string): Promise<string>;
}

/** WeCom: no such media_id, or older than three days. */
const NO_SUCH_MEDIA = 40007;

/**
 * Sends a message with WeCom's id in the place of our file's name. Where WeCom does not know the id (any more), the file is uploaded
 * again and the message sent again, once: what it refuses then, it refuses.
 */
export async function sendWithMedia(
  content: Content,
  media: MediaIdsOfApp,
  send: (content: Content) => Promise<void>,
): Promise<void> {
  const file = fileIn(content);
  if (!file) return send(content);
  const mediaId = await media.idOf(file);
  try {
    return await send(withMediaId(content, mediaId));
  } catch (error) {
    if (!(error instanceof WeComError) || error.errcode !== NO_SUCH_MEDIA) throw error;
  }
  return send(withMediaId(content, await media.renew(file, mediaId)));
}
