import { adminApi } from '../lib/admin/admin-api.ts';
import { conversationStore } from '../lib/conversations/conversation-store.ts';
import { DAY, MINUTE, systemClock } from '../lib/platform/clock.ts';
import { readConfig } from '../lib/platform/config.ts';
import { httpDoor } from '../lib/platform/http-door.ts';
import { configureLog } from '../lib/platform/log.ts';
import { routingStore } from '../lib/routing/routing-store.ts';
import { dynamoClient, dynamoTable } from '../lib/store/dynamo-table.ts';
import { inbox } from '../lib/store/inbox.ts';
import { conversationsShape, routingShape } from '../lib/store/tables.ts';

const config = readConfig(process.env, ['CONVERSATIONS_TABLE', 'ROUTING_TABLE']);
configureLog({ level: process.env.LOG_LEVEL, service: 'admin-api' });

// The person who asked waits, and the gateway does not wait long; he can ask again.
const dynamo = dynamoClient({ attempts: 2 });
const conversations = dynamoTable(dynamo, conversationsShape(config.CONVERSATIONS_TABLE));
const routing = dynamoTable(dynamo, routingShape(config.ROUTING_TABLE));
// This door only reads, so nothing is kept by these times.
const reading = { attentionAfterMs: MINUTE, keepMs: DAY };

export const handler = httpDoor(
  adminApi({
    clock: systemClock,
    routing: routingStore(routing, inbox(routing, reading)),
    conversations: conversationStore(conversations, inbox(conversations, reading), DAY),
  }),
);
