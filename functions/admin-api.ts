import { randomUUID } from 'node:crypto';
import { adminApi } from '../lib/admin/admin-api.ts';
import { linkStore } from '../lib/contact-me/link-store.ts';
import { nightStore } from '../lib/contact-me/night-store.ts';
import { conversationStore } from '../lib/conversations/conversation-store.ts';
import { figureStore } from '../lib/conversations/figure-store.ts';
import { SECOND, systemClock } from '../lib/platform/clock.ts';
import { readConfig } from '../lib/platform/config.ts';
import { httpDoor } from '../lib/platform/http-door.ts';
import { configureLog } from '../lib/platform/log.ts';
import { sqsClient } from '../lib/platform/queues.ts';
import { dynamoClient, dynamoTable } from '../lib/store/dynamo-table.ts';
import { contactWaysShape, conversationsShape, routingShape } from '../lib/store/tables.ts';
import {
  contactWays,
  contactWaysPost,
  conversationInbox,
  conversationsPost,
  historyMs,
  routingRoom,
} from './wiring/rooms.ts';

const config = readConfig(process.env, [
  'CONCIERGE_STAGE',
  'CONVERSATIONS_TABLE',
  'ROUTING_TABLE',
  'CONTACT_WAYS_TABLE',
  'CONVERSATIONS_QUEUE_URL',
  'ASSIGNMENTS_QUEUE_URL',
  'ROTATIONS_QUEUE_URL',
  'TIME_ZONE',
  'HISTORY_DAYS',
]);
configureLog({ level: process.env.LOG_LEVEL, service: 'admin-api' });

// The person who asked waits, and the gateway does not wait long; he can ask again.
const dynamo = dynamoClient({ attempts: 2 });
const conversations = dynamoTable(dynamo, conversationsShape(config.CONVERSATIONS_TABLE));
const routing = dynamoTable(dynamo, routingShape(config.ROUTING_TABLE));
const ways = dynamoTable(dynamo, contactWaysShape(config.CONTACT_WAYS_TABLE));
const keptMs = historyMs(config.HISTORY_DAYS);
const conversationsRoom = conversationStore(
  conversations,
  conversationInbox(conversations, config.HISTORY_DAYS),
  keptMs,
);

const sqs = sqsClient();
const post = conversationsPost(conversations, config.HISTORY_DAYS, sqs, config.CONVERSATIONS_QUEUE_URL);
const { store: people, desk } = routingRoom(routing, sqs, config.ASSIGNMENTS_QUEUE_URL);

export const handler = httpDoor(
  adminApi({
    clock: systemClock,
    routing: people,
    wakeTeam: desk.wake,
    conversations: conversationsRoom,
    figures: { zone: config.TIME_ZONE, store: figureStore(conversations, config.TIME_ZONE) },
    ways: {
      stage: config.CONCIERGE_STAGE,
      zone: config.TIME_ZONE,
      store: contactWays(ways),
      post: contactWaysPost(ways, sqs, config.ROTATIONS_QUEUE_URL),
      nights: nightStore(ways),
      // Nothing is counted here, so the table that counts may be any.
      opened: linkStore(ways, ways).given,
      download: (url) => fetch(url, { signal: AbortSignal.timeout(5 * SECOND) }),
      newId: randomUUID,
      // Optional: the gateway's own address does as well, as long as nothing is printed with it.
      contactAddress: process.env.CONTACT_ADDRESS,
    },
    handOvers: {
      knowsHandOver: conversationsRoom.knowsHandOver,
      saveNote: conversationsRoom.saveNote,
      tell: post.tell,
      newId: randomUUID,
    },
  }),
);
