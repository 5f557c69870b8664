import { isDeepStrictEqual } from 'node:util';
import * as fc from 'fast-check';
import { catalogue } from '../../events/catalogue.ts';
import { conversationIdOf } from '../../lib/conversations/conversation.ts';
import { conversationPost } from '../../lib/conversations/deliver.ts';
import type { EventDefinition } from '../../lib/events/define-event.ts';
import { DAY, MINUTE, SECOND } from '../../lib/platform/clock.ts';
import { isInfrastructureError } from '../../lib/platform/infrastructure.ts';
import { DEFAULT_ZONE, dayAfter, dayOf } from '../../lib/platform/wall-clock.ts';
import { replay } from '../../lib/routing/decision-record.ts';
import { inbox } from '../../lib/store/inbox.ts';
import type { Mishap } from './befallen.ts';
import { NOON, textOf } from './memory-wecom.ts';
import { DESK, isDeath, type MemoryWorld, memoryWorld, TEAM } from './memory-world.ts';

/** One thing that happens in a story. Customers are numbered; agents are amy and bob. */
export type Step =
  | { readonly do: 'asks'; readonly who: number; readonly what: 'known' | 'unknown' | 'person' | 'thanks' | 'picture' }
  | { readonly do: 'enters' | 'ends' | 'answers' | 'recalls' | 'is pooled' | 'is raced'; readonly who: number }
  | { readonly do: 'takes' | 'transfers' | 're-enters'; readonly who: number; readonly agent: Agent }
  | { readonly do: 'receives'; readonly agent: Agent; readonly yes: boolean }
  | { readonly do: 'callback' | 'news' | 'run' | 'step' | 'sweep' | 'wakes' }
  | { readonly do: 'passes'; readonly seconds: number }
  | { readonly do: 'outage'; readonly how: Mishap | undefined }
  | {
      readonly do: 'befalls';
      readonly api: 'sendMessage' | 'moveSession' | 'readSession' | 'sendOnEvent';
      readonly how: Mishap;
    }
  | {
      readonly do: 'harms';
      readonly call: number;
      readonly how: 'dies-before' | 'dies-after' | 'fails-before' | 'fails-after';
    }
  | { readonly do: 'hands over'; readonly who: number; readonly to: Agent | 'team' | 'bot' };
export type Agent = 'amy' | 'bob';

const often = <T>(one: T, times: number): T[] => Array.from({ length: times }, () => one);
const who = fc.integer({ min: 0, max: 2 });
const agent = fc.constantFrom<Agent>('amy', 'bob');
const mishap = fc.constantFrom<Mishap>('not-connected', 'lost-before', 'lost-after', -1, 45009, 95018, 95018, 60020);
/** Long enough for things to meet; fast-check would rather try the short ones. */
const LONG = { minLength: 10, maxLength: 50, size: 'max' } as const;

export const story: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    {
      weight: 7,
      arbitrary: fc.record({
        do: fc.constant('asks' as const),
        who,
        what: fc.constantFrom('known', 'known', 'known', 'unknown', 'person', 'person', 'person', 'thanks', 'picture'),
      }),
    },
    {
      weight: 4,
      arbitrary: fc.record({
        do: fc.constantFrom('enters', 'ends', 'answers', 'answers', 'recalls', 'is pooled', 'is raced', 'is raced'),
        who,
      }),
    },
    {
      weight: 4,
      arbitrary: fc.record({ do: fc.constantFrom('takes', 'transfers', 'transfers', 're-enters'), who, agent }),
    },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('receives' as const), agent, yes: fc.boolean() }) },
    {
      weight: 14,
      arbitrary: fc.record({
        do: fc.constantFrom(...often('callback', 6), 'news', 'news', 'run', 'step', 'sweep', 'wakes'),
      }),
    },
    {
      weight: 3,
      arbitrary: fc.record({ do: fc.constant('passes' as const), seconds: fc.constantFrom(1, 15, 90, 400, 2400) }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ do: fc.constant('outage' as const), how: fc.option(mishap, { nil: undefined, freq: 1 }) }),
    },
    {
      weight: 6,
      arbitrary: fc.record({
        do: fc.constant('befalls' as const),
        api: fc.constantFrom('sendMessage', 'sendMessage', 'moveSession', 'moveSession', 'readSession', 'sendOnEvent'),
        how: mishap,
      }),
    },
    {
      weight: 3,
      arbitrary: fc.record({
        do: fc.constant('harms' as const),
        call: fc.integer({ min: 1, max: 25 }),
        how: fc.constantFrom('dies-before', 'dies-after', 'fails-before', 'fails-after'),
      }),
    },
    {
      weight: 3,
      arbitrary: fc.record({
        do: fc.constant('hands over' as const),
        who,
        to: fc.constantFrom('amy', 'bob', 'team', 'bot'),
      }),
    },
  ),
  LONG,
) as fc.Arbitrary<Step[]>;

/** A question of a customer's. Every known one has a rule of its own, so that an answer says what it answers. */
export interface Asked {
  readonly who: string;
  readonly id: string;
  readonly what: string;
  readonly number: number;
  readonly at: number;
}

export const KNOWN_QUESTIONS = 40;
export const ruleOf = (number: number) => ({
  id: `r${number}.`,
  contains: [`q${number}.`],
  reply: { text: `a${number}.` },
});

/** Plays a story, lets everything come to rest, and returns what is wrong in the end; nothing, if all is well. */
export async function play(steps: readonly Step[], seed: number): Promise<string[]> {
  const world = await memoryWorld({
    seed,
    agents: { amy: 1, bob: 1 },
    rules: {
      greeting: { text: 'welcome' },
      rules: Array.from({ length: KNOWN_QUESTIONS }, (_, number) => ruleOf(number)),
      fallback: 'pardon',
    },
    answerNothingOlderThan: 24 * 60 * MINUTE,
  });
  const asked: Asked[] = [];
  const recalled = new Set<string>();
  const handOvers: string[] = [];
  for (const step of steps) await act(world, step, asked, recalled, handOvers);
  await comeToRest(world);
  return [
    ...(await everybodyIsHeard(world, asked, recalled)),
    ...(await sameAsWeCom(world)),
    ...eventsAreSound(world),
    ...(await figuresAreSound(world)),
    ...decisionsReplay(world),
    ...handOversEnd(world, handOvers),
    ...unexpected(world),
  ];
}

async function handOver(world: MemoryWorld, { who, to }: Step & { do: 'hands over' }, n: number): Promise<string> {
  const id = `h${n}`;
  const wanted = to === 'bot' ? to : to === 'team' ? { teamId: TEAM } : { agentId: to, teamId: TEAM };
  const entry = { kind: 'hand-over' as const, id, by: 'boss', to: wanted, at: world.clock() };
  // Whoever asks is none of our functions, so nothing befalls him.
  const entries = inbox(world.tables.conversations, { attentionAfterMs: MINUTE, keepMs: 30 * DAY });
  const post = conversationPost({ inbox: entries, wakes: world.queues.conversations, clock: world.clock });
  await post.tell(conversationIdOf(DESK, `eve${who}`), entry);
  return id;
}

/** Every hand-over has one outcome. */
export function handOversEnd(world: MemoryWorld, handOvers: readonly string[]): string[] {
  const events = new Map(world.events().map((event) => [event.id, event]));
  const ended = [...events.values()].filter(({ type }) => type.startsWith('hand-over.'));
  const ids = ended.map(({ data }) => String(data.handOverId)).toSorted();
  return isDeepStrictEqual(ids, handOvers.toSorted()) ? [] : [`hand-overs ${handOvers}; ended ${ids}`];
}

export async function act(
  world: MemoryWorld,
  step: Step,
  asked: Asked[],
  recalled: Set<string>,
  handOvers: string[],
): Promise<void> {
  const { wecom } = world;
  switch (step.do) {
    case 'asks': {
      const customer = `eve${step.who}`;
      const number = asked.length;
      const words = { known: `q${number}.`, unknown: 'hm', person: 'human', thanks: 'thanks', picture: '' }[step.what];
      const id = wecom.says(customer, words, step.what === 'picture' ? { type: 'image' } : {});
      asked.push({ who: customer, id, what: step.what, number, at: world.clock() });
      return;
    }
    case 'enters':
      // WeCom gives a welcome code only to who has not written.
      if (!wecom.customers().includes(`eve${step.who}`)) wecom.enters(`eve${step.who}`);
      return;
    case 'answers': {
      const { agentId } = wecom.session(`eve${step.who}`);
      if (agentId) wecom.agentAnswers(`eve${step.who}`, agentId);
      return;
    }
    case 'ends':
      if (wecom.session(`eve${step.who}`).state === 'person') wecom.agentEnds(`eve${step.who}`);
      return;
    case 'takes':
      if (['new', 'bot', 'pool'].includes(wecom.session(`eve${step.who}`).state))
        wecom.agentTakes(`eve${step.who}`, step.agent);
      return;
    case 'transfers': {
      const { agentId } = wecom.session(`eve${step.who}`);
      if (agentId && agentId !== step.agent) wecom.agentTransfers(`eve${step.who}`, step.agent);
      return;
    }
    case 're-enters':
      if (wecom.servedBy(`eve${step.who}`).length > 0 && wecom.session(`eve${step.who}`).state === 'ended')
        wecom.agentReenters(`eve${step.who}`, step.agent);
      return;
    case 'recalls': {
      const last = asked.findLast((one) => one.who === `eve${step.who}`);
      if (!last) return;
      wecom.recalls(last.who, last.id);
      recalled.add(last.id);
      return;
    }
    case 'is pooled':
      if (['new', 'bot'].includes(wecom.session(`eve${step.who}`).state)) wecom.poolTakes(`eve${step.who}`);
      return;
    case 'is raced':
      return world.race(`eve${step.who}`);
    case 'wakes':
      return world.wakeAll();
    case 'receives':
      return wecom.agentReceives(step.agent, step.yes);
    case 'callback':
      return world.callback();
    case 'news':
      return world.news();
    case 'run':
      return world.run();
    case 'step':
      await world.step();
      return;
    case 'sweep':
      return world.sweep();
    case 'passes':
      return world.skip(step.seconds * SECOND);
    case 'outage':
      return wecom.befallAll(step.how);
    case 'befalls':
      // Reading a session is not refused for its state.
      return wecom.befall(step.api, step.api === 'readSession' && step.how === 95018 ? -1 : step.how);
    case 'harms':
      return world.harm(step.call, step.how);
    case 'hands over':
      // Of a conversation that there is.
      if ((await world.conversation(`eve${step.who}`)).app !== undefined)
        handOvers.push(await handOver(world, step, handOvers.length));
      return;
  }
}

/** WeCom is well again, agents receive, and time passes; then agents end what they serve, so that the line moves on. */
async function comeToRest(world: MemoryWorld): Promise<void> {
  const { wecom } = world;
  wecom.befallAll(undefined);
  world.harmless();
  for (const agentId of ['amy', 'bob']) wecom.agentReceives(agentId, true);
  await world.callback();
  for (let round = 0; round < 4; round += 1) {
    for (let look = 0; look < 4; look += 1) await world.pass(4 * MINUTE, look < 1 ? 30 * SECOND : 90 * SECOND);
    if (round === 3) return;
    for (const customerId of wecom.customers())
      if (round < 2 && wecom.session(customerId).state === 'person') wecom.agentEnds(customerId);
    await world.callback();
  }
}

/** Every question has at most one answer, and one of: an answer, a person, a record that it failed. */
export async function everybodyIsHeard(
  { wecom, ...world }: MemoryWorld,
  asked: readonly Asked[],
  recalled: ReadonlySet<string>,
): Promise<string[]> {
  const problems: string[] = [];
  const failed = world.events('reply.failed.v1');
  const handed = world.events('hand-over.done.v1');
  for (const { who, id, what, number, at } of asked) {
    const said = wecom.delivered.filter(({ customerId }) => customerId === who);
    const answers = said.filter(({ content }) => textOf(content).includes(`a${number}.`));
    if (answers.length > 1) problems.push(`question ${number} has ${answers.length} answers`);
    const person = wecom.servedBy(who).some((served) => served.at >= at) || servedThen(wecom, who, at);
    const sorry = failed.some(
      ({ subject, data }) =>
        subject.endsWith(`:${who}`) && (what !== 'known' || String(data.rule).includes(`r${number}.`)),
    );
    const polite = said.some((one) => one.at >= at);
    // Who waited for a person when somebody handed him to the bot is asked to write again by nobody.
    const toBot = handed.some(({ subject, data }) => subject.endsWith(`:${who}`) && data.to === 'bot');
    const fine = what === 'known' ? answers.length === 1 : what === 'thanks' || polite;
    if (!fine && !recalled.has(id) && !person && !sorry && !toBot)
      problems.push(`question ${number} (${what}) of ${who} is lost`);
  }
  for (const who of new Set(asked.map((one) => one.who))) {
    const numbers = wecom.delivered
      .filter(({ customerId }) => customerId === who)
      .flatMap(({ content }) => [...textOf(content).matchAll(/a(\d+)\./g)].map(([, number]) => Number(number)));
    if (numbers.some((number, index) => number < (numbers[index - 1] ?? 0)))
      problems.push(`${who} was answered out of order: ${numbers}`);
  }
  return problems;
}

/** Somebody was serving when the question came. */
function servedThen(wecom: MemoryWorld['wecom'], who: string, at: number): boolean {
  return wecom.sessionsOf(who).some(({ from, to }) => from <= at && at <= (to ?? Number.POSITIVE_INFINITY));
}

/** Our sessions are WeCom's, the agents' places are their sessions, and nothing is left to be done. */
export async function sameAsWeCom(world: MemoryWorld): Promise<string[]> {
  const problems: string[] = [];
  const expected = Object.fromEntries(Object.keys(await world.places()).map((agentId) => [agentId, 0]));
  for (const customerId of world.wecom.customers()) {
    const conversation = await world.conversation(customerId);
    const { session, request, pending } = conversation;
    const theirs = world.wecom.session(customerId);
    const ours = session.state === 'person' ? session.agentId : undefined;
    if (ours !== theirs.agentId)
      problems.push(`${customerId}: ours ${session.state} ${ours}, WeCom ${JSON.stringify(theirs)}`);
    if (session.toRead) problems.push(`${customerId}: still to be read`);
    if (request) problems.push(`${customerId}: still asks for an agent`);
    if (pending.length > 0) problems.push(`${customerId}: pending ${pending.map(({ kind }) => kind)}`);
    if (conversation.unanswered.length > 0) problems.push(`${customerId}: unanswered`);
    if ((await world.unread(customerId)).length > 0) problems.push(`${customerId}: unread entries`);
    if (theirs.agentId) expected[theirs.agentId] = (expected[theirs.agentId] ?? 0) + 1;
  }
  for (const [agentId, places] of Object.entries(await world.places()))
    if (places.length !== expected[agentId])
      problems.push(`${agentId}: ${places.length} places, ${expected[agentId]} sessions`);
  if ((await world.routing.line('support')).length > 0) problems.push('somebody still waits in line');
  if (world.overClaimed().length > 0) problems.push(`claimed beyond the capacity: ${world.overClaimed()}`);
  return problems;
}

/** Functions fail because they died or were throttled in the story, or came second in a race; never by a mistake of ours. */
export function unexpected({ failures, setAside }: MemoryWorld): string[] {
  const mistakes = failures.filter((error) => !isInfrastructureError(error) && !isDeath(error));
  return [...mistakes.map((error) => `thrown: ${error}`), ...setAside.map((record) => `set aside: ${record.reason}`)];
}

/** Every choice follows from its record alone. */
function decisionsReplay({ decisions }: MemoryWorld): string[] {
  return decisions.flatMap((record) => {
    const { agentId, why, step } = replay(record);
    const same = agentId === record.agentId && why === record.why && step === record.step;
    return same ? [] : [`${record.r}: chosen was ${record.agentId} (${record.why}), replayed ${agentId} (${why})`];
  });
}

export function eventsAreSound(world: MemoryWorld): string[] {
  const problems: string[] = [];
  const definitions = new Map(catalogue.map((definition): [string, EventDefinition] => [definition.type, definition]));
  const seen = new Map<string, string>();
  const sequences = new Map<string, number[]>();
  for (const event of world.events()) {
    const parsed = definitions.get(event.type)?.data.safeParse(event.data);
    if (!parsed?.success) problems.push(`${event.type} does not match its definition`);
    const same = JSON.stringify(event);
    const before = seen.get(event.id);
    if (before === undefined) sequences.set(event.subject, [...(sequences.get(event.subject) ?? []), event.sequence]);
    else if (before !== same) problems.push(`two different events have the id ${event.id}`);
    seen.set(event.id, same);
  }
  for (const [subject, numbers] of sequences) {
    const sorted = [...new Set(numbers)].sort((a, b) => a - b);
    if (sorted.length !== numbers.length) problems.push(`${subject}: a number is given twice`);
    // Of an agent several teams tell, so his facts are numbered by time.
    if (!subject.startsWith('agent#') && sorted.length !== sorted.at(-1))
      problems.push(`${subject}: numbers are missing`);
    if (numbers.some((number, index) => number !== sorted[index])) problems.push(`${subject}: numbers out of order`);
  }
  return problems;
}

/** What the events tell of a day's figures is noted, once each; and nobody waits who is not waited for. */
export async function figuresAreSound(world: MemoryWorld): Promise<string[]> {
  const events = [...new Map(world.events().map((event) => [event.id, event])).values()];
  const told = events.flatMap(({ type, data }) => {
    const { agentId, afterMs, personAfterMs, whileClosed } = data;
    if (type === 'conversation.assigned.v1') return [factOf('assigned', agentId)];
    if (type === 'conversation.transferred.v1') return [factOf('transferred', agentId)];
    if (type === 'offer.expired.v1') return [factOf('expired', agentId)];
    if (type !== 'message.answered.v1' || afterMs === undefined) return [];
    return data.by === 'agent'
      ? [factOf('person-answer', agentId, personAfterMs, whileClosed)]
      : [factOf('bot-answer', undefined, afterMs, whileClosed)];
  });
  const noted: string[] = [];
  for (const day of daysBetween(NOON, world.clock())) {
    for (const { what, agentId, ms, closed } of await world.figures(TEAM, day)) {
      if (what !== 'abandoned') noted.push(factOf(what, agentId, what.endsWith('-answer') ? ms : undefined, closed));
    }
  }
  const problems = isDeepStrictEqual(noted.toSorted(), told.toSorted()) ? [] : [`noted ${noted}; told ${told}`];
  for (const customerId of world.wecom.customers()) {
    const { session, request, personWait } = await world.conversation(customerId);
    if (personWait && session.state !== 'person' && !request) problems.push(`${customerId} waits for nobody`);
  }
  return problems;
}

const factOf = (...parts: readonly unknown[]): string => parts.filter((part) => part !== undefined).join(' ');

function daysBetween(from: number, to: number): string[] {
  const days: string[] = [];
  for (let day = dayOf(DEFAULT_ZONE, from); day <= dayOf(DEFAULT_ZONE, to); day = dayAfter(day)) days.push(day);
  return days;
}
