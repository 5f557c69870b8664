import * as z from 'zod';
import type { WeComApi } from './api.ts';

const AccountLink = z.object({ url: z.string().min(1) });

/**
 * WeCom: kf/add_contact_way. Where customers write to the account. `scene` says where they came from: at most 32 of `0-9a-zA-Z_-`. Throws what
 * `WeComApi` throws.
 */
export async function kfAccountLink(api: WeComApi, app: string, openKfId: string, scene: string): Promise<string> {
  const { url } = await api.call(app, 'kf/add_contact_way', { open_kfid: openKfId, scene }, AccountLink);
  return url;
}
