import { systemClock } from '../lib/platform/clock.ts';
import { readConfig } from '../lib/platform/config.ts';
import { armTimer } from '../lib/platform/fire-timers.ts';
import { configureLog } from '../lib/platform/log.ts';
import { configureMetrics } from '../lib/platform/metrics.ts';
import { queueDoor } from '../lib/platform/queue-door.ts';
import { sqsClient, sqsGiveBack, sqsQueue } from '../lib/platform/queues.ts';
import { Signal, type Timer } from '../lib/platform/wakes.ts';
import { dynamoClient, dynamoTable } from '../lib/store/dynamo-table.ts';
import { conversationsShape, routingShape, wecomShape } from '../lib/store/tables.ts';
import { accountDutyStore } from '../lib/wecom/account-duty-store.ts';
import { syncMessages } from '../lib/wecom/sync-messages.ts';
import { accountRuns } from './wiring/account-runs.ts';
import { conversationsPost, routingRoom } from './wiring/rooms.ts';
import { weComRoom } from './wiring/wecom.ts';

const config = readConfig(process.env, [
  'WECOM_SECRETS',
  'WECOM_API_URL',
  'WECOM_TABLE',
  'CONVERSATIONS_TABLE',
  'ROUTING_TABLE',
  'SIGNALS_QUEUE_URL',
  'SIGNALS_DEAD_LETTER_QUEUE_URL',
  'CONVERSATIONS_QUEUE_URL',
  'ASSIGNMENTS_QUEUE_URL',
  'TIMERS_QUEUE_URL',
  'ANSWER_NOTHING_OLDER_THAN_SECONDS',
  'HISTORY_DAYS',
]);
configureLog({ level: process.env.LOG_LEVEL, service: 'sync-messages' });
configureMetrics({ stage: process.env.CONCIERGE_STAGE });

const clock = systemClock;
const dynamo = dynamoClient();
const sqs = sqsClient();
const wecomTable = dynamoTable(dynamo, wecomShape(config.WECOM_TABLE));
const wecom = await weComRoom(config, wecomTable, process.env);
const duties = accountDutyStore(wecomTable);
const conversationsTable = dynamoTable(dynamo, conversationsShape(config.CONVERSATIONS_TABLE));
const conversations = conversationsPost(conversationsTable, config.HISTORY_DAYS, sqs, config.CONVERSATIONS_QUEUE_URL);
const { desk } = routingRoom(
  dynamoTable(dynamo, routingShape(config.ROUTING_TABLE)),
  sqs,
  config.ASSIGNMENTS_QUEUE_URL,
);
const signals = sqsQueue<Signal>(sqs, config.SIGNALS_QUEUE_URL);
const deadLetters = sqsQueue<object>(sqs, config.SIGNALS_DEAD_LETTER_QUEUE_URL);
const timers = sqsQueue<Timer>(sqs, config.TIMERS_QUEUE_URL);

const goOn = accountRuns({
  duties,
  clock,
  wecom,
  conversationsTable,
  tell: conversations.tell,
  recordPlace: desk.record,
  signals,
  timers,
});

const sync = syncMessages({
  ...wecom,
  clock,
  random: Math.random,
  answerNothingOlderThan: Number(config.ANSWER_NOTHING_OLDER_THAN_SECONDS) * 1000,
  deliver: conversations.deliver,
  hearCard: conversations.hearCard,
  notePresence: (agentId, openKfId, status, at) => desk.notePresence(agentId, openKfId, { status, at }),
  noteListed: desk.noteListed,
  signal: (signal) =>
    signals.send(signal, { group: signal.kind === 'pull' ? signal.openKfId : `accounts:${signal.app}` }),
  armPull: (pull, dueAt) => armTimer(timers, { v: 1, dueAt, do: { what: 'pull', ...pull } }, clock()),
  dutyOf: duties.duty,
  goOn,
  setAside: (record) => deadLetters.send(record, { group: record.openKfId }),
});

export const handler = queueDoor(Signal, ({ messages, deadline }) => sync(messages, deadline), {
  service: 'sync-messages',
  clock,
  giveBack: sqsGiveBack(sqs, config.SIGNALS_QUEUE_URL),
  ids: (signal) => ({ app: signal.app, ...('openKfId' in signal && { openKfId: signal.openKfId }) }),
});
