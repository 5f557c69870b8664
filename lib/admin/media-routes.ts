import type { MediaMessage } from '../media/keep-inbound.ts';
import { inboundKey } from '../media/our-file.ts';
import type { Clock, Instant } from '../platform/clock.ts';
import { jsonAnswer, problem, type Route } from '../platform/http-router.ts';

/** Files that customers and agents sent. */
export interface AdminMedia {
  /** Undefined where there is no such message (any more), or it came with no file. */
  read(conversationId: string, messageId: string, now: Instant): Promise<MediaMessage | undefined>;
  linkTo(key: string, link: { seconds: number; fileName: string; now: Instant }): Promise<string>;
}

/** Long enough to be followed, too short to be passed around. */
const LINK_SECONDS = 300;

/** The address under which a supervisor finds the file of a message. Bytes do not come through here: the gateway takes 10 MB at most. */
export function mediaRoutes({ read, linkTo }: AdminMedia, clock: Clock): Readonly<Record<string, Route>> {
  return {
    'GET /conversations/{id}/media/{message}': async (_, { id = '', message = '' }) => {
      const now = clock();
      const found = await read(id, message, now);
      if (!found) return problem(404, 'There is no such message with a file in the history.');
      const { kept } = found;
      if (!kept) return problem(409, 'The file has not been copied yet. Ask again in a minute.');
      if (kept.is !== 'kept') return problem(410, `The file is not kept: ${kept.is}.`);
      const fileName = kept.name ?? message;
      const url = await linkTo(inboundKey(id, message), { seconds: LINK_SECONDS, fileName, now });
      const { bytes, contentType } = kept;
      return jsonAnswer({ url, expiresAt: new Date(now + LINK_SECONDS * 1000).toISOString(), bytes, contentType });
    },
  };
}
