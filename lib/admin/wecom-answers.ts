import type { HttpAnswer } from '../platform/http-door.ts';
import { problem } from '../platform/http-router.ts';
import { credentialRefusal, type WrongCredential } from '../wecom/credential-refusals.ts';
import { GateClosed, isOutage, WeComError } from '../wecom/errors.ts';
import { servicerRefusal } from '../wecom/servicer-refusals.ts';

/** WeCom's refusals of the account, the app or our credentials, and its sleep, are answers that a person can act upon. */
export async function answering(use: () => Promise<HttpAnswer>): Promise<HttpAnswer> {
  try {
    return await use();
  } catch (error) {
    const wrong = credentialRefusal(error);
    if (wrong) return wrongCredential(error, wrong);
    const errcode = error instanceof WeComError ? error.errcode : undefined;
    const words = errcode === undefined ? undefined : servicerRefusal(errcode);
    const more = { ...(errcode !== undefined && { errcode }), ...(words && { reason: words }) };
    if (words) return problem(422, `WeCom refused with errcode ${errcode}: ${words.en}.`, more);
    if (isOutage(error)) return problem(503, 'WeCom does not answer now. Try again in a minute.', more);
    if (errcode !== undefined) return problem(422, `WeCom refused with errcode ${errcode}.`, more);
    throw error;
  }
}

/** No waiting mends it: the field of WECOM_SECRETS that is wrong, and what to write there. */
function wrongCredential(error: unknown, { field, errcode, reason }: WrongCredential): HttpAnswer {
  const rest =
    error instanceof GateClosed ? ` WeCom is not asked again before ${new Date(error.until).toISOString()}.` : '';
  const code = errcode === undefined ? '' : ` (errcode ${errcode})`;
  const detail = `${field} of WECOM_SECRETS ${reason.en}${code}. Write the JSON again and restart the functions.${rest}`;
  return problem(503, detail, { ...(errcode !== undefined && { errcode }), reason });
}
