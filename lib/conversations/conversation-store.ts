import * as z from 'zod';
import { type Instant, MINUTE } from '../platform/clock.ts';
import { attentionShard, type Inbox } from '../store/inbox.ts';
import { absent, type Cursor, equals, type Item, present, type Table } from '../store/table.ts';
import { type Conversation, emptyConversation } from './conversation.ts';
import { nextDue } from './due.ts';
import { handOverKey, messageKey, noteKey, sentKey } from './entries.ts';
import { eraseHistory } from './history-store.ts';

/** How far SQS can delay a timer; further due times are found by the sweep in time to arm one. */
const TIMER_REACH = 10 * MINUTE;
/** How long after it should have been done something undone is looked at again. */
const PATIENCE = MINUTE;

/** The conversations room's table: the state, and the inbox and history beside it. */
export interface ConversationStore {
  readonly inbox: Inbox;
  read(conversationId: string, now: Instant): Promise<Conversation>;
  /** Saves on top of the version that was read. The saved conversation, or undefined when somebody else saved first. */
  save(conversation: Conversation, silence: number, now: Instant): Promise<Conversation | undefined>;
  /** Puts what we sent into the history. The outcome that stands there: a repeat changes nothing. */
  noteSent(conversationId: string, sent: SentMessage): Promise<string>;
  /** WeCom could not deliver a message that it had accepted. */
  markFailed(conversationId: string, messageId: string, failType: number): Promise<void>;
  /** The customer or the agent took a message back: its text leaves the history. */
  forgetText(conversationId: string, messageId: string): Promise<void>;
  /** Keeps a note for whoever gets the conversation next, as part of the history; a repeat changes nothing. */
  saveNote(conversationId: string, note: Note): Promise<void>;
  /** The note's words; undefined when there is none, or it was erased with the history. */
  noteText(conversationId: string, noteId: string): Promise<string | undefined>;
  /**
   * Takes what is of up to then out of the history: what was said and what was done. The state stays, and what is unread, which its
   * writer refuses first. `forgetFile` is asked once the words of a message with a file are gone, and before the last trace of it is:
   * who dies in between finds it again. A repeat goes on where it ended.
   */
  eraseHistory(conversationId: string, upTo: Instant, forgetFile: (messageId: string) => Promise<void>): Promise<void>;
  /** Whether this hand-over was asked for before. */
  knowsHandOver(conversationId: string, id: string): Promise<boolean>;
  /** What was said and done, newest first by its arrival; `next` continues with what is older. */
  history(
    conversationId: string,
    page?: { readonly limit?: number; readonly after?: Cursor },
  ): Promise<{ items: Item[]; next?: Cursor }>;
}

export interface SentMessage {
  readonly id: string;
  readonly at: Instant;
  readonly purpose: string;
  readonly outcome: string;
  readonly content: unknown;
  readonly errcode?: number;
}

export interface Note {
  readonly id: string;
  readonly by: string;
  readonly text: string;
  readonly at: Instant;
}

export function conversationStore(table: Table, inbox: Inbox, historyMs: number): ConversationStore {
  return {
    inbox,

    async read(conversationId, now) {
      const item = await table.get({ conversationId, entry: 'state' }, { consistent: true });
      // Written by `save` alone, so what lies there is a conversation.
      return item ? (item.state as Conversation) : emptyConversation(conversationId, now);
    },

    async save(conversation, silence, now) {
      const { conversationId, version } = conversation;
      const saved: Conversation = { ...conversation, version: version + 1 };
      const lookAt = attentionAt(saved, silence, now);
      const written = await table.put(
        {
          conversationId,
          entry: 'state',
          version: saved.version,
          state: saved,
          ...(lookAt !== undefined && { attention: attentionShard(conversationId), attentionAt: lookAt }),
        },
        version === 0 ? absent('conversationId') : equals('version', version),
      );
      return written ? saved : undefined;
    },

    async noteSent(conversationId, sent) {
      const expiresAt = Math.ceil((sent.at + historyMs) / 1000);
      const key = { conversationId, entry: sentKey(sent.id) };
      const item = { ...key, kind: 'sent', ...sent, arrivedAt: sent.at, expiresAt };
      if (await table.put(item, absent('conversationId'))) return sent.outcome;
      return String((await table.get(key, { consistent: true }))?.outcome ?? sent.outcome);
    },

    async markFailed(conversationId, messageId, failType) {
      await table.update(
        { conversationId, entry: sentKey(messageId) },
        { set: { outcome: 'not-delivered', failType } },
        { condition: present('conversationId') },
      );
    },

    async forgetText(conversationId, messageId) {
      await table.update(
        { conversationId, entry: messageKey(messageId) },
        { set: { recalled: true }, remove: ['body', 'media'] },
        { condition: present('conversationId') },
      );
    },

    async saveNote(conversationId, { id, ...note }) {
      const expiresAt = Math.ceil((note.at + historyMs) / 1000);
      const body = { kind: 'note', ...note };
      const item = { conversationId, entry: noteKey(id), body, arrivedAt: note.at, expiresAt };
      await table.put(item, absent('conversationId'));
    },

    async noteText(conversationId, noteId) {
      const item = await table.get({ conversationId, entry: noteKey(noteId) }, { consistent: true });
      return item && KeptNote.parse(item).body.text;
    },

    async knowsHandOver(conversationId, id) {
      return (await table.get({ conversationId, entry: handOverKey(id) }, { consistent: true })) !== undefined;
    },

    eraseHistory: (conversationId, upTo, forgetFile) => eraseHistory(table, conversationId, upTo, forgetFile),

    history: (conversationId, page = {}) =>
      table.query({ index: 'timeline', partition: conversationId, descending: true, ...page }),
  };
}

const KeptNote = z.object({ body: z.object({ text: z.string() }) });

/** When the sweep should look at this conversation, should everything else be lost. */
function attentionAt(conversation: Conversation, silence: number, now: Instant): Instant | undefined {
  const { pending, session, parkedUntil } = conversation;
  if (pending.length > 0 || session.toRead) return Math.max(now, parkedUntil ?? 0) + PATIENCE;
  const due = nextDue(conversation, silence);
  if (due === undefined) return undefined;
  return conversation.armedFor === due ? due + PATIENCE : Math.max(now + PATIENCE, due - TIMER_REACH);
}
