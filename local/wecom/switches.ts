/**
 * Where WeCom's pages are silent or contradict each other, the reading is a switch. The defaults are the stricter or the
 * more literal reading; a test turns them to see that the other one does no harm.
 */
export interface Switches {
  /** Changes of state beyond those the page names, such as `'0>4'` or `'2>1'`. */
  extraArrows: readonly string[];
  /** A change out of state 4. */
  transFromEndedCode: number;
  /** 3 to 3 with the person who already serves: `'ok'`, or the code that refuses it. */
  repeatedTrans: 'ok' | number;
  /** A userid that is no servicer of the account: 95014 by the page, 60253 by its label. */
  notServicerCode: number;
  /** `trans` returns a reply code on the first change to 2 and on the first change to 3, or once per session. */
  replyCodes: 'perState' | 'perSession';
  /** `kf/send_msg` in state 4, inside the 48 hours. */
  sendWhenEndedCode: number;
  /** `kf/send_msg` after the 48 hours. */
  sendTooLateCode: number;
  textTooLongCode: number;
  duplicateMsgidCode: number;
  /** Whether a repeated msgid is noticed before or after the session's state and the reply window. */
  duplicateChecked: 'first' | 'last';
  /** A used, late or unknown code in `kf/send_msg_on_event`. */
  badCodeCode: number;
  /** A code whose session is no longer in the state it was given for. */
  movedCodeCode: number;
  /** Whether a message sent by code uses up one of the five. */
  codeMessagesCount: boolean;
  /** A customer who wrote gets no welcome code: for 48 hours, or ever after. */
  welcomeAfterWriting: 'after48h' | 'never';
  /** `scene_param` comes back percent-decoded. */
  sceneParamDecoded: boolean;
  badCursorCode: number;
  /** Pulls without a token: how many a minute, and counted for whom. */
  pullsWithoutToken: number;
  pullsCountedPer: 'corp' | 'account';
  /** Calls of one API at once; WeCom publishes no number. */
  parallelPulls: number;
  /** `gettoken` inside the validity gives the same token again. */
  sameTokenAgain: boolean;
  wrongSecretsPerHour: number;
  /** WeCom's 40033 asks for raw UTF-8 instead of `\uXXXX`. */
  refuseUnicodeEscapes: boolean;
  /** `kf/customer/batchget` answers only for customers of the last 48 hours. */
  profilesFor48h: boolean;
  /** A retried callback has a new timestamp, nonce and signature. */
  retriesAreSealedAgain: boolean;
  /** News of one account within so many milliseconds makes one callback; 0: one callback each. */
  coalesceCallbacksMs: number;
  /** Whom a scan of a contact way shows, of those listed: WeCom only promises somebody. */
  wayPicks: 'random' | 'first' | 'least';
  /** A scan by somebody's customer shows that member again, if listed. */
  friendsGoBack: boolean;
  /** Members at WeCom's own limit are passed over by a scan. */
  fullMembersSkipped: boolean;
  /** How long a scan still sees the list from before an `update_contact_way`. */
  wayUpdateLagMs: number;
  contactWaysPerCorp: number;
  /** More than 100 members on a way. */
  tooManyMembersCode: number;
  /** Not exactly one member on a way of type 1. */
  notOneMemberCode: number;
  /** An empty list of members in `update_contact_way`. */
  emptyUserList: 'refused' | 'kept' | 'emptied';
  /** Fields that `update_contact_way` leaves out. */
  omittedWayFields: 'kept' | 'reset';
  /** What happens at once when a way or link needs no approval; after `half` the member still has to accept. */
  skipVerifyAdds: 'half' | 'full' | 'halfThenFull' | 'fullThenHalf';
  /** What a customer who had deleted the member brings along on coming back: `wb:1:…` in `externalcontact/get`, or in the event too. */
  stateOnReturn: 'own' | 'foreignInGet' | 'foreign';
  /** With chat archive on, the add event already has a welcome code, which is refused until the customer agrees. */
  codeBeforeConsent: boolean;
  /** A used code from another app: 41096 for so long, 41051 afterwards. */
  welcomeUnderWayMs: number;
  /** `user/get` for who has left: 60111, or an answer with status 5. */
  leaversAreUnknown: boolean;
  /** `user/simplelist` looks below the department when asked to. */
  fetchChild: boolean;
  /** Only some kinds of business get `open_profile`. */
  openProfileEvents: boolean;
  /** Calls of one API of 客户联系 within a minute, before 45009 for the next 60 seconds. */
  contactCallsPerMinute: number;
}

export const literalReading: Switches = {
  extraArrows: [],
  transFromEndedCode: 95016,
  repeatedTrans: 'ok',
  notServicerCode: 95014,
  replyCodes: 'perState',
  sendWhenEndedCode: 95018,
  sendTooLateCode: 95002,
  textTooLongCode: 40058,
  duplicateMsgidCode: 40058,
  duplicateChecked: 'first',
  badCodeCode: 41050,
  movedCodeCode: 95018,
  codeMessagesCount: false,
  welcomeAfterWriting: 'after48h',
  sceneParamDecoded: false,
  badCursorCode: 40058,
  pullsWithoutToken: 10,
  pullsCountedPer: 'corp',
  parallelPulls: 5,
  sameTokenAgain: true,
  wrongSecretsPerHour: 2000,
  refuseUnicodeEscapes: true,
  profilesFor48h: true,
  retriesAreSealedAgain: true,
  coalesceCallbacksMs: 0,
  wayPicks: 'random',
  friendsGoBack: false,
  fullMembersSkipped: false,
  wayUpdateLagMs: 0,
  contactWaysPerCorp: 500_000,
  tooManyMembersCode: 41041,
  notOneMemberCode: 40058,
  emptyUserList: 'refused',
  omittedWayFields: 'kept',
  skipVerifyAdds: 'half',
  stateOnReturn: 'own',
  codeBeforeConsent: true,
  welcomeUnderWayMs: 1000,
  leaversAreUnknown: true,
  fetchChild: false,
  openProfileEvents: false,
  contactCallsPerMinute: 10_000,
};
