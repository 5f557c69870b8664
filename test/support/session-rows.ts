import { conversationIdOf } from '../../lib/conversations/conversation.ts';
import { withEffect } from '../../lib/conversations/effects.ts';
import { HOUR, MINUTE, SECOND } from '../../lib/platform/clock.ts';
import { NotPossible } from '../../local/wecom/simulator.ts';
import { DESK, TEAM, type WorldSettings } from './memory-world.ts';
import { type SimulatedWorld, simulatedWorld } from './simulated-world.ts';

/** What a row of the table begins with, and what happens then; both by their names in the table. */

const EVE = 'wmEve';
const SILENCE = 30 * MINUTE;
const WORDS = ['new', 'bot', 'pool', 'person', 'ended'] as const;

const SETTINGS: WorldSettings = {
  agents: { amy: 1, ben: 1, cid: 1 },
  rules: {
    rules: [
      { id: 'price', contains: ['price'], reply: { text: 'a hundred' } },
      { id: 'quiet', contains: ['psst'], silent: true },
    ],
  },
};

type Act = (world: SimulatedWorld) => Promise<unknown>;

const phone = (world: SimulatedWorld, customer = EVE) => world.wecom.phone(customer);
const client = (world: SimulatedWorld, agentId: string) => world.wecom.client(agentId);

async function says(world: SimulatedWorld, text: string, customer = EVE): Promise<void> {
  await phone(world, customer).write(DESK, text);
  await world.settle();
}

/** Amy and Ben have as many customers as they may have. */
async function everybodyIsBusy(world: SimulatedWorld): Promise<void> {
  for (const customer of ['wmAnn', 'wmBob']) {
    await says(world, 'human', customer);
    const { servicer = '' } = world.wecom.session(DESK, customer);
    await client(world, servicer).answer(DESK, customer, 'hello');
    await world.settle();
  }
}

async function isServed(world: SimulatedWorld): Promise<void> {
  await says(world, 'human');
}

interface Before {
  readonly settings?: WorldSettings;
  readonly come: Act;
}

export const BEFORE: Readonly<Record<string, Before>> = {
  'entered only': { come: (world) => phone(world).enter(DESK) },
  'new, nobody spoke': { come: (world) => says(world, 'psst') },
  'bot, answered': { come: (world) => says(world, 'price') },
  'bot, in line': {
    async come(world) {
      await everybodyIsBusy(world);
      await says(world, 'human');
    },
  },
  'pool, in line': {
    async come(world) {
      await everybodyIsBusy(world);
      world.wecom.faults.nativeReception('pool');
      await says(world, 'hello');
      world.wecom.faults.nativeReception('off');
    },
  },
  'person, not answered': { come: isServed },
  'person, offer expired': {
    settings: { offerSeconds: 60 },
    async come(world) {
      await isServed(world);
      await says(world, 'human', 'wmBob');
      await client(world, 'ben').answer(DESK, 'wmBob', 'hello');
      await world.settle();
      await world.wait(70 * SECOND);
      await world.settle();
    },
  },
  ended: {
    async come(world) {
      await isServed(world);
      await client(world, 'amy').answer(DESK, EVE, 'hello');
      await client(world, 'amy').end(DESK, EVE);
    },
  },
};

/** Decided and saved, and now to be told: what was decided may not fit any more, where WeCom has gone on. */
async function decided(world: SimulatedWorld, how: Parameters<typeof withEffect>[1]): Promise<void> {
  const conversation = await world.conversation(EVE);
  await world.store.save(withEffect(conversation, how), SILENCE, world.clock());
  await world.post.wake(conversation.conversationId);
}

/** Cid comes to work. Who waits is given to him; who does not had asked for him, and he was just chosen. */
const giveToCid =
  (refusal?: number): Act =>
  async (world) => {
    if (refusal !== undefined) world.wecom.faults.refuseServicer('cid', refusal, 1);
    await world.routing.setDuty('cid', 'on', world.clock());
    const conversation = await world.conversation(EVE);
    const { session, request, conversationId } = conversation;
    if (request) return world.desk.wake(TEAM);
    const place = { agentId: 'cid', element: `${conversationId}#r1` };
    await world.routing.claim('cid', place.element, world.clock());
    const asked = { r: 'r1', teamId: TEAM, askedAt: world.clock(), because: 'customer' as const };
    const chosen = { r: 'r1', n: 1, ...place, status: 'told' as const };
    await world.routing.recordChoice(chosen, world.clock());
    const from = session.state === 'person' ? session.agentId : undefined;
    const move = { kind: 'move' as const, to: { state: 'person' as const, agentId: 'cid' } };
    const assigned =
      from === undefined
        ? { ...conversation, request: { ...asked, assigned: { n: 1, agentId: 'cid' } }, place }
        : { ...conversation, request: { ...asked, from, assigned: { n: 1, ...place } } };
    const effect = { ...move, deadline: world.clock() + HOUR, ...(from !== undefined && { from }) };
    await world.store.save(withEffect(assigned, effect), SILENCE, world.clock());
    return world.post.wake(conversationId);
  };

/** Another program with the app's token. WeCom tells nobody what the API does. */
const byHand =
  (to: number, agentId?: string): Act =>
  (world) =>
    world.trans(EVE, to, agentId);

export const HAPPENS: Readonly<Record<string, Act>> = {
  'we write': (world) =>
    decided(world, {
      kind: 'send',
      deadline: world.clock() + HOUR,
      content: { type: 'text', text: 'good morning' },
      purpose: 'answer',
      answers: [],
    }),
  'API: to 0': byHand(0),
  'API: to 1': byHand(1),
  'API: to 2': byHand(2),
  'API: to 3, cid': byHand(3, 'cid'),
  'API: to 4': byHand(4),
  'we give it to cid': giveToCid(),
  'we give it to cid, no servicer here': giveToCid(95014),
  'we give it to cid, who stopped': giveToCid(95019),
  'we end it': (world) => decided(world, { kind: 'move', to: { state: 'ended' }, deadline: world.clock() + HOUR }),
  'amy writes': (world) => client(world, 'amy').answer(DESK, EVE, 'hello'),
  'ben writes': (world) => client(world, 'ben').answer(DESK, EVE, 'hello'),
  'ben takes it': (world) => client(world, 'ben').take(DESK, EVE),
  'amy passes it to ben': (world) => client(world, 'amy').transfer(DESK, EVE, 'ben'),
  'amy ends it': (world) => client(world, 'amy').end(DESK, EVE),
  'the customer opens the chat': (world) => phone(world).enter(DESK),
  'the customer asks what the bot knows': (world) => phone(world).write(DESK, 'price'),
  'the customer asks for a person': (world) => phone(world).write(DESK, 'human'),
  '48 hours pass': async (world) => world.skip(48 * HOUR + MINUTE),
};

export interface RowResult {
  /** WeCom's first refusal of what we asked for, `not possible` where WeCom's screens let nobody do that, or `ok`. */
  readonly answer: string;
  /** The session in WeCom in the end. */
  readonly ends: string;
  /** What is not as it should be. */
  readonly wrong: readonly string[];
  /** The same once the customer has written again, three hours later. */
  readonly wrongLater: readonly string[];
}

export async function playRow(before: string, happens: string): Promise<RowResult> {
  const begin = BEFORE[before];
  const act = HAPPENS[happens];
  if (!begin || !act) throw new Error(`no such row: ${before} | ${happens}`);
  const world = await simulatedWorld({ ...SETTINGS, ...begin.settings });
  try {
    await world.routing.setDuty('cid', 'off', world.clock());
    await begin.come(world);
    await world.settle();
    const asked = world.wecom.requests.length;
    const refused = await errcodeOf(act(world));
    await world.settle();
    await world.sweep();
    await world.settle();
    const errcodes = world.wecom.requests.slice(asked).flatMap(({ path, errcode = 0 }) => {
      return /service_state\/trans|send_msg/.test(path) && errcode !== 0 ? [errcode] : [];
    });
    const answer = String(refused ?? errcodes[0] ?? 'ok');
    const ends = inWeCom(world, EVE);
    const wrong = await outOfStep(world);
    world.skip(3 * HOUR);
    await says(world, 'price');
    await world.sweep();
    await world.settle();
    return { answer, ends, wrong, wrongLater: await outOfStep(world) };
  } finally {
    await world.close();
  }
}

async function errcodeOf(act: Promise<unknown>): Promise<string | undefined> {
  try {
    await act;
    return undefined;
  } catch (error) {
    if (error instanceof NotPossible) return 'not possible';
    throw error;
  }
}

function inWeCom(world: SimulatedWorld, customer: string): string {
  const { state, servicer } = world.wecom.session(DESK, customer);
  return servicer === undefined ? WORDS[state] : `${WORDS[state]} ${servicer}`;
}

const CUSTOMERS = [EVE, 'wmAnn', 'wmBob'];

/** Where our state is not WeCom's, an agent's places are not those whom he serves, or something is left to be done. */
async function outOfStep(world: SimulatedWorld): Promise<string[]> {
  const wrong: string[] = [];
  const places: Record<string, string[]> = { amy: [], ben: [], cid: [] };
  for (const customer of CUSTOMERS) {
    const { session, pending, request, unanswered } = await world.conversation(customer);
    const theirs = inWeCom(world, customer);
    const ours = session.agentId === undefined ? session.state : `${session.state} ${session.agentId}`;
    // Of somebody who never wrote we know no session, and WeCom has none.
    if (ours !== theirs && !(ours === 'unknown' && theirs === 'ended'))
      wrong.push(`${customer}: ${ours}, in WeCom ${theirs}`);
    if (pending.length > 0) wrong.push(`${customer}: pending ${pending.map(({ kind }) => kind)}`);
    // In WeCom's pool nobody may speak: what was asked there waits for the person who comes.
    if (session.toRead || (unanswered.length > 0 && session.state !== 'pool'))
      wrong.push(`${customer}: still to be looked at`);
    const { servicer } = world.wecom.session(DESK, customer);
    if (servicer !== undefined) places[servicer]?.push(customer);
    const line = (await world.routing.line(TEAM)).some(
      (one) => one.conversationId === conversationIdOf(DESK, customer),
    );
    if (line !== (request !== undefined))
      wrong.push(`${customer}: ${line ? 'in line' : 'not in line'}, asks ${request?.because}`);
  }
  for (const [agentId, taken] of Object.entries(await world.places())) {
    const held = taken.map((element) => element.slice(`${DESK}:`.length, element.lastIndexOf('#'))).sort();
    if (held.join() !== (places[agentId] ?? []).sort().join())
      wrong.push(`${agentId}: places ${held}, serves ${places[agentId]}`);
  }
  for (const error of world.failures) wrong.push(`thrown: ${error}`);
  return wrong;
}
