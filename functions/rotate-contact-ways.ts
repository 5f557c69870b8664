import { catalogue } from '../events/catalogue.ts';
import { pictureAddress } from '../lib/contact-me/keep-picture.ts';
import { linkStore } from '../lib/contact-me/link-store.ts';
import { openingStore } from '../lib/contact-me/opening-store.ts';
import { rotateContactWays } from '../lib/contact-me/rotate-contact-ways.ts';
import { wayDutyStore } from '../lib/contact-me/way-duty-store.ts';
import { eventBridgeClient, eventBus } from '../lib/events/event-bus.ts';
import { publisher } from '../lib/events/publish.ts';
import { SECOND, systemClock } from '../lib/platform/clock.ts';
import { readConfig } from '../lib/platform/config.ts';
import { armTimer } from '../lib/platform/fire-timers.ts';
import { configureLog } from '../lib/platform/log.ts';
import { configureMetrics } from '../lib/platform/metrics.ts';
import { queueDoor } from '../lib/platform/queue-door.ts';
import { sqsClient, sqsGiveBack, sqsQueue } from '../lib/platform/queues.ts';
import { type Timer, WayWake } from '../lib/platform/wakes.ts';
import { dynamoClient, dynamoTable } from '../lib/store/dynamo-table.ts';
import { contactWaysShape, wecomShape } from '../lib/store/tables.ts';
import { contactWays } from './wiring/rooms.ts';
import { weComRoom } from './wiring/wecom.ts';

const config = readConfig(process.env, [
  'CONCIERGE_STAGE',
  'WECOM_SECRETS',
  'WECOM_API_URL',
  'WECOM_TABLE',
  'CONTACT_WAYS_TABLE',
  'ROTATIONS_QUEUE_URL',
  'ROTATIONS_DEAD_LETTER_QUEUE_URL',
  'TIMERS_QUEUE_URL',
  'EVENT_BUS_NAME',
  'TIME_ZONE',
  'ROTATIONS_PER_MINUTE',
]);
configureLog({ level: process.env.LOG_LEVEL, service: 'rotate-contact-ways' });
configureMetrics({ stage: process.env.CONCIERGE_STAGE });

const clock = systemClock;
const dynamo = dynamoClient();
const sqs = sqsClient();
const wecom = await weComRoom(config, dynamoTable(dynamo, wecomShape(config.WECOM_TABLE)), process.env);
const deadLetters = sqsQueue<object>(sqs, config.ROTATIONS_DEAD_LETTER_QUEUE_URL);
const timers = sqsQueue<Timer>(sqs, config.TIMERS_QUEUE_URL);
const wakes = sqsQueue<WayWake>(sqs, config.ROTATIONS_QUEUE_URL);
const publish = publisher(eventBus(eventBridgeClient(), config.EVENT_BUS_NAME), catalogue, config.CONCIERGE_STAGE);

const ways = dynamoTable(dynamo, contactWaysShape(config.CONTACT_WAYS_TABLE));
// Only read here, so that no call counts.
const turns = linkStore(ways, ways);
const perMinute = Number(config.ROTATIONS_PER_MINUTE);

const rotate = rotateContactWays({
  store: contactWays(ways),
  openings: openingStore(ways),
  clock,
  random: Math.random,
  stage: config.CONCIERGE_STAGE,
  zone: config.TIME_ZONE,
  observes: wayDutyStore(ways).observes,
  contactFor: wecom.contactFor,
  async takeCall(app, again) {
    const most = again ? Math.ceil(perMinute / 2) : perMinute;
    const ration = await wecom.store.takeCall(`contact-ways#${app}`, most, clock());
    return ration.granted ? undefined : ration.retryAt;
  },
  linkTurns: async (wayId) => (await turns.given(wayId)).ever,
  kfLink: (openKfId, wayId) => wecom.accountLink(openKfId, wayId),
  imageOf: (url) => pictureAddress(url, (address) => fetch(address, { signal: AbortSignal.timeout(5 * SECOND) })),
  publish: (wayId, events) => publish(events.map((event) => ({ ...event, subject: `way#${wayId}` }))),
  armTimer: (wayId, dueAt) => armTimer(timers, { v: 1, dueAt, do: { what: 'wake-way', wayId } }, clock()),
  wakeWay: (wayId) => wakes.send({ v: 1, wayId }, { group: wayId }),
  setAside: (record) => deadLetters.send(record, { group: record.wayId }),
});

export const handler = queueDoor(
  WayWake,
  ({ messages, receives }) => {
    const [wake] = messages;
    return wake ? rotate(wake.wayId, receives) : Promise.resolve();
  },
  {
    service: 'rotate-contact-ways',
    clock,
    giveBack: sqsGiveBack(sqs, config.ROTATIONS_QUEUE_URL),
    ids: ({ wayId }) => ({ wayId }),
  },
);
