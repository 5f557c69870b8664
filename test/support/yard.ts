import { type Conversation, conversationIdOf } from '../../lib/conversations/conversation.ts';
import { conversationStore } from '../../lib/conversations/conversation-store.ts';
import { DAY, MINUTE } from '../../lib/platform/clock.ts';
import { type Entrance, namedRuleSet } from '../../lib/replies/entrance.ts';
import { entranceStore } from '../../lib/replies/entrance-store.ts';
import { RuleSet } from '../../lib/replies/rule-set.ts';
import { ruleSetStore } from '../../lib/replies/rule-set-store.ts';
import type { Agent, WaitingRequest } from '../../lib/routing/agent.ts';
import { routingStore } from '../../lib/routing/routing-store.ts';
import type { TeamTerms } from '../../lib/routing/terms.ts';
import { dynamoClient, dynamoTable } from '../../lib/store/dynamo-table.ts';
import { inbox } from '../../lib/store/inbox.ts';
import { conversationsShape, repliesShape, routingShape } from '../../lib/store/tables.ts';
import { paced } from '../../local/clock.ts';
import { packageStack } from '../../local/package-stack.ts';
import { type Stack, type StackOptions, startStack } from '../../local/stack.ts';
import { startWeCom, type WeCom, type WeComOptions } from '../../local/wecom/simulator.ts';
import { wrongLines } from './log-lines.ts';

/** The account on which journeys take place. */
export const ACCOUNT = 'wkSUPPORT00000000000000000000001';
const TEAM = 'support';

/** What a journey begins with: agents with their capacity, and what the bot answers. */
export interface House {
  readonly agents?: Readonly<Record<string, number>>;
  readonly replies?: Record<string, unknown>;
  readonly endAfterSilenceSeconds?: number;
  readonly offer?: NonNullable<TeamTerms['offer']>;
  readonly entries?: readonly Entrance[];
  /** By the names that entries take them by. */
  readonly ruleSets?: Readonly<Record<string, Record<string, unknown>>>;
}

/** A rule set in which every answer can be told apart. */
export const replies = {
  rules: [
    { id: 'hours', contains: ['营业', 'hours'], click: ['hours'], reply: { text: '每天 9:00–18:00 · daily 9 to 6' } },
    { id: 'price', contains: ['价格', 'price'], reply: { text: '100 元 · 100 yuan' } },
    {
      id: 'menu',
      exact: ['菜单', 'menu'],
      reply: { menu: { head: '请选择 · Please choose', items: [{ type: 'click', id: 'hours', content: '营业时间' }] } },
    },
  ],
  greeting: { text: '您好 · Welcome' },
  fallback: '没听懂 · not understood',
  texts: {
    waiting: '排队中 · in line',
    connecting: '转接中 · connecting',
    ended: '已结束 · ended',
    nobody: '没有人 · nobody',
  },
};

export interface Yard {
  readonly wecom: WeCom;
  readonly stack: Stack;
  /** What functions printed, each line behind the function's name; `close` fails where one is not as test/support/log-lines.ts wants it. */
  readonly logs: string[];
  /** Replaces agents, capacities and replies. */
  furnish(house: House): Promise<void>;
  /** On the journeys' account, unless another one is named. */
  conversation(customer: string, openKfId?: string): Promise<Conversation>;
  history(customer: string, openKfId?: string): Promise<Record<string, unknown>[]>;
  agents(): Promise<Agent[]>;
  line(): Promise<WaitingRequest[]>;
  /** The texts that this customer's phone shows, in order. */
  shown(customer: string, openKfId?: string): string[];
  /** Waits until every callback is delivered and every queue is empty. */
  quiet(options?: { timeoutMs?: number; allowDelayed?: boolean }): Promise<void>;
  /** Waits until something is true; fails after forty seconds with what was waited for. */
  until(what: string, happened: () => boolean | Promise<boolean>): Promise<void>;
  /** Moves the clocks of WeCom and of the functions, and nothing else. */
  travel(ms: number): void;
  /** Lets time pass for everybody: WeCom, functions, and then the sweep looks around. */
  pass(ms: number): Promise<void>;
  close(): Promise<void>;
}

/** The whole stack and a WeCom, for one journey or several. */
export async function openYard(
  options: {
    house?: House;
    stack?: Partial<StackOptions>;
    wecom?: WeComOptions;
    pace?: number;
    /** Credentials lie in the parameter store, as in the cloud, and not in the functions' settings. */
    storedSecrets?: boolean;
  } = {},
): Promise<Yard> {
  let ahead = 0;
  // WeCom's clock and the functions' are one.
  const pace = { since: Date.now(), pace: options.pace ?? 1 };
  const logs: string[] = [];
  const wecom = await startWeCom({
    seed: 7,
    clock: () => paced(pace, Date.now()) + ahead,
    retryDelaysMs: [100, 200, 400],
    // WeCom waits one second; a busy machine may need longer until its first function is loaded.
    verificationTimeoutMs: 20_000,
    ...options.wecom,
  });
  const packaged = await packageStack({ stage: 'dev', root: process.cwd() });
  const stack = await startStack({
    packaged,
    wecomApiUrl: wecom.url,
    schedules: false,
    timeScale: 0.1,
    timeoutScale: 0.5,
    pace,
    onLog: ({ function: name, line }) => logs.push(`${name}: ${line}`),
    ...options.stack,
    ...(options.storedSecrets && { stored: { WECOM_SECRETS: JSON.stringify(wecom.secrets) } }),
    environment: {
      ...(!options.storedSecrets && { WECOM_SECRETS: JSON.stringify(wecom.secrets) }),
      CALLBACK_TOLERANCE_SECONDS: '0',
      ...options.stack?.environment,
    },
  });

  const dynamo = dynamoClient(stack.aws);
  const conversationsTable = dynamoTable(dynamo, conversationsShape(stack.names.table('ConversationsTable')));
  const settings = { attentionAfterMs: MINUTE, keepMs: 30 * DAY };
  const conversations = conversationStore(conversationsTable, inbox(conversationsTable, settings), 30 * DAY);
  const routingTable = dynamoTable(dynamo, routingShape(stack.names.table('RoutingTable')));
  const routing = routingStore(routingTable, inbox(routingTable, settings));
  const repliesTable = dynamoTable(dynamo, repliesShape(stack.names.table('RepliesTable')));
  const ruleSets = ruleSetStore(repliesTable);
  const entrances = entranceStore(repliesTable);
  const known = new Set<string>();

  const yard: Yard = {
    wecom,
    stack,
    logs,
    async furnish({
      agents = {},
      replies: wanted = replies,
      endAfterSilenceSeconds = 1800,
      offer,
      entries = [],
      ruleSets: named = {},
    }) {
      for (const agentId of Object.keys(agents)) known.add(agentId);
      for (const agentId of known) {
        const capacity = agents[agentId];
        const duty = capacity === undefined ? 'off' : 'on';
        await routing.saveAgent({ agentId, capacity: capacity ?? 1, duty, teams: duty === 'on' ? [TEAM] : [] });
      }
      await routing.saveTeam({
        teamId: TEAM,
        agents: Object.keys(agents),
        endAfterSilenceSeconds,
        ...(offer && { offer }),
      });
      await routing.assignAccount('*', TEAM);
      await ruleSets.save('*', RuleSet.parse(wanted));
      for (const [name, set] of Object.entries(named)) await ruleSets.save(namedRuleSet(name), RuleSet.parse(set));
      await entrances.saveEntrances(entries);
    },
    conversation: (customer, openKfId = ACCOUNT) =>
      conversations.read(conversationIdOf(openKfId, customer), stack.now()),
    history: async (customer, openKfId = ACCOUNT) =>
      (await conversations.history(conversationIdOf(openKfId, customer))).items,
    agents: () => routing.agents([...known]),
    line: () => routing.line(TEAM),
    shown: (customer, openKfId = ACCOUNT) =>
      wecom
        .phone(customer)
        .received(openKfId)
        .map(({ text, msgtype }) => text ?? `[${msgtype}]`),
    async quiet(how = {}) {
      await wecom.idle();
      await stack.settled({ allowDelayed: true, timeoutMs: 40_000, ...how });
    },
    async until(what, happened) {
      const deadline = Date.now() + 40_000;
      while (!(await happened())) {
        if (Date.now() > deadline) throw new Error(`It did not happen: ${what}\n${logs.slice(-30).join('\n')}`);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    },
    travel(ms) {
      ahead += ms;
      stack.travel(ms);
    },
    async pass(ms) {
      yard.travel(ms);
      await stack.invoke('sweep', {});
      await yard.quiet();
    },
    async close() {
      await stack.stop();
      await wecom.stop();
      dynamo.destroy();
      // What was tried again, or only logged, would not be seen otherwise.
      const denied = stack.calls.filter(({ outcome }) => outcome === 'denied');
      const named = denied.map(({ function: name, service, action }) => `${name} ${service}:${action}`);
      if (named.length > 0) throw new Error(`Roles that lack something: ${[...new Set(named)].join(', ')}`);
      // Also what no journey asks for holds in all of them. A consumer's lines are his own.
      const lines = logs.flatMap((line) => (line.startsWith('consumer: ') ? [] : [line.slice(line.indexOf(': ') + 2)]));
      const wrong = wrongLines(lines);
      if (wrong.length > 0) throw new Error(`Wrong lines in the log:\n${wrong.slice(0, 20).join('\n')}`);
    },
  };
  await yard.furnish({ agents: { zhangsan: 1, lisi: 1 }, ...options.house });
  const verified = await wecom.setCallbackUrl('main', `${stack.url}/wecom/callbacks/main`);
  if (!verified.ok) throw new Error(`callback address not verified: ${verified.reason}`);
  return yard;
}
