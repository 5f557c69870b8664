import { ContactFieldError } from './contact-limits.ts';
import { GateClosed, isOutage, WeComError, WeComUnreachable } from './errors.ts';

/**
 * What became of an attempt to welcome a customer.
 *
 * - `sent`: WeCom took it.
 * - `late`: the code is older than 20 s, or was used before.
 * - `taken`: somebody else welcomed the customer, or they are chatting already.
 * - `needs-consent`: the customer has not agreed yet that chats are archived. The code of `consented` will do.
 * - `inactive-member`: WeCom lets nobody be welcomed in this member's name.
 * - `no-relation`: the member and the customer are not, or no longer, each other's contacts.
 * - `refused`: WeCom will never take this welcome; its content or its code is wrong.
 * - `again`: certainly not sent; worth another try while the code lives.
 * - `unknown`: it may have been sent. Worth another try while the code lives: a used code sends nothing twice.
 * - `uncertain`: an earlier attempt may have been sent, and this refusal does not tell. Nothing more can be done.
 * - `outage`: a configuration of ours is wrong. An operator mends it, too late for this customer.
 */
export type WelcomeOutcome =
  | 'sent'
  | 'late'
  | 'taken'
  | 'needs-consent'
  | 'inactive-member'
  | 'no-relation'
  | 'refused'
  | 'again'
  | 'unknown'
  | 'uncertain'
  | 'outage';

/** Why a customer got no welcome, or why we do not know; words for the record, the report and the counts. */
export type WelcomeCause =
  | 'no-code'
  | 'event-never-came'
  | 'no-welcome'
  | 'code-expired-or-used'
  | 'welcomed-or-chatting'
  | 'other-app-first'
  | 'no-archive-consent'
  | 'member-long-absent'
  | 'member-not-activated'
  | 'member-not-verified'
  | 'member-without-permission'
  | 'no-relation'
  | 'bad-code'
  | 'bad-media'
  | 'too-long'
  | 'bad-content'
  | 'too-many-calls'
  | 'calls-rest'
  | 'wecom-silent'
  | 'wecom-busy'
  | 'configuration'
  | 'other';

export interface WelcomeVerdict {
  readonly outcome: WelcomeOutcome;
  /** Absent when it was sent. */
  readonly cause?: WelcomeCause;
  /** WeCom's, for what is not in the table. */
  readonly errcode?: number;
}

/** What WeCom's errcodes say of a welcome, whatever they say elsewhere (externalcontact/send_welcome_msg). */
const VERDICTS: ReadonlyMap<number, readonly [WelcomeOutcome, WelcomeCause]> = new Map([
  [41050, ['late', 'code-expired-or-used']],
  [41051, ['taken', 'welcomed-or-chatting']],
  [41053, ['needs-consent', 'no-archive-consent']],
  [92599, ['inactive-member', 'member-long-absent']],
  [41054, ['inactive-member', 'member-not-activated']],
  [40098, ['inactive-member', 'member-not-verified']],
  [84074, ['inactive-member', 'member-without-permission']],
  [84061, ['no-relation', 'no-relation']],
  [41049, ['refused', 'bad-code']],
  [40007, ['refused', 'bad-media']],
  [45001, ['refused', 'too-long']],
  [45002, ['refused', 'too-long']],
  // "System busy" comes from somewhere inside WeCom, perhaps after the sending.
  [-1, ['unknown', 'wecom-busy']],
]);

/** WeCom: another app's welcome is on its way. It may yet fail, so WeCom allows one more try. */
const BEING_SENT = 41096;
/** After an attempt that may have been sent, these are what its success would look like. */
const AS_IF_SENT: ReadonlySet<number> = new Set([41050, 41051, BEING_SENT]);

/**
 * Judges an attempt of externalcontact/send_welcome_msg.
 *
 * @param error what the attempt threw; undefined when it succeeded. An error that is not about WeCom is thrown on.
 * @param attempt `first`: this code was never tried before. `maybeSent`: an earlier attempt was judged `unknown`, so that
 *   a refusal which its success would bring about as well is `uncertain`.
 */
export function judgeWelcome(
  error: unknown,
  attempt: { readonly first: boolean; readonly maybeSent: boolean },
): WelcomeVerdict {
  if (error === undefined) return { outcome: 'sent' };
  if (error instanceof ContactFieldError) return { outcome: 'refused', cause: 'bad-content' };
  if (error instanceof WeComUnreachable)
    return { outcome: error.mayHaveActed ? 'unknown' : 'again', cause: 'wecom-silent' };
  if (error instanceof GateClosed) return { outcome: 'again', cause: 'calls-rest' };
  if (!(error instanceof WeComError)) {
    // A missing secret.
    if (isOutage(error)) return { outcome: 'outage', cause: 'configuration' };
    throw error;
  }
  const { errcode } = error;
  if (attempt.maybeSent && AS_IF_SENT.has(errcode)) return { outcome: 'uncertain', cause: 'wecom-silent', errcode };
  if (errcode === BEING_SENT) return { outcome: attempt.first ? 'again' : 'taken', cause: 'other-app-first', errcode };
  const known = VERDICTS.get(errcode);
  if (known) return { outcome: known[0], cause: known[1], errcode };
  if (error.class === 'configuration') return { outcome: 'outage', cause: 'configuration', errcode };
  if (isOutage(error)) return { outcome: 'again', cause: 'too-many-calls', errcode };
  return { outcome: 'refused', cause: error.class === 'parameter' ? 'bad-content' : 'other', errcode };
}
