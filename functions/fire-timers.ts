import { systemClock } from '../lib/platform/clock.ts';
import { readConfig } from '../lib/platform/config.ts';
import { fireTimers } from '../lib/platform/fire-timers.ts';
import { configureLog } from '../lib/platform/log.ts';
import { configureMetrics } from '../lib/platform/metrics.ts';
import { queueDoor } from '../lib/platform/queue-door.ts';
import { sqsClient, sqsGiveBack, sqsQueue } from '../lib/platform/queues.ts';
import { Timer } from '../lib/platform/wakes.ts';
import { contactWakes } from './wiring/contact-wakes.ts';
import { ownerWakes } from './wiring/owner-wakes.ts';

const config = readConfig(process.env, [
  'SIGNALS_QUEUE_URL',
  'CONVERSATIONS_QUEUE_URL',
  'ASSIGNMENTS_QUEUE_URL',
  'CONTACTS_QUEUE_URL',
  'ROTATIONS_QUEUE_URL',
  'TIMERS_QUEUE_URL',
]);
configureLog({ level: process.env.LOG_LEVEL, service: 'fire-timers' });
configureMetrics({ stage: process.env.CONCIERGE_STAGE });

const clock = systemClock;
const sqs = sqsClient();
const fire = fireTimers({
  clock,
  timers: sqsQueue<Timer>(sqs, config.TIMERS_QUEUE_URL),
  ...ownerWakes(sqs, config, clock),
  wakeContact: contactWakes(sqs, config.CONTACTS_QUEUE_URL),
});

export const handler = queueDoor(
  Timer,
  async ({ messages }) => {
    for (const timer of messages) await fire(timer);
  },
  {
    service: 'fire-timers',
    clock,
    giveBack: sqsGiveBack(sqs, config.TIMERS_QUEUE_URL),
  },
);
