import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { arrangementOf } from '../../lib/configuration/arrangement.ts';
import { impossibleInFile } from '../../lib/configuration/impossible-changes.ts';
import { leftAlone, planBusiness } from '../../lib/configuration/plan-business.ts';
import { readBusiness } from '../../lib/configuration/read-business.ts';
import { contactWayOf, WrittenWay, writtenWay } from '../../lib/configuration/written-way.ts';
import { anyFacts } from './contact-me/rotation-facts.ts';

const sample = readFileSync(new URL('../../config/sample.yml', import.meta.url), 'utf8');
const ALL = `
calendar:
  holidays: [2026-10-01, 2026-10-02]
  workdays: { 2026-10-10: fri }
welcome:
  standard: { text: 您好！Hello! }
contactWays:
  - id: spring-expo
    name: 春季展会 / Spring expo
    mode: pool
    strategy: weighted
    members:
      - ZhangSan
      - { id: lisi, weight: 2, perDay: 30, shifts: { weekly: [{ days: [fri, sat], from: 22:00, to: 06:00 }] } }
    departments: [7, { id: 9, totalAcrossWays: 500 }]
    backups: [wangwu]
    welcome:
      variants: [{ shifts: { dates: { 2026-10-01: [] } }, welcome: { text: 假期愉快 } }]
  - { id: web, name: Web, mode: link, members: [wangwu], kfAccount: wkDesk }
`;

function read(yaml: string, stage?: string) {
  const found = readBusiness(yaml, stage);
  if (!found.ok) throw new Error(JSON.stringify(found.problems));
  return found;
}
const wanted = (yaml: string) => arrangementOf(read(yaml).business);
const problemsOf = (yaml: string, stage?: string) => {
  const found = readBusiness(yaml, stage);
  return found.ok ? [] : found.problems;
};
/** A file with one way: these fields beside its id, name, mode and member. */
const withWay = (fields: string): string => {
  const given = new Set([...fields.matchAll(/^(\w+):/gm)].map(([, name]) => name));
  const rest = ['id: expo', 'name: Expo', 'mode: turn', 'members: [zhangsan]'].filter(
    (line) => !given.has(line.split(':')[0]),
  );
  return `contactWays:\n  -\n${[...rest, ...fields.split('\n')].map((line) => `    ${line}`).join('\n')}`;
};

test('a way is written for people: plain ids, working hours as times of day', () => {
  const { contactWays, waySettings } = wanted(ALL);
  expect(contactWays?.get('spring-expo')).toMatchObject({
    wayId: 'spring-expo',
    members: [
      { agentId: 'zhangsan', weight: 1 },
      { agentId: 'lisi', weight: 2, perDay: 30, shifts: { weekly: [{ days: ['fri', 'sat'], from: 1320, to: 360 }] } },
    ],
    departments: [
      { departmentId: 7, weight: 1 },
      { departmentId: 9, totalAcrossWays: 500 },
    ],
    backups: ['wangwu'],
    skipVerify: true,
  });
  expect(contactWays?.get('web')).toMatchObject({ mode: 'link', revisitMinutes: 1440, kfAccount: 'wkDesk' });
  expect(waySettings).toEqual({
    calendar: { holidays: ['2026-10-01', '2026-10-02'], workdays: { '2026-10-10': 'fri' } },
    welcome: { standard: { text: '您好！Hello!' }, variants: [] },
  });
  expect(read(ALL).warnings).toEqual([]);
});

test('the example of the settings page can be applied as it stands', () => {
  const page = readFileSync(new URL('../../docs/operations/settings.md', import.meta.url), 'utf8');
  const [, example = ''] = /```yaml\n(calendar:[\s\S]*?)```/.exec(page) ?? [];
  expect(read(example).warnings).toEqual([]);
  expect(wanted(example).contactWays?.get('spring-expo')?.members).toHaveLength(2);
});

test('the sample has a way for its three people', () => {
  const members = wanted(sample).contactWays?.get('front-desk')?.members;
  expect(members?.map(({ agentId }) => agentId)).toEqual(['zhangsan', 'lisi', 'wangwu']);
});

test('any way, written and read again, is the same way', () => {
  fc.assert(
    fc.property(anyFacts, ({ way }) => {
      const again = contactWayOf(WrittenWay.parse(JSON.parse(JSON.stringify(writtenWay(way)))));
      expect(again).toEqual(way);
    }),
  );
  for (const way of wanted(ALL).contactWays?.values() ?? []) {
    expect(contactWayOf(WrittenWay.parse(writtenWay(way)))).toEqual(way);
  }
});

interface Wrong {
  readonly yaml: string;
  readonly path: string;
  readonly problem: RegExp;
  readonly mend: RegExp;
}
const at = (field: string): string => `contactWays[0].${field}`;
const member = (yaml: string): string => withWay(`members: [${yaml}]`);

const wrong: Record<string, Wrong> = {
  'no name': {
    yaml: 'contactWays: [{ id: a, mode: turn, members: [b] }]',
    path: at('name'),
    problem: /missing/,
    mend: /text/,
  },
  'a field of nobody': {
    yaml: withWay('weight: 2'),
    path: at('weight'),
    problem: /not a known/,
    mend: /strategy.*members/,
  },
  'an unknown field of a member': {
    yaml: member('{ id: lisi, capacity: 2 }'),
    path: at('members[0].capacity'),
    problem: /not a known/,
    mend: /weight, shifts, perDay/,
  },
  'an id that no state can have': {
    yaml: withWay('id: 春'),
    path: at('id'),
    problem: /no way id/,
    mend: /small letters/,
  },
  'a mode that is none': {
    yaml: withWay('mode: random'),
    path: at('mode'),
    problem: /pool, turn, link/,
    mend: /one of/,
  },
  'nobody at all': {
    yaml: withWay('members: []'),
    path: at('members'),
    problem: /at least one/,
    mend: /under members/,
  },
  'a weight of 0': {
    yaml: member('{ id: lisi, weight: 0 }'),
    path: at('members[0].weight'),
    problem: /below 1/,
    mend: /1 or/,
  },
  'a weight of 101': {
    yaml: member('lisi, { id: wangwu, weight: 101 }'),
    path: at('members[1].weight'),
    problem: /above 100/,
    mend: /100 or less/,
  },
  'half a weight': {
    yaml: member('{ id: lisi, weight: 1.5 }'),
    path: at('members[0].weight'),
    problem: /whole number/,
    mend: /whole number/,
  },
  'a cap of 0': {
    yaml: member('{ id: lisi, perDay: 0 }'),
    path: at('members[0].perDay'),
    problem: /below 1/,
    mend: /1 or/,
  },
  'a member who cannot be one': { yaml: member('张三'), path: at('members[0]'), problem: /no userid/, mend: /1 to 64/ },
  'a member’s id that cannot be one': {
    yaml: member('{ id: 张三 }'),
    path: at('members[0].id'),
    problem: /no userid/,
    mend: /1 to 64/,
  },
  'a member twice, in another case': {
    yaml: member('lisi, { id: LiSi }'),
    path: at('members[1].id'),
    problem: /member already/,
    mend: /weight/,
  },
  'a backup twice': {
    yaml: withWay('backups: [a, a]'),
    path: at('backups[1]'),
    problem: /backup already/,
    mend: /remove one/,
  },
  'a department twice': {
    yaml: withWay('departments: [7, { id: 7 }]'),
    path: at('departments[1].id'),
    problem: /named already/,
    mend: /remove one/,
  },
  'a department by its name': {
    yaml: withWay('departments: [sales]'),
    path: at('departments[0]'),
    problem: /not a number/,
    mend: /write a number/,
  },
  'a list of departments in a list': {
    yaml: withWay('departments: [[7]]'),
    path: at('departments[0]'),
    problem: /not a set of fields/,
    mend: /such as id, weight/,
  },
  'a member whose userid is a number': {
    yaml: member('1001'),
    path: at('members[0]'),
    problem: /number, not a text/,
    mend: /in quotes: "1001"/,
  },
  'an id that is an address of the admin API': {
    yaml: withWay('id: strange-codes'),
    path: at('id'),
    problem: /admin API/,
    mend: /another id/,
  },
  'a time that is none': {
    yaml: member("{ id: lisi, shifts: { weekly: [{ days: [mon], from: '9', to: '18:00' }] } }"),
    path: at('members[0].shifts.weekly[0].from'),
    problem: /no time of day/,
    mend: /09:00/,
  },
  'a shift without length': {
    yaml: member('{ id: lisi, shifts: { weekly: [{ days: [mon], from: 09:00, to: 09:00 }] } }'),
    path: at('members[0].shifts.weekly[0].to'),
    problem: /begins and ends at once/,
    mend: /00:00 to 24:00/,
  },
  'a weekday that is none': {
    yaml: member('{ id: lisi, shifts: { weekly: [{ days: [monday], from: 09:00, to: 18:00 }] } }'),
    path: at('members[0].shifts.weekly[0].days[0]'),
    problem: /mon, tue/,
    mend: /one of/,
  },
  'a day that is none': {
    yaml: member('{ id: lisi, shifts: { dates: { 2026-02-30: [] } } }'),
    path: at('members[0].shifts.dates.2026-02-30'),
    problem: /no day/,
    mend: /2026-10-01/,
  },
  'a welcome without a form for no names': {
    yaml: withWay("welcome: { standard: { text: '{customer}, hello' } }"),
    path: at('welcome.standard'),
    problem: /has names/,
    mend: /nameless/,
  },
  'an unknown field of a welcome': {
    yaml: withWay('welcome: { standard: { text: Hello, picture: a } }'),
    path: at('welcome.standard.picture'),
    problem: /not a known/,
    mend: /nameless, attachments/,
  },
  'an attachment that WeCom would refuse': {
    yaml: withWay('welcome: { standard: { attachments: [{ type: image }] } }'),
    path: at('welcome.standard'),
    problem: /attachment 1: an image needs/,
    mend: /./,
  },
  'a long remark': {
    yaml: withWay(`remark: ${'a'.repeat(21)}`),
    path: at('remark'),
    problem: /more than 20/,
    mend: /shorten/,
  },
  'a mini-program link': {
    yaml: withWay('mode: link\nscene: mini-program'),
    path: at('mode'),
    problem: /button/,
    mend: /pool/,
  },
  'a pool of 101': {
    yaml: withWay(`mode: pool\nmembers: [${Array.from({ length: 101 }, (_, n) => `a${n}`)}]`),
    path: at('members'),
    problem: /at most 100/,
    mend: /turn or link/,
  },
  'a kf account that is none': {
    yaml: withWay('mode: link\nkfAccount: 客服'),
    path: at('kfAccount'),
    problem: /no customer/,
    mend: /wk/,
  },
  'a way twice': {
    yaml: 'contactWays: [{ id: a, name: A, mode: turn, members: [b] }, { id: a, name: B, mode: turn, members: [b] }]',
    path: 'contactWays[1].id',
    problem: /already stands at contactWays\[0\]/,
    mend: /another id/,
  },
  'a holiday that is none': {
    yaml: 'calendar: { holidays: [10-01] }',
    path: 'calendar.holidays[0]',
    problem: /no day/,
    mend: /2026/,
  },
  'a day that is a holiday and a working day': {
    yaml: 'calendar: { holidays: [2026-10-10], workdays: { 2026-10-10: fri } }',
    path: 'calendar.workdays',
    problem: /cannot be both/,
    mend: /one of the two/,
  },
  'an empty default welcome': {
    yaml: 'welcome: { standard: {} }',
    path: 'welcome.standard',
    problem: /text or an/,
    mend: /./,
  },
};

test.each(Object.entries(wrong))('%s is a problem, with its place and the mend', (_, { yaml, path, problem, mend }) => {
  expect(problemsOf(yaml)).toEqual([
    { path, problem: expect.stringMatching(problem), mend: expect.stringMatching(mend) },
  ]);
});

describe('a file of which only a part has its shape', () => {
  const all = (yaml: string) => problemsOf(yaml).map(({ path }) => path);

  test('is told what is wrong with the other parts in the same pass', () => {
    const ways = [
      '{ id: a, name: A, mode: random, members: [b] }',
      '{ id: a, name: A, mode: link, scene: mini-program, members: [b, B], perDay: 0, colour: red }',
    ];
    const yaml = `agents: [{ id: b, capacity: 0 }]\ncontactWays: [${ways}]\nreplies: [{ accounts: [] }]`;
    expect(all(yaml).toSorted()).toEqual([
      'agents[0].capacity',
      'contactWays[0].mode',
      'contactWays[1].colour',
      'contactWays[1].id',
      'contactWays[1].members[1].id',
      'contactWays[1].mode',
      'contactWays[1].perDay',
      'replies[0].accounts',
    ]);
  });

  test.each([
    ['members', 'members: [7]'],
    ['departments', 'members: []\ndepartments: [sales]'],
  ])('is not told that nobody serves when %s are written wrongly', (field, yaml) => {
    expect(all(withWay(yaml))).toEqual([at(`${field}[0]`)]);
  });

  test.each(['contactWays: 3', 'contactWays: [3]', '[]', '3', 'agents: x\ncontactWays: {}'])(
    'is read whatever it is: %s',
    (yaml) => {
      expect(all(yaml)).not.toEqual([]);
    },
  );
});

describe('the id has to fit into WeCom’s state with the stage', () => {
  const id = 'a-way-of-sixteen';
  test.each([
    ['dev', 'turn', true],
    ['dev', 'link', true],
    ['production', 'turn', true],
    ['production', 'link', false],
    ['production-eu', 'turn', false],
  ])('%s, %s: %s', (stage, mode, fits) => {
    const problems = problemsOf(withWay(`id: ${id}\nmode: ${mode}`), stage);
    expect(problems.map(({ path }) => path)).toEqual(fits ? [] : [at('id')]);
  });

  test('a stage that no state can have is named', () => {
    expect(problemsOf(withWay('id: a'), 'dev:eu')).toMatchObject([
      { path: at('id'), problem: expect.stringContaining('the stage') },
    ]);
  });
});

test.each([
  ['paused: true', 'paused'],
  [`name: ${'a'.repeat(31)}`, 'name'],
  ['emergency: true', 'emergency'],
  ['kfAccount: wkDesk', 'kfAccount'],
  ['memberContact: acquisition-link', 'memberContact'],
  ['members: [{ id: lisi, weight: 2 }]', 'strategy'],
  ['members: [{ id: lisi, perDay: 3, total: 2 }]', 'members[0].perDay'],
])('%s is worth a warning', (fields, path) => {
  expect(read(withWay(fields)).warnings.map((warning) => warning.path)).toEqual([at(path)]);
});

test('a long name is cut by WeCom, which keeps its beginning as the code’s remark', () => {
  const [warning] = read(withWay(`name: ${'a'.repeat(31)}`)).warnings;
  expect(warning?.problem).toMatch(/WeCom keeps its first 30 characters as the code’s remark/);
});

test('a scene cannot be changed, in whatever place the way stands', () => {
  const two = (scene: string) =>
    wanted(
      `contactWays: [{ id: a, name: A, mode: turn, members: [b] }, { id: b, name: B, mode: turn, members: [b], scene: ${scene} }]`,
    );
  expect(impossibleInFile(two('code'), two('mini-program'))).toEqual([
    {
      path: 'contactWays[1].scene',
      problem: expect.stringMatching(/WeCom cannot change the scene/),
      mend: expect.stringMatching(/scene: code, or delete.*another id.*new code/),
    },
  ]);
  expect(impossibleInFile(two('code'), two('code'))).toEqual([]);
  expect(impossibleInFile(wanted('contactWays: []'), two('mini-program'))).toEqual([]);
  expect(impossibleInFile(two('code'), wanted('agents: []'))).toEqual([]);
});

describe('a plan', () => {
  const nothing = wanted('agents: []');
  const before = wanted(ALL);

  test('says in the words of the file what becomes different', () => {
    const changed = ALL.replace('weight: 2', 'weight: 3')
      .replace('from: 22:00', 'from: 21:00')
      .replace('mode: link', 'mode: link, revisitMinutes: 60');
    expect(planBusiness(before, wanted(changed))).toEqual([
      {
        kind: 'contactWays',
        id: 'spring-expo',
        how: 'changed',
        details: ['members.lisi.weight: 2 → 3', 'members.lisi.shifts.weekly[0].from: "22:00" → "21:00"'],
      },
      { kind: 'contactWays', id: 'web', how: 'changed', details: ['revisitMinutes: 1440 → 60'] },
    ]);
  });

  test('leaves ways and their settings alone where the file says nothing of them, and says so', () => {
    expect(planBusiness(before, nothing)).toEqual([]);
    expect(leftAlone(before, nothing)).toEqual(['contactWays']);
    expect(leftAlone(nothing, nothing)).toEqual([]);
    expect(leftAlone(before, before)).toEqual([]);
  });

  test('removes them all where the list is empty, and says what becomes of the printed codes', () => {
    const details = [expect.stringMatching(/printed code stops working for good.*已印出的码/)];
    expect(planBusiness(before, wanted('contactWays: []'))).toEqual([
      { kind: 'contactWays', id: 'spring-expo', how: 'removed', details },
      { kind: 'contactWays', id: 'web', how: 'removed', details },
    ]);
  });

  test('says that codes stay with the app that made them', () => {
    const other = wanted(ALL.replace('mode: pool', 'mode: pool\n    app: other'));
    expect(planBusiness(before, other)[0]?.details).toContainEqual(expect.stringMatching(/stay with the app.*原应用/));
  });

  test('says when a printed code has to be replaced, and what the address of a link should be', () => {
    const link = wanted(ALL.replace('mode: pool', 'mode: link'));
    expect(planBusiness(before, link)[0]?.details).toContainEqual(expect.stringMatching(/has to be replaced.*更换/));
    const [, web] = planBusiness(nothing, before).filter(({ kind }) => kind === 'contactWays');
    expect(web?.details).toEqual([expect.stringContaining('contactAddress')]);
  });

  test('names each setting of all ways by itself', () => {
    const calendar = wanted(ALL.replace('2026-10-02', '2026-10-03').replace(/^welcome:\n.*$/m, ''));
    expect(planBusiness(before, calendar)).toEqual([
      {
        kind: 'waySettings',
        id: 'calendar',
        how: 'changed',
        details: ['holidays: added 2026-10-03; removed 2026-10-02'],
      },
    ]);
  });
});
