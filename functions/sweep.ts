import { mediaIdStore } from '../lib/media/media-id-store.ts';
import { mediaRef } from '../lib/media/our-file.ts';
import { noticesStore } from '../lib/notices/notices-store.ts';
import { systemClock } from '../lib/platform/clock.ts';
import { readConfig } from '../lib/platform/config.ts';
import { configureLog } from '../lib/platform/log.ts';
import { configureMetrics } from '../lib/platform/metrics.ts';
import { sqsClient, sqsQueue } from '../lib/platform/queues.ts';
import { scheduleDoor } from '../lib/platform/schedule-door.ts';
import { sweep } from '../lib/platform/sweep.ts';
import type { MediaWake } from '../lib/platform/wakes.ts';
import { teamOfOwner } from '../lib/routing/team-entries.ts';
import { dynamoClient, dynamoTable } from '../lib/store/dynamo-table.ts';
import { needingAttention } from '../lib/store/inbox.ts';
import { contactWaysShape, conversationsShape, routingShape, wecomShape } from '../lib/store/tables.ts';
import { weComStore } from '../lib/wecom/wecom-store.ts';
import { deskWakes, ownerWakes } from './wiring/owner-wakes.ts';

const config = readConfig(process.env, [
  'WECOM_TABLE',
  'CONVERSATIONS_TABLE',
  'ROUTING_TABLE',
  'CONTACT_WAYS_TABLE',
  'SIGNALS_QUEUE_URL',
  'CONVERSATIONS_QUEUE_URL',
  'ASSIGNMENTS_QUEUE_URL',
  'ROTATIONS_QUEUE_URL',
  'NOTICES_QUEUE_URL',
  'MEDIA_QUEUE_URL',
]);
configureLog({ level: process.env.LOG_LEVEL, service: 'sweep' });
configureMetrics({ stage: process.env.CONCIERGE_STAGE });

const clock = systemClock;
const dynamo = dynamoClient();
const conversations = dynamoTable(dynamo, conversationsShape(config.CONVERSATIONS_TABLE));
const routing = dynamoTable(dynamo, routingShape(config.ROUTING_TABLE));
const ways = dynamoTable(dynamo, contactWaysShape(config.CONTACT_WAYS_TABLE));
const wecomTable = dynamoTable(dynamo, wecomShape(config.WECOM_TABLE));
const wecom = weComStore(wecomTable);
const notices = noticesStore(wecomTable);
const media = mediaIdStore(wecomTable);
const sqs = sqsClient();
const mediaWakes = sqsQueue<MediaWake>(sqs, config.MEDIA_QUEUE_URL);

export const handler = scheduleDoor(
  sweep({
    clock,
    overdueConversations: (at, limit) => needingAttention(conversations, at, limit),
    overdueTeams: async (at, limit) => {
      const overdue = await needingAttention(routing, at, limit);
      return overdue.flatMap(({ owner, attentionAt }) => {
        const team = teamOfOwner(owner);
        return team === undefined ? [] : [{ owner: team, attentionAt }];
      });
    },
    overdueWays: (at, limit) => needingAttention(ways, at, limit),
    overdueDesks: (at, limit) => notices.overdue(at, limit),
    overdueAccounts: (at, limit) => wecom.accountsDue(at, limit),
    ...ownerWakes(sqs, config, clock),
    wakeDesk: deskWakes(sqs, config.NOTICES_QUEUE_URL),
    overdueMedia: (at, limit) => media.due(at, limit),
    wakeMedia: ({ app, file }) => mediaWakes.send({ v: 1, what: 'refresh', app, ref: mediaRef(file) }),
  }),
  { service: 'sweep', clock },
);
