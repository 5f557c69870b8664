import type { AdminMedia } from '../../lib/admin/media-routes.ts';

/** No message came with a file. */
export const noMedia: AdminMedia = { read: async () => undefined, linkTo: async () => '' };
