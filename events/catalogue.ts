import { AssignmentRefused } from './assignment-refused.ts';
import { ConversationAbandoned } from './conversation-abandoned.ts';
import { ConversationAssigned } from './conversation-assigned.ts';
import { ConversationTransferred } from './conversation-transferred.ts';
import { ConversationWaiting } from './conversation-waiting.ts';
import { GreetingMissed } from './greeting-missed.ts';
import { MessageAnswered } from './message-answered.ts';
import { MessageReceived } from './message-received.ts';
import { ReplyFailed } from './reply-failed.ts';
import { SessionEnded } from './session-ended.ts';

/** Everything that we promise other systems. */
export const catalogue = [
  AssignmentRefused,
  ConversationAbandoned,
  ConversationAssigned,
  ConversationTransferred,
  ConversationWaiting,
  GreetingMissed,
  MessageAnswered,
  MessageReceived,
  ReplyFailed,
  SessionEnded,
] as const;
