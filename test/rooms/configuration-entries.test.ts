import { expect, test } from '@jest/globals';
import { applyBusiness, readArrangement } from '../../lib/configuration/apply-business.ts';
import { arrangementOf } from '../../lib/configuration/arrangement.ts';
import { planBusiness } from '../../lib/configuration/plan-business.ts';
import { readBusiness } from '../../lib/configuration/read-business.ts';

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
  [{ id: 'fair' }, `${at}.id: there is a entry fair already, at entries[0]`],
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

test('the plan names entries, and what they name is saved before them', async () => {
  const saved: string[] = [];
  const nothing = wanted('{}');
  const after = wanted(aFile([poster]));
  expect(planBusiness(nothing, after).map(({ kind, id }) => `${kind} ${id}`)).toEqual(
    expect.arrayContaining(['ruleSets @fair', 'entries fair', 'entries poster']),
  );
  const log = (what: string) => async () => void saved.push(what);
  const none = async () => [];
  const stores = {
    people: {
      configured: async () => ({ agents: [], teams: [], accounts: [] }),
      line: none,
      calendar: async () => ({ holidays: [], workdays: {} }),
      saveAgent: log('agent'),
      saveTeam: log('team'),
      assignAccount: log('account'),
      removeAgent: log('no agent'),
      removeTeam: log('no team'),
      removeAccount: log('no account'),
      saveCalendar: log('calendar'),
    },
    replies: {
      configured: async () => new Map(),
      quickReplies: async () => new Map(),
      faq: async () => undefined,
      entrances: none,
      save: log('rules'),
      remove: log('no rules'),
      saveQuickReply: log('quick reply'),
      removeQuickReply: log('no quick reply'),
      saveFaq: log('faq'),
      removeFaq: log('no faq'),
      keepFaqs: async () => undefined,
      saveEntrances: log('entries'),
    },
    ways: {
      ways: none,
      settings: async () => ({ calendar: { holidays: [], workdays: {} }, welcome: { variants: [] } }),
      saveWay: log('way'),
      removeWay: log('no way'),
      saveSettings: log('settings'),
    },
    notices: {
      settings: async () => ({ supervisors: [], terms: after.notices.get('notices') }),
      saveSettings: log('notices'),
    },
    clock: () => 0,
  } as unknown as Parameters<typeof applyBusiness>[0];
  expect((await readArrangement(stores)).entries.size).toBe(0);
  await applyBusiness(stores, after);
  expect(saved.filter((one) => one === 'entries')).toHaveLength(1);
  expect(saved.indexOf('entries')).toBeGreaterThan(Math.max(saved.lastIndexOf('rules'), saved.lastIndexOf('team')));
});
