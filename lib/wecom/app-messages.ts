import * as z from 'zod';
import type { WeComApi } from './api.ts';
import { WeComError } from './errors.ts';

/** WeCom: message/send, `text.content`, in bytes. */
export const APP_TEXT_BYTES = 2048;
/** WeCom: message/send, `touser`. */
const MOST_USERS = 1000;
/** WeCom: message/send, `duplicate_check_interval`, the longest there is. */
const REPEATS_FOR_SECONDS = 4 * 60 * 60;
/** WeCom: UserID, department and tag all invalid, or outside the app's visible range. */
const NOBODY_REACHED = 81013;

const Sent = z.object({ invaliduser: z.string().default('') });

/** A text for members of the corp, in the name of an app. */
export interface AppMessage {
  /** The app's AgentId, a number of WeCom's. */
  readonly agentId: number;
  /** Userids. */
  readonly users: readonly string[];
  readonly text: string;
}

/**
 * WeCom: message/send. The same text to the same members within four hours is shown once, so that a message of which nobody knows whether
 * it went out may be sent again. WeCom drops without a word what a member gets beyond 30 a minute and 1000 an hour.
 * https://developer.work.weixin.qq.com/document/path/90236
 *
 * @returns userids, lower-cased, that do not exist or do not see the app
 * @throws RangeError for nobody, more than 1000 members, and a text that is empty or longer than 2048 bytes; what `WeComApi` throws
 */
export async function sendAppMessage(
  api: WeComApi,
  app: string,
  { agentId, users, text }: AppMessage,
): Promise<{ invalidUsers: string[] }> {
  const bytes = Buffer.byteLength(text);
  if (users.length === 0 || users.length > MOST_USERS)
    throw new RangeError(`${users.length} members; 1 to ${MOST_USERS}`);
  if (bytes === 0 || bytes > APP_TEXT_BYTES) throw new RangeError(`A text of ${bytes} bytes; 1 to ${APP_TEXT_BYTES}`);
  const message = {
    touser: users.join('|'),
    agentid: agentId,
    msgtype: 'text',
    text: { content: text },
    enable_duplicate_check: 1,
    duplicate_check_interval: REPEATS_FOR_SECONDS,
  };
  try {
    const { invaliduser } = await api.call(app, 'message/send', message, Sent);
    return { invalidUsers: invaliduser.split('|').filter((userid) => userid !== '') };
  } catch (error) {
    if (!(error instanceof WeComError) || error.errcode !== NOBODY_REACHED) throw error;
    return { invalidUsers: users.map((userid) => userid.toLowerCase()) };
  }
}
