import { describe, expect, test } from '@jest/globals';
import { arrangementOf } from '../../lib/configuration/arrangement.ts';
import { planBusiness } from '../../lib/configuration/plan-business.ts';
import { readBusiness } from '../../lib/configuration/read-business.ts';

const PEOPLE = `
agents: [{ id: amy, capacity: 3 }]
teams: [{ id: support, accounts: ['*'], agents: [amy] }]
`;
const LIBRARY = 'quickReplies: [{ id: hours, folder: 常用, zh: 九点到六点, en: Nine to six }]';
const withRules = (...rules: string[]): string =>
  `${PEOPLE}${LIBRARY}\nreplies:\n  - accounts: ['*']\n    rules:\n${rules.map((rule) => `      - ${rule}\n`).join('')}`;
/** With hours of the team, for rules that ask for them. */
const openOnMondays = (yaml: string): string =>
  yaml.replace(
    'agents: [amy] }',
    'agents: [amy], openingHours: { weekly: [{ days: [mon], from: 09:00, to: 18:00 }] } }',
  );
const problemsOf = (yaml: string) => {
  const read = readBusiness(yaml);
  return read.ok ? [] : read.problems;
};
const RULE = 'replies[0].rules[0]';
const A = 'reply: { text: a }';

const wrong: Record<string, [rule: string, path: string, problem: RegExp]> = {
  'a pattern that does not compile': [`{ id: a, regex: [ok, '('], ${A} }`, `${RULE}.regex[1]`, /missing closing/],
  'a pattern that RE2 does not have': [`{ id: a, regex: ['(?=a)'], ${A} }`, `${RULE}.regex[0]`, /does not compile/],
  'a pattern in full width': [`{ id: a, regex: ['几点？'], ${A} }`, `${RULE}.regex[0]`, /half width/],
  'a rule that can never match': [`{ id: a, distinguish: [case], ${A} }`, RULE, /can never match/],
  'a scene that WeCom cannot give': [`{ id: a, scene: [${'x'.repeat(33)}], ${A} }`, `${RULE}.scene[0]`, /33 bytes/],
  'no scene at all': [`{ id: a, scene: [], exact: [x], ${A} }`, `${RULE}.scene`, /never holds/],
  'a list of no words': [`{ id: a, all: [x, []], ${A} }`, `${RULE}.all[1]`, /is empty/],
  'a blank among words': [`{ id: a, all: [x, [' ']], ${A} }`, `${RULE}.all[1]`, /is blank/],
  'a language that is not known': [`{ id: a, language: fr, ${A} }`, `${RULE}.language`, /not one of zh, en/],
  'the first time as a repeat': [`{ id: a, exact: [x], nth: { same: 1 }, ${A} }`, `${RULE}.nth.same`, /below 2/],
  'two kinds of nth': [`{ id: a, nth: { same: 2, unmatched: 2 }, ${A} }`, `${RULE}.nth`, /exactly one/],
  'words for what no rule knows': [
    `{ id: a, exact: [x], nth: { unmatched: 1 }, ${A} }`,
    `${RULE}.nth`,
    /words of its own/,
  ],
  'literal and distinguish': [
    `{ id: a, exact: [x], literal: true, distinguish: [case], ${A} }`,
    `${RULE}.distinguish`,
    /literal/,
  ],
  'nothing to do': ['{ id: a, exact: [x] }', RULE, /does nothing/],
  'silence and words': [`{ id: a, exact: [x], silent: true, ${A} }`, `${RULE}.silent`, /silent and does something/],
  'reply and replies': [`{ id: a, exact: [x], ${A}, replies: [{ text: b }] }`, `${RULE}.replies`, /beside reply/],
  'more messages than WeCom takes': [
    `{ id: a, exact: [x], replies: [{ text: a }, { text: b }, { text: c }, { text: d }, { text: e }] }`,
    `${RULE}.replies`,
    /more than 4/,
  ],
  'a team that is not there': [
    '{ id: a, exact: [x], handOver: { team: sales } }',
    `${RULE}.handOver.team`,
    /no team sales/,
  ],
  'an agent who is not there': [
    '{ id: a, exact: [x], handOver: { agent: bob } }',
    `${RULE}.handOver.agent`,
    /no agent bob/,
  ],
  'a link without its picture': [
    "{ id: a, exact: [x], reply: { link: { title: t, url: 'https://x.example' } } }",
    `${RULE}.reply.link.thumb`,
    /is missing/,
  ],
  'a hand-over to nobody': ['{ id: a, exact: [x], handOver: {} }', `${RULE}.handOver`, /asks for nothing/],
  'a quick reply that is not there': [
    '{ id: a, exact: [x], reply: { quick: huors } }',
    `${RULE}.reply.quick`,
    /no quick reply huors/,
  ],
  'a link that is none for acquisition': [
    "{ id: a, exact: [x], replies: [{ acquisitionLink: 'https://a.example' }] }",
    `${RULE}.replies[0].acquisitionLink`,
    /acquisition link/,
  ],
  'a place off the map': [
    '{ id: a, exact: [x], reply: { location: { latitude: 91, longitude: 0 } } }',
    `${RULE}.reply.location`,
    /latitude/,
  ],
  'a text that is too long once it is filled': [
    `{ id: a, exact: [x], reply: { text: '${'x'.repeat(2040)}{date}' } }`,
    `${RULE}.reply.text`,
    /2050 bytes/,
  ],
  'a placeholder that nothing fills': [
    "{ id: a, exact: [x], reply: { text: 'Hi {customer}' } }",
    `${RULE}.reply.text`,
    /\{customer\} is no placeholder/,
  ],
  'a field that rules do not have': [`{ id: a, exact: [x], tagg: [vip], ${A} }`, `${RULE}.tagg`, /not a known field/],
  'a tag that is too long': [
    `{ id: a, exact: [x], tag: [${'字'.repeat(33)}], ${A} }`,
    `${RULE}.tag[0]`,
    /32 characters/,
  ],
  'the same tag twice': [`{ id: a, exact: [x], tag: [vip, vip], ${A} }`, `${RULE}.tag[1]`, /second time/],
  'too many tags': [
    `{ id: a, exact: [x], tag: [${Array.from({ length: 11 }, (_, n) => `t${n}`)}], ${A} }`,
    `${RULE}.tag`,
    /more than 10/,
  ],
  'an end and a hand-over': ['{ id: a, exact: [x], end: true, handOver: true }', `${RULE}.end`, /hands it over/],
  'a place in a text that knows none': [
    "{ id: a, exact: [x], reply: { text: 'No. {place}' } }",
    `${RULE}.reply.text`,
    /not filled here/,
  ],
  'a tag and nothing else': ['{ id: a, exact: [x], tag: [vip] }', RULE, /does nothing/],
};

describe('what is wrong with a rule is named with its field and a mend', () => {
  test.each(Object.entries(wrong))('%s', (_, [rule, path, problem]) => {
    const found = problemsOf(withRules(rule));
    expect(found).toContainEqual({ path, problem: expect.stringMatching(problem), mend: expect.stringMatching(/\S/) });
  });

  test('a rule for what no rule knows stands below all others', () => {
    const yaml = withRules(`{ id: lost, nth: { unmatched: 1 }, ${A} }`, `{ id: b, exact: [x], ${A} }`);
    expect(problemsOf(yaml)).toMatchObject([{ path: `${RULE}.nth`, problem: expect.stringContaining('below it') }]);
  });

  test('patterns that are sound one by one may be too much together', () => {
    const heavy = Array.from({ length: 21 }, (_, index) => `{ id: r${index}, regex: ['((a{10}){10}){8}b'], ${A} }`);
    expect(problemsOf(withRules(...heavy))).toMatchObject([
      { path: 'replies[0].rules', problem: expect.stringContaining('more than 20000') },
    ]);
    expect(problemsOf(withRules(...heavy.slice(1)))).toEqual([]);
  });

  test('what WeCom refuses in a greeting cannot be written there', () => {
    const greeting = (written: string) => `${PEOPLE}${LIBRARY}\nreplies: [{ accounts: ['*'], greeting: ${written} }]`;
    expect(problemsOf(greeting('{ card: amy }'))).toMatchObject([{ path: 'replies[0].greeting' }]);
    expect(problemsOf(greeting('{ quick: hours }'))).toMatchObject([{ path: 'replies[0].greeting' }]);
    const timed = problemsOf(greeting("{ text: 'It is {time}' }"));
    expect(timed).toMatchObject([
      { path: 'replies[0].greeting.text', problem: expect.stringContaining('not filled here') },
    ]);
  });

  test('quick replies have an id of their own, a text, and no more bytes than WeCom takes', () => {
    const library = (written: string) => problemsOf(`${PEOPLE}quickReplies: [${written}]`).map(({ path }) => path);
    expect(library('{ id: a, zh: a }, { id: a, en: b }')).toEqual(['quickReplies[1].id']);
    expect(library('{ id: a, folder: f }')).toEqual(['quickReplies[0]']);
    expect(library(`{ id: a, zh: ${'字'.repeat(683)} }`)).toEqual(['quickReplies[0].zh']);
    expect(library("{ id: a, en: '{agent}' }")).toEqual(['quickReplies[0].en']);
  });
});

test('everything that rules can say is accepted', () => {
  const yaml = withRules(
    "{ id: a, all: [x, [y, z]], regex: ['^a+$'], scene: [shop], channel: ['poster=3'], tags: [vip], language: zh, silent: true }",
    '{ id: b, hours: closed, first: ever, replies: [{ quick: hours }, { card: AMY }] }',
    "{ id: c, exact: [c], tag: [vip], end: true, replies: [{ acquisitionLink: 'https://work.weixin.qq.com/ca/abc' }] }",
    "{ id: d, exact: [d], nth: { same: 2 }, literal: true, reply: { text: '{date} {time}' } }",
    '{ id: e, exact: [e], distinguish: [width, script], handOver: { team: support } }',
    '{ id: f, nth: { unmatched: 2 }, reply: { location: { name: Shop, latitude: 31.2, longitude: 121.5 } } }',
  );
  expect(readBusiness(openOnMondays(yaml))).toMatchObject({ ok: true, warnings: [] });
});

test('a condition on opening hours where nobody has any is warned of', () => {
  const warnings = (yaml: string) => {
    const read = readBusiness(yaml);
    return read.ok ? read.warnings.map(({ path }) => path) : read.problems;
  };
  const yaml = withRules(`{ id: a, hours: closed, ${A} }`);
  expect(warnings(yaml)).toEqual([`${RULE}.hours`]);
  expect(warnings(openOnMondays(yaml))).toEqual([]);
});

test('a rule under conditions does not hide the rules below it, one without them does', () => {
  const warnings = (first: string) => {
    const read = readBusiness(withRules(first, `{ id: b, contains: [price list], ${A} }`));
    return read.ok ? read.warnings.map(({ path }) => path) : read.problems;
  };
  expect(warnings(`{ id: a, contains: [price], first: ever, ${A} }`)).toEqual([]);
  expect(warnings(`{ id: a, contains: [price], ${A} }`)).toEqual(['replies[0].rules[1].contains[0]']);
  expect(warnings(`{ id: a, regex: ['pri.e'], ${A} }`)).toEqual(['replies[0].rules[1].contains[0]']);
});

test('a rule set carries the quick replies that it names, so that a change of one is a change of it', () => {
  const arranged = (yaml: string) => {
    const read = readBusiness(yaml);
    if (!read.ok) throw new Error(JSON.stringify(read.problems));
    return arrangementOf(read.business);
  };
  const yaml = withRules('{ id: a, exact: [x], reply: { quick: hours } }');
  const before = arranged(yaml);
  expect(before.ruleSets.get('*')?.quickReplies).toEqual([{ id: 'hours', zh: '九点到六点', en: 'Nine to six' }]);
  expect(arranged(withRules(`{ id: a, exact: [x], ${A} }`)).ruleSets.get('*')?.quickReplies).toEqual([]);
  const after = arranged(yaml.replace('Nine to six', 'Ten to six'));
  expect(planBusiness(before, after)).toEqual([
    { kind: 'quickReplies', id: 'hours', how: 'changed', details: ['en: "Nine to six" → "Ten to six"'] },
    { kind: 'ruleSets', id: '*', how: 'changed', details: ['quickReplies.hours.en: "Nine to six" → "Ten to six"'] },
  ]);
});

test('a rule hands over to an agent of the team in whose line the customer would wait, or of the team that it names', () => {
  const two = (handOver: string, more = "replies:\n  - accounts: ['*']") => `
agents: [{ id: amy, capacity: 3 }, { id: bob, capacity: 1 }]
teams: [{ id: support, accounts: ['*'], agents: [amy] }, { id: sales, accounts: [], agents: [bob] }]
${more}
    rules: [{ id: a, exact: [x], handOver: ${handOver} }]
`;
  const path = `${RULE}.handOver.agent`;
  expect(problemsOf(two('{ agent: AMY }'))).toEqual([]);
  expect(problemsOf(two('{ agent: bob, team: sales }'))).toEqual([]);
  expect(problemsOf(two('{ agent: bob }'))).toMatchObject([
    { path, problem: expect.stringMatching(/not in team support/) },
  ]);
  expect(problemsOf(two('{ agent: amy, team: sales }'))).toMatchObject([{ path }]);
});
