import { expect, test } from '@jest/globals';
import { briefAgents } from '../../../lib/notices/brief-agents.ts';
import { noticesStore } from '../../../lib/notices/notices-store.ts';
import { sayBrief } from '../../../lib/notices/say-brief.ts';
import { NoticeTerms } from '../../../lib/notices/supervisor.ts';
import { HOUR, MINUTE } from '../../../lib/platform/clock.ts';
import type { AgentBrief } from '../../../lib/platform/wakes.ts';
import { wecomShape } from '../../../lib/store/tables.ts';
import { APP_TEXT_BYTES } from '../../../lib/wecom/app-messages.ts';
import { WeComError, WeComUnreachable } from '../../../lib/wecom/errors.ts';
import { memoryTable } from '../../support/memory-table.ts';
import { NOON } from './samples.ts';

const ZONE = 'Asia/Shanghai';

function aRoom(given: { note?: string; agentId?: number | undefined } = {}) {
  const world = {
    now: NOON,
    trouble: [] as ('unreachable' | 'refused' | 'invalid')[],
    sent: [] as { to: string; text: string }[],
    again: [] as [AgentBrief, number][],
  };
  const tell = briefAgents({
    store: noticesStore(memoryTable(wecomShape('wecom'))),
    clock: () => world.now,
    zone: ZONE,
    random: () => 0,
    settings: async () => ({
      supervisors: [],
      terms: NoticeTerms.parse({ agentLanguage: 'en', historyLink: 'https://desk.example.com/c/{id}' }),
    }),
    noteText: async (conversationId, noteId) =>
      conversationId === 'wkDesk:wmEve' && noteId === 'h1' ? given.note : undefined,
    agentIdOf: () => ('agentId' in given ? given.agentId : 1000002),
    async send(_app, { users, text }) {
      const trouble = world.trouble.shift();
      const api = 'message/send';
      if (trouble === 'unreachable') throw new WeComUnreachable({ api, reason: 'time-out', mayHaveActed: true });
      if (trouble === 'refused') throw new WeComError({ api, errcode: 40058 });
      if (trouble !== 'invalid') for (const to of users) world.sent.push({ to, text });
      return { invalidUsers: trouble === 'invalid' ? [...users] : [] };
    },
    again: async (...asked) => void world.again.push(asked),
  });
  return { tell, world };
}

let ids = 0;
function aBrief(more: Partial<AgentBrief> = {}): AgentBrief {
  ids += 1;
  return { v: 1, brief: `b${ids}`, conversationId: 'wkDesk:wmEve', agentId: 'amy', at: NOON, unsent: {}, ...more };
}

test('an agent is told who handed over, how long the customer waited, what was not sent and why, the note, and where to read', async () => {
  const { tell, world } = aRoom({ note: 'wants a refund' });
  await tell(aBrief({ by: 'boss', noteId: 'h1', waitedMs: 7 * MINUTE, unsent: { window: 2, 95001: 1 } }));
  expect(world.sent).toEqual([
    {
      to: 'amy',
      text: [
        '20:00 You serve a conversation on account wkDesk now',
        '• Handed over to you by boss',
        '• The customer has waited for 7 min',
        "• Replies that were not sent: 3 (WeCom's error 95001; WeCom's limit of 48 hours or 5 messages ×2)",
        '• Note: wants a refund',
        '<a href="https://desk.example.com/c/wkDesk%3AwmEve">Read the history</a>',
      ].join('\n'),
    },
  ]);
});

test('the same brief again tells nothing, and a note that was erased is left out', async () => {
  const { tell, world } = aRoom();
  const brief = aBrief({ by: 'boss', noteId: 'h1' });
  await tell(brief);
  await tell(brief);
  expect(world.sent).toHaveLength(1);
  expect(world.sent[0]?.text).not.toContain('Note');
});

test('while WeCom sleeps the ids go back on the queue, later each time, and the text is the same afterwards', async () => {
  const { tell, world } = aRoom();
  world.trouble = ['unreachable', 'unreachable'];
  const brief = aBrief({ by: 'boss' });
  await tell(brief);
  const [first] = world.again;
  expect(first).toMatchObject([{ ...brief, tries: 1 }, expect.any(Number)]);
  await tell(first?.[0] ?? brief);
  expect(world.again[1]?.[1]).toBeGreaterThan(first?.[1] ?? Number.POSITIVE_INFINITY);
  world.now += 20 * MINUTE;
  await tell(world.again[1]?.[0] ?? brief);
  expect(world.sent[0]?.text).toMatch(/^20:00 /);
});

test('beyond twenty a minute one agent’s messages wait for the next minute, and nobody else’s do', async () => {
  const { tell, world } = aRoom();
  for (let n = 0; n < 21; n += 1) await tell(aBrief());
  await tell(aBrief({ agentId: 'ben' }));
  expect(world.sent.map(({ to }) => to)).toEqual([...Array.from({ length: 20 }, () => 'amy'), 'ben']);
  expect(world.again).toMatchObject([[{ agentId: 'amy' }, 60]]);
  world.now += MINUTE;
  await tell(world.again[0]?.[0] ?? aBrief());
  expect(world.sent).toHaveLength(22);
});

test('what WeCom refuses, who does not see the app, and what is four hours old are not tried again', async () => {
  const { tell, world } = aRoom();
  world.trouble = ['refused', 'invalid'];
  await tell(aBrief());
  await tell(aBrief());
  world.now += 4 * HOUR;
  await tell(aBrief());
  expect([world.sent, world.again]).toEqual([[], []]);
});

test('without the app’s agentId nobody is told', async () => {
  const { tell, world } = aRoom({ agentId: undefined });
  await tell(aBrief());
  expect([world.sent, world.again]).toEqual([[], []]);
});

test('the longest note, the longest link and every reason fit into one message, in Chinese, too', () => {
  const unsent = Object.fromEntries(Array.from({ length: 20 }, (_, n) => [`95${100 + n}`, 1]));
  const telling = { account: `wk${'x'.repeat(30)}`, at: NOON, by: 'b'.repeat(64), waitedMs: HOUR, unsent };
  const link = `https://${'x'.repeat(600)}`;
  for (const language of ['zh', 'en'] as const) {
    const text = sayBrief({ ...telling, note: '退款'.repeat(200) }, { language, zone: ZONE, link });
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(APP_TEXT_BYTES);
    expect(text).toContain('退款');
    expect(text).toContain(link);
  }
  const zh = sayBrief({ ...telling, unsent: { 'not-delivered': 1 } }, { language: 'zh', zone: ZONE });
  expect(zh).toContain('客户已等待 60 分钟');
  expect(zh).toContain('有 1 条回复未能发出：企业微信未能送达');
});
