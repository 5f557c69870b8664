import { expect, test } from '@jest/globals';
import { quickReplyRoutes } from '../../lib/admin/quick-replies.ts';
import { DAY } from '../../lib/platform/clock.ts';
import { httpDoor } from '../../lib/platform/http-door.ts';
import { httpRouter } from '../../lib/platform/http-router.ts';
import { DEFAULT_ZONE } from '../../lib/platform/wall-clock.ts';
import { quickReplyStore } from '../../lib/replies/quick-reply-store.ts';
import { quickReplyUsageStore } from '../../lib/replies/quick-reply-usage-store.ts';
import { RuleSet } from '../../lib/replies/rule-set.ts';
import { ruleSetStore } from '../../lib/replies/rule-set-store.ts';
import { repliesShape } from '../../lib/store/tables.ts';
import { anHttpEvent } from '../rooms/platform/http-event.ts';
import { heldToContract } from '../support/admin-contract.ts';
import { memoryTable } from '../support/memory-table.ts';

const NOW = Date.UTC(2026, 0, 15, 4);

async function world() {
  const table = memoryTable(repliesShape('replies'));
  const library = quickReplyStore(table);
  const usage = quickReplyUsageStore(table, DEFAULT_ZONE);
  const ruleSets = ruleSetStore(table);
  await library.saveQuickReply({ id: 'hours', folder: '常用', zh: '九点到六点', en: 'Nine to six' });
  await library.saveQuickReply({ id: 'returns', folder: '售后', zh: '七天' });
  const rules = [{ id: 'when', contains: ['hours'], reply: { quick: 'hours' } }];
  await ruleSets.save(
    '*',
    RuleSet.parse({ rules, quickReplies: [{ id: 'hours', zh: '九点到六点', en: 'Nine to six' }] }),
  );
  const room = { zone: DEFAULT_ZONE, ...library, usage: usage.usage, ruleSets: ruleSets.configured };
  const door = heldToContract(httpDoor(httpRouter(quickReplyRoutes(room, () => NOW))));
  return {
    usage,
    async ask(method: string, path: string, body?: unknown) {
      const text = typeof body === 'string' ? body : JSON.stringify(body);
      const event = anHttpEvent({ method, ...(text !== undefined && { body: text }) });
      const answer = await door({ ...event, rawPath: `/admin/v1/${path}`, pathParameters: { proxy: path } });
      return { status: answer.statusCode, body: JSON.parse(answer.body ?? 'null') };
    },
  };
}

const named = [{ account: '*', rules: ['when'], upToDate: true }];

test('the library is shown by folder, with how often each was said and which rules say it', async () => {
  const { usage, ask } = await world();
  await usage.count('a', ['hours'], NOW - DAY);
  await usage.count('b', ['hours'], NOW);
  expect(await ask('GET', 'quick-replies')).toEqual({
    status: 200,
    body: {
      folders: [
        {
          folder: '常用',
          quickReplies: [
            { id: 'hours', zh: '九点到六点', en: 'Nine to six', said: { today: 1, total: 2 }, namedBy: named },
          ],
        },
        { folder: '售后', quickReplies: [{ id: 'returns', zh: '七天', said: { today: 0, total: 0 }, namedBy: [] }] },
      ],
    },
  });
  expect((await ask('GET', 'quick-replies/hours')).body.days).toEqual([
    { day: '2026-01-14', said: 1 },
    { day: '2026-01-15', said: 1 },
  ]);
});

test('one that is changed is the library’s at once, and rule sets that have the old words are named', async () => {
  const { ask } = await world();
  const { status, body } = await ask('PUT', 'quick-replies/hours', { folder: '常用', zh: '八点到六点' });
  expect(status).toBe(200);
  expect(body).toMatchObject({ zh: '八点到六点', namedBy: [{ account: '*', rules: ['when'], upToDate: false }] });
  expect(body).not.toHaveProperty('en');
  expect((await ask('GET', 'quick-replies/hours')).body).toEqual(body);
  expect((await ask('PUT', 'quick-replies/new', { en: 'Hello' })).status).toBe(201);
});

test.each([
  ['no text', { folder: 'x' }, 'the quick reply', 'has no text'],
  ['a text that WeCom would refuse', { zh: '长'.repeat(700) }, 'zh', 'WeCom would refuse'],
  ['a placeholder that nothing fills', { en: 'Hi {name}' }, 'en', '{name} is no placeholder'],
  ['a field that there is not', { zh: '好', color: 'red' }, 'color', ''],
  ['another id', { id: 'other', zh: '好' }, 'id', 'is not the id of this address'],
])('%s is refused with its field and the mend, and nothing is changed', async (_, written, path, why) => {
  const { ask } = await world();
  const before = await ask('GET', 'quick-replies');
  const { status, body } = await ask('PUT', 'quick-replies/hours', written);
  expect(status).toBe(422);
  expect(body.errors).toEqual([{ path, problem: expect.stringContaining(why), mend: expect.any(String) }]);
  expect(await ask('GET', 'quick-replies')).toEqual(before);
});

test('what is no JSON is refused', async () => {
  const { ask } = await world();
  expect((await ask('PUT', 'quick-replies/hours', '{')).status).toBe(400);
});

test('one that is removed is gone, who still says it is named, and nobody finds it again', async () => {
  const { ask } = await world();
  expect(await ask('DELETE', 'quick-replies/hours')).toEqual({
    status: 200,
    body: { id: 'hours', removed: true, namedBy: named },
  });
  expect((await ask('GET', 'quick-replies/hours')).status).toBe(404);
  expect((await ask('DELETE', 'quick-replies/hours')).status).toBe(404);
});
