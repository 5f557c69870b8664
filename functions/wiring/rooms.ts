import type { SQSClient } from '@aws-sdk/client-sqs';
import { contactWayStore } from '../../lib/contact-me/contact-way-store.ts';
import { wayPost } from '../../lib/contact-me/way-post.ts';
import { conversationPost } from '../../lib/conversations/deliver.ts';
import { DAY, MINUTE, systemClock } from '../../lib/platform/clock.ts';
import { sqsQueue } from '../../lib/platform/queues.ts';
import type { ConversationWake, TeamWake, WayWake } from '../../lib/platform/wakes.ts';
import { routingStore } from '../../lib/routing/routing-store.ts';
import { teamDesk } from '../../lib/routing/team-desk.ts';
import { inbox } from '../../lib/store/inbox.ts';
import type { Table } from '../../lib/store/table.ts';

/** How long something may lie unread before the sweep wakes its owner again. */
const attentionAfterMs = MINUTE;

export const historyMs = (days: string): number => Number(days) * DAY;

export function conversationInbox(table: Table, historyDays: string) {
  return inbox(table, { attentionAfterMs, keepMs: historyMs(historyDays) });
}

/** Conversations, for those who only put something into their inboxes. */
export function conversationsPost(table: Table, historyDays: string, sqs: SQSClient, queueUrl: string) {
  return conversationPost({
    inbox: conversationInbox(table, historyDays),
    wakes: sqsQueue<ConversationWake>(sqs, queueUrl),
    clock: systemClock,
  });
}

/** What was handled in the routing room is of no use to anybody after two weeks. */
export function routingInbox(table: Table) {
  return inbox(table, { attentionAfterMs, keepMs: 14 * DAY });
}

/** The routing room. */
export function routingRoom(table: Table, sqs: SQSClient, assignmentsQueueUrl: string) {
  const store = routingStore(table, routingInbox(table));
  const wakes = sqsQueue<TeamWake>(sqs, assignmentsQueueUrl);
  return { store, desk: teamDesk({ store, wakes, clock: systemClock }) };
}

export function contactWays(table: Table) {
  return contactWayStore(table, inbox(table, { attentionAfterMs, keepMs: 14 * DAY }));
}

/** Contact ways, for those who only put something into their inboxes. */
export function contactWaysPost(table: Table, sqs: SQSClient, queueUrl: string) {
  return wayPost({ inbox: contactWays(table).inbox, wakes: sqsQueue<WayWake>(sqs, queueUrl), clock: systemClock });
}
