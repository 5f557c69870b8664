import { expect, test } from '@jest/globals';
import { applyBusiness, type BusinessStores, readArrangement } from '../../lib/configuration/apply-business.ts';
import { arrangementOf } from '../../lib/configuration/arrangement.ts';
import { planBusiness } from '../../lib/configuration/plan-business.ts';
import { readBusiness } from '../../lib/configuration/read-business.ts';
import { contactWayStore } from '../../lib/contact-me/contact-way-store.ts';
import { libraryStore } from '../../lib/media/library-store.ts';
import { noticesStore } from '../../lib/notices/notices-store.ts';
import { entranceStore } from '../../lib/replies/entrance-store.ts';
import { faqStore } from '../../lib/replies/faq-store.ts';
import { quickReplyStore } from '../../lib/replies/quick-reply-store.ts';
import { ruleSetStore } from '../../lib/replies/rule-set-store.ts';
import { routingStore } from '../../lib/routing/routing-store.ts';
import { inbox } from '../../lib/store/inbox.ts';
import type { Table } from '../../lib/store/table.ts';
import { contactWaysShape, repliesShape, routingShape, wecomShape } from '../../lib/store/tables.ts';
import { memoryTable } from '../support/memory-table.ts';

const poster = { id: 'poster', account: 'wk1', scene: 'poster' };
const aFile = (entries: readonly object[], more: object = {}) =>
  JSON.stringify({
    agents: [{ id: 'amy', capacity: 1 }],
    teams: [{ id: 'support', accounts: ['*'], agents: ['amy'] }],
    replies: [{ id: 'fair', accounts: [], greeting: { text: 'Hello' } }],
    entries: [{ ...poster, id: 'fair', scene: 'fair', rules: 'fair' }, ...entries],
    ...more,
  });

function problemsOf(text: string): string[] {
  const read = readBusiness(text);
  return read.ok ? [] : read.problems.map(({ path, problem, mend }) => `${path}: ${problem} → ${mend}`);
}

function wanted(text: string) {
  const read = readBusiness(text);
  if (!read.ok) throw new Error(JSON.stringify(read.problems));
  return arrangementOf(read.business);
}

test('an entry needs an account and a scene; a rule set that an entry names needs no account', () => {
  expect(
    problemsOf(aFile([poster, { ...poster, id: 'two', channel: '二号馆', team: 'support', language: 'zh' }])),
  ).toEqual([]);
});

const at = 'entries[1]';
test.each([
  [{ id: 'The Poster' }, `${at}.id: is no id`],
  [{ id: 'fair' }, `${at}.id: entry fair already stands at entries[0]`],
  [{ account: '*' }, `${at}.account: is no customer service account`],
  [{ scene: 'x'.repeat(33) }, `${at}.scene: is no scene of WeCom`],
  [{ scene: '海报' }, `${at}.scene: is no scene of WeCom`],
  [{ scene: 'fair' }, `${at}.scene: is the way of entries[0]`],
  [{ channel: '馆'.repeat(15) }, `${at}.channel: has 135 bytes as it stands in the link`],
  [{ channel: '' }, `${at}.channel: is no text`],
  [{ team: 'sales' }, `${at}.team: there is no team sales`],
  [{ rules: 'vip' }, `${at}.rules: there is no rule set vip`],
  [{ language: 'fr' }, `${at}.language: is not one of zh, en`],
])('plan refuses %j with the path and the mend', (spoilt, problem) => {
  const found = problemsOf(aFile([{ ...poster, ...spoilt }]));
  expect(found).toContainEqual(expect.stringContaining(problem));
  expect(found.every((one) => /→ .+/.test(one))).toBe(true);
});

test('rule sets have names of their own, and none is for nobody', () => {
  const twice = {
    replies: [
      { id: 'fair', accounts: [] },
      { id: 'fair', accounts: [] },
    ],
  };
  expect(problemsOf(aFile([], twice))).toEqual([expect.stringContaining('replies[1].id: is at replies[0] already')]);
  const unused = {
    replies: [
      { id: 'fair', accounts: [] },
      { id: 'vip', accounts: [] },
    ],
  };
  expect(problemsOf(aFile([], unused))).toEqual([expect.stringContaining('replies[1].accounts: is empty')]);
});

test('an account that nobody serves is warned of', () => {
  const read = readBusiness(aFile([], { teams: [] }));
  expect(read.ok && read.warnings.map(({ path }) => path)).toContain('entries[0].account');
});

test('a file of which another part has no shape is told what is wrong with its entries', () => {
  expect(problemsOf(aFile([{ ...poster, team: 'sales' }], { agents: 1 }))).toContainEqual(
    expect.stringContaining(`${at}.team: there is no team sales`),
  );
});

/** The stores in memory, which note in which order the replies room's table was written. */
function world() {
  const written: string[] = [];
  const table = memoryTable(repliesShape('replies'));
  const replies: Table = {
    ...table,
    put: (item, condition) => {
      written.push(String(item.id));
      return table.put(item, condition);
    },
  };
  const inboxTerms = { attentionAfterMs: 1000, keepMs: 1000 };
  const routing = memoryTable(routingShape('routing'));
  const ways = memoryTable(contactWaysShape('ways'));
  const ofReplies = {
    ...ruleSetStore(replies),
    ...quickReplyStore(replies),
    ...faqStore(replies),
    ...entranceStore(replies),
  };
  const stores: BusinessStores = {
    people: routingStore(routing, inbox(routing, inboxTerms)),
    replies: ofReplies,
    ways: contactWayStore(ways, inbox(ways, inboxTerms)),
    notices: noticesStore(memoryTable(wecomShape('wecom'))),
    media: libraryStore(replies),
    clock: () => 0,
  };
  return { written, stores, replies: ofReplies };
}

test('the plan names entries, and what they name is saved before them', async () => {
  const { written, stores } = world();
  const after = wanted(aFile([poster]));
  expect(planBusiness(await readArrangement(stores), after).map(({ kind, id }) => `${kind} ${id}`)).toEqual(
    expect.arrayContaining(['ruleSets @fair', 'entries fair', 'entries poster']),
  );
  await applyBusiness(stores, after);
  expect(written.at(-1)).toBe('entrances');
  expect(written).toContain('account#@fair');
  expect(planBusiness(await readArrangement(stores), after)).toEqual([]);
});

test('an entry that is gone from the file is gone from the stage, but its link is not: it may be printed', async () => {
  const { stores, replies } = world();
  await applyBusiness(stores, wanted(aFile([poster])));
  await replies.keepLink('wk1', 'poster', 'https://work.weixin.qq.com/kf/1');
  await applyBusiness(stores, wanted(aFile([])));

  expect((await replies.entrances()).map(({ id }) => id)).toEqual(['fair']);
  expect(await replies.link('wk1', 'poster')).toBe('https://work.weixin.qq.com/kf/1');
});
