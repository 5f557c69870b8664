import { randomUUID } from 'node:crypto';
import { accountDutyRoutes } from '../lib/admin/account-duties.ts';
import { knowledgeRoutes } from '../lib/admin/knowledge.ts';
import { servicerRoutes } from '../lib/admin/servicers.ts';
import { standingRoutes } from '../lib/admin/standing.ts';
import { linkStore } from '../lib/contact-me/link-store.ts';
import { nightStore } from '../lib/contact-me/night-store.ts';
import { conversationStore } from '../lib/conversations/conversation-store.ts';
import { figureStore } from '../lib/conversations/figure-store.ts';
import { messageMediaStore } from '../lib/conversations/message-media-store.ts';
import { readAwsAccess } from '../lib/platform/aws-json.ts';
import { HOUR, SECOND, systemClock } from '../lib/platform/clock.ts';
import { readConfig } from '../lib/platform/config.ts';
import { runGroup } from '../lib/platform/group-id.ts';
import { httpDoor } from '../lib/platform/http-door.ts';
import { configureLog } from '../lib/platform/log.ts';
import { configureMetrics } from '../lib/platform/metrics.ts';
import { sqsClient, sqsQueue } from '../lib/platform/queues.ts';
import { remember } from '../lib/platform/remember.ts';
import type { Signal } from '../lib/platform/wakes.ts';
import { entranceStore } from '../lib/replies/entrance-store.ts';
import { faqStore } from '../lib/replies/faq-store.ts';
import { peopleNamedFor } from '../lib/replies/people-named.ts';
import { quickReplyStore } from '../lib/replies/quick-reply-store.ts';
import { quickReplyUsageStore } from '../lib/replies/quick-reply-usage-store.ts';
import { ruleSetStore } from '../lib/replies/rule-set-store.ts';
import { dynamoClient, dynamoTable } from '../lib/store/dynamo-table.ts';
import { s3Objects } from '../lib/store/s3-objects.ts';
import {
  accessShape,
  contactWaysShape,
  conversationsShape,
  repliesShape,
  routingShape,
  wecomShape,
} from '../lib/store/tables.ts';
import { accountDutyStore } from '../lib/wecom/account-duty-store.ts';
import { adminBehindGuard } from './wiring/access.ts';
import {
  contactWays,
  contactWaysPost,
  conversationInbox,
  conversationsPost,
  historyMs,
  routingRoom,
} from './wiring/rooms.ts';
import { weComRoom } from './wiring/wecom.ts';

const config = readConfig(process.env, [
  'CONCIERGE_STAGE',
  'CONVERSATIONS_TABLE',
  'ROUTING_TABLE',
  'CONTACT_WAYS_TABLE',
  'REPLIES_TABLE',
  'CONVERSATIONS_QUEUE_URL',
  'ASSIGNMENTS_QUEUE_URL',
  'ROTATIONS_QUEUE_URL',
  'SIGNALS_QUEUE_URL',
  'TIME_ZONE',
  'WECOM_SECRETS',
  'WECOM_API_URL',
  'WECOM_TABLE',
  'MEDIA_BUCKET',
  'HISTORY_DAYS',
  'ACCESS_TABLE',
  'AUDIT_DAYS',
  'ADMIN_CALLS_PER_MINUTE',
]);
configureLog({ level: process.env.LOG_LEVEL, service: 'admin-api' });
configureMetrics({ stage: process.env.CONCIERGE_STAGE });

// The person who asked waits, and the gateway does not wait long; he can ask again.
const dynamo = dynamoClient({ attempts: 2 });
const conversations = dynamoTable(dynamo, conversationsShape(config.CONVERSATIONS_TABLE));
const routing = dynamoTable(dynamo, routingShape(config.ROUTING_TABLE));
const replies = dynamoTable(dynamo, repliesShape(config.REPLIES_TABLE));
const ways = dynamoTable(dynamo, contactWaysShape(config.CONTACT_WAYS_TABLE));
const keptMs = historyMs(config.HISTORY_DAYS);
const conversationsRoom = conversationStore(
  conversations,
  conversationInbox(conversations, config.HISTORY_DAYS),
  keptMs,
);

const sqs = sqsClient();
const signals = sqsQueue<Signal>(sqs, config.SIGNALS_QUEUE_URL);
const post = conversationsPost(conversations, config.HISTORY_DAYS, sqs, config.CONVERSATIONS_QUEUE_URL);
const figures = figureStore(conversations, config.TIME_ZONE);

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
  adminBehindGuard(
    {
      clock: systemClock,
      routing: people,
      wakeTeam: desk.wake,
      conversations: conversationsRoom,
      media: {
        read: messageMediaStore(conversations).read,
        linkTo: s3Objects(readAwsAccess(process.env), config.MEDIA_BUCKET).linkTo,
      },
      figures: { zone: config.TIME_ZONE, store: figures },
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
        ...accountDutyRoutes(
          {
            duties: accountDutyStore(wecomTable),
            appOf,
            goOn: (app, openKfId, run) =>
              signals.send(
                { v: 1, kind: 'run', app, openKfId, run, createdAt: systemClock(), receivedAt: systemClock() },
                { group: runGroup(openKfId) },
              ),
            newId: randomUUID,
          },
          systemClock,
        ),
        ...standingRoutes({ conversations: conversationsRoom, routing: people, tell: post.tell }, systemClock),
        ...servicerRoutes(
          {
            configured: people.configured,
            agents: people.agents,
            async alsoServing() {
              const ruleSets = await ruleSetStore(replies).configured();
              const entrances = await entranceStore(replies).entrances();
              return (openKfId) => peopleNamedFor(openKfId, ruleSets, entrances);
            },
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
            faq: faqStore(replies).faq,
            knowledge: async () => (await wecom('all')).knowledgeFor('main'),
          },
          systemClock,
        ),
      },
      quickReplies: {
        zone: config.TIME_ZONE,
        ...quickReplyStore(replies),
        usage: quickReplyUsageStore(replies, config.TIME_ZONE).usage,
        ruleSets: ruleSetStore(replies).configured,
      },
      entries: {
        zone: config.TIME_ZONE,
        store: entranceStore(replies),
        visitsOf: figures.visitsOf,
        newLink: async (account, scene) => (await wecom('all')).accountLink(account, scene),
      },
      handOvers: {
        knowsHandOver: conversationsRoom.knowsHandOver,
        saveNote: conversationsRoom.saveNote,
        tell: post.tell,
        newId: randomUUID,
      },
    },
    {
      table: dynamoTable(dynamo, accessShape(config.ACCESS_TABLE)),
      wecomTable,
      wecom: () => wecom('all'),
      auditDays: config.AUDIT_DAYS,
      callsPerMinute: config.ADMIN_CALLS_PER_MINUTE,
      address: process.env.CONSOLE_ADDRESS,
    },
  ),
);
