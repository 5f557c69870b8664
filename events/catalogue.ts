import { AcquisitionBalance } from './acquisition-balance.ts';
import { AgentLeft } from './agent-left.ts';
import { AgentOffDuty } from './agent-off-duty.ts';
import { AssignmentRefused } from './assignment-refused.ts';
import { ContactAdded } from './contact-added.ts';
import { ContactErased } from './contact-erased.ts';
import { ContactObserved } from './contact-observed.ts';
import { ContactRecounted } from './contact-recounted.ts';
import { ContactRemoved } from './contact-removed.ts';
import { ContactTransferFailed } from './contact-transfer-failed.ts';
import { ContactTransferred } from './contact-transferred.ts';
import { ConversationAbandoned } from './conversation-abandoned.ts';
import { ConversationAssigned } from './conversation-assigned.ts';
import { ConversationClosing } from './conversation-closing.ts';
import { ConversationErased } from './conversation-erased.ts';
import { ConversationLeft } from './conversation-left.ts';
import { ConversationReleased } from './conversation-released.ts';
import { ConversationTransferred } from './conversation-transferred.ts';
import { ConversationWaiting } from './conversation-waiting.ts';
import { CustomerTagged } from './customer-tagged.ts';
import { EffectObserved } from './effect-observed.ts';
import { GreetingMissed } from './greeting-missed.ts';
import { HandOverDone } from './hand-over-done.ts';
import { HandOverRefused } from './hand-over-refused.ts';
import { MemberRefused } from './member-refused.ts';
import { MessageAnswered } from './message-answered.ts';
import { MessageReceived } from './message-received.ts';
import { OfferAccepted } from './offer-accepted.ts';
import { OfferExpired } from './offer-expired.ts';
import { OfferMade } from './offer-made.ts';
import { OfferPassed } from './offer-passed.ts';
import { ReplyFailed } from './reply-failed.ts';
import { RotationChanged } from './rotation-changed.ts';
import { SessionClosed } from './session-closed.ts';
import { SessionEnded } from './session-ended.ts';
import { SurveyAnswered } from './survey-answered.ts';
import { SurveyAsked } from './survey-asked.ts';
import { WayAlarmed } from './way-alarmed.ts';
import { WayCalmed } from './way-calmed.ts';
import { WaysAudited } from './ways-audited.ts';
import { WelcomeMissed } from './welcome-missed.ts';
import { WelcomeSent } from './welcome-sent.ts';

/** Everything that we promise other systems. */
export const catalogue = [
  AcquisitionBalance,
  AgentLeft,
  AgentOffDuty,
  AssignmentRefused,
  ContactAdded,
  ContactObserved,
  ContactErased,
  ContactRecounted,
  ContactRemoved,
  ContactTransferFailed,
  ContactTransferred,
  ConversationAbandoned,
  ConversationAssigned,
  ConversationClosing,
  ConversationErased,
  ConversationLeft,
  ConversationReleased,
  ConversationTransferred,
  ConversationWaiting,
  CustomerTagged,
  EffectObserved,
  GreetingMissed,
  HandOverDone,
  HandOverRefused,
  MemberRefused,
  MessageAnswered,
  MessageReceived,
  OfferAccepted,
  OfferExpired,
  OfferMade,
  OfferPassed,
  ReplyFailed,
  RotationChanged,
  SessionClosed,
  SessionEnded,
  SurveyAnswered,
  SurveyAsked,
  WayAlarmed,
  WayCalmed,
  WaysAudited,
  WelcomeMissed,
  WelcomeSent,
] as const;
