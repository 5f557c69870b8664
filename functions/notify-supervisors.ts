import * as z from 'zod';
import { conversationStore } from '../lib/conversations/conversation-store.ts';
import { briefAgents } from '../lib/notices/brief-agents.ts';
import { BusNews } from '../lib/notices/notice.ts';
import { noticesStore } from '../lib/notices/notices-store.ts';
import { notifySupervisors } from '../lib/notices/notify-supervisors.ts';
import { DAY, MINUTE, SECOND, systemClock } from '../lib/platform/clock.ts';
import { readConfig } from '../lib/platform/config.ts';
import { configureLog } from '../lib/platform/log.ts';
import { configureMetrics } from '../lib/platform/metrics.ts';
import { queueDoor } from '../lib/platform/queue-door.ts';
import { sqsClient, sqsGiveBack, sqsQueue } from '../lib/platform/queues.ts';
import { remember } from '../lib/platform/remember.ts';
import { AgentBrief, NoticeWake } from '../lib/platform/wakes.ts';
import { routingStore } from '../lib/routing/routing-store.ts';
import { glanceAtLine } from '../lib/routing/team-glance.ts';
import { dynamoClient, dynamoTable } from '../lib/store/dynamo-table.ts';
import { inbox } from '../lib/store/inbox.ts';
import { conversationsShape, routingShape, wecomShape } from '../lib/store/tables.ts';
import { routingInbox } from './wiring/rooms.ts';
import { weComRoom } from './wiring/wecom.ts';

const config = readConfig(process.env, [
  'WECOM_SECRETS',
  'WECOM_API_URL',
  'WECOM_TABLE',
  'ROUTING_TABLE',
  'CONVERSATIONS_TABLE',
  'NOTICES_QUEUE_URL',
  'TIME_ZONE',
]);
configureLog({ level: process.env.LOG_LEVEL, service: 'notify-supervisors' });
configureMetrics({ stage: process.env.CONCIERGE_STAGE });

const clock = systemClock;
const dynamo = dynamoClient();
const sqs = sqsClient();
const wecomTable = dynamoTable(dynamo, wecomShape(config.WECOM_TABLE));
const wecom = await weComRoom(config, wecomTable, process.env);
const store = noticesStore(wecomTable);
const routingTable = dynamoTable(dynamo, routingShape(config.ROUTING_TABLE));
const routing = routingStore(routingTable, routingInbox(routingTable));
const settings = remember(5 * SECOND, clock, () => store.settings());

const { hear, look } = notifySupervisors({
  store,
  clock,
  zone: config.TIME_ZONE,
  random: Math.random,
  settings: () => settings('all'),
  async lineOf(teamId) {
    const [line, { team, calendar }] = await Promise.all([routing.line(teamId), routing.teamAtWork(teamId)]);
    const hours = { calendar, zone: config.TIME_ZONE };
    return glanceAtLine(line, await routing.agents(team?.agents ?? []), clock(), hours);
  },
  agentIdOf: wecom.agentIdOf,
  send: wecom.sendAppMessage,
});

const conversationsTable = dynamoTable(dynamo, conversationsShape(config.CONVERSATIONS_TABLE));
// Of conversations only notes are read here, so nothing is kept by these times.
const reading = { attentionAfterMs: MINUTE, keepMs: DAY };
const conversations = conversationStore(conversationsTable, inbox(conversationsTable, reading), DAY);
const briefs = sqsQueue<AgentBrief>(sqs, config.NOTICES_QUEUE_URL);

const brief = briefAgents({
  store,
  clock,
  zone: config.TIME_ZONE,
  random: Math.random,
  settings: () => settings('all'),
  noteText: conversations.noteText,
  agentIdOf: wecom.agentIdOf,
  send: wecom.sendAppMessage,
  again: (message, delaySeconds) => briefs.send(message, { delaySeconds }),
});

export const handler = queueDoor(
  z.union([AgentBrief, NoticeWake, BusNews]),
  async ({ messages }) => {
    for (const message of messages) {
      if ('brief' in message) await brief(message);
      else await ('detail' in message ? hear(message) : look(message.supervisorId));
    }
  },
  { service: 'notify-supervisors', clock, giveBack: sqsGiveBack(sqs, config.NOTICES_QUEUE_URL) },
);
