import { showCards } from '../lib/conversations/show-cards.ts';
import { MINUTE, systemClock } from '../lib/platform/clock.ts';
import { readConfig } from '../lib/platform/config.ts';
import { configureLog } from '../lib/platform/log.ts';
import { configureMetrics } from '../lib/platform/metrics.ts';
import { queueDoor } from '../lib/platform/queue-door.ts';
import { sqsClient, sqsGiveBack, sqsQueue } from '../lib/platform/queues.ts';
import { remember } from '../lib/platform/remember.ts';
import { CardJob } from '../lib/platform/wakes.ts';
import { dynamoClient, dynamoTable } from '../lib/store/dynamo-table.ts';
import { conversationsShape, wecomShape } from '../lib/store/tables.ts';
import { conversationsPost } from './wiring/rooms.ts';
import { weComRoom } from './wiring/wecom.ts';

const config = readConfig(process.env, [
  'WECOM_SECRETS',
  'WECOM_API_URL',
  'WECOM_TABLE',
  'CONVERSATIONS_TABLE',
  'CONVERSATIONS_QUEUE_URL',
  'CARDS_QUEUE_URL',
  'HISTORY_DAYS',
]);
configureLog({ level: process.env.LOG_LEVEL, service: 'show-cards' });
configureMetrics({ stage: process.env.CONCIERGE_STAGE });

const clock = systemClock;
const dynamo = dynamoClient();
const sqs = sqsClient();
const wecom = await weComRoom(config, dynamoTable(dynamo, wecomShape(config.WECOM_TABLE)), process.env);
const conversations = conversationsPost(
  dynamoTable(dynamo, conversationsShape(config.CONVERSATIONS_TABLE)),
  config.HISTORY_DAYS,
  sqs,
  config.CONVERSATIONS_QUEUE_URL,
);
const cards = sqsQueue<CardJob>(sqs, config.CARDS_QUEUE_URL);
const accountsOf = remember(10 * MINUTE, clock, async (app) => {
  const accounts = await wecom.kfFor(app).listAccounts();
  return new Map(accounts.map(({ openKfId, name }) => [openKfId, name]));
});

const show = showCards({
  clock,
  random: Math.random,
  agentIdOf: wecom.agentIdOf,
  accountName: async (app, openKfId) => (await accountsOf(app)).get(openKfId) || openKfId,
  send: wecom.sendAppCard,
  change: wecom.changeAppCard,
  tell: conversations.tell,
  again: (job, delaySeconds) => cards.send(job, { delaySeconds }),
});

export const handler = queueDoor(
  CardJob,
  async ({ messages }) => {
    for (const job of messages) await show(job);
  },
  {
    service: 'show-cards',
    clock,
    giveBack: sqsGiveBack(sqs, config.CARDS_QUEUE_URL),
    ids: (job) => ({ kind: job.kind }),
  },
);
