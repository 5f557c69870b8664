import { readAwsAccess } from '../lib/platform/aws-json.ts';
import { systemClock } from '../lib/platform/clock.ts';
import { readConfig } from '../lib/platform/config.ts';
import { httpDoor } from '../lib/platform/http-door.ts';
import { configureLog } from '../lib/platform/log.ts';
import { configureMetrics } from '../lib/platform/metrics.ts';
import { readSecret } from '../lib/platform/secret-store.ts';
import { fifoSender } from '../lib/platform/sqs-sender.ts';
import { readToleranceSeconds, receiveCallback } from '../lib/wecom/callback.ts';
import { logCallback } from '../lib/wecom/callback-report.ts';
import { parseSecrets } from '../lib/wecom/secrets.ts';

const config = readConfig(process.env, [
  'WECOM_SECRETS',
  'CALLBACK_TOLERANCE_SECONDS',
  'SIGNALS_QUEUE_URL',
  'CONTACTS_QUEUE_URL',
]);
configureLog({ level: process.env.LOG_LEVEL, service: 'receive-callback' });
configureMetrics({ stage: process.env.CONCIERGE_STAGE });

const access = readAwsAccess(process.env);
const send = fifoSender(access);
const queueUrls = { signals: config.SIGNALS_QUEUE_URL, contacts: config.CONTACTS_QUEUE_URL };

export const handler = httpDoor(
  receiveCallback({
    secrets: parseSecrets(await readSecret(config.WECOM_SECRETS, access)),
    toleranceSeconds: readToleranceSeconds(config.CALLBACK_TOLERANCE_SECONDS),
    now: systemClock,
    send: (news) => send(queueUrls[news.queue], news),
    report: logCallback,
  }),
);
