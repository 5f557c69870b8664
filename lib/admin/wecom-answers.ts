import type { HttpAnswer } from '../platform/http-door.ts';
import { problem } from '../platform/http-router.ts';
import { isOutage, WeComError } from '../wecom/errors.ts';
import { servicerRefusal } from '../wecom/servicer-refusals.ts';

/** WeCom's refusals of the account or the app, and its sleep, are answers that a person can act upon. */
export async function answering(use: () => Promise<HttpAnswer>): Promise<HttpAnswer> {
  try {
    return await use();
  } catch (error) {
    const errcode = error instanceof WeComError ? error.errcode : undefined;
    const words = errcode === undefined ? undefined : servicerRefusal(errcode);
    const more = { ...(errcode !== undefined && { errcode }), ...(words && { reason: words }) };
    if (words) return problem(422, `WeCom refused with errcode ${errcode}: ${words.en}.`, more);
    if (isOutage(error)) return problem(503, 'WeCom does not answer now. Try again in a minute.', more);
    if (errcode !== undefined) return problem(422, `WeCom refused with errcode ${errcode}.`, more);
    throw error;
  }
}
