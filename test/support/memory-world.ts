import type { SQSRecord } from 'aws-lambda';
import type * as z from 'zod';
import { catalogue } from '../../events/catalogue.ts';
import { teamRequest } from '../../lib/conversations/ask-team.ts';
import type { Conversation } from '../../lib/conversations/conversation.ts';
import { conversationIdOf } from '../../lib/conversations/conversation.ts';
import { conversationStore } from '../../lib/conversations/conversation-store.ts';
import { conversationPost } from '../../lib/conversations/deliver.ts';
import type { Figure } from '../../lib/conversations/effects.ts';
import { figureStore } from '../../lib/conversations/figure-store.ts';
import { teamRulesOf } from '../../lib/conversations/house-rules.ts';
import { openQuestionOf, turnsOf } from '../../lib/conversations/model.ts';
import type { Attention } from '../../lib/conversations/observe.ts';
import { routeMessage } from '../../lib/conversations/route-message.ts';
import { rulesOfAccount } from '../../lib/conversations/rules-of-account.ts';
import { showCards } from '../../lib/conversations/show-cards.ts';
import type { EventEntry } from '../../lib/events/event-bus.ts';
import { publisher } from '../../lib/events/publish.ts';
import { DAY, type Instant, MINUTE, SECOND } from '../../lib/platform/clock.ts';
import { armTimer, fireTimers } from '../../lib/platform/fire-timers.ts';
import { sweep } from '../../lib/platform/sweep.ts';
import { AgentBrief, CardJob, ConversationWake, ModelWake, Signal, TeamWake, Timer } from '../../lib/platform/wakes.ts';
import { DEFAULT_ZONE, dayOf } from '../../lib/platform/wall-clock.ts';
import { type AskModel, askModel } from '../../lib/replies/ask-model.ts';
import { ruleSetNameOf } from '../../lib/replies/entrance.ts';
import { entranceStore } from '../../lib/replies/entrance-store.ts';
import { Faq, type FaqEntry, versionOfFaq } from '../../lib/replies/faq.ts';
import { faqStore } from '../../lib/replies/faq-store.ts';
import { modelBudgetStore } from '../../lib/replies/model-budget-store.ts';
import { quickReplyUsageStore } from '../../lib/replies/quick-reply-usage-store.ts';
import { RuleSet } from '../../lib/replies/rule-set.ts';
import { ANY_ACCOUNT, ruleSetStore } from '../../lib/replies/rule-set-store.ts';
import { assignAgents } from '../../lib/routing/assign-agents.ts';
import type { Choice } from '../../lib/routing/choice-store.ts';
import type { DecisionRecord } from '../../lib/routing/decision-record.ts';
import { routingStore } from '../../lib/routing/routing-store.ts';
import { type Ask, teamDesk } from '../../lib/routing/team-desk.ts';
import { teamOfOwner } from '../../lib/routing/team-entries.ts';
import { type AgentTerms, DEFAULT_OFF_DUTY_AFTER, type TeamTerms } from '../../lib/routing/terms.ts';
import { inbox, needingAttention } from '../../lib/store/inbox.ts';
import { conversationsShape, repliesShape, routingShape, wecomShape } from '../../lib/store/tables.ts';
import type { KfApi } from '../../lib/wecom/kf-api.ts';
import { syncMessages } from '../../lib/wecom/sync-messages.ts';
import { weComStore } from '../../lib/wecom/wecom-store.ts';
import { memoryCards } from './memory-cards.ts';
import { type MemoryQueue, memoryQueue } from './memory-queues.ts';
import { memoryTable } from './memory-table.ts';
import { memoryWeCom, NOON } from './memory-wecom.ts';
import { mishaps } from './mishaps.ts';
import { seeded } from './seeded.ts';

export const DESK = 'wkdesk';
export const TEAM = 'support';
export const HELPERS = 'helpers';

export interface WorldSettings {
  readonly rules?: Partial<z.input<typeof RuleSet>>;
  /** Frequent questions of every account. */
  readonly faq?: readonly Pick<FaqEntry, 'id' | 'question' | 'answer'>[];
  /** Capacity by agent; no agents, no team. */
  readonly agents?: Readonly<Record<string, number>>;
  readonly endAfterSilenceSeconds?: number;
  /** By what the team chooses its agents. */
  readonly terms?: TeamTerms;
  /** How long an agent may leave a customer without an answer; absent, as long as he likes. */
  readonly offerSeconds?: number;
  /** Mixes the order in which queues and groups are served; absent, always the same order. */
  readonly seed?: number;
  readonly answerNothingOlderThan?: number;
  /** The operator's model; absent, the stage has none. */
  readonly model?: AskModel['ask'];
  readonly modelCallsPerDay?: number;
  /** Where the functions find WeCom; absent, the memory's own. */
  readonly kf?: KfApi;
  /** How many offers in a row an agent may let expire. */
  readonly offDutyAfter?: number;
  /** What is known of these agents. `helps`: of the team `helpers`, which the team may have in its overflow. */
  readonly people?: Readonly<Record<string, AgentTerms & { readonly helps?: true }>>;
  /** How the account is attended to now; absent, it is served. */
  readonly attention?: () => Attention;
  /** What else a customer's request for an agent asks for. */
  readonly wants?: (customerId: string) => Wants;
}

export type Wants = Pick<Ask, 'skills' | 'language' | 'priority'>;

export { isDeath } from './mishaps.ts';

/** The whole path of a message in memory, wired as the functions wire it, with time and mishaps in the test's hand. */
export async function memoryWorld(settings: WorldSettings = {}) {
  const { agents = { amy: 1 }, endAfterSilenceSeconds = 1800 } = settings;
  let now: Instant = NOON;
  const clock = () => now;
  const random = settings.seed === undefined ? () => 0.5 : seeded(settings.seed);

  const mishap = mishaps();
  const { outside, watched, sender } = mishap;

  const overClaimed = new Set<string>();
  /** Places that WeCom's client gave are recorded as they are; those that we claim keep to the capacity. */
  async function checkClaims(): Promise<void> {
    for (const { agentId, capacity, serving } of await bare.agents(Object.keys(agents)))
      if ([...serving].filter((element) => !element.includes('#seen')).length > capacity) overClaimed.add(agentId);
  }

  const tables = {
    conversations: memoryTable(conversationsShape('conversations')),
    routing: memoryTable(routingShape('routing')),
    replies: memoryTable(repliesShape('replies')),
    wecom: memoryTable(wecomShape('wecom')),
  };
  const queues = {
    signals: memoryQueue<Signal>({ clock }),
    conversations: memoryQueue<ConversationWake>({ clock }),
    assignments: memoryQueue<TeamWake>({ clock }),
    timers: memoryQueue<Timer>({ clock, fifo: false }),
    cards: memoryQueue<CardJob>({ clock, fifo: false }),
    model: memoryQueue<ModelWake>({ clock, fifo: false }),
  };
  const send = {
    signals: sender(queues.signals, 'signals'),
    conversations: sender(queues.conversations, 'conversations-queue'),
    assignments: sender(queues.assignments, 'assignments'),
    timers: sender(queues.timers, 'timers'),
    cards: sender(queues.cards, 'cards'),
    model: sender(queues.model, 'model-queue'),
  };
  const bare = routingStore(tables.routing, inbox(tables.routing, { attentionAfterMs: MINUTE, keepMs: 14 * DAY }));
  /** Who has a customer as a contact. */
  const owners = new Map<string, string>();
  const setAside: Record<string, unknown>[] = [];
  const published: EventEntry[] = [];
  const briefs: AgentBrief[] = [];
  const wecom = memoryWeCom({ openKfId: DESK, clock, agents: Object.keys(agents) });
  const kf = mishap.overTheWire(settings.kf ?? wecom);

  // The rooms, as functions/* wire them.
  const conversationsTable = watched(tables.conversations);
  const routingTable = watched(tables.routing);
  const conversationInbox = inbox(conversationsTable, { attentionAfterMs: MINUTE, keepMs: 30 * DAY });
  const store = conversationStore(conversationsTable, conversationInbox, 30 * DAY);
  const post = conversationPost({ inbox: conversationInbox, wakes: send.conversations, clock });
  const routing = routingStore(routingTable, inbox(routingTable, { attentionAfterMs: MINUTE, keepMs: 14 * DAY }));
  const placesTaken = async (agentId: string) => (await routing.agents([agentId]))[0]?.serving.size;
  const figures = figureStore(conversationsTable, DEFAULT_ZONE, placesTaken);
  const desk = teamDesk({ store: routing, wakes: send.assignments, clock });
  const accounts = weComStore(watched(tables.wecom));
  const replies = ruleSetStore(watched(tables.replies));
  const lists = faqStore(watched(tables.replies));
  const usage = quickReplyUsageStore(watched(tables.replies), DEFAULT_ZONE);
  const entrances = entranceStore(watched(tables.replies));
  const publish = publisher(
    { put: (entries) => outside(async () => void published.push(...entries), 'bus') },
    catalogue,
    'test',
  );
  const aside = async (record: Record<string, unknown>): Promise<void> =>
    outside(async () => void setAside.push(record), 'dead-letters');
  const pullSignal = (app: string, openKfId: string): Signal => ({
    v: 1,
    kind: 'pull',
    app,
    openKfId,
    createdAt: now,
    receivedAt: now,
  });

  /** Messages whose files somebody should see to. */
  const mediaWanted: string[] = [];
  const route = routeMessage({
    store,
    attentionTo: async () => settings.attention?.() ?? 'serves',
    clock,
    random,
    kfFor: () => kf,
    mediaFor: () => ({ idOf: async ({ hash }) => `uploaded-${hash}`, renew: async ({ hash }) => `again-${hash}` }),
    duplicateCodes: [40058],
    rulesFor: (openKfId) =>
      rulesOfAccount(
        { ...replies, ...lists, ...routing, ...entrances, zone: DEFAULT_ZONE, hasModel: settings.model !== undefined },
        openKfId,
      ),
    teamRules: async (teamId) => {
      const team = await routing.team(teamId);
      return team && teamRulesOf(team);
    },
    house: {
      requestAgent: async (conversation, request, prefer) =>
        desk.requestAgent({
          ...settings.wants?.(conversation.customerId),
          ...(await teamRequest(conversation, request, prefer, async (id) => owners.get(id))),
        }),
      cancelRequest: desk.cancel,
      askPlace: ({ teamId, ...request }, n) => desk.askPlace(teamId, request, n),
      agentRefused: ({ conversationId, openKfId }, { r, teamId, askedAt }, n, agentId, errcode) =>
        desk.refused(teamId, { r, conversationId, openKfId, askedAt }, n, agentId, errcode),
      offerMissed: ({ conversationId }, teamId, r, agentId, at) =>
        desk.offerMissed(teamId, { conversationId, r, agentId, at }),
      offerAnswered: ({ conversationId }, teamId, agentId, at) =>
        desk.offerAnswered(teamId, { conversationId, agentId, at }),
      releasePlace: desk.release,
      keepMedia: async (_conversationId, messageId) => void mediaWanted.push(messageId),
      recordPlace: desk.record,
      noteFigure: figures.note,
      briefAgent: ({ conversationId }, id, brief) =>
        outside(
          async () => void briefs.push(AgentBrief.parse({ v: 1, brief: id, conversationId, ...brief })),
          'notices',
        ),
      tellCard: (job) => send.cards.send(job),
      askModel: (conversationId, a) => send.model.send({ v: 1, conversationId, a }),
      countQuickReplies: usage.count,
    },
    publish: (subject, events) => publish(events.map((event) => ({ ...event, subject }))),
    armTimer: (conversationId, dueAt) =>
      armTimer(send.timers, { v: 1, dueAt, do: { what: 'wake-conversation', conversationId } }, now),
    setAside: aside,
  });
  const askTheModel = askModel({
    clock,
    zone: DEFAULT_ZONE,
    callsPerDay: settings.modelCallsPerDay ?? 1000,
    budget: modelBudgetStore(watched(tables.replies)),
    openQuestion: async (conversationId, a) => openQuestionOf(await store.read(conversationId, now), a),
    turnsBefore: async (conversationId, limit) =>
      turnsOf(
        (await store.history(conversationId, { limit: limit * 2 + 20 })).items,
        await store.read(conversationId, now),
        limit,
      ),
    termsOf: async (openKfId, origin) => {
      const name = ruleSetNameOf(await entrances.entrances(), openKfId, origin);
      const { model, faq } = (await replies.ruleSetFor(name)).ruleSet;
      return model && { model, faq: faq && (await lists.faqIndexFor(faq.list)) };
    },
    quickReplies: async () => [],
    ask: (...asked) => outside(async () => settings.model?.(...asked) ?? { said: 'no-budget' }, 'model'),
    tell: async (conversationId, a, outcome, at) => {
      await post.tell(conversationId, { kind: 'model-answered', a, at, ...outcome });
    },
  });
  const sync = syncMessages({
    store: accounts,
    corpId: 'wwcorp',
    clock,
    random,
    answerNothingOlderThan: settings.answerNothingOlderThan ?? 30 * MINUTE,
    kfFor: () => kf,
    deliver: post.deliver,
    hearCard: post.hearCard,
    notePresence: (agentId, openKfId, status, at) => desk.notePresence(agentId, openKfId, { status, at }),
    noteListed: desk.noteListed,
    signal: (signal) =>
      send.signals.send(signal, { group: signal.kind === 'pull' ? signal.openKfId : `accounts:${signal.app}` }),
    armPull: (pull, dueAt) => armTimer(send.timers, { v: 1, dueAt, do: { what: 'pull', ...pull } }, now),
    setAside: aside,
  });
  const decisions: DecisionRecord[] = [];
  let choiceWatcher: ((choice: Choice) => Promise<void>) | undefined;
  let harmedBefore = 0;
  const assign = assignAgents({
    store: {
      ...routing,
      recordChoice: async (choice, at, record) => {
        if (record) decisions.push(record);
        if (mishap.harmed() === harmedBefore) await choiceWatcher?.(choice);
        return routing.recordChoice(choice, at, record);
      },
    },
    clock,
    zone: DEFAULT_ZONE,
    tellConversation: post.tell,
    armTimer: (teamId, dueAt) => armTimer(send.timers, { v: 1, dueAt, do: { what: 'wake-team', teamId } }, now),
    publish: (subject, events) => publish(events.map((event) => ({ ...event, subject }))),
    setAside: aside,
  });
  const cards = memoryCards(clock);
  const show = showCards({
    clock,
    random,
    agentIdOf: () => 1000002,
    accountName: async (_, openKfId) => openKfId,
    send: (_, card) => outside(() => cards.send(card), 'wecom-cards'),
    change: (_, change) => outside(() => cards.change(change), 'wecom-cards'),
    tell: post.tell,
    again: (job, delaySeconds) => send.cards.send(job, { delaySeconds }),
  });
  const wakes = {
    wakeConversation: post.wake,
    wakeTeam: desk.wake,
    // No contact way lives in this world.
    wakeWay: async () => undefined,
    overdueDesks: async () => [],
    wakeDesk: async () => undefined,
    wakeContact: async () => undefined,
    goOn: async () => undefined,
    pull: (
      app: string,
      openKfId: string,
      { token, receivedAt = now }: { token?: string | undefined; receivedAt?: number | undefined } = {},
    ) =>
      send.signals.send({ ...pullSignal(app, openKfId), receivedAt, ...(token !== undefined && { token }) } as Signal, {
        group: openKfId,
      }),
  };
  const fire = fireTimers({ clock, timers: send.timers, ...wakes });
  const sweepNow = sweep({
    clock,
    overdueConversations: (at, limit) => needingAttention(conversationsTable, at, limit),
    overdueTeams: async (at, limit) =>
      (await needingAttention(routingTable, at, limit)).flatMap(({ owner, attentionAt }) => {
        const team = teamOfOwner(owner);
        return team === undefined ? [] : [{ owner: team, attentionAt }];
      }),
    overdueWays: async () => [],
    overdueMedia: async () => [],
    wakeMedia: async () => undefined,
    overdueAccounts: (at, limit) => accounts.accountsDue(at, limit),
    ...wakes,
  });

  const faq = settings.faq && Faq.parse(settings.faq);
  if (faq) await lists.saveFaq(faq);
  await replies.save(
    ANY_ACCOUNT,
    RuleSet.parse({ ...settings.rules, ...(faq && { faq: { ...settings.rules?.faq, list: versionOfFaq(faq) } }) }),
  );
  if (Object.keys(agents).length > 0) {
    const { offerSeconds: seconds, offDutyAfter = DEFAULT_OFF_DUTY_AFTER, people = {} } = settings;
    const offer = seconds === undefined ? {} : { offer: { seconds, offDutyAfter } };
    const helpers = Object.keys(agents).filter((agentId) => people[agentId]?.helps);
    await routing.saveTeam({
      ...offer,
      ...settings.terms,
      teamId: TEAM,
      agents: Object.keys(agents).filter((agentId) => !helpers.includes(agentId)),
      endAfterSilenceSeconds,
    });
    if (helpers.length > 0) await routing.saveTeam({ teamId: HELPERS, agents: helpers, endAfterSilenceSeconds });
    await routing.assignAccount(ANY_ACCOUNT, TEAM);
    for (const [agentId, capacity] of Object.entries(agents))
      await routing.saveAgent({ agentId, capacity, duty: 'on', ...placeOf(people[agentId]) });
  }
  mishap.countAnew();

  interface Door {
    readonly queue: MemoryQueue<unknown>;
    handle(bodies: readonly unknown[], receives: number): Promise<void>;
  }
  const doors: readonly Door[] = [
    {
      queue: queues.signals,
      handle: (bodies) =>
        sync(
          bodies.map((body) => Signal.parse(body)),
          now + MINUTE,
        ),
    },
    {
      queue: queues.conversations,
      handle: ([body], receives) => route(ConversationWake.parse(body).conversationId, receives, now + 28 * SECOND),
    },
    {
      queue: queues.assignments,
      handle: ([body], receives) => {
        harmedBefore = mishap.harmed();
        return assign(TeamWake.parse(body).teamId, receives);
      },
    },
    {
      queue: queues.timers,
      handle: async (bodies) => {
        for (const body of bodies) await fire(Timer.parse(body));
      },
    },
    {
      queue: queues.cards,
      handle: async (bodies) => {
        for (const body of bodies) await show(CardJob.parse(body));
      },
    },
    {
      queue: queues.model,
      handle: async ([body]) => {
        const { conversationId, a } = ModelWake.parse(body);
        await askTheModel(conversationId, a, now + 28 * SECOND);
      },
    },
  ];

  /** One batch of one queue, as a function gets it. False when nothing is visible. What failed is visible again at once. */
  async function handleBatch({ queue, handle }: Door): Promise<boolean> {
    const records = queue.receive();
    if (records.length === 0) return false;
    const groups = Map.groupBy(records, (record) => record.attributes.MessageGroupId ?? record.messageId);
    for (const group of shuffled([...groups.values()], random, settings.seed !== undefined)) {
      if (await handled(handle, group)) for (const record of group) queue.delete(record.receiptHandle);
      if (mishap.isDead()) break;
    }
    await checkClaims();
    // Of a function that died nobody hears which of its messages it had handled.
    mishap.replace();
    for (const record of records) await queue.giveBack(record.receiptHandle, 0);
    return true;
  }

  async function handled(handle: Door['handle'], group: readonly SQSRecord[]): Promise<boolean> {
    const receives = Math.max(...group.map((record) => Number(record.attributes.ApproximateReceiveCount)));
    try {
      await handle(
        group.map((record) => JSON.parse(record.body)),
        receives,
      );
      return !mishap.isDead();
    } catch (error) {
      failures.push(error);
      // Whatever the dead process had begun side by side comes to its end here.
      await new Promise((resolve) => setImmediate(resolve));
      return false;
    }
  }
  const failures: unknown[] = [];

  const world = {
    clock,
    wecom,
    cards,
    tables,
    queues,
    setAside,
    published,
    /** What agents were told of conversations, repeats and all. */
    briefs,
    /** The records of all choices, made or only tried. */
    decisions,
    /** What the functions threw, for tests that want none. */
    failures,
    mediaWanted,
    store,
    routing,
    desk,
    replies,
    lists,
    usage,
    post,
    owners,
    entrances,
    /** How many visitors of this entrance entered, wrote and came to a person. */
    visits: (entrance: string, day = dayOf(DEFAULT_ZONE, now)) => figures.visitsOf(entrance, day),

    /** Hands over one batch of one queue. False when no queue has anything. */
    async step(): Promise<boolean> {
      for (const door of shuffled(doors, random, settings.seed !== undefined)) if (await handleBatch(door)) return true;
      return false;
    },

    /** Hands over one batch of this queue. */
    async stepOf(name: keyof typeof queues): Promise<void> {
      const door = doors.find(({ queue }) => queue === queues[name]);
      if (door) await handleBatch(door);
    },

    /** Wakes that nobody sent: repeated, late or meant for something long done. */
    async wakeAll(): Promise<void> {
      for (const customerId of wecom.customers())
        await queues.conversations.send(
          { v: 1, conversationId: conversationIdOf(DESK, customerId) },
          { group: conversationIdOf(DESK, customerId) },
        );
      await queues.assignments.send({ v: 1, teamId: TEAM }, { group: TEAM });
    },

    /** Two functions handle one conversation at once, because the first outlived its wake's visibility. */
    async race(customerId: string): Promise<void> {
      const conversationId = conversationIdOf(DESK, customerId);
      const both = await Promise.allSettled([route(conversationId), route(conversationId, 2)]);
      for (const one of both) if (one.status === 'rejected') failures.push(one.reason);
      await new Promise((resolve) => setImmediate(resolve));
      mishap.replace();
      // The queue delivers again what failed.
      await queues.conversations.send({ v: 1, conversationId }, { group: conversationId });
    },

    /** Until no queue has anything that is visible now. Throws when that does not come to an end. */
    async run(): Promise<void> {
      for (let steps = 0; await world.step(); steps += 1)
        if (steps > 500) throw new Error('The queues do not run dry', { cause: failures.at(-1) });
    },

    /** WeCom says that there is news, and everything is handled. */
    async callback(token?: string): Promise<void> {
      await world.news(token);
      await world.run();
    },
    /** WeCom says that there is news; nobody has looked yet. */
    news: (token = `token${now}`): Promise<void> =>
      queues.signals.send({ ...pullSignal('main', DESK), kind: 'pull', token } as Signal, { group: DESK }),

    /** An agent taps a card, his latest unless one is named; nobody has looked yet. */
    async taps(agentId: string, answer: 'take' | 'pass', task?: string): Promise<void> {
      const tap = cards.tap(agentId, answer, task);
      await queues.signals.send(tap, { group: 'card' });
    },

    /** WeCom says that accounts were granted or withdrawn. */
    async accountsChanged(change: { granted?: string[]; withdrawn?: string[] }): Promise<void> {
      const signal = { v: 1 as const, kind: 'accounts' as const, app: 'main', createdAt: now, receivedAt: now };
      await queues.signals.send({ ...signal, granted: [], withdrawn: [], ...change }, { group: 'accounts:main' });
      await world.run();
    },

    /** The sweep or a timer asks for a pull. */
    pullWithoutToken: () => queues.signals.send(pullSignal('main', DESK), { group: DESK }),

    /** Moves the clock, with everything that becomes due on the way; the sweep runs every minute. */
    async pass(milliseconds: number, step = MINUTE): Promise<void> {
      for (const end = now + milliseconds; now < end; ) {
        now = Math.min(end, now + step);
        await world.sweep();
        await world.run();
      }
    },
    /** Moves the clock; timers fire, but no sweep runs. */
    async wait(milliseconds: number): Promise<void> {
      for (const end = now + milliseconds; now < end; ) {
        now = Math.min(end, now + 10 * SECOND);
        await world.run();
      }
    },
    /** Only moves the clock. */
    skip(milliseconds: number): void {
      now += milliseconds;
    },
    /** A sweep that may be harmed: the next one comes by schedule. */
    async sweep(): Promise<void> {
      await sweepNow().catch((error: unknown) => failures.push(error));
      mishap.replace();
    },

    ...mishap.controls,
    /** The routing room past all harm, for who looks or acts from outside. */
    untroubled: bare,

    /** A supervisor's word; who gives it tries until it is heard. */
    async setDuty(agentId: string, duty: 'on' | 'off'): Promise<void> {
      for (const teamId of (await bare.setDuty(agentId, duty, now)) ?? [])
        await queues.assignments.send({ v: 1, teamId }, { group: teamId });
    },

    /** Looks at every choice before it is recorded, unless something was harmed since the team was woken. */
    watchChoices(watch: (choice: Choice) => Promise<void>): void {
      choiceWatcher = watch;
    },
    /** Agents who at some moment had more claimed places than their capacity. */
    overClaimed: () => [...overClaimed],

    conversation: (customerId: string): Promise<Conversation> => store.read(conversationIdOf(DESK, customerId), now),
    places: async (): Promise<Record<string, string[]>> =>
      Object.fromEntries(
        (await routing.agents(Object.keys(agents))).map(({ agentId, serving }) => [agentId, [...serving].sort()]),
      ),
    /** What was noted for today's figures of the team, or of this account. */
    figures: (of = TEAM, day = dayOf(DEFAULT_ZONE, now)): Promise<Figure[]> => figures.figuresOf(of, day),
    unread: async (customerId: string) =>
      (await conversationInbox.unread(conversationIdOf(DESK, customerId), 1000)).entries,
    events: (type?: string) =>
      published.map(({ detail }) => detail as PublishedEvent).filter((event) => !type || event.type === type),
  };
  return world;
}

/** An agent's terms, and his team. */
function placeOf({ helps, ...terms }: AgentTerms & { readonly helps?: true } = {}) {
  return helps ? { ...terms, teams: [HELPERS], helps: [TEAM] } : { ...terms, teams: [TEAM] };
}

export type MemoryWorld = Awaited<ReturnType<typeof memoryWorld>>;

export interface PublishedEvent {
  readonly id: string;
  readonly type: string;
  readonly subject: string;
  readonly sequence: number;
  readonly data: Readonly<Record<string, unknown>>;
}

function shuffled<T>(all: readonly T[], random: () => number, mix: boolean): readonly T[] {
  return mix
    ? all
        .map((one) => ({ one, at: random() }))
        .sort((a, b) => a.at - b.at)
        .map(({ one }) => one)
    : all;
}
