import { messageMediaStore } from '../lib/conversations/message-media-store.ts';
import { keepInbound } from '../lib/media/keep-inbound.ts';
import { libraryStore } from '../lib/media/library-store.ts';
import { readMediaRef } from '../lib/media/our-file.ts';
import { systemClock } from '../lib/platform/clock.ts';
import { readConfig } from '../lib/platform/config.ts';
import { configureLog } from '../lib/platform/log.ts';
import { configureMetrics } from '../lib/platform/metrics.ts';
import { queueDoor } from '../lib/platform/queue-door.ts';
import { sqsClient, sqsGiveBack, sqsQueue } from '../lib/platform/queues.ts';
import { MediaWake } from '../lib/platform/wakes.ts';
import { dynamoClient, dynamoTable } from '../lib/store/dynamo-table.ts';
import { conversationsShape, repliesShape, wecomShape } from '../lib/store/tables.ts';
import { mediaRoom } from './wiring/media.ts';
import { weComRoom } from './wiring/wecom.ts';

const config = readConfig(process.env, [
  'WECOM_SECRETS',
  'WECOM_API_URL',
  'WECOM_TABLE',
  'CONVERSATIONS_TABLE',
  'REPLIES_TABLE',
  'MEDIA_BUCKET',
  'MEDIA_QUEUE_URL',
]);
configureLog({ level: process.env.LOG_LEVEL, service: 'keep-media' });
configureMetrics({ stage: process.env.CONCIERGE_STAGE });

const clock = systemClock;
const dynamo = dynamoClient();
const sqs = sqsClient();
const wecomTable = dynamoTable(dynamo, wecomShape(config.WECOM_TABLE));
const wecom = await weComRoom(config, wecomTable, process.env);
const { objects, ids, idStore } = mediaRoom(config.MEDIA_BUCKET, wecomTable, wecom.media, process.env);
const library = libraryStore(dynamoTable(dynamo, repliesShape(config.REPLIES_TABLE)));
const wakes = sqsQueue<MediaWake>(sqs, config.MEDIA_QUEUE_URL);

const keep = keepInbound({
  clock,
  random: Math.random,
  objects,
  download: wecom.media.download,
  messages: messageMediaStore(dynamoTable(dynamo, conversationsShape(config.CONVERSATIONS_TABLE))),
  again: (wanted, delaySeconds) => wakes.send({ v: 1, what: 'inbound', ...wanted }, { delaySeconds }),
});

/** Only what is still in the library is uploaded again; the rest ends with its three days. */
async function refresh(app: string, ref: string): Promise<void> {
  const file = readMediaRef(ref);
  if (!file) return;
  const kept = [...(await library.files()).values()].some(({ hash }) => hash === file.hash);
  await (kept ? ids.refresh(app, file) : idStore.lookAgain(app, file));
}

export const handler = queueDoor(
  MediaWake,
  async ({ messages }) => {
    for (const wake of messages) await (wake.what === 'inbound' ? keep(wake) : refresh(wake.app, wake.ref));
  },
  {
    service: 'keep-media',
    clock,
    giveBack: sqsGiveBack(sqs, config.MEDIA_QUEUE_URL),
    ids: (wake) => (wake.what === 'inbound' ? { conversationId: wake.conversationId } : { app: wake.app }),
  },
);
