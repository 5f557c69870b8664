import * as fc from 'fast-check';
import { MINUTE, SECOND } from '../../lib/platform/clock.ts';
import { Shifts } from '../../lib/platform/shifts.ts';
import { DEFAULT_ZONE } from '../../lib/platform/wall-clock.ts';
import type { WaitingRequest } from '../../lib/routing/agent.ts';
import type { Choice } from '../../lib/routing/choice-store.ts';
import { chooseAgent } from '../../lib/routing/choose-agent.ts';
import { replay } from '../../lib/routing/decision-record.ts';
import { orderOf } from '../../lib/routing/line-order.ts';
import { Strategy } from '../../lib/routing/terms.ts';
import { HELPERS, type MemoryWorld, memoryWorld, TEAM, type Wants, type WorldSettings } from './memory-world.ts';
import { seeded } from './seeded.ts';
import * as stories from './stories.ts';

/**
 * Random stories in a team that makes offers, with agents who answer, ignore, refuse, forget to end and go off duty; with skills,
 * languages, shifts and helpers in a share of them. The rest happens as in `stories.ts`.
 */

const AGENTS = ['amy', 'bob', 'cat'] as const;

/** How the team is set up. */
export interface Terms {
  readonly offerSeconds: number;
  readonly offDutyAfter: number;
  readonly strategy: Strategy;
  readonly capacity: number;
  readonly skills: boolean;
  readonly relaxed: boolean;
  readonly shifts: boolean;
  readonly helpers: boolean;
}

export const terms: fc.Arbitrary<Terms> = fc.record({
  offerSeconds: fc.constantFrom(10, 60, 300),
  offDutyAfter: fc.integer({ min: 1, max: 3 }),
  strategy: fc.constantFrom(...Strategy.options),
  capacity: fc.constantFrom(1, 1, 2),
  skills: fc.boolean(),
  relaxed: fc.boolean(),
  shifts: fc.boolean(),
  helpers: fc.boolean(),
});

/** What agents do, or leave, beside what happens in every story. */
type AgentStep =
  | { readonly do: 'goes'; readonly agent: (typeof AGENTS)[number]; readonly duty: 'on' | 'off' }
  | { readonly do: 'answers all'; readonly agent: (typeof AGENTS)[number] }
  | { readonly do: 'waits'; readonly seconds: number };

const agent = fc.constantFrom(...AGENTS);

export const agentSteps: fc.Arbitrary<AgentStep[]> = fc.array(
  fc.oneof(
    {
      weight: 1,
      arbitrary: fc.record({ do: fc.constant('goes' as const), agent, duty: fc.constantFrom('on', 'off') }),
    },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('answers all' as const), agent }) },
    {
      weight: 5,
      arbitrary: fc.record({ do: fc.constant('waits' as const), seconds: fc.constantFrom(10, 20, 70, 320) }),
    },
  ) as fc.Arbitrary<AgentStep>,
  { minLength: 5, maxLength: 20, size: 'max' },
);

const WANTS: Readonly<Record<string, Wants>> = {
  eve0: { skills: { refunds: 3 } },
  eve1: { language: 'en' },
  eve2: { priority: 5 },
};

function settingsOf(given: Terms): WorldSettings {
  const { capacity, skills, relaxed, shifts, helpers, offerSeconds, offDutyAfter, strategy } = given;
  const lunch = Shifts.parse({ weekly: [{ days: ['sat', 'sun'], from: '11:00', to: '13:00' }] });
  return {
    agents: helpers ? { amy: capacity, bob: capacity, cat: 1 } : { amy: capacity, bob: capacity },
    offerSeconds,
    offDutyAfter,
    terms: {
      strategy,
      ...(skills && relaxed && { relaxAfterSeconds: [30, 90] }),
      ...(helpers && { overflow: [{ teamId: HELPERS, afterSeconds: 60 }] }),
    },
    people: {
      amy: skills ? { skills: { refunds: 4 }, languages: ['zh', 'en'] } : {},
      bob: { ...(skills && { languages: ['zh'] }), ...(shifts && { shifts: lunch }) },
      cat: { helps: true },
    },
    ...(skills && { wants: (customerId: string) => WANTS[customerId] ?? {} }),
  };
}

/** Plays a story, lets everything come to rest, and returns what is wrong in the end; nothing, if all is well. */
export async function playWithOffers(
  steps: readonly stories.Step[],
  ofAgents: readonly AgentStep[],
  given: Terms,
  seed: number,
): Promise<string[]> {
  const world = await memoryWorld({
    seed,
    ...settingsOf(given),
    rules: {
      greeting: { text: 'welcome' },
      rules: Array.from({ length: stories.KNOWN_QUESTIONS }, (_, number) => stories.ruleOf(number)),
      fallback: 'pardon',
    },
    answerNothingOlderThan: 24 * 60 * MINUTE,
  });
  const problems: string[] = [];
  world.watchChoices(async (choice) => void problems.push(...(await outOfOrder(world, choice))));
  const asked: stories.Asked[] = [];
  const recalled = new Set<string>();
  const handOvers: string[] = [];
  for (const step of mixed(steps, ofAgents, seed)) {
    if (isOfAgents(step)) await actAsAgent(world, step);
    else await stories.act(world, step, asked, recalled, handOvers);
  }
  problems.push(...(await comeToRest(world)));
  return [
    ...problems,
    ...(await stories.everybodyIsHeard(world, asked, recalled)),
    ...(await stories.sameAsWeCom(world)),
    ...stories.eventsAreSound(world),
    ...(await stories.figuresAreSound(world)),
    ...(await decisionsReplay(world)),
    ...stories.handOversEnd(world, handOvers),
    ...stories.unexpected(world),
  ];
}

const isOfAgents = (step: stories.Step | AgentStep): step is AgentStep =>
  step.do === 'goes' || step.do === 'answers all' || step.do === 'waits';

/** Both in their order, laid into each other as the seed says. */
function mixed(
  some: readonly stories.Step[],
  others: readonly AgentStep[],
  seed: number,
): readonly (stories.Step | AgentStep)[] {
  const random = seeded(seed);
  const at = others.map((step) => ({ step, at: Math.floor(random() * (some.length + 1)) }));
  return [...some.keys(), some.length].flatMap((index) => [
    ...at.filter((one) => one.at === index).map(({ step }) => step),
    ...some.slice(index, index + 1),
  ]);
}

async function actAsAgent(world: MemoryWorld, step: AgentStep): Promise<void> {
  switch (step.do) {
    case 'goes':
      return world.setDuty(step.agent, step.duty);
    case 'answers all':
      return answerAll(world, step.agent);
    case 'waits':
      return world.wait(step.seconds * SECOND);
  }
}

function answerAll({ wecom }: MemoryWorld, agentId?: string): void {
  for (const customerId of wecom.customers()) {
    const serves = wecom.session(customerId).agentId;
    if (serves !== undefined && (agentId === undefined || serves === agentId)) wecom.agentAnswers(customerId, serves);
  }
}

/**
 * WeCom is well again, all agents receive, are on duty and answer; then they end what they serve, so that the line moves on. Nobody may
 * wait on the way for whom there is somebody.
 */
async function comeToRest(world: MemoryWorld): Promise<string[]> {
  const { wecom } = world;
  const problems: string[] = [];
  wecom.befallAll(undefined);
  world.harmless();
  for (const agentId of Object.keys(await world.places())) {
    wecom.agentReceives(agentId, true);
    await world.setDuty(agentId, 'on');
  }
  await world.callback();
  for (let round = 0; round < 5; round += 1) {
    for (let look = 0; look < 4; look += 1) {
      await world.pass(4 * MINUTE, look < 1 ? 5 * SECOND : 90 * SECOND);
      problems.push(...(await waitInVain(world)));
      answerAll(world);
      await world.callback();
      // Who let too many expire before went off duty by news that came late.
      for (const agentId of Object.keys(await world.places())) await world.setDuty(agentId, 'on');
      await world.run();
    }
    if (round === 4) return problems;
    for (const customerId of wecom.customers())
      if (round < 3 && wecom.session(customerId).state === 'person') wecom.agentEnds(customerId);
    await world.callback();
  }
  return problems;
}

/** Whom the team would give this request now, if it looked. */
async function whoCould(world: MemoryWorld, request: WaitingRequest): Promise<string | undefined> {
  const { untroubled: routing } = world;
  const { team, pace, calendar } = await routing.teamAtWork(TEAM);
  if (!team) return undefined;
  const overflow = await routing.agentsOf((team.overflow ?? []).map(({ teamId }) => teamId));
  const hours = { calendar, zone: DEFAULT_ZONE };
  const agents = await routing.agents(team.agents);
  return chooseAgent({ team, agents, overflow, turns: pace.turns, hours, request, now: world.clock() }).agentId;
}

/** Everything that was to be done is done, and somebody stands in line for whom there is an agent. */
async function waitInVain(world: MemoryWorld): Promise<string[]> {
  const problems: string[] = [];
  for (const request of await world.untroubled.line(TEAM)) {
    const agentId = await whoCould(world, request);
    if (agentId !== undefined) problems.push(`${request.conversationId} waits although ${agentId} could`);
  }
  return problems;
}

/** Somebody who stands before the chosen one could be served as well, and was not. */
async function outOfOrder(world: MemoryWorld, { r, agentId }: Choice): Promise<string[]> {
  const { team } = await world.untroubled.teamAtWork(TEAM);
  const line = (await world.untroubled.line(TEAM)).toSorted(orderOf(team ?? {}));
  const before = line.slice(
    0,
    line.findIndex((one) => one.r === r),
  );
  const problems: string[] = [];
  for (const request of before) {
    const last = await world.untroubled.lastChoice(request.r);
    // Chosen already, and still in line only because a process died: the place is his.
    if (last?.status === 'chosen' || last?.status === 'told') continue;
    if ((await whoCould(world, request)) === undefined) continue;
    problems.push(`${agentId} is given to ${r} before ${request.r}, who stands before it`);
  }
  return problems;
}

/** Every decision that was made, as its record came back from the table, gives the same choice again. */
async function decisionsReplay({ decisions, untroubled: routing }: MemoryWorld): Promise<string[]> {
  const problems: string[] = [];
  for (const r of new Set(decisions.map((record) => record.r))) {
    const choices = await routing.choices(r);
    const kept = await routing.decisions(r);
    if (kept.length !== choices.length) problems.push(`${r}: ${choices.length} choices, ${kept.length} records`);
    for (const { n, record } of kept) {
      const again = replay(record);
      const same = again.agentId === record.agentId && again.why === record.why && again.step === record.step;
      const chosen = choices.find((choice) => choice.n === n)?.agentId;
      if (!same || chosen !== record.agentId)
        problems.push(`${r}: ${chosen}, in the record ${record.agentId}, again ${again.agentId}`);
    }
  }
  return problems;
}
