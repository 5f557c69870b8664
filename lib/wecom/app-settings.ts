import * as z from 'zod';
import type { WeComApi } from './api.ts';

const Settings = z.object({ redirect_domain: z.string().nullish(), close: z.number().nullish() });

/**
 * WeCom: agent/get. What the app's page says: whether the app is in use, and its trusted domain (可信域名). What it throws, says `WeComApi`;
 * an AgentId that is not this app's is refused (40056, 301002).
 * https://developer.work.weixin.qq.com/document/path/90227
 */
export async function readAppSettings(
  api: WeComApi,
  app: string,
  agentId: number,
): Promise<{ trustedDomain?: string; disabled: boolean }> {
  const { redirect_domain, close } = await api.get(app, 'agent/get', { agentid: String(agentId) }, Settings);
  return { ...(redirect_domain && { trustedDomain: redirect_domain }), disabled: close === 1 };
}
