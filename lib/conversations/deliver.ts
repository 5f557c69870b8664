import type { Clock, Instant } from '../platform/clock.ts';
import type { Queue } from '../platform/queues.ts';
import type { ConversationWake, Signal } from '../platform/wakes.ts';
import { firstOrder, pullOrder, timeOrder } from '../store/entry-order.ts';
import type { Inbox } from '../store/inbox.ts';
import type { PulledItem } from '../wecom/sync-messages.ts';
import { conversationIdOf } from './conversation.ts';
import { entryKey, type OwnEntry } from './entries.ts';
import { entryOf } from './entry-of.ts';

/** How others reach a conversation: entries into its inbox first, the wake second (consistency rule 1). */
export function conversationPost(room: { inbox: Inbox; wakes: Queue<ConversationWake>; clock: Clock }) {
  const { inbox, wakes, clock } = room;

  const wake = (conversationId: string): Promise<void> =>
    wakes.send({ v: 1, conversationId }, { group: conversationId });

  /** One entry of our own. Woken in either case: whoever put it first may have died before the wake. */
  async function tell(conversationId: string, entry: OwnEntry): Promise<'new' | 'known'> {
    const at = clock();
    const put = await inbox.put({
      owner: conversationId,
      entry: entryKey(entry),
      order: timeOrder(at),
      body: entry,
      at,
    });
    await wake(conversationId);
    return put;
  }

  return {
    wake,

    /** Pulled items of one conversation, one after the other: a crash leaves a beginning, never a gap. */
    async deliver(openKfId: string, customerId: string, items: readonly PulledItem[]): Promise<void> {
      const owner = conversationIdOf(openKfId, customerId);
      for (const pulled of items) {
        const body = entryOf(pulled);
        const order = pullOrder(pulled.cursorVersion, pulled.index);
        await inbox.put({ owner, entry: entryKey(body), order, body, at: clock() });
      }
      await wake(owner);
    },

    /** An agent's answer to a card. */
    async hearCard(tap: Extract<Signal, { kind: 'card' }>): Promise<void> {
      const { openKfId, customerId, task, agentId, answer, code, createdAt: at } = tap;
      const entry: OwnEntry = { kind: 'card-answered', task, agentId, answer, at, ...(code !== undefined && { code }) };
      await tell(conversationIdOf(openKfId, customerId), entry);
    },

    /** Somebody wants the customer to be forgotten, with everything of before `at`. `id`: the wish's own; a repeat changes nothing. */
    async forget(conversationId: string, id: string, at: Instant): Promise<void> {
      const body: OwnEntry = { kind: 'erased', id, at };
      await inbox.put({ owner: conversationId, entry: entryKey(body), order: firstOrder(at), body, at });
      await wake(conversationId);
    },

    tell,
  };
}
