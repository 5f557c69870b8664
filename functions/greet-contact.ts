import { setTimeout as sleep } from 'node:timers/promises';
import { catalogue } from '../events/catalogue.ts';
import { greetContact } from '../lib/contact-me/greet-contact.ts';
import { relationStore } from '../lib/contact-me/relation-store.ts';
import { eventBridgeClient, eventBus } from '../lib/events/event-bus.ts';
import { publisher } from '../lib/events/publish.ts';
import { DAY, SECOND, systemClock } from '../lib/platform/clock.ts';
import { readConfig } from '../lib/platform/config.ts';
import { configureLog } from '../lib/platform/log.ts';
import { queueDoor } from '../lib/platform/queue-door.ts';
import { sqsClient, sqsGiveBack } from '../lib/platform/queues.ts';
import { remember } from '../lib/platform/remember.ts';
import { dynamoClient, dynamoTable } from '../lib/store/dynamo-table.ts';
import { contactWaysShape, customersShape, wecomShape } from '../lib/store/tables.ts';
import { ContactNewsWake } from '../lib/wecom/contact-events.ts';
import { contactWays, contactWaysPost } from './wiring/rooms.ts';
import { weComRoom } from './wiring/wecom.ts';

const config = readConfig(process.env, [
  'CONCIERGE_STAGE',
  'WECOM_SECRETS',
  'WECOM_API_URL',
  'WECOM_TABLE',
  'CONTACT_WAYS_TABLE',
  'CUSTOMERS_TABLE',
  'CONTACTS_QUEUE_URL',
  'ROTATIONS_QUEUE_URL',
  'EVENT_BUS_NAME',
  'TIME_ZONE',
]);
configureLog({ level: process.env.LOG_LEVEL, service: 'greet-contact' });

const clock = systemClock;
const dynamo = dynamoClient();
const sqs = sqsClient();
const wecom = await weComRoom(config, dynamoTable(dynamo, wecomShape(config.WECOM_TABLE)), process.env);
const waysTable = dynamoTable(dynamo, contactWaysShape(config.CONTACT_WAYS_TABLE));
const ways = contactWays(waysTable);
const publish = publisher(eventBus(eventBridgeClient(), config.EVENT_BUS_NAME), catalogue, config.CONCIERGE_STAGE);

const settings = remember(5 * SECOND, clock, () => ways.settings());

const greet = greetContact({
  store: relationStore(dynamoTable(dynamo, customersShape(config.CUSTOMERS_TABLE)), 30 * DAY),
  clock,
  stage: config.CONCIERGE_STAGE,
  zone: config.TIME_ZONE,
  // Supervisors see their changes within seconds, and a burst of adds does not read them for every customer.
  wayOf: remember(5 * SECOND, clock, (wayId: string) => ways.way(wayId)),
  settings: () => settings('all'),
  contactFor: wecom.contactFor,
  pause: (milliseconds) => sleep(milliseconds),
  tellWay: contactWaysPost(waysTable, sqs, config.ROTATIONS_QUEUE_URL).tell,
  publish: (subject, events) => publish(events.map((event) => ({ ...event, subject }))),
});

export const handler = queueDoor(
  ContactNewsWake,
  async ({ messages }) => {
    for (const news of messages) await greet(news);
  },
  {
    service: 'greet-contact',
    clock,
    giveBack: sqsGiveBack(sqs, config.CONTACTS_QUEUE_URL),
    // Each event is on its own: one that fails must not repeat those before it.
    coalesce: false,
  },
);
