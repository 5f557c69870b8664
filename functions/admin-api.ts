import { randomUUID } from 'node:crypto';
import { adminApi } from '../lib/admin/admin-api.ts';
import { knowledgeRoutes } from '../lib/admin/knowledge.ts';
import { servicerRoutes } from '../lib/admin/servicers.ts';
import { linkStore } from '../lib/contact-me/link-store.ts';
import { nightStore } from '../lib/contact-me/night-store.ts';
import { conversationStore } from '../lib/conversations/conversation-store.ts';
import { figureStore } from '../lib/conversations/figure-store.ts';
import { DAY, HOUR, MINUTE, SECOND, systemClock } from '../lib/platform/clock.ts';
import { readConfig } from '../lib/platform/config.ts';
import { httpDoor } from '../lib/platform/http-door.ts';
import { configureLog } from '../lib/platform/log.ts';
import { sqsClient } from '../lib/platform/queues.ts';
import { remember } from '../lib/platform/remember.ts';
import { faqStore } from '../lib/replies/faq-store.ts';
import { dynamoClient, dynamoTable } from '../lib/store/dynamo-table.ts';
import { inbox } from '../lib/store/inbox.ts';
import { contactWaysShape, conversationsShape, repliesShape, routingShape, wecomShape } from '../lib/store/tables.ts';
import { contactWays, contactWaysPost, routingRoom } from './wiring/rooms.ts';
import { weComRoom } from './wiring/wecom.ts';

const config = readConfig(process.env, [
  'CONCIERGE_STAGE',
  'CONVERSATIONS_TABLE',
  'ROUTING_TABLE',
  'CONTACT_WAYS_TABLE',
  'ASSIGNMENTS_QUEUE_URL',
  'ROTATIONS_QUEUE_URL',
  'TIME_ZONE',
  'WECOM_SECRETS',
  'WECOM_API_URL',
  'WECOM_TABLE',
  'REPLIES_TABLE',
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

const wecomTable = dynamoTable(dynamo, wecomShape(config.WECOM_TABLE));
// Most of what is asked here needs no WeCom, and should not fail for want of its secrets.
const wecom = remember(HOUR, systemClock, () => weComRoom(config, wecomTable, process.env));

/** The app that serves an account; accounts that nobody has heard of yet, and what is no account's, are the main one's. */
async function appOf(openKfId: string | undefined): Promise<string> {
  const account = openKfId === undefined ? undefined : await (await wecom('all')).store.readAccount(openKfId);
  return account?.app ?? 'main';
}

export const handler = httpDoor(
  adminApi({
    clock: systemClock,
    routing: people,
    wakeTeam: desk.wake,
    conversations: conversationStore(conversations, inbox(conversations, reading), DAY),
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
    withWeCom: {
      ...servicerRoutes(
        {
          configured: people.configured,
          agents: people.agents,
          async kfOf(openKfId) {
            const room = await wecom('all');
            const app = await appOf(openKfId);
            return { ...room.kfFor(app), ...room.servicersFor(app) };
          },
          noteAdded: (agentId, openKfId, at) => desk.notePresence(agentId, openKfId, { status: 'unknown', at }),
        },
        systemClock,
      ),
      ...knowledgeRoutes(
        {
          faq: faqStore(dynamoTable(dynamo, repliesShape(config.REPLIES_TABLE))).faq,
          knowledge: async () => (await wecom('all')).knowledgeFor('main'),
        },
        systemClock,
      ),
    },
  }),
);
