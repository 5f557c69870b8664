import * as z from 'zod';
import { BusNews } from '../lib/notices/notice.ts';
import { noticesStore } from '../lib/notices/notices-store.ts';
import { notifySupervisors } from '../lib/notices/notify-supervisors.ts';
import { SECOND, systemClock } from '../lib/platform/clock.ts';
import { readConfig } from '../lib/platform/config.ts';
import { configureLog } from '../lib/platform/log.ts';
import { queueDoor } from '../lib/platform/queue-door.ts';
import { sqsClient, sqsGiveBack } from '../lib/platform/queues.ts';
import { remember } from '../lib/platform/remember.ts';
import { NoticeWake } from '../lib/platform/wakes.ts';
import { routingStore } from '../lib/routing/routing-store.ts';
import { glanceAtLine } from '../lib/routing/team-glance.ts';
import { dynamoClient, dynamoTable } from '../lib/store/dynamo-table.ts';
import { routingShape, wecomShape } from '../lib/store/tables.ts';
import { routingInbox } from './wiring/rooms.ts';
import { weComRoom } from './wiring/wecom.ts';

const config = readConfig(process.env, [
  'WECOM_SECRETS',
  'WECOM_API_URL',
  'WECOM_TABLE',
  'ROUTING_TABLE',
  'NOTICES_QUEUE_URL',
  'TIME_ZONE',
]);
configureLog({ level: process.env.LOG_LEVEL, service: 'notify-supervisors' });

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
    const [line, team] = await Promise.all([routing.line(teamId), routing.team(teamId)]);
    return glanceAtLine(line, await routing.agents(team?.agents ?? []), clock());
  },
  agentIdOf: wecom.agentIdOf,
  send: wecom.sendAppMessage,
});

export const handler = queueDoor(
  z.union([NoticeWake, BusNews]),
  async ({ messages }) => {
    for (const message of messages) await ('detail' in message ? hear(message) : look(message.supervisorId));
  },
  { service: 'notify-supervisors', clock, giveBack: sqsGiveBack(sqs, config.NOTICES_QUEUE_URL) },
);
