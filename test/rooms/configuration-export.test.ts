import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { businessStores } from '../../commands/business-stores.ts';
import { exportStage } from '../../commands/export-config.ts';
import { planText } from '../../commands/plan-text.ts';
import { readBusinessFile } from '../../commands/read-file.ts';
import { applyBusiness, readArrangement } from '../../lib/configuration/apply-business.ts';
import { type Arrangement, arrangementOf } from '../../lib/configuration/arrangement.ts';
import { exportBusiness } from '../../lib/configuration/export-business.ts';
import { planBusiness } from '../../lib/configuration/plan-business.ts';
import { readBusiness } from '../../lib/configuration/read-business.ts';
import { baseOf, changedSince, isBase, StaleBase } from '../../lib/configuration/stage-base.ts';
import { libraryStore } from '../../lib/media/library-store.ts';
import { libraryKey } from '../../lib/media/our-file.ts';
import { contactWaysShape, repliesShape, routingShape, wecomShape } from '../../lib/store/tables.ts';
import { memoryObjects } from '../support/memory-objects.ts';
import { memoryTable } from '../support/memory-table.ts';

function stage() {
  const replies = memoryTable(repliesShape('replies'));
  return businessStores({
    routing: memoryTable(routingShape('routing')),
    replies,
    ways: memoryTable(contactWaysShape('ways')),
    wecom: memoryTable(wecomShape('wecom')),
    media: libraryStore(replies),
    clock: () => Date.UTC(2026, 0, 15, 12),
  });
}

function wanted(yaml: string): Arrangement {
  const read = readBusiness(yaml);
  if (!read.ok) throw new Error(JSON.stringify(read.problems));
  return arrangementOf(read.business);
}

/** What a stage that this was applied to is exported as. */
async function exportedAfter(arrangement: Arrangement) {
  const stores = stage();
  await applyBusiness(stores, arrangement);
  const current = await readArrangement(stores);
  return { current, ...exportBusiness(current, 'dev') };
}

test('the sample, applied and exported, applies again without a change, and makes the same stage of an empty one', async () => {
  const { business } = await readBusinessFile('config/sample.yml');
  const { current, yaml, notes } = await exportedAfter(arrangementOf(business));
  expect(notes).toEqual([]);
  expect(planBusiness(current, wanted(yaml))).toEqual([]);
  const elsewhere = await exportedAfter(wanted(yaml));
  expect(baseOf(elsewhere.current)).toBe(baseOf(current));
  expect(elsewhere.yaml).toBe(yaml);
  // What is as it would be by itself is not said.
  expect(yaml).not.toMatch(/courtesies|skipVerify|similar: \[\]|quickReplies:\n {6}/);
});

test('an empty stage is exported as a file that can be read', async () => {
  const { current, yaml, notes } = await exportedAfter(wanted('agents: []'));
  expect(notes).toEqual([]);
  expect(planBusiness(current, wanted(yaml))).toEqual([]);
});

test('the sample of pictures comes back with its files beside it', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'export-'));
  try {
    const { business } = await readBusinessFile('config/sample-pictures.yml');
    const stores = stage();
    await applyBusiness(stores, arrangementOf(business));
    const objects = memoryObjects();
    const bytes = new Uint8Array(await readFile('config/pictures/map.png'));
    const told: string[] = [];
    const io = { print: () => undefined, tell: (text: string) => told.push(text) };
    const run = (name: string) =>
      exportStage({ stage: 'dev', to: join(folder, name), stores, bucket: async () => objects }, io);

    expect(await run('without.yml')).toBe(3);
    expect(told).toEqual(['warning: media map: pictures/map.png is not in the bucket\n']);

    for (const { hash } of business.media) await objects.put(libraryKey(hash), { bytes, contentType: 'image/png' });
    expect(await run('whole.yml')).toBe(0);
    const again = await readBusinessFile(join(folder, 'whole.yml'));
    expect(planBusiness(await readArrangement(stores), arrangementOf(again.business))).toEqual([]);

    // Neither the configuration nor a file that lies there is written over.
    await expect(run('whole.yml')).rejects.toThrow('Is it there already?');
    await writeFile(join(folder, 'pictures', 'map.png'), 'mine');
    expect(await run('third.yml')).toBe(3);
    expect(await readFile(join(folder, 'pictures', 'map.png'), 'utf8')).toBe('mine');
  } finally {
    await rm(folder, { recursive: true });
  }
});

test.each(['../above.png', '/tmp/elsewhere.png', 'a/../../above.png'])(
  'a stage that names %s has nothing written there',
  async (file) => {
    const folder = await mkdtemp(join(tmpdir(), 'export-'));
    try {
      const stores = stage();
      const facts = { id: 'map', name: 'map.png', hash: 'a'.repeat(64), bytes: 9, format: 'png' } as const;
      await stores.media.saveFile({ ...facts, file });
      const told: string[] = [];
      const bucket = async () => {
        throw new Error('nothing is to be fetched');
      };
      const to = join(folder, 'stage.yml');
      const code = await exportStage(
        { stage: 'dev', to, stores, bucket },
        { print: () => undefined, tell: (text) => told.push(text) },
      );
      expect({ code, told }).toEqual({
        code: 3,
        told: [`warning: media map: ${file} is outside of the folder, and was not written\n`],
      });
    } finally {
      await rm(folder, { recursive: true });
    }
  },
);

test('what the admin API changed since is in the export, and what a file would change besides is said', async () => {
  const stores = stage();
  await applyBusiness(
    stores,
    wanted(`
quickReplies: [{ id: hours, en: Nine to six }]
replies: [{ accounts: ['*'], rules: [{ id: hours, exact: [hours], reply: { quick: hours } }] }]
`),
  );
  await stores.replies.saveQuickReply({ id: 'hours', en: 'Ten to six', folder: '' });
  const { yaml, notes } = exportBusiness(await readArrangement(stores), 'dev');
  expect(yaml).toContain('en: Ten to six');
  // The rule set still says its copy.
  expect(notes).toEqual(['apply would change: ruleSets * quickReplies.hours.en: "Nine to six" → "Ten to six"']);
  expect(yaml).toContain(`# ! ${notes[0]}\n`);
});

test('roles, scopes and quiet hours of supervisors are exported', async () => {
  const { yaml } = await exportedAfter(
    wanted(`
agents: [{ id: amy, capacity: 1 }]
teams: [{ id: support, accounts: ['*'], agents: [amy] }]
supervisors:
  - { id: amy, teams: [support], role: operator, quiet: { weekly: [{ days: [mon], from: 22:00, to: 08:00 }] } }
`),
  );
  expect(wanted(yaml).supervisors.get('amy')).toEqual({
    id: 'amy',
    teams: ['support'],
    language: 'zh',
    role: 'operator',
    quiet: { weekly: [{ days: ['mon'], from: 1320, to: 480 }], dates: {} },
  });
});

test('whatever is applied is exported as it is', async () => {
  // What YAML might take for something else, or lose.
  const text = fc.oneof(
    fc.constantFrom(
      'yes',
      'on',
      'null',
      '~',
      '1e3',
      '0x10',
      '2026-01-01',
      '22:00',
      '*',
      '- a',
      '# b',
      'a: b',
      '"',
      "'",
    ),
    fc.constantFrom(' a', 'a ', 'a\n', '\na', 'a\n\n b\n', '\ta', 'a\r\nb', '{x}', '[', '&a', '!x', '%', '@', '<<'),
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 60 }),
  );
  const hours = fc.constantFrom(
    { weekly: [{ days: ['mon', 'sun'], from: '22:00', to: '08:00' }] },
    { dates: { '2026-10-01': [] } },
    {
      weekly: [{ days: ['fri'], from: '00:00', to: '24:00' }],
      dates: { '2026-10-02': [{ from: '09:00', to: '10:00' }] },
    },
  );
  const may = <T>(name: string, one: fc.Arbitrary<T>) =>
    fc.option(one, { nil: undefined }).map((value) => (value === undefined ? {} : { [name]: value }));
  const all = (...parts: fc.Arbitrary<object>[]) => fc.tuple(...parts).map((found) => Object.assign({}, ...found));
  const ruleSet = all(
    may('openingHours', hours),
    may(
      'greeting',
      text.map((said) => ({ text: said })),
    ),
    may('fallback', text),
    may('faq', fc.constantFrom(false, true, { threshold: 0.4 })),
    may('rating', fc.constantFrom({ kind: 'csat' }, { kind: 'nps', thanks: 'x' })),
    may('model', fc.constantFrom({ instructions: 'be kind' }, { instructions: '-', deadlineSeconds: 9 })),
    may('texts', fc.constantFrom({ waiting: 'wait' }, {})),
    may(
      'rules',
      text.map((said) => [
        { id: 'b', exact: ['b'], replies: [{ text: said }, { quick: 'y' }, { quick: 'x' }] },
        { id: 'a', contains: [said], handOver: true },
      ]),
    ),
  );
  const business = all(
    fc.constant({
      agents: [
        { id: 'amy', capacity: 2, skills: { tea: 3 } },
        { id: 'bob', capacity: 1, duty: 'off' },
      ],
      teams: [
        { id: 'support', accounts: ['*', 'wkA'], agents: ['bob', 'amy'] },
        { id: 'help', accounts: [], agents: ['bob'] },
      ],
      // In an order that no store keeps.
      quickReplies: [
        { id: 'y', zh: '好' },
        { id: 'x', en: 'fine', folder: 'f' },
      ],
    }),
    may('calendar', fc.constantFrom({ holidays: ['2026-10-01'] }, { workdays: { '2026-10-10': 'mon' } }, {})),
    may('welcome', fc.constant({ standard: { text: 'Hello' } })),
    may(
      'faq',
      fc.constant([
        { id: 'z', question: 'why?', answer: { text: 'so' } },
        { id: 'a', question: 'how?', answer: { text: 'thus' }, enabled: false },
      ]),
    ),
    may(
      'supervisors',
      hours.map((quiet) => [{ id: 'amy', role: 'viewer', quiet }]),
    ),
    may('notices', fc.constantFrom({ perHour: 3 }, { link: 'https://example.com' })),
    may(
      'contactWays',
      fc.tuple(text, hours).map(([name, shifts]) => [
        {
          id: 'desk',
          name,
          mode: 'turn',
          members: ['amy', { id: 'bob', weight: 2, shifts }],
          welcome: { standard: { text: 'Hi' } },
        },
        { id: 'web', name: 'Web', mode: 'link', departments: [7, { id: 8, perDay: 2 }], paused: true },
      ]),
    ),
    fc.tuple(ruleSet, ruleSet, fc.boolean()).map(([one, other, same]) => ({
      replies: [
        { ...one, accounts: ['*'], id: 'n' },
        { ...(same ? one : other), accounts: ['wkA'] },
        { ...other, accounts: [], id: 'm' },
      ],
      entries: [
        { id: 'e', account: 'wkA', scene: 'poster', rules: 'n' },
        { id: 'f', account: 'wkA', scene: 'hall', channel: '1', rules: 'm' },
      ],
    })),
  );
  let applied = 0;
  await fc.assert(
    fc.asyncProperty(business, async (one) => {
      const read = readBusiness(JSON.stringify(one));
      fc.pre(read.ok);
      if (!read.ok) return;
      applied += 1;
      const { current, yaml, notes } = await exportedAfter(arrangementOf(read.business));
      expect(notes).toEqual([]);
      expect(planBusiness(current, wanted(yaml))).toEqual([]);
    }),
    { numRuns: 100 },
  );
  expect(applied).toBeGreaterThan(50);
});

const before = `
agents: [{ id: amy, capacity: 2 }, { id: bob, capacity: 1 }]
teams: [{ id: support, accounts: ['*'], agents: [amy, bob] }]
`;

test('a base holds as long as nothing that is configured changes', async () => {
  const stores = stage();
  await applyBusiness(stores, wanted(before));
  const base = baseOf(await readArrangement(stores));
  expect(isBase(base)).toBe(true);
  // The same in another order is the same, and so is what an agent does with his own switch.
  await applyBusiness(stores, wanted(before.replace('[amy, bob]', '[bob, amy]')));
  await stores.people.setDuty('amy', 'off', stores.clock());
  expect(changedSince(base, await readArrangement(stores))).toEqual([]);
});

test.each([
  ['agents', before.replace('capacity: 2', 'capacity: 3')],
  ['accounts', before.replace("['*']", "['*', wkA]")],
  ['teams', before.replace('agents: [amy, bob] }', 'agents: [amy, bob], endAfterSilenceSeconds: 600 }')],
  ['quickReplies', `${before}quickReplies: [{ id: x, en: y }]`],
  ['faq', `${before}faq: [{ id: x, question: why, answer: { text: so } }]`],
  ['ruleSets', `${before}replies: [{ accounts: ['*'], fallback: What? }]`],
  ['supervisors', `${before}supervisors: [{ id: amy, role: operator }]`],
  ['notices', `${before}notices: { perHour: 3 }`],
  ['contactWays', `${before}contactWays: [{ id: desk, name: Desk, mode: turn, members: [amy] }]`],
  ['waySettings', `${before}calendar: { holidays: [2026-10-01] }`],
  ['entries', `${before}entries: [{ id: e, account: wkA, scene: poster }]`],
])('a base that others left behind is refused, and %s is named', async (section, theirs) => {
  const stores = stage();
  await applyBusiness(stores, wanted(before));
  const base = baseOf(await readArrangement(stores));
  const mine = wanted(before.replace('id: bob, capacity: 1', 'id: bob, capacity: 4'));
  await applyBusiness(stores, wanted(theirs));
  const refused = await applyBusiness(stores, mine, { base }).catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(StaleBase);
  expect(refused).toMatchObject({ changed: [section], message: expect.stringContaining(section) });
  // Nothing was written: theirs is what the stage has.
  expect(planBusiness(await readArrangement(stores), wanted(theirs))).toEqual([]);
  // With the base of now it goes.
  const now = baseOf(await readArrangement(stores));
  await applyBusiness(stores, mine, { base: now });
  expect((await readArrangement(stores)).agents.get('bob')?.capacity).toBe(4);
});

test.each(['', 'b1', 'b2.x.y', `b1.${'a'.repeat(22)}.${'0'.repeat(47)}`])('%j is no base', (text) => {
  expect(isBase(text)).toBe(false);
});

test('a plan for people is bounded', () => {
  const words = (n: number) => Array.from({ length: n }, (_, index) => `word-${index}`);
  const rules = (n: number) => words(n).map((id) => ({ id, exact: [id], handOver: true }));
  const file = (n: number) =>
    wanted(
      JSON.stringify({
        replies: [{ accounts: ['*'], rules: [{ id: 'long', contains: words(n), handOver: true }, ...rules(n)] }],
      }),
    );
  const lines = planText(planBusiness(file(1), file(300)), [])
    .trimEnd()
    .split('\n');
  expect(lines.length).toBe(22);
  expect(lines[1]).toMatch(/^ {4}rules\.long\.contains: added word-1, word-2.*…$/);
  expect(lines.at(-1)).toMatch(/and 280 more/);
  for (const line of lines) expect(line.length).toBeLessThan(120);
});
