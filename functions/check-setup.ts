import { randomInt } from 'node:crypto';
import * as z from 'zod';
import { contactEvidenceStore } from '../lib/contact-me/contact-evidence-store.ts';
import { nightStore } from '../lib/contact-me/night-store.ts';
import type { WayWelcomes } from '../lib/contact-me/way.ts';
import { EVERY_WAY, wayDutyStore } from '../lib/contact-me/way-duty-store.ts';
import { conversationIdOf } from '../lib/conversations/conversation.ts';
import { conversationStore } from '../lib/conversations/conversation-store.ts';
import { noticesStore } from '../lib/notices/notices-store.ts';
import { readAwsAccess } from '../lib/platform/aws-json.ts';
import { systemClock } from '../lib/platform/clock.ts';
import { readConfig } from '../lib/platform/config.ts';
import { configureLog } from '../lib/platform/log.ts';
import { configureMetrics } from '../lib/platform/metrics.ts';
import { readSecret, SecretUnreadable } from '../lib/platform/secret-store.ts';
import { routingStore } from '../lib/routing/routing-store.ts';
import { checkSetup } from '../lib/setup/check-setup.ts';
import { setupApi } from '../lib/setup/setup-api.ts';
import { dynamoClient, dynamoTable } from '../lib/store/dynamo-table.ts';
import { contactWaysShape, conversationsShape, customersShape, routingShape, wecomShape } from '../lib/store/tables.ts';
import { EVERY_ACCOUNT } from '../lib/wecom/account-duty.ts';
import { accountDutyStore } from '../lib/wecom/account-duty-store.ts';
import { otherStages } from '../lib/wecom/way-state.ts';
import { weComStore } from '../lib/wecom/wecom-store.ts';
import { contactWays, conversationInbox, historyMs, routingInbox } from './wiring/rooms.ts';

const config = readConfig(process.env, [
  'CONCIERGE_STAGE',
  'WECOM_SECRETS',
  'WECOM_API_URL',
  'WECOM_TABLE',
  'CONVERSATIONS_TABLE',
  'ROUTING_TABLE',
  'CONTACT_WAYS_TABLE',
  'CUSTOMERS_TABLE',
  'HISTORY_DAYS',
  'TIME_ZONE',
]);
configureLog({ level: process.env.LOG_LEVEL, service: 'check-setup' });
configureMetrics({ stage: process.env.CONCIERGE_STAGE });

const clock = systemClock;
const dynamo = dynamoClient({ attempts: 2 });
const conversationsTable = dynamoTable(dynamo, conversationsShape(config.CONVERSATIONS_TABLE));
const conversations = conversationStore(
  conversationsTable,
  conversationInbox(conversationsTable, config.HISTORY_DAYS),
  historyMs(config.HISTORY_DAYS),
);
const routingTable = dynamoTable(dynamo, routingShape(config.ROUTING_TABLE));
const routing = routingStore(routingTable, routingInbox(routingTable));
const waysTable = dynamoTable(dynamo, contactWaysShape(config.CONTACT_WAYS_TABLE));
const ways = contactWays(waysTable);
const wecomTable = dynamoTable(dynamo, wecomShape(config.WECOM_TABLE));
const wecom = weComStore(wecomTable);
const duties = accountDutyStore(wecomTable);
const notices = noticesStore(wecomTable);
const nights = nightStore(waysTable);
const wayDuties = wayDutyStore(waysTable);
const evidence = contactEvidenceStore(dynamoTable(dynamo, customersShape(config.CUSTOMERS_TABLE)));

const hasWelcome = ({ standard, variants }: WayWelcomes): boolean => standard !== undefined || variants.length > 0;

async function house() {
  const [{ agents, teams, accounts }, all, { supervisors }, settings, codes] = await Promise.all([
    routing.configured(),
    ways.ways(),
    notices.settings(),
    ways.settings(),
    nights.strangeCodes(),
  ]);
  const welcomed = new Set(all.filter(({ welcome }) => hasWelcome(welcome)).map(({ wayId }) => wayId));
  const records = await Promise.all(all.map(({ wayId }) => ways.read(wayId, config.TIME_ZONE, clock())));
  return {
    agents,
    teams,
    accounts,
    wayMembers: [
      ...new Set(all.flatMap(({ members, backups }) => [...members.map(({ agentId }) => agentId), ...backups])),
    ],
    usesLinks: all.some(({ mode, memberContact }) => mode === 'link' && memberContact === 'acquisition-link'),
    supervisors: supervisors.map(({ id }) => id),
    welcomes: (wayId: string | undefined) =>
      hasWelcome(settings.welcome) || (wayId !== undefined && welcomed.has(wayId)),
    observedWays: await observedAmong(all.map(({ wayId }) => wayId)),
    strangers: otherStages(
      config.CONCIERGE_STAGE,
      codes.map(({ state }) => state),
    ),
    refused: records.flatMap(({ refused }) =>
      Object.entries(refused).map(([agentId, { reason }]) => ({ agentId, reason })),
    ),
  };
}

async function observedAmong(wayIds: readonly string[]): Promise<string[]> {
  const whose = [EVERY_WAY, ...wayIds];
  const own = await Promise.all(whose.map((one) => wayDuties.own(one)));
  return whose.filter((_, index) => own[index]?.observes);
}

async function served() {
  const { accounts } = await routing.configured();
  const named = accounts.map(({ openKfId }) => openKfId).filter((one) => one !== EVERY_ACCOUNT);
  const modes = await Promise.all(named.map(async (one) => (await duties.duty(one)).mode));
  return named.filter((_, index) => modes[index] === 'serves' || modes[index] === 'adopting');
}

async function readSecrets() {
  try {
    return { json: await readSecret(config.WECOM_SECRETS, readAwsAccess(process.env)) };
  } catch (error) {
    if (!(error instanceof SecretUnreadable)) throw error;
    return { problem: error.message };
  }
}

const Question = z.object({
  traffic: z.object({ since: z.number(), account: z.string().optional() }).optional(),
  who: z.object({ nonce: z.string().min(16).max(64) }).optional(),
  candidate: z.object({ app: z.string(), secret: z.string() }).optional(),
});

/** Invoked by `npm run ops -- doctor`. Secrets are read anew each time, since the doctor is asked when they have just been changed. */
export async function handler(event: unknown) {
  const calls = setupApi({ baseUrl: config.WECOM_API_URL, clock });
  const check = checkSetup({
    clock,
    readSecrets,
    house,
    served,
    skew: calls.skew,
    digits: (length) => Array.from({ length }, () => randomInt(1, 10)).join(''),
    apiFor: (secrets, { welcomes }) =>
      calls.with(secrets, {
        dutyOf: duties.duty,
        heardAt: async (openKfId) => (await wecom.readAccount(openKfId))?.heardAt,
        takePull: async () => (await wecom.takePull(secrets.corpId, clock())).granted,
        sessionOf: async (openKfId, customerId) =>
          (await conversations.read(conversationIdOf(openKfId, customerId), clock())).session.state,
        welcomes,
        ...evidence,
      }),
  });
  return check(Question.parse(event ?? {}));
}
