import { expect, test } from '@jest/globals';
import { type AdminRouting, routingRoutes } from '../../lib/admin/routing-routes.ts';
import { SECOND } from '../../lib/platform/clock.ts';
import { httpDoor } from '../../lib/platform/http-door.ts';
import { httpRouter } from '../../lib/platform/http-router.ts';
import { anHttpEvent } from '../rooms/platform/http-event.ts';
import { heldToContract } from '../support/admin-contract.ts';
import { NOON, routingYard } from '../support/routing-yard.ts';

const house = {
  teams: [
    {
      agents: ['amy'],
      strategy: 'round-robin' as const,
      offer: { seconds: 60, offDutyAfter: 1 },
      overflow: [{ teamId: 'night', afterSeconds: 120 }],
    },
  ],
  agents: [{ agentId: 'amy', capacity: 1 }],
};

/** The routes over a routing room in memory; whoever is woken works at once. */
async function world(more: { wake?: () => Promise<void>; routing?: Partial<AdminRouting> } = {}) {
  const yard = await routingYard(house);
  const wake = async (teamId: string) => {
    yard.wake(teamId);
    await yard.run();
  };
  const routes = routingRoutes({ ...yard.store, ...more.routing }, more.wake ?? wake, yard.clock);
  const door = heldToContract(httpDoor(httpRouter(routes)));
  return {
    yard,
    async ask(method: string, path: string, body?: unknown) {
      const text = typeof body === 'string' ? body : JSON.stringify(body);
      const event = anHttpEvent({ method, ...(text !== undefined && { body: text }) });
      const answer = await door({ ...event, rawPath: `/admin/v1/${path}`, pathParameters: { proxy: path } });
      return { status: answer.statusCode, body: JSON.parse(answer.body ?? 'null') };
    },
  };
}

test('a team is shown with its terms, its line in the order of serving, and who is away and why', async () => {
  const { yard, ask } = await world();
  await yard.serves('first');
  await yard.serves('early', { skills: { billing: 2 }, language: 'zh' });
  yard.skip(30 * SECOND);
  await yard.serves('vip', { priority: 2 });
  await yard.desk.offerMissed('support', { conversationId: 'wkdesk:first', r: 'first1', agentId: 'amy', at: NOON });
  await yard.run();
  const { status, body } = await ask('GET', 'teams');
  expect(status).toBe(200);
  expect(body.teams[0].terms).toEqual({
    strategy: 'round-robin',
    offer: { seconds: 60, offDutyAfter: 1 },
    overflow: [{ teamId: 'night', afterSeconds: 120 }],
  });
  expect(body.teams[0].agents).toMatchObject([{ id: 'amy', duty: 'off', away: { reason: 'missed-offers' } }]);
  expect(body.teams[0].waiting).toMatchObject([
    { r: 'vip1', place: 1, priority: 2, waitedSeconds: 0 },
    { r: 'early1', place: 2, priority: 0, waitedSeconds: 30, skills: { billing: 2 }, language: 'zh' },
  ]);
  // With so few assignments nobody can say how long it takes.
  expect(body.teams[0].waiting[0]).not.toHaveProperty('estimateSeconds');
});

test('an estimate is shown once the team has a pace', async () => {
  const { yard, ask } = await world();
  for (let n = 0; n < 5; n += 1) {
    await yard.serves(`c${n}`);
    yard.skip(60 * SECOND);
    if (n < 4) await yard.ends(`c${n}`);
  }
  await yard.serves('eve');
  const { body } = await ask('GET', 'teams');
  expect(body.teams[0].waiting).toMatchObject([{ r: 'eve1', estimateSeconds: 60 }]);
});

test('who is put on duty again gets who waits, and nothing of what he missed counts any more', async () => {
  const { yard, ask } = await world();
  await yard.desk.offerMissed('support', { conversationId: 'wkdesk:x', r: 'x1', agentId: 'amy', at: NOON });
  await yard.run();
  expect(await yard.serves('eve')).toBeUndefined();
  yard.skip(1);
  expect(await ask('PUT', 'agents/AMY/duty', { duty: 'on' })).toEqual({ status: 200, body: { id: 'amy', duty: 'on' } });
  expect(yard.agentOf('eve')).toBe('amy');
  const { body } = await ask('GET', 'teams');
  expect(body.teams[0].agents[0]).not.toHaveProperty('away');
});

test('who is taken off duty gets nothing new', async () => {
  const { yard, ask } = await world();
  expect(await ask('PUT', 'agents/amy/duty', { duty: 'off' })).toMatchObject({ status: 200 });
  expect(await yard.serves('eve')).toBeUndefined();
});

test('duty holds though nobody can be woken', async () => {
  const { yard, ask } = await world({ wake: () => Promise.reject(new Error('no queue')) });
  expect(await ask('PUT', 'agents/amy/duty', { duty: 'off' })).toMatchObject({ status: 200 });
  expect(await yard.store.agents(['amy'])).toMatchObject([{ duty: 'off' }]);
});

test.each([['{"duty":"maybe"}'], ['{"duty":"on","why":"x"}'], ['not json'], ['[]']])('%s is no duty', async (body) => {
  const { ask } = await world();
  expect(await ask('PUT', 'agents/amy/duty', body)).toMatchObject({ status: 400 });
});

test('an agent who was never configured has no duty', async () => {
  const { yard, ask } = await world();
  expect(await ask('PUT', 'agents/nobody/duty', { duty: 'on' })).toMatchObject({ status: 404 });
  expect(await yard.store.agents(['nobody'])).toEqual([]);
});

test('the decisions of a request are shown, the newest last, and that they replay', async () => {
  const { yard, ask } = await world();
  await yard.serves('eve');
  const { status, body } = await ask('GET', 'decisions/eve1');
  expect(status).toBe(200);
  expect(body).toMatchObject({
    r: 'eve1',
    decisions: [
      { n: 1, status: 'told', replays: true, record: { agentId: 'amy', why: 'full-skills', teamId: 'support' } },
    ],
  });
});

test('a record that would give another choice is shown as such', async () => {
  const { yard } = await world();
  await yard.serves('eve');
  const decisions = async (r: string) =>
    (await yard.store.decisions(r)).map((one) => ({ ...one, record: { ...one.record, agentId: 'ben' } }));
  const { ask } = await world({ routing: { decisions } });
  expect((await ask('GET', 'decisions/eve1')).body.decisions).toMatchObject([{ replays: false }]);
});

test('a request of which nothing was decided has no decisions', async () => {
  const { ask } = await world();
  expect(await ask('GET', 'decisions/none')).toMatchObject({ status: 404 });
});
