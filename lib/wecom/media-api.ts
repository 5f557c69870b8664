import * as z from 'zod';
import type { WeComFiles } from './api.ts';
import type { DownloadedFile } from './file-exchange.ts';
import type { MediaKind } from './media.ts';

/** WeCom's temporary media in our words. What the calls throw, says `WeComApi`. */
export interface MediaApi {
  /** WeCom: media/upload. The id is good for three days, for all apps of the corp. */
  upload(
    app: string,
    file: { kind: MediaKind; name: string; bytes: Uint8Array<ArrayBuffer>; contentType: string },
  ): Promise<string>;
  /** WeCom: media/get. Throws `FileTooLarge` beyond `maxBytes`. 40007: there is none of this id, or not any more. */
  download(app: string, mediaId: string, maxBytes: number): Promise<DownloadedFile>;
}

const Uploaded = z.object({ media_id: z.string().min(1) });

export function mediaApi(api: WeComFiles): MediaApi {
  return {
    async upload(app, { kind, name, bytes, contentType }) {
      const form = new FormData();
      form.append('media', new Blob([bytes], { type: contentType }), name);
      return (await api.send(app, 'media/upload', { type: kind }, form, Uploaded)).media_id;
    },
    download: (app, mediaId, maxBytes) => api.download(app, 'media/get', { media_id: mediaId }, maxBytes),
  };
}
