import { describe, expect, test } from '@jest/globals';
import { handOverRoutes, NOTE_BYTES } from '../../lib/admin/hand-overs.ts';
import { type Conversation, emptyConversation } from '../../lib/conversations/conversation.ts';
import { conversationStore } from '../../lib/conversations/conversation-store.ts';
import { conversationPost } from '../../lib/conversations/deliver.ts';
import type { Entry } from '../../lib/conversations/entries.ts';
import { DAY, MINUTE } from '../../lib/platform/clock.ts';
import { httpDoor } from '../../lib/platform/http-door.ts';
import { httpRouter } from '../../lib/platform/http-router.ts';
import type { ConversationWake } from '../../lib/platform/wakes.ts';
import { inbox } from '../../lib/store/inbox.ts';
import { conversationsShape } from '../../lib/store/tables.ts';
import { anHttpEvent } from '../rooms/platform/http-event.ts';
import { heldToContract } from '../support/admin-contract.ts';
import { memoryQueue } from '../support/memory-queues.ts';
import { memoryTable } from '../support/memory-table.ts';

const NOON = Date.UTC(2026, 0, 15, 12);
const ID = 'wkDesk:wmEve';
const agent = (agentId: string) => ({
  ...{ agentId, capacity: 1, duty: 'on' as const, teams: [], presence: {}, serving: new Set<string>() },
});
const configured = async () => ({
  agents: [
    ...['amy', 'ben', 'cat', 'zoe'].map(agent),
    { ...agent('gone'), left: { at: NOON, reason: 'deleted' as const } },
  ],
  teams: [
    { teamId: 'sales', agents: ['cat', 'ben'], endAfterSilenceSeconds: 600 },
    { teamId: 'support', agents: ['amy', 'ben'], endAfterSilenceSeconds: 600 },
  ],
  accounts: [{ openKfId: '*', teamId: 'support' }],
});

function world(session: Partial<Conversation['session']> = { state: 'bot' }, more: Partial<Conversation> = {}) {
  const table = memoryTable(conversationsShape('conversations'));
  const entries = inbox(table, { attentionAfterMs: MINUTE, keepMs: 30 * DAY });
  const store = conversationStore(table, entries, 30 * DAY);
  const wakes = memoryQueue<ConversationWake>({ clock: () => NOON });
  const post = conversationPost({ inbox: entries, wakes, clock: () => NOON });
  const conversation: Conversation = { ...emptyConversation(ID, NOON), version: 1, ...more };
  const found = { ...conversation, session: { ...conversation.session, state: 'bot' as const, ...session } };
  const routes = handOverRoutes(
    { knowsHandOver: store.knowsHandOver, saveNote: store.saveNote, tell: post.tell, newId: () => 'made' },
    { configured },
    async (id) => (id === ID ? found : undefined),
    () => NOON,
  );
  const door = heldToContract(httpDoor(httpRouter(routes)));
  return {
    table,
    store,
    wakes,
    async ask(body: unknown, { id = ID, key }: { id?: string; key?: string } = {}) {
      const text = typeof body === 'string' ? body : JSON.stringify(body);
      const event = anHttpEvent({ method: 'POST', body: text });
      const path = `conversations/${encodeURIComponent(id)}/hand-over`;
      const headers = { ...event.headers, ...(key !== undefined && { 'Idempotency-Key': key }) };
      const answer = await door({ ...event, headers, rawPath: `/admin/v1/${path}`, pathParameters: { proxy: path } });
      return { status: answer.statusCode, body: JSON.parse(answer.body ?? 'null') };
    },
    entries: async () => (await entries.unread(ID, 10)).entries.map(({ body }) => body as Entry),
  };
}

test('a hand-over with a note is accepted: the note in the history, the wish in the inbox, ids alone on the queue', async () => {
  const { ask, entries, store, wakes } = world();
  const asked = { to: { agentId: 'CAT' }, note: 'wants a refund', by: 'Boss', id: 'h1' };
  expect(await ask(asked)).toEqual({ status: 202, body: { id: 'h1', conversationId: ID, to: { agentId: 'cat' } } });

  expect(await entries()).toEqual([
    { kind: 'hand-over', id: 'h1', by: 'boss', to: { agentId: 'cat', teamId: 'sales' }, noteId: 'h1', at: NOON },
  ]);
  expect(await store.noteText(ID, 'h1')).toBe('wants a refund');
  expect((await store.history(ID)).items).toContainEqual(
    expect.objectContaining({ entry: 'note#h1', expiresAt: (NOON + 30 * DAY) / 1000 }),
  );
  expect(wakes.receive().map(({ body }) => JSON.parse(body))).toEqual([{ v: 1, conversationId: ID }]);
});

test('an agent of several teams stands in the line of the account’s own', async () => {
  const { ask, entries } = world();
  await ask({ to: { agentId: 'ben' } });
  expect(await entries()).toMatchObject([{ id: 'made', by: 'supervisor', to: { agentId: 'ben', teamId: 'support' } }]);
});

test.each([
  ['in the body', { id: 'once' }, {}],
  ['in the header', {}, { key: 'once' }],
])('a repeat with the same id %s is the same hand-over, and its first note stands', async (_, more, how) => {
  const { ask, entries, store, table } = world();
  await ask({ to: { teamId: 'sales' }, note: 'first', ...more }, how);
  const before = (await table.query({ partition: ID })).items.length;
  expect(await ask({ to: { teamId: 'sales' }, note: 'second', ...more }, how)).toMatchObject({
    status: 202,
    body: { id: 'once', repeated: true },
  });
  expect(await store.noteText(ID, 'once')).toBe('first');
  expect(await entries()).toHaveLength(1);
  expect((await table.query({ partition: ID })).items).toHaveLength(before);
});

test('a repeat of what was done meanwhile is no conflict', async () => {
  const { ask, store } = world({ state: 'person', agentId: 'cat' });
  expect(await ask({ to: { agentId: 'cat' }, id: 'h' })).toMatchObject({ status: 409 });
  const knowing = world({ state: 'person', agentId: 'cat' });
  await knowing.table.put({ conversationId: ID, entry: 'hand-over#h' });
  expect(await knowing.ask({ to: { agentId: 'cat' }, id: 'h' })).toMatchObject({ status: 202 });
  expect(await store.knowsHandOver(ID, 'h')).toBe(false);
});

describe('what cannot be from the start is refused with the reason', () => {
  test.each([
    ['an ended session', { state: 'ended' as const }, { teamId: 'sales' }, 'no-session'],
    ['the pool to the bot', { state: 'pool' as const }, 'bot', 'one-way'],
    ['to the bot from the bot', { state: 'bot' as const }, 'bot', 'already-there'],
    ['to who has it', { state: 'person' as const, agentId: 'amy' }, { agentId: 'amy' }, 'already-there'],
  ])('%s', async (_, session, to, reason) => {
    const { ask, entries, wakes } = world(session);
    expect(await ask({ to, note: 'n' })).toMatchObject({ status: 409, body: { reason, title: 'Conflict' } });
    expect([await entries(), wakes.receive()]).toEqual([[], []]);
  });
});

const wrong: readonly [what: string, body: unknown, field: string][] = [
  ['no JSON', 'to: bot', 'body'],
  ['no receiver', { note: 'x' }, 'to'],
  ['two receivers', { to: { agentId: 'amy', teamId: 'sales' } }, 'to'],
  ['somewhere else', { to: 'robot' }, 'to'],
  ['an agent who is not there', { to: { agentId: 'bob' } }, 'to.agentId'],
  ['an agent who has left', { to: { agentId: 'gone' } }, 'to.agentId'],
  ['an agent without a team', { to: { agentId: 'zoe' } }, 'to.agentId'],
  ['a team that is not there', { to: { teamId: 'night' } }, 'to.teamId'],
  ['an empty note', { to: 'bot', note: ' ' }, 'note'],
  ['a note that is too long', { to: { teamId: 'sales' }, note: '长'.repeat(NOTE_BYTES / 3 + 1) }, 'note'],
  ['an id that is none', { to: { teamId: 'sales' }, id: 'a b' }, 'id'],
  ['a word that is not known', { to: { teamId: 'sales' }, priority: 1 }, 'priority'],
];
test.each(wrong)('%s: 400, naming the field', async (_, body, field) => {
  const { ask, entries } = world({ state: 'person', agentId: 'amy' });
  expect(await ask(body)).toMatchObject({
    status: 400,
    body: { errors: [{ path: field }], detail: expect.stringContaining(field) },
  });
  expect(await entries()).toEqual([]);
});

test('a conversation that is not there: 404; a key that is none: 400', async () => {
  const { ask } = world();
  expect(await ask({ to: { teamId: 'sales' } }, { id: 'wkDesk:wmNobody' })).toMatchObject({ status: 404 });
  expect(await ask({ to: { teamId: 'sales' } }, { key: 'a b' })).toMatchObject({
    status: 400,
    body: { errors: [{ path: 'Idempotency-Key' }] },
  });
});
