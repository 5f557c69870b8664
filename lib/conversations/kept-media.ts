import { isMediaKind } from '../wecom/media.ts';
import type { Conversation } from './conversation.ts';
import { withEffect } from './effects.ts';
import type { Entry } from './entries.ts';

/** A message that came with a file has it copied: WeCom keeps it for three days. Who decides or answers does not wait for that. */
export function withMediaKept(conversation: Conversation, entry: Entry): Conversation {
  const isMessage = entry.kind === 'message' || entry.kind === 'answer';
  if (!isMessage || !isMediaKind(entry.type)) return conversation;
  return withEffect(conversation, { kind: 'keep-media', messageId: entry.id });
}
