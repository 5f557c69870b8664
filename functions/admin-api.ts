import { randomUUID } from 'node:crypto';
import { adminApi } from '../lib/admin/admin-api.ts';
import { linkStore } from '../lib/contact-me/link-store.ts';
import { nightStore } from '../lib/contact-me/night-store.ts';
import { conversationStore } from '../lib/conversations/conversation-store.ts';
import { figureStore } from '../lib/conversations/figure-store.ts';
import { messageMediaStore } from '../lib/conversations/message-media-store.ts';
import { readAwsAccess } from '../lib/platform/aws-json.ts';
import { DAY, MINUTE, SECOND, systemClock } from '../lib/platform/clock.ts';
import { readConfig } from '../lib/platform/config.ts';
import { httpDoor } from '../lib/platform/http-door.ts';
import { configureLog } from '../lib/platform/log.ts';
import { sqsClient } from '../lib/platform/queues.ts';
import { dynamoClient, dynamoTable } from '../lib/store/dynamo-table.ts';
import { inbox } from '../lib/store/inbox.ts';
import { s3Objects } from '../lib/store/s3-objects.ts';
import { contactWaysShape, conversationsShape, routingShape } from '../lib/store/tables.ts';
import { contactWays, contactWaysPost, routingRoom } from './wiring/rooms.ts';

const config = readConfig(process.env, [
  'CONCIERGE_STAGE',
  'CONVERSATIONS_TABLE',
  'ROUTING_TABLE',
  'CONTACT_WAYS_TABLE',
  'ASSIGNMENTS_QUEUE_URL',
  'ROTATIONS_QUEUE_URL',
  'TIME_ZONE',
  'MEDIA_BUCKET',
]);
configureLog({ level: process.env.LOG_LEVEL, service: 'admin-api' });

// The person who asked waits, and the gateway does not wait long; he can ask again.
const dynamo = dynamoClient({ attempts: 2 });
const conversations = dynamoTable(dynamo, conversationsShape(config.CONVERSATIONS_TABLE));
const routing = dynamoTable(dynamo, routingShape(config.ROUTING_TABLE));
const ways = dynamoTable(dynamo, contactWaysShape(config.CONTACT_WAYS_TABLE));
// Of conversations this door only reads, so nothing is kept by these times.
const reading = { attentionAfterMs: MINUTE, keepMs: DAY };

const sqs = sqsClient();
const { store: people, desk } = routingRoom(routing, sqs, config.ASSIGNMENTS_QUEUE_URL);

export const handler = httpDoor(
  adminApi({
    clock: systemClock,
    routing: people,
    wakeTeam: desk.wake,
    conversations: conversationStore(conversations, inbox(conversations, reading), DAY),
    media: {
      read: messageMediaStore(conversations).read,
      linkTo: s3Objects(readAwsAccess(process.env), config.MEDIA_BUCKET).linkTo,
    },
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
  }),
);
