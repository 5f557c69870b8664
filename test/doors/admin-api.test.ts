import { describe, expect, test } from '@jest/globals';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { type AdminApi, adminApi } from '../../lib/admin/admin-api.ts';
import { emptyConversation } from '../../lib/conversations/conversation.ts';
import { conversationStore } from '../../lib/conversations/conversation-store.ts';
import { withEffect } from '../../lib/conversations/effects.ts';
import { figureStore } from '../../lib/conversations/figure-store.ts';
import { DAY, MINUTE, SECOND } from '../../lib/platform/clock.ts';
import { httpDoor } from '../../lib/platform/http-door.ts';
import { DEFAULT_ZONE } from '../../lib/platform/wall-clock.ts';
import { routingStore } from '../../lib/routing/routing-store.ts';
import { pullOrder } from '../../lib/store/entry-order.ts';
import { inbox } from '../../lib/store/inbox.ts';
import { conversationsShape, routingShape } from '../../lib/store/tables.ts';
import { anHttpEvent } from '../rooms/platform/http-event.ts';
import { heldToContract } from '../support/admin-contract.ts';
import { adminEntries } from '../support/admin-entries.ts';
import { adminHandOvers } from '../support/admin-hand-overs.ts';
import { adminWays } from '../support/admin-ways.ts';
import { memoryTable } from '../support/memory-table.ts';
import { noMedia } from '../support/no-media.ts';

const noon = Date.UTC(2026, 0, 15, 12);
const ID = 'wkDesk:wmLi';

function event(path: string, { method = 'GET', query = '' } = {}): APIGatewayProxyEventV2 {
  const one = anHttpEvent({ method, query });
  return { ...one, rawPath: `/admin/v1/${path}`, pathParameters: { proxy: path } };
}

/** The door over tables in memory, at noon. */
function world(doubles: Partial<AdminApi> = {}) {
  const routingTable = memoryTable(routingShape('routing'));
  const conversationsTable = memoryTable(conversationsShape('conversations'));
  const settings = { attentionAfterMs: MINUTE, keepMs: DAY };
  const routing = routingStore(routingTable, inbox(routingTable, settings));
  const conversations = conversationStore(conversationsTable, inbox(conversationsTable, settings), DAY);
  const figures = { zone: DEFAULT_ZONE, store: figureStore(conversationsTable, DEFAULT_ZONE) };
  const door = heldToContract(
    httpDoor(
      adminApi({
        clock: () => noon,
        routing,
        wakeTeam: async () => undefined,
        conversations,
        figures,
        media: noMedia,
        ways: adminWays(),
        entries: adminEntries(),
        handOvers: adminHandOvers(),
        ...doubles,
      }),
    ),
  );
  return {
    routing,
    conversations,
    figures,
    async get(path: string, options: { method?: string; query?: string } = {}) {
      const { statusCode, headers, body } = await door(event(path, options));
      return { status: statusCode, type: headers?.['content-type'], headers, body: JSON.parse(body ?? '') };
    },
  };
}

describe('teams', () => {
  test('a team is shown with its agents, their places and presence, and who waits how long', async () => {
    const { routing, get } = world();
    await routing.saveTeam({ teamId: 'support', agents: ['amy', 'bob'], endAfterSilenceSeconds: 600 });
    await routing.assignAccount('*', 'support');
    await routing.saveAgent({ agentId: 'amy', capacity: 2, duty: 'on', teams: ['support'] });
    await routing.saveAgent({ agentId: 'bob', capacity: 1, duty: 'off', teams: ['support'] });
    await routing.claim('amy', `${ID}#r0`, noon - MINUTE);
    await routing.notePresence('amy', 'wkDesk', { status: 'receiving', at: noon - MINUTE });
    const asked = { openKfId: 'wkDesk', excluded: {} };
    await routing.putInLine('support', { ...asked, r: 'r2', conversationId: 'wkDesk:wmB', askedAt: noon - 5 * SECOND });
    await routing.putInLine('support', {
      ...asked,
      r: 'r1',
      conversationId: 'wkDesk:wmA',
      askedAt: noon - 90 * SECOND,
    });

    expect(await get('teams')).toMatchObject({
      status: 200,
      type: 'application/json',
      body: {
        teams: [
          {
            id: 'support',
            accounts: ['*'],
            endAfterSilenceSeconds: 600,
            agents: [
              {
                id: 'amy',
                duty: 'on',
                placesTaken: 1,
                capacity: 2,
                lastWorkAt: '2026-01-15T11:59:00.000Z',
                presence: [{ account: 'wkDesk', status: 'receiving', at: '2026-01-15T11:59:00.000Z' }],
              },
              { id: 'bob', duty: 'off', placesTaken: 0, capacity: 1, presence: [] },
            ],
            waiting: [
              { conversationId: 'wkDesk:wmA', askedAt: '2026-01-15T11:58:30.000Z', waitedSeconds: 90 },
              { conversationId: 'wkDesk:wmB', askedAt: '2026-01-15T11:59:55.000Z', waitedSeconds: 5 },
            ],
          },
        ],
      },
    });
  });

  test('no team is an empty list', async () => {
    expect((await world().get('teams')).body).toEqual({ teams: [] });
  });
});

describe('a conversation', () => {
  async function withConversation() {
    const it = world();
    const conversation = withEffect(
      {
        ...emptyConversation(ID, noon),
        session: { state: 'bot', since: noon - MINUTE, verifiedAt: noon },
        window: { openedAt: noon - MINUTE, sent: [noon, noon] },
        unanswered: [{ id: 'm1', type: 'text', text: 'my secret', at: noon }],
        request: { r: 'r1', teamId: 'support', askedAt: noon, because: 'customer', waiting: true },
      },
      {
        kind: 'send',
        deadline: noon + DAY,
        content: { type: 'text', text: 'my answer' },
        purpose: 'answer',
        answers: [],
      },
    );
    await it.conversations.save(conversation, 0, noon);
    return it;
  }

  test('is shown in ids, states and counts, without what was written', async () => {
    const { get } = await withConversation();
    const { status, body, headers } = await get(`conversations/${ID}`);
    expect({ status, body }).toMatchObject({
      status: 200,
      body: {
        id: ID,
        account: 'wkDesk',
        customerId: 'wmLi',
        session: { state: 'bot', since: '2026-01-15T11:59:00.000Z' },
        request: { id: 'r1', teamId: 'support', because: 'customer', waiting: true },
        replyWindow: { sent: 2 },
        unansweredQuestions: 1,
        pendingEffects: [{ kind: 'send' }],
      },
    });
    expect(JSON.stringify(body)).not.toMatch(/my secret|my answer/);
    expect(headers?.['cache-control']).toBe('no-store');
  });

  test('is found by its id also where the colon came escaped', async () => {
    const { get } = await withConversation();
    expect(await get(`conversations/${encodeURIComponent(ID)}`)).toMatchObject({ status: 200, body: { id: ID } });
  });

  test('that nobody knows is not found, nor is its history', async () => {
    const { get } = await withConversation();
    for (const path of [
      'conversations/wkDesk:wmNobody',
      'conversations/wkDesk:wmNobody/history',
      'conversations/%zz',
    ]) {
      expect(await get(path)).toMatchObject({
        status: 404,
        type: 'application/problem+json',
        body: { type: 'about:blank', title: 'Not Found', status: 404, detail: expect.stringContaining('conversation') },
      });
    }
  });

  async function withHistory() {
    const it = await withConversation();
    const put = (id: string, at: number, body: Record<string, unknown>) =>
      it.conversations.inbox.put({
        owner: ID,
        entry: `msg#${id}`,
        order: pullOrder(1, at),
        body: { id, app: 'main', sentAt: noon + at * SECOND, ...body },
        at: noon + at * SECOND,
      });
    await put('zz', 1, { kind: 'message', type: 'text', text: 'first' });
    await put('aa', 3, { kind: 'answer', agentId: 'amy', type: 'text', content: { content: 'third' } });
    await it.conversations.noteSent(ID, {
      id: 's1',
      at: noon + 2 * SECOND,
      purpose: 'answer',
      outcome: 'sent',
      content: { type: 'text', text: 'second' },
    });
    await it.conversations.inbox.settle(ID, ['msg#zz'], noon);
    return it;
  }

  test('has a history with the words, newest first', async () => {
    const { get } = await withHistory();
    const { body } = await get(`conversations/${ID}/history`);
    expect(body).toMatchObject({
      id: ID,
      more: false,
      entries: [
        { kind: 'answer', agentId: 'amy', content: { content: 'third' }, unread: true },
        { kind: 'sent', purpose: 'answer', outcome: 'sent', content: { text: 'second' } },
        { kind: 'message', text: 'first', at: '2026-01-15T12:00:01.000Z' },
      ],
    });
  });

  test('has an answer to a message of the same second above it, and what came after the answer above that', async () => {
    const it = await withConversation();
    // WeCom says the second alone; we know when it reached us.
    const wrote = (id: string, arrived: number) =>
      it.conversations.inbox.put({
        owner: ID,
        entry: `msg#${id}`,
        order: pullOrder(1, arrived),
        body: { kind: 'message', id, app: 'main', sentAt: noon, type: 'text', text: id },
        at: noon + arrived,
      });
    await wrote('question', 100);
    const content = { type: 'text', text: 'answer' };
    await it.conversations.noteSent(ID, { id: 'answer', at: noon + 200, purpose: 'answer', outcome: 'sent', content });
    await wrote('thanks', 300);
    const { body } = await it.get(`conversations/${ID}/history`);
    expect(body.entries.map((entry: { entry: string }) => entry.entry)).toEqual([
      'msg#thanks',
      'sent#answer',
      'msg#question',
    ]);
  });

  test('has a history of the newest entries where only some are asked for', async () => {
    const { get } = await withHistory();
    const { body } = await get(`conversations/${ID}/history`, { query: 'limit=1' });
    expect(body).toMatchObject({ more: true, entries: [{ agentId: 'amy' }] });
    expect(body.entries).toHaveLength(1);
    const older = await get(`conversations/${ID}/history`, { query: `limit=5&after=${body.next}` });
    expect(older.body).toMatchObject({ more: false, entries: [{ kind: 'sent' }, { text: 'first' }] });
  });

  test('refuses an `after` that is none of its own', async () => {
    const { get } = await withHistory();
    expect(await get(`conversations/${ID}/history`, { query: 'after=%22x%22' })).toMatchObject({ status: 400 });
  });

  test('keeps what was taken back out of its history', async () => {
    const { get, conversations } = await withHistory();
    await conversations.forgetText(ID, 'zz');
    const { body } = await get(`conversations/${ID}/history`);
    expect(body.entries).toContainEqual(expect.objectContaining({ entry: 'msg#zz', recalled: true }));
    expect(JSON.stringify(body)).not.toContain('first');
  });

  test('has no history any more when its time is over', async () => {
    const it = await withHistory();
    const late = httpDoor(
      adminApi({
        wakeTeam: async () => undefined,
        clock: () => noon + 30 * DAY,
        routing: it.routing,
        conversations: it.conversations,
        figures: it.figures,
        media: noMedia,
        ways: adminWays(),
        entries: adminEntries(),
        handOvers: adminHandOvers(),
      }),
    );
    const { body } = await late(event(`conversations/${ID}/history`));
    // What is unread never expires.
    expect(JSON.parse(body ?? '').entries).toMatchObject([{ entry: 'msg#aa' }]);
  });

  test.each(['0', '-1', '1.5', '201', 'all', ''])('refuses the limit "%s"', async (limit) => {
    const { get } = await withHistory();
    expect(await get(`conversations/${ID}/history`, { query: `limit=${limit}` })).toMatchObject({
      status: 400,
      body: { title: 'Bad Request', detail: expect.stringContaining('1 to 200') },
    });
  });
});

describe('the door', () => {
  test.each(['', 'team', 'teams/support', 'conversations', 'conversations/a/b', 'constructor'])(
    'knows no "%s"',
    async (path) => {
      expect(await world().get(path)).toMatchObject({
        status: 404,
        type: 'application/problem+json',
        body: { type: 'about:blank', title: 'Not Found', status: 404 },
      });
    },
  );

  test('says which methods an address has', async () => {
    expect(await world().get('teams', { method: 'POST' })).toMatchObject({ status: 405, headers: { allow: 'GET' } });
  });

  test('is healthy when its table answers', async () => {
    expect(await world().get('health')).toMatchObject({ status: 200, body: { status: 'ok' } });
  });

  test('says so when a table fails, without the words of the error', async () => {
    const routing = {
      ...world().routing,
      configured: () => Promise.reject(new Error('the customer wrote: hello')),
    };
    const { get } = world({ routing });
    expect(await get('health')).toMatchObject({ status: 503, type: 'application/problem+json' });
    const failed = await get('teams');
    expect(failed).toMatchObject({ status: 500, type: 'application/problem+json', body: { status: 500 } });
    expect(JSON.stringify(failed.body)).not.toContain('hello');
  });
});
