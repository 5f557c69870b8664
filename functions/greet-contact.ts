import { setTimeout as sleep } from 'node:timers/promises';
import { catalogue } from '../events/catalogue.ts';
import { type CustomerDeskRoom, customerDesk } from '../lib/contact-me/customer-desk.ts';
import { greetContact } from '../lib/contact-me/greet-contact.ts';
import { nightStore } from '../lib/contact-me/night-store.ts';
import { reconcileStep } from '../lib/contact-me/reconcile-step.ts';
import { relationStore } from '../lib/contact-me/relation-store.ts';
import { wayDutyStore } from '../lib/contact-me/way-duty-store.ts';
import { eventBridgeClient, eventBus } from '../lib/events/event-bus.ts';
import { publisher } from '../lib/events/publish.ts';
import { DAY, SECOND, systemClock } from '../lib/platform/clock.ts';
import { readConfig } from '../lib/platform/config.ts';
import { armTimer } from '../lib/platform/fire-timers.ts';
import { configureLog } from '../lib/platform/log.ts';
import { configureMetrics } from '../lib/platform/metrics.ts';
import { queueDoor } from '../lib/platform/queue-door.ts';
import { sqsClient, sqsGiveBack, sqsQueue } from '../lib/platform/queues.ts';
import { remember } from '../lib/platform/remember.ts';
import type { ContactWake, Timer } from '../lib/platform/wakes.ts';
import { dynamoClient, dynamoTable } from '../lib/store/dynamo-table.ts';
import { contactWaysShape, customersShape, routingShape, wecomShape } from '../lib/store/tables.ts';
import { AnyContactWake } from '../lib/wecom/contact-events.ts';
import { contactWakes } from './wiring/contact-wakes.ts';
import { contactWays, contactWaysPost, routingRoom } from './wiring/rooms.ts';
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
  'ROUTING_TABLE',
  'ASSIGNMENTS_QUEUE_URL',
  'TIMERS_QUEUE_URL',
  'EVENT_BUS_NAME',
  'TIME_ZONE',
]);
configureLog({ level: process.env.LOG_LEVEL, service: 'greet-contact' });
configureMetrics({ stage: process.env.CONCIERGE_STAGE });

const clock = systemClock;
const dynamo = dynamoClient();
const sqs = sqsClient();
const wecom = await weComRoom(config, dynamoTable(dynamo, wecomShape(config.WECOM_TABLE)), process.env);
const waysTable = dynamoTable(dynamo, contactWaysShape(config.CONTACT_WAYS_TABLE));
const ways = contactWays(waysTable);
const publish = publisher(eventBus(eventBridgeClient(), config.EVENT_BUS_NAME), catalogue, config.CONCIERGE_STAGE);

const contacts = sqsQueue<ContactWake>(sqs, config.CONTACTS_QUEUE_URL);
const timers = sqsQueue<Timer>(sqs, config.TIMERS_QUEUE_URL);
const stage = config.CONCIERGE_STAGE;
const zone = config.TIME_ZONE;

const routing = dynamoTable(dynamo, routingShape(config.ROUTING_TABLE));
const { desk: teams } = routingRoom(routing, sqs, config.ASSIGNMENTS_QUEUE_URL);

const duties = wayDutyStore(waysTable);
const observes = remember(5 * SECOND, clock, (wayId: string) => duties.observes(wayId === '' ? undefined : wayId));
const settings = remember(5 * SECOND, clock, () => ways.settings());
const allWays = remember(5 * SECOND, clock, () => ways.ways());

const desk = {
  store: relationStore(dynamoTable(dynamo, customersShape(config.CUSTOMERS_TABLE)), 30 * DAY),
  tellWay: contactWaysPost(waysTable, sqs, config.ROTATIONS_QUEUE_URL).tell,
  publish: (subject, events) => publish(events.map((event) => ({ ...event, subject }))),
  armLabelTimer: (app, customerId, dueAt) =>
    armTimer(timers, { v: 1, dueAt, do: { what: 'label-contact', customerId, app } }, clock()),
} satisfies CustomerDeskRoom;

const { greet, label, forget } = greetContact({
  ...desk,
  clock,
  stage,
  zone,
  // Supervisors see their changes within seconds, and a burst of adds does not read them for every customer.
  wayOf: remember(5 * SECOND, clock, (wayId: string) => ways.way(wayId)),
  observes: (wayId) => observes(wayId ?? ''),
  ways: () => allWays('all'),
  recordOf: (wayId) => ways.read(wayId, zone, clock()),
  settings: () => settings('all'),
  agentLeft: (agentId, at) => teams.agentLeft(agentId, 'deleted', at),
  contactFor: wecom.contactFor,
  pause: (milliseconds) => sleep(milliseconds),
});

const reconcile = reconcileStep(
  {
    clock,
    random: Math.random,
    stage,
    zone,
    store: desk.store,
    nights: nightStore(waysTable),
    ways,
    contactFor: wecom.contactFor,
    sendNews: (news, customerId) => contacts.send(news, { group: customerId }),
    send: contactWakes(sqs, config.CONTACTS_QUEUE_URL),
    later: (wake, dueAt) => armTimer(timers, { v: 1, dueAt, do: { what: 'reconcile', wake } }, clock()),
  },
  customerDesk(desk),
);

async function handle(wake: ContactWake): Promise<void> {
  if (!('kind' in wake)) return greet(wake);
  if (wake.kind === 'forget') return forget(wake);
  return wake.kind === 'label' ? label(wake) : reconcile(wake);
}

export const handler = queueDoor(
  AnyContactWake,
  async ({ messages }) => {
    for (const wake of messages) await handle(wake);
  },
  {
    service: 'greet-contact',
    clock,
    giveBack: sqsGiveBack(sqs, config.CONTACTS_QUEUE_URL),
    // Each event is on its own: one that fails must not repeat those before it.
    coalesce: false,
  },
);
