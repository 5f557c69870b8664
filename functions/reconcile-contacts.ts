import { nightStore } from '../lib/contact-me/night-store.ts';
import { readHour, reconcileContacts } from '../lib/contact-me/reconcile-contacts.ts';
import { systemClock } from '../lib/platform/clock.ts';
import { readConfig } from '../lib/platform/config.ts';
import { configureLog } from '../lib/platform/log.ts';
import { configureMetrics } from '../lib/platform/metrics.ts';
import { sqsClient } from '../lib/platform/queues.ts';
import { scheduleDoor } from '../lib/platform/schedule-door.ts';
import { dynamoClient, dynamoTable } from '../lib/store/dynamo-table.ts';
import { contactWaysShape, wecomShape } from '../lib/store/tables.ts';
import { contactWakes } from './wiring/contact-wakes.ts';
import { contactWays, contactWaysPost } from './wiring/rooms.ts';
import { weComRoom } from './wiring/wecom.ts';

const config = readConfig(process.env, [
  'WECOM_SECRETS',
  'WECOM_API_URL',
  'WECOM_TABLE',
  'CONTACT_WAYS_TABLE',
  'CONTACTS_QUEUE_URL',
  'ROTATIONS_QUEUE_URL',
  'RECONCILE_HOUR',
  'TIME_ZONE',
]);
configureLog({ level: process.env.LOG_LEVEL, service: 'reconcile-contacts' });
configureMetrics({ stage: process.env.CONCIERGE_STAGE });

const clock = systemClock;
const dynamo = dynamoClient();
const sqs = sqsClient();
const wecom = await weComRoom(config, dynamoTable(dynamo, wecomShape(config.WECOM_TABLE)), process.env);
const waysTable = dynamoTable(dynamo, contactWaysShape(config.CONTACT_WAYS_TABLE));

export const handler = scheduleDoor(
  reconcileContacts({
    clock,
    zone: config.TIME_ZONE,
    hour: readHour(config.RECONCILE_HOUR),
    nights: nightStore(waysTable),
    ways: contactWays(waysTable),
    contactFor: wecom.contactFor,
    tellWay: contactWaysPost(waysTable, sqs, config.ROTATIONS_QUEUE_URL).tell,
    send: contactWakes(sqs, config.CONTACTS_QUEUE_URL),
  }),
  { service: 'reconcile-contacts', clock },
);
