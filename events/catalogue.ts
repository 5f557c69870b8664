import { AcquisitionBalance } from './acquisition-balance.ts';
import { AgentOffDuty } from './agent-off-duty.ts';
import { AssignmentRefused } from './assignment-refused.ts';
import { ContactAdded } from './contact-added.ts';
import { ContactRecounted } from './contact-recounted.ts';
import { ContactRemoved } from './contact-removed.ts';
import { ContactTransferFailed } from './contact-transfer-failed.ts';
import { ConversationAbandoned } from './conversation-abandoned.ts';
import { ConversationAssigned } from './conversation-assigned.ts';
import { ConversationClosing } from './conversation-closing.ts';
import { ConversationLeft } from './conversation-left.ts';
import { ConversationTransferred } from './conversation-transferred.ts';
import { ConversationWaiting } from './conversation-waiting.ts';
import { CustomerTagged } from './customer-tagged.ts';
import { GreetingMissed } from './greeting-missed.ts';
import { MemberRefused } from './member-refused.ts';
import { MessageAnswered } from './message-answered.ts';
import { MessageReceived } from './message-received.ts';
import { OfferAccepted } from './offer-accepted.ts';
import { OfferExpired } from './offer-expired.ts';
import { ReplyFailed } from './reply-failed.ts';
import { SessionClosed } from './session-closed.ts';
import { SessionEnded } from './session-ended.ts';
import { WayAlarmed } from './way-alarmed.ts';
import { WayCalmed } from './way-calmed.ts';
import { WaysAudited } from './ways-audited.ts';
import { WelcomeMissed } from './welcome-missed.ts';
import { WelcomeSent } from './welcome-sent.ts';

/** Everything that we promise other systems. */
export const catalogue = [
  AcquisitionBalance,
  AgentOffDuty,
  AssignmentRefused,
  ContactAdded,
  ContactRecounted,
  ContactRemoved,
  ContactTransferFailed,
  ConversationAbandoned,
  ConversationAssigned,
  ConversationClosing,
  ConversationLeft,
  ConversationTransferred,
  ConversationWaiting,
  CustomerTagged,
  GreetingMissed,
  MemberRefused,
  MessageAnswered,
  MessageReceived,
  OfferAccepted,
  OfferExpired,
  ReplyFailed,
  SessionClosed,
  SessionEnded,
  WayAlarmed,
  WayCalmed,
  WaysAudited,
  WelcomeMissed,
  WelcomeSent,
] as const;
