import { describe, expect, test } from '@jest/globals';
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

const ENTRY = '{ id: a, question: 怎么开发票, answer: { text: 在订单页 } }';
const withFaq = (entries: string, use = '') =>
  `replies:\n  - { accounts: ['*']${use} }\n  - { accounts: [wkQuiet], faq: false }\nfaq: [${entries}]\n`;
const problemsOf = (yaml: string) => {
  const read = readBusiness(yaml);
  return read.ok ? [] : read.problems;
};
const warningsOf = (yaml: string) => {
  const read = readBusiness(yaml);
  return read.ok ? read.warnings : read.problems;
};
function wanted(yaml: string) {
  const read = readBusiness(yaml);
  if (!read.ok) throw new Error(JSON.stringify(read.problems));
  return arrangementOf(read.business);
}

const wrong: Record<string, [yaml: string, path: string, problem: RegExp]> = {
  'two entries of one id': [
    withFaq(`${ENTRY}, { id: a, question: 怎么退货, answer: { text: b } }`),
    'faq[1].id',
    /has the id a already/,
  ],
  'an entry without an answer': [withFaq('{ id: a, question: 怎么退货 }'), 'faq[0].answer', /missing/],
  'a wording of marks alone': [withFaq("{ id: a, question: '？', answer: { text: b } }"), 'faq[0].question', /needs a/],
  'an answer longer than WeCom takes': [
    withFaq(`{ id: a, question: 怎么退货, answer: { text: ${'字'.repeat(700)} } }`),
    'faq[0].answer',
    /WeCom would refuse/,
  ],
  'a placeholder that nothing fills': [
    withFaq("{ id: a, question: 怎么退货, answer: { text: a }, answers: { en: { text: 'Hi {agent}' } } }"),
    'faq[0].answers.en.text',
    /\{agent\} is no placeholder/,
  ],
  'a field that entries do not have': [
    withFaq('{ id: a, question: 怎么退货, answer: { text: a }, asked: 3 }'),
    'faq[0].asked',
    /not a known field/,
  ],
  'a share above one': [withFaq(ENTRY, ', faq: { threshold: 45 }'), 'replies[0].faq.threshold', /above 1/],
  'a wish that is not known': [withFaq(ENTRY, ', faq: { treshold: 0.4 }'), 'replies[0].faq.treshold', /not a known/],
  'an offer above the threshold': [
    withFaq(ENTRY, ', faq: { threshold: 0.3, lowest: 0.4 }'),
    'replies[0].faq',
    /above threshold/,
  ],
  'a list that is a text': ['replies: []\nfaq: faq.csv\n', 'faq', /is not a list/],
  'a file without a name': ['replies: []\nfaq: { files: a }\n', 'faq.file', /missing/],
  'a file where none can be read': ['replies: []\nfaq: { file: a.csv }\n', 'faq.file', /cannot be read/],
};

describe('what is wrong with frequent questions is named with its field and a mend', () => {
  test.each(Object.entries(wrong))('%s', (_, [yaml, path, problem]) => {
    expect(problemsOf(yaml)).toContainEqual({
      path,
      problem: expect.stringMatching(problem),
      mend: expect.stringMatching(/\S/),
    });
  });

  test('more wordings than can be asked in time', () => {
    const similar = (n: number) => Array.from({ length: 100 }, (_, at) => `问题${n}的第${at}种`);
    const entries = Array.from({ length: 100 }, (_, n) =>
      JSON.stringify({ id: `q${n}`, question: `问题${n}`, similar: similar(n), answer: { text: 'a' } }),
    );
    expect(problemsOf(withFaq(entries.join()))).toMatchObject([
      { path: 'faq', problem: expect.stringMatching(/10100/) },
    ]);
  });
});

test('a list from a file is the list, and the file’s problems are told as they are', () => {
  const read = readBusiness('replies: [{ accounts: [a] }]\nfaq: { file: faq.csv }\n', 'dev', (file) => ({
    list: [{ id: 'a', question: file, answer: { text: 'b' } }],
  }));
  expect(read).toMatchObject({ ok: true, business: { faq: [{ id: 'a', question: 'faq.csv' }] } });
  const problems = [{ path: 'faq.csv line 2', problem: 'p', mend: 'm' }];
  expect(readBusiness('faq: { file: faq.csv }', 'dev', () => ({ problems }))).toEqual({ ok: false, problems });
});

test('a menu may offer an entry, and an entry’s menu is asked for rules as a rule’s is', () => {
  const menu = (id: string) => `{ menu: { items: [{ type: click, id: ${id}, content: x }] } }`;
  expect(warningsOf(withFaq(ENTRY, `, greeting: ${menu("'faq:a'")}`))).toEqual([]);
  expect(warningsOf(withFaq(ENTRY, `, greeting: ${menu("'faq:b'")}`))).toMatchObject([
    { path: 'replies[0].greeting.menu.items[0]' },
  ]);
  expect(warningsOf(withFaq(ENTRY, `, faq: false, greeting: ${menu("'faq:a'")}`))).toMatchObject([
    { path: 'replies[0].greeting.menu.items[0]' },
    { path: 'faq', problem: expect.stringContaining('no account') },
  ]);
  expect(warningsOf(withFaq(`{ id: a, question: 怎么退货, answer: ${menu('lost')} }`))).toMatchObject([
    { path: 'faq[0].answer.menu.items[0]' },
  ]);
});

test('a question that a rule answers before the list is warned of', () => {
  const rule = ', rules: [{ id: b, contains: [发票], reply: { text: b } }]';
  expect(warningsOf(withFaq(ENTRY, rule))).toMatchObject([
    { path: 'faq[0].question', problem: expect.stringContaining('rule b') },
  ]);
  // A rule that only answers at times is there to go before it.
  expect(warningsOf(withFaq(ENTRY, rule.replace('id: b', 'id: b, first: ever')))).toEqual([]);
});

test('a list is used by every account that does not switch it off, as it wishes', () => {
  const { ruleSets } = wanted(withFaq(ENTRY, ', faq: { threshold: 0.6 }'));
  expect(ruleSets.get('*')?.faq).toEqual({ list: expect.any(String), threshold: 0.6 });
  expect(ruleSets.get('wkQuiet')?.faq).toBeUndefined();
  expect(wanted(withFaq('', ', faq: { threshold: 0.6 }')).ruleSets.get('*')?.faq).toBeUndefined();
});

test('the order of entries means nothing', () => {
  const b = '{ id: b, question: 怎么退货, answer: { text: b } }';
  expect(wanted(withFaq(`${b}, ${ENTRY}`))).toEqual(wanted(withFaq(`${ENTRY}, ${b}`)));
});

const noon = Date.UTC(2026, 0, 15, 12);
function stores() {
  const puts: unknown[] = [];
  const inMemory = memoryTable(repliesShape('replies'));
  const replies: Table = {
    ...inMemory,
    put: (item, condition) => {
      puts.push(item.id);
      return inMemory.put(item, condition);
    },
  };
  const routing = memoryTable(routingShape('routing'));
  const ways = memoryTable(contactWaysShape('ways'));
  const settings = { attentionAfterMs: 1000, keepMs: 1000 };
  const all: BusinessStores = {
    people: routingStore(routing, inbox(routing, settings)),
    replies: { ...ruleSetStore(replies), ...quickReplyStore(replies), ...faqStore(replies), ...entranceStore(replies) },
    ways: contactWayStore(ways, inbox(ways, settings)),
    notices: noticesStore(memoryTable(wecomShape('wecom'))),
    media: libraryStore(replies),
    clock: () => noon,
  };
  return { all, puts, replies };
}

test('applying writes the list before the rule sets that name it, and nothing the second time', async () => {
  const { all, puts } = stores();
  const first = await applyBusiness(all, wanted(withFaq(ENTRY)));
  expect(first.changes.map(({ kind, id, how }) => [kind, id, how])).toEqual([
    ['faq', 'list', 'new'],
    ['ruleSets', '*', 'new'],
    ['ruleSets', 'wkQuiet', 'new'],
  ]);
  expect(puts.indexOf('faq')).toBeGreaterThan(-1);
  expect(puts.lastIndexOf('faq')).toBeLessThan(puts.indexOf('account#*'));
  const written = puts.length;
  expect((await applyBusiness(all, wanted(withFaq(ENTRY)))).changes).toEqual([]);
  expect(puts.length).toBe(written);
  expect(await readArrangement(all)).toMatchObject({ faq: wanted(withFaq(ENTRY)).faq });
});

test('a change is told by entry and field; accounts that do not use the list do not change', () => {
  const changed = ENTRY.replace('在订单页', '在小票上');
  const b = '{ id: b, question: 怎么退货, answer: { text: b } }';
  expect(planBusiness(wanted(withFaq(ENTRY)), wanted(withFaq(`${changed}, ${b}`)))).toEqual([
    {
      kind: 'faq',
      id: 'list',
      how: 'changed',
      details: ['entries.a.answer.text: "在订单页" → "在小票上"', 'entries.b: new'],
    },
    { kind: 'ruleSets', id: '*', how: 'changed', details: [expect.stringMatching(/^faq\.list: /)] },
  ]);
});

test('a file without a list removes it: rule sets first, and the parts expire', async () => {
  const { all, replies } = stores();
  await applyBusiness(all, wanted(withFaq(ENTRY)));
  const list = (await all.replies.configured()).get('*')?.faq?.list;
  const { changes } = await applyBusiness(all, wanted("replies: [{ accounts: ['*'] }, { accounts: [wkQuiet] }]"));
  expect(changes.map(({ kind, how }) => [kind, how])).toEqual([
    ['faq', 'removed'],
    ['ruleSets', 'changed'],
  ]);
  expect(await all.replies.faq()).toBeUndefined();
  const { items } = await replies.query({ partition: `faq#${list}` });
  expect(items.map(({ expiresAt }) => expiresAt)).toEqual([noon / 1000 + 86_400]);
});

test('an apply that broke off between the list and the rule sets is completed by the next one', async () => {
  const { all, replies } = stores();
  await applyBusiness(all, wanted(withFaq(ENTRY)));
  const changed = wanted(withFaq(ENTRY.replace('在订单页', '在小票上')));
  const broken: BusinessStores = {
    ...all,
    replies: { ...all.replies, save: () => Promise.reject(new Error('throttled')) },
  };
  await expect(applyBusiness(broken, changed)).rejects.toThrow('throttled');
  const before = (await all.replies.configured()).get('*')?.faq?.list ?? '';
  // What the accounts still name is still there.
  expect((await faqStore(replies).faqIndexFor(before))?.entries).toMatchObject([{ answer: { text: '在订单页' } }]);
  const { changes } = await applyBusiness(all, changed);
  expect(changes.map(({ kind, id }) => [kind, id])).toEqual([['ruleSets', '*']]);
});
