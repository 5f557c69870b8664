import * as z from 'zod';
import type { WeComApi } from './api.ts';
import { WeComError } from './errors.ts';

/** WeCom: the code was used, is older than five minutes, or was never given. */
const NO_SUCH_CODE = 40029;

const Shown = z.object({ userid: z.string().optional() });
/** A member of ours; somebody of a linked corp comes as `CorpId/userid`. */
const USERID = /^[0-9a-z][0-9a-z_\-@.]{0,63}$/;

/**
 * WeCom: auth/getuserinfo. Whom a login's code stands for: a userid, lower-cased; undefined for whoever is no member of the corp, and for a
 * code that is none. WeCom names members also where the app is not visible to them, so that the caller has to decide who may come in.
 * https://developer.work.weixin.qq.com/document/path/98176
 *
 * @throws what `WeComApi` throws
 */
export async function memberOfCode(api: WeComApi, app: string, code: string): Promise<string | undefined> {
  try {
    const { userid = '' } = await api.get(app, 'auth/getuserinfo', { code }, Shown);
    const agentId = userid.toLowerCase();
    return USERID.test(agentId) ? agentId : undefined;
  } catch (error) {
    if (error instanceof WeComError && error.errcode === NO_SUCH_CODE) return undefined;
    throw error;
  }
}
