import type { Endpoints } from './endpoint.ts';
import { readUpload } from './media.ts';
import { Refusal } from './refusal.ts';

/** Temporary media: three days, shared by all apps of the corp. */
export const mediaEndpoints: Endpoints = {
  '/cgi-bin/media/upload': {
    method: 'POST',
    kf: false,
    upload: true,
    answer(world, { query, raw, contentType }) {
      const type = query.get('type') ?? '';
      const { fileName, bytes } = readUpload(contentType, raw);
      const mediaId = world.media.put(type, fileName, bytes, world.now());
      return { type, media_id: mediaId, created_at: String(Math.floor(world.now() / 1000)) };
    },
  },
  '/cgi-bin/media/get': {
    method: 'GET',
    kf: false,
    answer(world, { query }) {
      const mediaId = query.get('media_id');
      if (!mediaId) throw new Refusal(41006);
      return world.media.get(mediaId, world.now());
    },
  },
};
