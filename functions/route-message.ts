import { catalogue } from '../events/catalogue.ts';
import { ownerOf } from '../lib/contact-me/relation-owner.ts';
import { relationStore } from '../lib/contact-me/relation-store.ts';
import { teamRequest } from '../lib/conversations/ask-team.ts';
import { conversationStore } from '../lib/conversations/conversation-store.ts';
import { figureStore } from '../lib/conversations/figure-store.ts';
import { teamRulesOf } from '../lib/conversations/house-rules.ts';
import { routeMessage } from '../lib/conversations/route-message.ts';
import { rulesOfAccount } from '../lib/conversations/rules-of-account.ts';
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
import {
  type AgentBrief,
  type CardJob,
  ConversationWake,
  type MediaWake,
  type ModelWake,
  type Timer,
} from '../lib/platform/wakes.ts';
import { entranceStore } from '../lib/replies/entrance-store.ts';
import { faqStore } from '../lib/replies/faq-store.ts';
import { quickReplyUsageStore } from '../lib/replies/quick-reply-usage-store.ts';
import { ruleSetStore } from '../lib/replies/rule-set-store.ts';
import { dynamoClient, dynamoTable } from '../lib/store/dynamo-table.ts';
import { conversationsShape, customersShape, repliesShape, routingShape, wecomShape } from '../lib/store/tables.ts';
import { accountDutyStore } from '../lib/wecom/account-duty-store.ts';
import { readDuplicateCodes } from '../lib/wecom/send-outcome.ts';
import { mediaRoom } from './wiring/media.ts';
import { conversationInbox, historyMs, routingRoom } from './wiring/rooms.ts';
import { weComRoom } from './wiring/wecom.ts';

const config = readConfig(process.env, [
  'CONCIERGE_STAGE',
  'WECOM_SECRETS',
  'WECOM_API_URL',
  'WECOM_TABLE',
  'CONVERSATIONS_TABLE',
  'ROUTING_TABLE',
  'REPLIES_TABLE',
  'CUSTOMERS_TABLE',
  'CONVERSATIONS_QUEUE_URL',
  'CONVERSATIONS_DEAD_LETTER_QUEUE_URL',
  'ASSIGNMENTS_QUEUE_URL',
  'TIMERS_QUEUE_URL',
  'NOTICES_QUEUE_URL',
  'CARDS_QUEUE_URL',
  'MODEL_QUEUE_URL',
  'EVENT_BUS_NAME',
  'DUPLICATE_CODES',
  'HISTORY_DAYS',
  'MEDIA_BUCKET',
  'MEDIA_QUEUE_URL',
  'TIME_ZONE',
]);
configureLog({ level: process.env.LOG_LEVEL, service: 'route-message' });
configureMetrics({ stage: process.env.CONCIERGE_STAGE });

const clock = systemClock;
const dynamo = dynamoClient();
const sqs = sqsClient();
const wecomTable = dynamoTable(dynamo, wecomShape(config.WECOM_TABLE));
const wecom = await weComRoom(config, wecomTable, process.env);
const duties = accountDutyStore(wecomTable);
const media = mediaRoom(config.MEDIA_BUCKET, wecomTable, wecom.media, process.env);
const mediaWakes = sqsQueue<MediaWake>(sqs, config.MEDIA_QUEUE_URL);
const conversations = dynamoTable(dynamo, conversationsShape(config.CONVERSATIONS_TABLE));
const { store: routing, desk } = routingRoom(
  dynamoTable(dynamo, routingShape(config.ROUTING_TABLE)),
  sqs,
  config.ASSIGNMENTS_QUEUE_URL,
);
const placesTaken = async (agentId: string) => (await routing.agents([agentId]))[0]?.serving.size;
const relations = relationStore(dynamoTable(dynamo, customersShape(config.CUSTOMERS_TABLE)), 30 * DAY);
const owner = async (customerId: string) => ownerOf((await relations.read(customerId)).relations);
const figures = figureStore(conversations, config.TIME_ZONE, placesTaken);
const repliesTable = dynamoTable(dynamo, repliesShape(config.REPLIES_TABLE));
const replies = ruleSetStore(repliesTable);
const lists = faqStore(repliesTable);
const entrances = entranceStore(repliesTable);
const deadLetters = sqsQueue<object>(sqs, config.CONVERSATIONS_DEAD_LETTER_QUEUE_URL);
const timers = sqsQueue<Timer>(sqs, config.TIMERS_QUEUE_URL);
const briefs = sqsQueue<AgentBrief>(sqs, config.NOTICES_QUEUE_URL);
const cards = sqsQueue<CardJob>(sqs, config.CARDS_QUEUE_URL);
const modelQuestions = sqsQueue<ModelWake>(sqs, config.MODEL_QUEUE_URL);
const usage = quickReplyUsageStore(repliesTable, config.TIME_ZONE);
// Optional: a stage without a model answers as if no rule set asked for one.
const hasModel = (process.env.MODEL_API_URL ?? '') !== '';
const publish = publisher(eventBus(eventBridgeClient(), config.EVENT_BUS_NAME), catalogue, config.CONCIERGE_STAGE);

const route = routeMessage({
  store: conversationStore(
    conversations,
    conversationInbox(conversations, config.HISTORY_DAYS),
    historyMs(config.HISTORY_DAYS),
  ),
  clock,
  random: Math.random,
  kfFor: wecom.kfFor,
  mediaFor: (app) => ({
    idOf: (file) => media.ids.idOf(app, file),
    renew: (file, refused) => media.ids.renew(app, file, refused),
  }),
  duplicateCodes: readDuplicateCodes(config.DUPLICATE_CODES),
  // Supervisors see their changes within seconds, and a busy function does not read them for every message.
  rulesFor: remember(5 * SECOND, clock, (openKfId) =>
    rulesOfAccount({ ...replies, ...lists, ...routing, ...entrances, zone: config.TIME_ZONE, hasModel }, openKfId),
  ),
  attentionTo: remember(5 * SECOND, clock, async (openKfId) => (await duties.duty(openKfId)).mode),
  teamRules: remember(5 * SECOND, clock, async (teamId) => {
    const team = await routing.team(teamId);
    return team && teamRulesOf(team);
  }),
  house: {
    requestAgent: async (conversation, request, prefer) =>
      desk.requestAgent(await teamRequest(conversation, request, prefer, owner)),
    cancelRequest: desk.cancel,
    askPlace: ({ teamId, ...request }, n) => desk.askPlace(teamId, request, n),
    agentRefused: ({ conversationId, openKfId }, { r, teamId, askedAt }, n, agentId, errcode) =>
      desk.refused(teamId, { r, conversationId, openKfId, askedAt }, n, agentId, errcode),
    offerMissed: ({ conversationId }, teamId, r, agentId, at) =>
      desk.offerMissed(teamId, { conversationId, r, agentId, at }),
    offerAnswered: ({ conversationId }, teamId, agentId, at) =>
      desk.offerAnswered(teamId, { conversationId, agentId, at }),
    releasePlace: desk.release,
    recordPlace: desk.record,
    noteFigure: figures.note,
    briefAgent: ({ conversationId }, id, brief) => briefs.send({ v: 1, brief: id, conversationId, ...brief }),
    tellCard: (job) => cards.send(job),
    askModel: (conversationId, a) => modelQuestions.send({ v: 1, conversationId, a }),
    countQuickReplies: usage.count,
    keepMedia: (conversationId, messageId) =>
      mediaWakes.send({ v: 1, what: 'inbound', conversationId, messageId, tries: 0 }),
  },
  publish: (subject, events) => publish(events.map((event) => ({ ...event, subject }))),
  armTimer: (conversationId, dueAt) =>
    armTimer(timers, { v: 1, dueAt, do: { what: 'wake-conversation', conversationId } }, clock()),
  setAside: (record) => deadLetters.send(record, { group: record.conversationId }),
});

export const handler = queueDoor(
  ConversationWake,
  ({ messages, receives, deadline }) => {
    const [wake] = messages;
    return wake ? route(wake.conversationId, receives, deadline) : Promise.resolve();
  },
  {
    service: 'route-message',
    clock,
    giveBack: sqsGiveBack(sqs, config.CONVERSATIONS_QUEUE_URL),
    ids: ({ conversationId }) => ({ conversationId }),
  },
);
