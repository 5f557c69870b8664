import { catalogue } from '../events/catalogue.ts';
import { eventBridgeClient, eventBus } from '../lib/events/event-bus.ts';
import { publisher } from '../lib/events/publish.ts';
import { systemClock } from '../lib/platform/clock.ts';
import { readConfig } from '../lib/platform/config.ts';
import { armTimer } from '../lib/platform/fire-timers.ts';
import { configureLog } from '../lib/platform/log.ts';
import { configureMetrics } from '../lib/platform/metrics.ts';
import { queueDoor } from '../lib/platform/queue-door.ts';
import { sqsClient, sqsGiveBack, sqsQueue } from '../lib/platform/queues.ts';
import { TeamWake, type Timer } from '../lib/platform/wakes.ts';
import { assignAgents } from '../lib/routing/assign-agents.ts';
import { dynamoClient, dynamoTable } from '../lib/store/dynamo-table.ts';
import { conversationsShape, routingShape } from '../lib/store/tables.ts';
import { conversationsPost, routingRoom } from './wiring/rooms.ts';

const config = readConfig(process.env, [
  'CONVERSATIONS_TABLE',
  'ROUTING_TABLE',
  'CONVERSATIONS_QUEUE_URL',
  'ASSIGNMENTS_QUEUE_URL',
  'ASSIGNMENTS_DEAD_LETTER_QUEUE_URL',
  'TIMERS_QUEUE_URL',
  'EVENT_BUS_NAME',
  'CONCIERGE_STAGE',
  'TIME_ZONE',
  'HISTORY_DAYS',
]);
configureLog({ level: process.env.LOG_LEVEL, service: 'assign-agent' });
configureMetrics({ stage: process.env.CONCIERGE_STAGE });

const clock = systemClock;
const dynamo = dynamoClient();
const sqs = sqsClient();
const conversations = conversationsPost(
  dynamoTable(dynamo, conversationsShape(config.CONVERSATIONS_TABLE)),
  config.HISTORY_DAYS,
  sqs,
  config.CONVERSATIONS_QUEUE_URL,
);
const { store } = routingRoom(
  dynamoTable(dynamo, routingShape(config.ROUTING_TABLE)),
  sqs,
  config.ASSIGNMENTS_QUEUE_URL,
);
const deadLetters = sqsQueue<object>(sqs, config.ASSIGNMENTS_DEAD_LETTER_QUEUE_URL);

const timers = sqsQueue<Timer>(sqs, config.TIMERS_QUEUE_URL);
const publish = publisher(eventBus(eventBridgeClient(), config.EVENT_BUS_NAME), catalogue, config.CONCIERGE_STAGE);

const assign = assignAgents({
  store,
  clock,
  zone: config.TIME_ZONE,
  tellConversation: conversations.tell,
  armTimer: (teamId, dueAt) => armTimer(timers, { v: 1, dueAt, do: { what: 'wake-team', teamId } }, clock()),
  publish: (subject, facts) => publish(facts.map((fact) => ({ ...fact, subject }))),
  setAside: (record) => deadLetters.send(record, { group: record.teamId }),
});

export const handler = queueDoor(
  TeamWake,
  ({ messages, receives }) => {
    const [wake] = messages;
    return wake ? assign(wake.teamId, receives) : Promise.resolve();
  },
  {
    service: 'assign-agent',
    clock,
    giveBack: sqsGiveBack(sqs, config.ASSIGNMENTS_QUEUE_URL),
    ids: ({ teamId }) => ({ teamId }),
  },
);
