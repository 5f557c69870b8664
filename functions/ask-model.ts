import { conversationStore } from '../lib/conversations/conversation-store.ts';
import { openQuestionOf, turnsOf } from '../lib/conversations/model.ts';
import { readAwsAccess } from '../lib/platform/aws-json.ts';
import { MINUTE, SECOND, systemClock } from '../lib/platform/clock.ts';
import { readConfig } from '../lib/platform/config.ts';
import { configureLog } from '../lib/platform/log.ts';
import { configureMetrics } from '../lib/platform/metrics.ts';
import { queueDoor } from '../lib/platform/queue-door.ts';
import { sqsClient, sqsGiveBack } from '../lib/platform/queues.ts';
import { remember } from '../lib/platform/remember.ts';
import { readSecret } from '../lib/platform/secret-store.ts';
import { ModelWake } from '../lib/platform/wakes.ts';
import { askModel } from '../lib/replies/ask-model.ts';
import { ruleSetNameOf } from '../lib/replies/entrance.ts';
import { entranceStore } from '../lib/replies/entrance-store.ts';
import { faqStore } from '../lib/replies/faq-store.ts';
import { modelBudgetStore } from '../lib/replies/model-budget-store.ts';
import { askEndpoint, modelLine } from '../lib/replies/model-endpoint.ts';
import { quickReplyStore } from '../lib/replies/quick-reply-store.ts';
import { ruleSetStore } from '../lib/replies/rule-set-store.ts';
import { dynamoClient, dynamoTable } from '../lib/store/dynamo-table.ts';
import { conversationsShape, repliesShape } from '../lib/store/tables.ts';
import { conversationInbox, conversationsPost, historyMs } from './wiring/rooms.ts';

const config = readConfig(process.env, [
  'CONVERSATIONS_TABLE',
  'REPLIES_TABLE',
  'CONVERSATIONS_QUEUE_URL',
  'MODEL_QUEUE_URL',
  'MODEL_CALLS_PER_DAY',
  'MODEL_SECRETS',
  'HISTORY_DAYS',
  'TIME_ZONE',
]);
configureLog({ level: process.env.LOG_LEVEL, service: 'ask-model' });
configureMetrics({ stage: process.env.CONCIERGE_STAGE });

const clock = systemClock;
const dynamo = dynamoClient();
const sqs = sqsClient();
const conversations = dynamoTable(dynamo, conversationsShape(config.CONVERSATIONS_TABLE));
const replies = dynamoTable(dynamo, repliesShape(config.REPLIES_TABLE));
const store = conversationStore(
  conversations,
  conversationInbox(conversations, config.HISTORY_DAYS),
  historyMs(config.HISTORY_DAYS),
);
const post = conversationsPost(conversations, config.HISTORY_DAYS, sqs, config.CONVERSATIONS_QUEUE_URL);
const ruleSets = ruleSetStore(replies);
const lists = faqStore(replies);
const library = remember(MINUTE, clock, async () => [...(await quickReplyStore(replies).quickReplies()).values()]);

const entrances = remember(5 * SECOND, clock, () => entranceStore(replies).entrances());
const termsOf = remember(5 * SECOND, clock, async (name) => {
  const { model, faq } = (await ruleSets.ruleSetFor(name)).ruleSet;
  return model && { model, faq: faq && (await lists.faqIndexFor(faq.list)) };
});

// Optional: without an address there is no model, nobody is asked, and no secret is needed.
const url = process.env.MODEL_API_URL ?? '';
const line =
  url === ''
    ? undefined
    : modelLine(
        url,
        process.env.MODEL_NAME ?? '',
        await readSecret(config.MODEL_SECRETS, readAwsAccess(process.env)),
        fetch,
      );

const ask = askModel({
  clock,
  zone: config.TIME_ZONE,
  callsPerDay: line ? Number(config.MODEL_CALLS_PER_DAY) : 0,
  budget: modelBudgetStore(replies),
  openQuestion: async (conversationId, a) => openQuestionOf(await store.read(conversationId, clock()), a),
  async turnsBefore(conversationId, limit) {
    // Events lie between the messages.
    const [{ items }, conversation] = await Promise.all([
      store.history(conversationId, { limit: limit * 2 + 20 }),
      store.read(conversationId, clock()),
    ]);
    return turnsOf(items, conversation, limit);
  },
  termsOf: async (account, origin) => termsOf(ruleSetNameOf(await entrances('all'), account, origin)),
  quickReplies: () => library('all'),
  ask: async (messages, timeoutMs) =>
    line ? askEndpoint(line, messages, timeoutMs) : { said: 'hand-over', why: 'failed' },
  async tell(conversationId, a, outcome, at) {
    await post.tell(conversationId, { kind: 'model-answered', a, at, ...outcome });
  },
});

export const handler = queueDoor(
  ModelWake,
  async ({ messages, deadline }) => {
    for (const { conversationId, a } of messages) await ask(conversationId, a, deadline);
  },
  {
    service: 'ask-model',
    clock,
    giveBack: sqsGiveBack(sqs, config.MODEL_QUEUE_URL),
    ids: ({ conversationId }) => ({ conversationId }),
  },
);
