import { mediaIdStore } from '../../lib/media/media-id-store.ts';
import { mediaIds } from '../../lib/media/media-ids.ts';
import { readAwsAccess } from '../../lib/platform/aws-json.ts';
import { systemClock } from '../../lib/platform/clock.ts';
import { s3Objects } from '../../lib/store/s3-objects.ts';
import type { Table } from '../../lib/store/table.ts';
import type { MediaApi } from '../../lib/wecom/media-api.ts';

/** The media room, for those who send files or keep them. `wecomTable` has the ids that WeCom gave. */
export function mediaRoom(bucket: string, wecomTable: Table, wecom: MediaApi, env: NodeJS.ProcessEnv) {
  const objects = s3Objects(readAwsAccess(env), bucket);
  const idStore = mediaIdStore(wecomTable);
  const pause = (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds));
  const ids = mediaIds({
    store: idStore,
    objects,
    upload: wecom.upload,
    clock: systemClock,
    random: Math.random,
    pause,
  });
  return { objects, idStore, ids };
}
