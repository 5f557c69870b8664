import { HOUR, type Instant, MINUTE, SECOND } from '../../../lib/platform/clock.ts';
import type { TeamTerms } from '../../../lib/routing/terms.ts';
import { type MemoryWorld, memoryWorld } from '../memory-world.ts';
import { chance, type DeskCustomer, type DeskPlan } from './plan-desk-day.ts';

/** How a day is served: by what the team chooses, and whether an assignment is an offer. */
export interface DeskTerms {
  readonly terms: TeamTerms;
  readonly offerSeconds?: number;
}

/** What became of one customer. */
export interface Served {
  readonly customer: DeskCustomer;
  /** When a person had the session first, and when one answered first. */
  givenAt?: Instant;
  answeredAt?: Instant;
  answeredBy?: string;
  /** He had gone before anybody answered. */
  gone: boolean;
}

export interface DeskDay {
  readonly plan: DeskPlan;
  readonly served: readonly Served[];
  /** By agent: the most sessions that he had at once. */
  readonly mostAtOnce: ReadonlyMap<string, number>;
  /** How often an agent went off duty because of missed offers. */
  readonly offDuty: number;
  readonly world: MemoryWorld;
}

/** Reading, and turning to it. */
const REACTION = 12 * SECOND;
/** What each other conversation that wants something costs on top, at the most. */
const DIVIDED = 10 * SECOND;
/** A customer reads and writes back. */
const WRITES_BACK = 20 * SECOND;
/** Who did not see a conversation comes upon it. */
const NOTICES_AFTER = 12 * MINUTE;
/** Who had gone is asked once whether he is there. */
const WORDS_TO_NOBODY = 1;
/** Until an agent who went off duty by missed offers is back. */
const SENT_FOR = 5 * MINUTE;

/** Lets the day pass over the real uses: tables, queues and WeCom in memory, time in leaps of a second. */
export async function runDeskDay(plan: DeskPlan, how: DeskTerms): Promise<DeskDay> {
  const { size, agents } = plan;
  const world = await memoryWorld({
    agents: Object.fromEntries(agents.map(({ id }) => [id, size.capacity])),
    people: Object.fromEntries(agents.map(({ id, shifts }) => [id, { shifts }])),
    endAfterSilenceSeconds: 600,
    ...how,
  });
  world.skip(plan.opens - world.clock());
  const served = plan.customers.map((customer): Served => ({ customer, gone: false }));
  const day: Day = {
    plan,
    world,
    due: new Map(),
    with: new Map(),
    talks: new Map(),
    mostAtOnce: new Map(),
    news: false,
    sentFor: new Set(),
    back: [],
    offDuty: 0,
  };
  for (const one of served) {
    at(day, one.customer.arrives, () => arrives(day, one));
    at(day, one.customer.arrives + one.customer.patience, () => {
      if (one.answeredAt === undefined) one.gone = true;
    });
  }
  // What is left after the doors close is served, or ended by silence.
  for (const end = plan.closes + 2 * HOUR; world.clock() < end; ) {
    world.skip(SECOND);
    await second(day);
  }
  return { plan, served, mostAtOnce: day.mostAtOnce, offDuty: day.offDuty, world };
}

interface Day {
  readonly plan: DeskPlan;
  readonly world: MemoryWorld;
  readonly due: Map<Instant, (() => void)[]>;
  /** Whose session is with a person, and with whom he last was. */
  readonly with: Map<Served, string>;
  readonly talks: Map<string, Served>;
  readonly mostAtOnce: Map<string, number>;
  news: boolean;
  readonly sentFor: Set<string>;
  back: string[];
  offDuty: number;
}

/** In whole seconds. */
function at(day: Day, moment: Instant, act: () => void): void {
  const second = Math.ceil(moment / SECOND) * SECOND;
  day.due.set(second, [...(day.due.get(second) ?? []), act]);
}

async function second(day: Day): Promise<void> {
  const { world } = day;
  const now = world.clock();
  for (const act of day.due.get(now) ?? []) act();
  day.due.delete(now);
  for (const agentId of day.back) await world.setDuty(agentId, 'on');
  day.back = [];
  if (now % MINUTE === 0) {
    await world.sweep();
    await sendForThem(day);
  }
  if (day.news) await world.news();
  day.news = false;
  await world.run();
  seeWhoServes(day);
}

function arrives(day: Day, one: Served): void {
  day.talks.set(one.customer.id, one);
  day.world.wecom.says(one.customer.id, 'human');
  day.news = true;
}

/** Whoever has been given a session since the last look begins with it, or does not see it. */
function seeWhoServes(day: Day): void {
  const { world, plan } = day;
  const now = world.clock();
  const load = new Map<string, number>();
  for (const one of day.talks.values()) {
    const { agentId } = world.wecom.session(one.customer.id);
    if (agentId === undefined) {
      // Ended, by the agent or by silence.
      if (day.with.delete(one)) day.talks.delete(one.customer.id);
      continue;
    }
    load.set(agentId, (load.get(agentId) ?? 0) + 1);
    if (day.with.get(one) === agentId) continue;
    day.with.set(one, agentId);
    one.givenAt ??= now;
    const ignored = chance(plan.seed, 'ignored', one.customer.id, agentId) < plan.size.ignored;
    at(day, now + (ignored ? NOTICES_AFTER : reaction(day, agentId)), () => answers(day, one, agentId, 1));
  }
  for (const [agentId, sessions] of load)
    day.mostAtOnce.set(agentId, Math.max(sessions, day.mostAtOnce.get(agentId) ?? 0));
}

/** The more conversations, the longer until he comes to this one. */
function reaction(day: Day, agentId: string): number {
  const others = [...day.with.values()].filter((one) => one === agentId).length - 1;
  return REACTION + Math.max(0, others) * DIVIDED * chance(day.plan.seed, agentId, String(day.world.clock()));
}

function answers(day: Day, one: Served, agentId: string, nth: number): void {
  const { world, plan } = day;
  const { customer } = one;
  // It is somebody else's by now, or over.
  if (day.with.get(one) !== agentId || world.wecom.session(customer.id).agentId !== agentId) return;
  const back = backAtDesk(plan, agentId, world.clock());
  if (back !== undefined) {
    at(day, back, () => answers(day, one, agentId, nth));
    return;
  }
  world.wecom.agentAnswers(customer.id, agentId);
  day.news = true;
  one.answeredAt ??= world.clock();
  one.answeredBy ??= agentId;
  if (nth >= (one.gone ? WORDS_TO_NOBODY : customer.answers)) {
    if (chance(plan.seed, 'forgotten', customer.id) >= plan.size.forgotten)
      at(day, world.clock() + WRITES_BACK, () => ends(day, one, agentId));
    return;
  }
  at(day, world.clock() + WRITES_BACK, () => {
    if (world.wecom.session(customer.id).agentId !== agentId) return;
    world.wecom.says(customer.id, 'and this?');
    day.news = true;
  });
  at(day, world.clock() + WRITES_BACK + reaction(day, agentId) + customer.work, () =>
    answers(day, one, agentId, nth + 1),
  );
}

function ends(day: Day, { customer }: Served, agentId: string): void {
  if (day.world.wecom.session(customer.id).agentId !== agentId) return;
  day.world.wecom.agentEnds(customer.id);
  day.news = true;
}

/** Who went off duty because of missed offers is sent for, and is back after a while. */
async function sendForThem(day: Day): Promise<void> {
  const { world, plan } = day;
  for (const { agentId, duty } of await world.untroubled.agents(plan.agents.map(({ id }) => id))) {
    if (duty === 'on' || day.sentFor.has(agentId)) continue;
    day.sentFor.add(agentId);
    day.offDuty += 1;
    at(day, world.clock() + SENT_FOR, () => {
      day.sentFor.delete(agentId);
      day.back.push(agentId);
    });
  }
}

/** When he comes back; undefined, he is there. Whoever's shift is over finishes what he has. */
function backAtDesk({ agents }: DeskPlan, agentId: string, now: Instant): Instant | undefined {
  const [first, second] = agents.find(({ id }) => id === agentId)?.atDesk ?? [];
  return first && second && now >= first.to && now < second.from ? second.from : undefined;
}
