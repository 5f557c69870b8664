import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { readBusiness } from '../../lib/configuration/read-business.ts';

const sample = readFileSync(new URL('../../config/sample.yml', import.meta.url), 'utf8');

const PEOPLE = `
agents:
  - { id: zhangsan, capacity: 3, duty: on }
teams:
  - { id: support, accounts: ['*'], agents: [zhangsan] }
`;
/** A file with these replies for every account. */
const withReplies = (fields: string): string => `${PEOPLE}\nreplies:\n  - accounts: ['*']\n${indent(fields)}`;
const withRule = (rule: string): string => withReplies(`rules:\n  - ${rule}`);
const indent = (lines: string): string => lines.replace(/^/gm, '    ');

function problemsOf(yaml: string): readonly { path: string; problem: string; mend: string }[] {
  const read = readBusiness(yaml);
  return read.ok ? [] : read.problems;
}

function warningsOf(yaml: string): readonly { path: string; problem: string }[] {
  const read = readBusiness(yaml);
  if (!read.ok) throw new Error(JSON.stringify(read.problems));
  return read.warnings;
}

test('the sample is valid, without a warning', () => {
  expect(readBusiness(sample)).toMatchObject({ ok: true, warnings: [] });
});

describe('a menu item that opens a page', () => {
  const menu = (url: string) =>
    `{ menu: { items: [{ type: text, content: a }, { type: view, url: '${url}', content: b }] } }`;
  const inRule = (url: string) => withRule(`{ id: a, contains: [a], reply: ${menu(url)} }`);
  const inFaq = (url: string) => `${withReplies('faq: {}')}\nfaq: [{ id: a, question: b, answer: ${menu(url)} }]`;

  test.each(['weixin://dl/business', 'javascript:alert(1)', 'example.com/help', 'https://', 'https://a b', '/help'])(
    'has an https address, not %s',
    (url) => {
      expect(problemsOf(inRule(url))).toEqual([
        expect.objectContaining({ path: 'replies[0].rules[0].reply.menu.items[1].url' }),
      ]);
      expect(problemsOf(withReplies(`greeting: ${menu(url)}`))).toEqual([
        expect.objectContaining({ path: 'replies[0].greeting.menu.items[1].url' }),
      ]);
      expect(problemsOf(inFaq(url))).toEqual([expect.objectContaining({ path: 'faq[0].answer.menu.items[1].url' })]);
    },
  );

  test('may have an http address, with a warning', () => {
    expect(warningsOf(inRule('http://example.com/a'))).toEqual([
      expect.objectContaining({ path: 'replies[0].rules[0].reply.menu.items[1].url' }),
    ]);
    expect(warningsOf(inFaq('HTTP://example.com'))).toEqual([
      expect.objectContaining({ path: 'faq[0].answer.menu.items[1].url' }),
    ]);
    expect(warningsOf(inRule('https://example.com/帮助?a=1#b'))).toEqual([]);
  });
});

test('defaults are filled in, ids of agents lower-cased', () => {
  const read = readBusiness(`
agents:
  - { id: ZhangSan, capacity: 3 }
  - { id: lisi, capacity: 1, duty: off }
teams:
  - { id: support, accounts: [wkA], agents: [ZHANGSAN, lisi] }
replies:
  - accounts: [wkA]
`);
  expect(read).toMatchObject({
    ok: true,
    business: {
      agents: [
        { id: 'zhangsan', capacity: 3, duty: 'on' },
        { id: 'lisi', duty: 'off' },
      ],
      teams: [{ agents: ['zhangsan', 'lisi'], endAfterSilenceSeconds: 1800 }],
      replies: [{ accounts: ['wkA'], rules: [], handOverAfterFallbacks: 2 }],
    },
  });
});

test.each([
  ['on', 'on'],
  ['off', 'off'],
  ['true', 'on'],
  ['false', 'off'],
])('duty may be written %s', (written, duty) => {
  const read = readBusiness(PEOPLE.replace('duty: on', `duty: ${written}`));
  expect(read).toMatchObject({ ok: true, business: { agents: [{ duty }] } });
});

interface Wrong {
  readonly yaml: string;
  readonly path: string;
  readonly problem: RegExp;
}

const agents = (yaml: string): string => `agents:\n  - ${yaml}\n`;
const rule = (yaml: string): string => withRule(yaml);

const wrong: Record<string, Wrong> = {
  'an empty file': { yaml: '# nothing\n', path: 'the file', problem: /is empty/ },
  'broken YAML': { yaml: 'agents: [a\nteams: b', path: 'line 2, column 1', problem: /not YAML/ },
  'a key twice': { yaml: 'teams: []\nteams: []', path: 'line 2, column 1', problem: /unique/ },
  'a tag that means nothing': { yaml: 'agents: !!people []', path: 'line 1, column 9', problem: /tag/ },
  'an alias without an anchor': { yaml: 'agents: *others', path: 'the file', problem: /alias/ },
  'a text instead of fields': { yaml: 'hello', path: 'the file', problem: /is not a set of fields/ },
  'an unknown field at the top': { yaml: `${PEOPLE}agent: []`, path: 'agent', problem: /not a known field/ },
  'an unknown field of a team': {
    yaml: PEOPLE.replace('agents: [zhangsan]', 'agents: [zhangsan], silence: 3'),
    path: 'teams[0].silence',
    problem: /not a known field/,
  },
  'an unknown field of a menu item': {
    yaml: withReplies("greeting: { menu: { items: [{ type: view, url: 'https://a.example', content: a, id: b }] } }"),
    path: 'replies[0].greeting.menu.items[0].id',
    problem: /not a known field/,
  },
  'a missing field': { yaml: agents('{ id: zhangsan }'), path: 'agents[0].capacity', problem: /is missing/ },
  'a field without a value': { yaml: 'teams:\nagents: []', path: 'teams', problem: /has no value/ },
  'a number where a text belongs': {
    yaml: rule('{ id: one, exact: [1], reply: { text: a } }'),
    path: 'replies[0].rules[0].exact[0]',
    problem: /is a number, not a text/,
  },
  'a duty that is none': {
    yaml: agents('{ id: zhangsan, capacity: 1, duty: perhaps }'),
    path: 'agents[0].duty',
    problem: /not one of on, off/,
  },
  'a userid that WeCom cannot have': {
    yaml: agents('{ id: 张三, capacity: 1 }'),
    path: 'agents[0].id',
    problem: /userid/,
  },
  'capacity 0': { yaml: agents('{ id: zhangsan, capacity: 0 }'), path: 'agents[0].capacity', problem: /1 to 500/ },
  'half a customer': {
    yaml: agents('{ id: zhangsan, capacity: 2.5 }'),
    path: 'agents[0].capacity',
    problem: /1 to 500/,
  },
  'capacity 501': { yaml: agents('{ id: zhangsan, capacity: 501 }'), path: 'agents[0].capacity', problem: /1 to 500/ },
  'an agent twice, in another case': {
    yaml: 'agents:\n  - { id: lisi, capacity: 1 }\n  - { id: LiSi, capacity: 1 }',
    path: 'agents[1].id',
    problem: /agent lisi already stands at agents\[0\]/,
  },
  'a team without agents': {
    yaml: "teams:\n  - { id: support, accounts: ['*'], agents: [] }",
    path: 'teams[0].agents',
    problem: /nobody would serve/,
  },
  'a team with a stranger': {
    yaml: PEOPLE.replace('agents: [zhangsan]', 'agents: [zhangsan, nobody]'),
    path: 'teams[0].agents[1]',
    problem: /no agent nobody/,
  },
  'an agent twice in a team': {
    yaml: PEOPLE.replace('agents: [zhangsan]', 'agents: [zhangsan, zhangsan]'),
    path: 'teams[0].agents[1]',
    problem: /second time/,
  },
  'a team twice': {
    yaml: `${PEOPLE}  - { id: support, accounts: [wkB], agents: [zhangsan] }`,
    path: 'teams[1].id',
    problem: /team support already/,
  },
  'a team whose id is blank': { yaml: PEOPLE.replace('id: support', "id: ' '"), path: 'teams[0].id', problem: /no id/ },
  'an account in two teams': {
    yaml: `${PEOPLE}  - { id: sales, accounts: [wkB, '*'], agents: [zhangsan] }`,
    path: 'teams[1].accounts[1]',
    problem: /belongs to teams\[0\].accounts\[0\] already/,
  },
  'an account that is none': {
    yaml: PEOPLE.replace("['*']", "['wk 1']"),
    path: 'teams[0].accounts[0]',
    problem: /no customer service account/,
  },
  'a silence that is too short': {
    yaml: PEOPLE.replace('agents: [zhangsan]', 'agents: [zhangsan], endAfterSilenceSeconds: 5'),
    path: 'teams[0].endAfterSilenceSeconds',
    problem: /60 to 172800/,
  },
  'an account with two rule sets': {
    yaml: `${withReplies('rules: []')}\n  - accounts: ['*']`,
    path: 'replies[1].accounts[0]',
    problem: /belongs to replies\[0\].accounts\[0\] already/,
  },
  'replies of no account': { yaml: 'replies:\n  - accounts: []', path: 'replies[0].accounts', problem: /is empty/ },
  'a rule that can never match': {
    yaml: rule('{ id: one, exact: [], reply: { text: a } }'),
    path: 'replies[0].rules[0]',
    problem: /rule one can never match/,
  },
  'a rule that does nothing': {
    yaml: rule('{ id: one, exact: [a] }'),
    path: 'replies[0].rules[0]',
    problem: /rule one does nothing/,
  },
  'a rule that replies and hands over': {
    yaml: rule('{ id: one, exact: [a], reply: { text: a }, handOver: true }'),
    path: 'replies[0].rules[0]',
    problem: /its reply would never be sent/,
  },
  'a rule id twice': {
    yaml: rule('{ id: one, exact: [a], handOver: true }\n  - { id: one, exact: [b], handOver: true }'),
    path: 'replies[0].rules[1].id',
    problem: /rule one already, at replies\[0\].rules\[0\]/,
  },
  'a phrase that every message contains': {
    yaml: rule("{ id: one, contains: ['　'], handOver: true }"),
    path: 'replies[0].rules[0].contains[0]',
    problem: /is blank/,
  },
  'a courtesy without a word': {
    yaml: withReplies("courtesies: [thanks, ' ']"),
    path: 'replies[0].courtesies[1]',
    problem: /is blank/,
  },
  'a reply that is text and menu': {
    yaml: rule('{ id: one, exact: [a], reply: { text: a, menu: { items: [] } } }'),
    path: 'replies[0].rules[0].reply',
    problem: /exactly one of text, menu/,
  },
  'opening hours on a weekday that is none': {
    yaml: withReplies("openingHours: { weekly: [{ days: [mno], from: '09:00', to: '18:00' }] }"),
    path: 'replies[0].openingHours.weekly[0].days[0]',
    problem: /^is not one of mon, tue,/,
  },
  'opening hours on a day that is none': {
    yaml: withReplies('openingHours: { dates: { 2026-02-30: [] } }'),
    path: 'replies[0].openingHours.dates.2026-02-30',
    problem: /^is no day/,
  },
  'a reply that is neither': {
    yaml: rule('{ id: one, exact: [a], reply: { txt: a } }'),
    path: 'replies[0].rules[0].reply',
    problem: /exactly one of text, menu/,
  },
  'a menu item of no known type': {
    yaml: rule('{ id: one, exact: [a], reply: { menu: { items: [{ type: button, content: a }] } } }'),
    path: 'replies[0].rules[0].reply.menu.items[0].type',
    problem: /not one of click, view, miniprogram, text/,
  },
  'a menu item that lacks a field': {
    yaml: rule('{ id: one, exact: [a], reply: { menu: { items: [{ type: click, content: a }] } } }'),
    path: 'replies[0].rules[0].reply.menu.items[0].id',
    problem: /is missing/,
  },
  'a click id of 65 bytes': {
    yaml: withReplies(`greeting: { menu: { items: [{ type: click, id: ${'a'.repeat(65)}, content: a }] } }`),
    path: 'replies[0].greeting.menu',
    problem: /item 1: id has 65 bytes, at most 64/,
  },
  'eleven menu items': {
    yaml: withReplies(`greeting: { menu: { items: [${'{ type: text, content: a }, '.repeat(11)}] } }`),
    path: 'replies[0].greeting.menu',
    problem: /at most 10 items/,
  },
  'a greeting of 2049 bytes': {
    yaml: withReplies(`greeting: { text: ${'好'.repeat(683)} }`),
    path: 'replies[0].greeting.text',
    problem: /2049 bytes, at most 2048/,
  },
  'a reply of blanks': {
    yaml: rule("{ id: one, exact: [a], reply: { text: '  ' } }"),
    path: 'replies[0].rules[0].reply.text',
    problem: /text is empty/,
  },
  'a farewell that is too long': {
    yaml: withReplies(`texts: { ended: ${'a'.repeat(2049)} }`),
    path: 'replies[0].texts.ended',
    problem: /2049 bytes/,
  },
  'a fallback that is too long': {
    yaml: withReplies(`fallback: ${'a'.repeat(2049)}`),
    path: 'replies[0].fallback',
    problem: /2049 bytes/,
  },
  'a grace below zero': { yaml: withReplies('graceSeconds: -1'), path: 'replies[0].graceSeconds', problem: /below 0/ },
  'a rule set that no item holds': {
    yaml: withReplies(`rules:\n${`  - { id: x, exact: [a], reply: { text: ${'a'.repeat(2000)} } }\n`.repeat(151)}`),
    path: 'replies[0]',
    problem: /more than 300000 bytes/,
  },
};

describe('what is wrong is named with its field and a mend', () => {
  test.each(Object.entries(wrong))('%s', (_, { yaml, path, problem }) => {
    const found = problemsOf(yaml);
    expect(found).toContainEqual({ path, problem: expect.stringMatching(problem), mend: expect.stringMatching(/\S/) });
  });

  test('all of it at once', () => {
    const yaml = `${agents('{ id: zhangsan, capacity: 0 }')}teams:\n  - { id: support, accounts: [], agents: [lisi] }`;
    expect(problemsOf(yaml).map(({ path }) => path)).toEqual(['agents[0].capacity', 'teams[0].agents[0]']);
  });

  test('an unknown field is answered with the known ones', () => {
    const [found] = problemsOf(rule('{ id: one, exact: [a], response: { text: a } }'));
    expect(found?.mend).toContain('id, exact, contains, all, regex, click, types, ');
  });
});

describe('what may be a mistake is a warning', () => {
  const menu = 'greeting: { menu: { items: [{ type: click, id: hours, content: Hours }] } }';

  test.each([
    ['an agent in no team', `${PEOPLE.replace('teams:', '  - { id: lisi, capacity: 1 }\nteams:')}`, 'agents[1]'],
    ['a team with nobody on duty', PEOPLE.replace('duty: on', 'duty: off'), 'teams[0].agents'],
    ['a team without accounts', PEOPLE.replace("['*']", '[]'), 'teams[0].accounts'],
    ['a menu item whose click nothing answers', withReplies(menu), 'replies[0].greeting.menu.items[0]'],
    ['a click that no menu offers', rule('{ id: a, click: [b], handOver: true }'), 'replies[0].rules[0].click[0]'],
    [
      'a type that WeCom does not have',
      rule('{ id: a, types: [photo], handOver: true }'),
      'replies[0].rules[0].types[0]',
    ],
    [
      'a word that an earlier rule answers',
      rule('{ id: a, contains: [hour], handOver: true }\n  - { id: b, exact: [opening hours], handOver: true }'),
      'replies[0].rules[1].exact[0]',
    ],
  ])('%s', (_, yaml, path) => {
    expect(warningsOf(yaml)).toEqual([{ path, problem: expect.any(String), mend: expect.any(String) }]);
  });

  test.each([
    ['an entry', 'entries: [{ id: fair, account: wkA, scene: fair, team: sales }]'],
    ['a rule', "replies: [{ accounts: ['*'], rules: [{ id: a, contains: [b], handOver: { team: sales } }] }]"],
  ])('a team without accounts has customers where %s sends them', (_, section) => {
    expect(warningsOf(`${PEOPLE}  - { id: sales, accounts: [], agents: [zhangsan] }\n${section}\n`)).toEqual([]);
  });

  test('and where it helps another team out', () => {
    const helped = PEOPLE.replace(
      'agents: [zhangsan] }',
      'agents: [zhangsan], overflow: [{ teamId: n, afterSeconds: 1 }] }',
    );
    const night = '  - { id: lisi, capacity: 1 }\nteams:\n  - { id: n, accounts: [], agents: [lisi] }';
    expect(warningsOf(helped.replace('teams:', night))).toEqual([]);
  });

  test('a click on an item whose caption asks for a person is answered', () => {
    expect(warningsOf(withReplies(menu.replace('content: Hours', 'content: 人工')))).toEqual([]);
  });
});

test('whatever a file says, reading it ends with an answer', () => {
  const words = [
    'agents',
    'teams',
    'replies',
    'rules',
    'menu',
    '*a',
    '&a',
    '[',
    '{',
    '}',
    ': ',
    '\n',
    '  - ',
    '1',
    '"',
    '<<',
  ];
  const anyFile = fc.oneof(
    fc.json().map((text) => text),
    fc.array(fc.constantFrom(...words), { maxLength: 30 }).map((parts) => parts.join('')),
    fc.string().map((text) => sample.replace('zhangsan', text)),
  );
  fc.assert(
    fc.property(anyFile, (yaml) => {
      const read = readBusiness(yaml);
      expect(read.ok || read.problems.length > 0).toBe(true);
    }),
  );
});
