import { expect, test } from '@jest/globals';
import { adminApi } from '../../lib/admin/admin-api.ts';
import { conversationStore } from '../../lib/conversations/conversation-store.ts';
import type { Figure } from '../../lib/conversations/effects.ts';
import { figureStore } from '../../lib/conversations/figure-store.ts';
import { DAY, HOUR, MINUTE } from '../../lib/platform/clock.ts';
import { httpDoor } from '../../lib/platform/http-door.ts';
import { DEFAULT_ZONE } from '../../lib/platform/wall-clock.ts';
import { routingStore } from '../../lib/routing/routing-store.ts';
import { inbox } from '../../lib/store/inbox.ts';
import { conversationsShape, routingShape } from '../../lib/store/tables.ts';
import { anHttpEvent } from '../rooms/platform/http-event.ts';
import { heldToContract } from '../support/admin-contract.ts';
import { adminEntries } from '../support/admin-entries.ts';
import { adminHandOvers } from '../support/admin-hand-overs.ts';
import { adminWays } from '../support/admin-ways.ts';
import { memoryTable } from '../support/memory-table.ts';
import { noMedia } from '../support/no-media.ts';

// 20:00 in Shanghai.
const NOW = Date.UTC(2026, 0, 15, 12);
const none = { open: { count: 0 }, closed: { count: 0 } };

async function world(placesTaken?: (agentId: string) => Promise<number | undefined>) {
  const table = memoryTable(conversationsShape('conversations'));
  const routingTable = memoryTable(routingShape('routing'));
  const settings = { attentionAfterMs: MINUTE, keepMs: DAY };
  const routing = routingStore(routingTable, inbox(routingTable, settings));
  await routing.saveTeam({ teamId: 'support', agents: ['amy'], endAfterSilenceSeconds: 600 });
  const store = figureStore(table, DEFAULT_ZONE, placesTaken);
  const door = heldToContract(
    httpDoor(
      adminApi({
        clock: () => NOW,
        routing,
        wakeTeam: async () => undefined,
        conversations: conversationStore(table, inbox(table, settings), DAY),
        figures: { zone: DEFAULT_ZONE, store },
        media: noMedia,
        ways: adminWays(),
        entries: adminEntries(),
        handOvers: adminHandOvers(),
      }),
    ),
  );
  let noted = 0;
  return {
    store,
    /** Notes facts of the team, of now. */
    async note(...figures: (Omit<Figure, 'at'> & { at?: number })[]): Promise<void> {
      for (const figure of figures) {
        noted += 1;
        await store.note('wkDesk', `f${noted}`, { at: NOW, teamId: 'support', ...figure });
      }
    },
    async get(query: string) {
      const event = { ...anHttpEvent({ query }), rawPath: '/admin/v1/figures', pathParameters: { proxy: 'figures' } };
      const { statusCode, headers, body } = await door(event);
      return { status: statusCode, type: headers?.['content-type'], body: JSON.parse(body ?? '') };
    },
  };
}

test('a day of a team: how long answers took, bot and person, open and closed apart, and what each agent did', async () => {
  const { note, get } = await world(async () => 3);
  const bot = { what: 'bot-answer' } as const;
  const amy = { agentId: 'amy' } as const;
  for (let ms = 100; ms >= 1; ms -= 1) await note({ ...bot, ms });
  await note(
    { ...bot, ms: 7000, closed: true },
    { what: 'person-answer', ...amy, ms: 60_000 },
    { what: 'person-answer', ...amy, ms: 20_000 },
    { what: 'person-answer', ...amy },
    { what: 'person-answer', agentId: 'ben', ms: 9_000_000, closed: true },
    { what: 'assigned', ...amy, ms: 5000 },
    { what: 'expired', ...amy, ms: 60_000 },
    { what: 'transferred', agentId: 'ben' },
    { what: 'abandoned', ms: 30_000 },
  );

  expect(await get('team=support')).toEqual({
    status: 200,
    type: 'application/json',
    body: {
      team: 'support',
      day: '2026-01-15',
      zone: 'Asia/Shanghai',
      firstResponse: {
        bot: {
          open: { count: 100, p50Ms: 50, p90Ms: 90, p99Ms: 99 },
          closed: { count: 1, p50Ms: 7000, p90Ms: 7000, p99Ms: 7000 },
        },
        person: {
          open: { count: 2, p50Ms: 20_000, p90Ms: 60_000, p99Ms: 60_000 },
          closed: { count: 1, p50Ms: 9_000_000, p90Ms: 9_000_000, p99Ms: 9_000_000 },
        },
      },
      waitedUntilAssigned: { open: { count: 1, p50Ms: 5000, p90Ms: 5000, p99Ms: 5000 }, closed: { count: 0 } },
      assigned: 1,
      transferred: 1,
      offersExpired: 1,
      abandoned: 1,
      agents: [
        {
          id: 'amy',
          answers: 3,
          firstResponse: { count: 2, p50Ms: 20_000, p90Ms: 60_000, p99Ms: 60_000 },
          assigned: 1,
          transferred: 0,
          offersExpired: 1,
          abandoned: 0,
          mostAtOnce: 3,
        },
        {
          id: 'ben',
          answers: 1,
          firstResponse: { count: 1, p50Ms: 9_000_000, p90Ms: 9_000_000, p99Ms: 9_000_000 },
          assigned: 0,
          transferred: 1,
          offersExpired: 0,
          abandoned: 0,
          mostAtOnce: 3,
        },
      ],
    },
  });
});

test('days begin at midnight in the corp’s zone, and each is asked for by itself', async () => {
  const { note, get } = await world();
  const midnight = NOW + 4 * HOUR;
  await note({ what: 'bot-answer', ms: 1, at: midnight - 1 }, { what: 'bot-answer', ms: 2, at: midnight });

  expect((await get('team=support')).body.firstResponse.bot.open).toMatchObject({ count: 1, p50Ms: 1 });
  const next = await get('team=support&day=2026-01-16');
  expect(next.body).toMatchObject({ day: '2026-01-16', firstResponse: { bot: { open: { count: 1, p50Ms: 2 } } } });
  expect((await get('team=support&day=2026-01-17')).body.firstResponse).toEqual({ bot: none, person: none });
});

test('a fact that is noted again is the same, with the places that were taken then', async () => {
  let places = 2;
  const { store, get } = await world(async () => places);
  const fact: Figure = { what: 'assigned', at: NOW, teamId: 'support', agentId: 'amy', ms: 5 };
  await store.note('wkDesk', 'f1', fact);
  places = 9;
  await store.note('wkDesk', 'f1', fact);

  expect((await get('team=support')).body).toMatchObject({ assigned: 1, agents: [{ id: 'amy', mostAtOnce: 2 }] });
});

test('what no team did is the account’s, and a team that is gone keeps its figures', async () => {
  const { store, get } = await world();
  await store.note('wkDesk', 'f1', { what: 'bot-answer', at: NOW, ms: 5 });
  await store.note('wkDesk', 'f2', { what: 'bot-answer', at: NOW, ms: 6, teamId: 'gone' });

  expect((await get('account=wkDesk')).body).toMatchObject({
    account: 'wkDesk',
    firstResponse: { bot: { open: { count: 1, p50Ms: 5 } } },
  });
  expect((await get('team=gone')).body.firstResponse.bot.open.count).toBe(1);
});

test.each([
  ['', 400, 'Say whose'],
  ['team=', 400, 'Say whose'],
  ['team=support&account=wkDesk', 400, 'one of the two'],
  ['team=support&day=', 400, 'day has to be'],
  ['team=support&day=today', 400, 'day has to be'],
  ['team=support&day=2026-02-30', 400, 'day has to be'],
  ['team=suport', 404, 'no such team'],
])('refuses "%s" with a problem', async (query, status, detail) => {
  const { get } = await world();
  expect(await get(query)).toMatchObject({
    status,
    type: 'application/problem+json',
    body: { status, detail: expect.stringContaining(detail) },
  });
});

test('a busy day is read to its end', async () => {
  const { note, get } = await world();
  const many = Array.from({ length: 2500 }, (_, ms) => ({ what: 'bot-answer', ms }) as const);
  await note(...many);
  expect((await get('team=support')).body.firstResponse.bot.open.count).toBe(2500);
});
