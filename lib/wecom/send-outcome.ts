import { GateClosed, isOutage, WeComError, WeComUnreachable } from './errors.ts';

/**
 * What became of an attempt to send.
 *
 * - `sent`: WeCom took it; by this attempt, or by an earlier one that it remembers.
 * - `refused`: certainly not sent, and never will be.
 * - `uncertain`: an earlier attempt may have been sent, and this refusal does not tell. Recorded and shown, never sent
 *   through another door.
 * - `again`: this attempt was certainly not sent; the same may be tried later.
 * - `unknown`: this attempt may have been sent; try the same id again later.
 * - `outage`: a configuration of ours is wrong. Nothing was sent, and nothing is wrong with the message; it waits.
 */
export type SendOutcome = 'sent' | 'refused' | 'uncertain' | 'again' | 'unknown' | 'outage';

/**
 * What WeCom answers to a repeated `msgid`, as the setting has it (`40058`, or several separated by commas): WeCom documents no
 * code. Throws RangeError, naming the setting, for what is no list of codes.
 */
export function readDuplicateCodes(setting: string): readonly number[] {
  const codes = setting.split(',').map(Number);
  if (codes.some((code) => !Number.isInteger(code) || code <= 0))
    throw new RangeError('duplicateCodes (DUPLICATE_CODES) has to be errcodes separated by commas, e.g. 40058');
  return codes;
}

/** About the message or its addressee: they say the same on every attempt, so no attempt was sent. */
const ABOUT_THE_MESSAGE: ReadonlySet<number> = new Set([40007, 40096, 95008, 95009, 95030]);

/** WeCom: the session is over or with somebody else, so the API may not write or move. */
const OTHER_STATE: ReadonlySet<number> = new Set([95013, 95016, 95018]);

/**
 * Judges an attempt of kf/send_msg with a `msgid` of ours, whose content passed `validateContent`.
 *
 * @param error what the attempt threw; undefined when it succeeded. An error that is not about WeCom is thrown on.
 * @param attempt `firstAttempt`: no earlier attempt of this id may have been sent (none was made, or all were judged `again`
 *   or `outage`). `duplicateCodes`: what WeCom answers to a repeated id; see `readDuplicateCodes`.
 */
export function judgeSend(
  error: unknown,
  attempt: { firstAttempt: boolean; duplicateCodes: readonly number[] },
): SendOutcome {
  if (error === undefined) return 'sent';
  if (error instanceof WeComUnreachable) return error.mayHaveActed ? 'unknown' : 'again';
  if (error instanceof GateClosed) return 'again';
  if (!(error instanceof WeComError)) {
    // A missing secret.
    if (isOutage(error)) return 'outage';
    throw error;
  }
  // "System busy" comes from somewhere inside WeCom, perhaps after the sending.
  if (error.errcode === -1) return 'unknown';
  if (error.class === 'configuration') return 'outage';
  if (isOutage(error)) return 'again';
  if (attempt.firstAttempt) return 'refused';
  if (attempt.duplicateCodes.includes(error.errcode)) return 'sent';
  return ABOUT_THE_MESSAGE.has(error.errcode) ? 'refused' : 'uncertain';
}

/**
 * Judges an attempt of kf/send_msg_on_event. A code is good for one message, so the refusal of a repeat may mean that the
 * first one was sent; WeCom documents no code that would say so.
 */
export function judgeSendByCode(error: unknown, attempt: { firstAttempt: boolean }): SendOutcome {
  return judgeSend(error, { ...attempt, duplicateCodes: [] });
}

/** Whether this errcode says that the session is in another state than we thought: read it before deciding anything else. */
export const saysOtherState = (errcode: number): boolean => OTHER_STATE.has(errcode);
