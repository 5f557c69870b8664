import { describe, expect, test } from '@jest/globals';
import { applyBusiness, readArrangement } from '../../lib/configuration/apply-business.ts';
import { type Arrangement, arrangementOf } from '../../lib/configuration/arrangement.ts';
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
import { contactWaysShape, repliesShape, routingShape, wecomShape } from '../../lib/store/tables.ts';
import { memoryTable } from '../support/memory-table.ts';

const noon = Date.UTC(2026, 0, 15, 12);

/** Two teams; `amy` and `support` have these fields, too. */
const house = (amy = '', support = '', sales = ''): string => `
agents:
  - { id: amy, capacity: 2${amy && `, ${amy}`} }
  - { id: bob, capacity: 1 }
teams:
  - { id: support, accounts: ['*'], agents: [amy, bob]${support && `, ${support}`} }
  - { id: sales, accounts: [wkSales], agents: [bob]${sales && `, ${sales}`} }
`;

const FULL = house(
  `skills: { billing: 4, refunds: 1 }, languages: [zh, en], weight: 3, shifts: { weekly: [{ days: [mon], from: 09:00, to: 18:00 }] }`,
  `strategy: weighted, relaxAfterSeconds: [60, 180], overflow: [{ teamId: sales, afterSeconds: 120 }], stickySeconds: 300, agingMinutes: 5, offer: { seconds: 90 }`,
);

function wanted(yaml: string): Arrangement {
  const read = readBusiness(yaml);
  if (!read.ok) throw new Error(JSON.stringify(read.problems));
  return arrangementOf(read.business);
}

function world() {
  const routing = memoryTable(routingShape('routing'));
  const waysTable = memoryTable(contactWaysShape('ways'));
  const settings = { attentionAfterMs: 1000, keepMs: 1000 };
  const people = routingStore(routing, inbox(routing, settings));
  const ways = contactWayStore(waysTable, inbox(waysTable, settings));
  const repliesTable = memoryTable(repliesShape('replies'));
  const replies = {
    ...ruleSetStore(repliesTable),
    ...quickReplyStore(repliesTable),
    ...faqStore(repliesTable),
    ...entranceStore(repliesTable),
  };
  const notices = noticesStore(memoryTable(wecomShape('wecom')));
  const media = libraryStore(repliesTable);
  return { people, ways, stores: { people, ways, replies, notices, media, clock: () => noon } };
}

describe('terms in a file', () => {
  test.each<[title: string, yaml: string, path: string, problem: string]>([
    [
      'an overflow team that is not there',
      house('', 'overflow: [{ teamId: night, afterSeconds: 60 }]'),
      'teams[0].overflow[0].teamId',
      'there is no team night',
    ],
    [
      'a team that helps itself out',
      house('', 'overflow: [{ teamId: support, afterSeconds: 60 }]'),
      'teams[0].overflow[0]',
      'leads back to the team itself: support → support',
    ],
    [
      'teams that help each other out',
      house('', 'overflow: [{ teamId: sales, afterSeconds: 60 }]', 'overflow: [{ teamId: support, afterSeconds: 9 }]'),
      'teams[0].overflow[0]',
      'leads back to the team itself: support → sales → support',
    ],
    [
      'an overflow team named twice',
      house('', 'overflow: [{ teamId: sales, afterSeconds: 60 }, { teamId: sales, afterSeconds: 90 }]'),
      'teams[0].overflow[1]',
      'names team sales a second time',
    ],
    [
      'a strategy that is none',
      house('', 'strategy: fastest'),
      'teams[0].strategy',
      'is not one of least-busy, longest-idle, round-robin, weighted, by-skill',
    ],
    [
      'steps that do not rise',
      house('', 'relaxAfterSeconds: [60, 60]'),
      'teams[0].relaxAfterSeconds',
      'each step has to come later than the one before',
    ],
    [
      'a shift of no length',
      house('shifts: { weekly: [{ days: [mon], from: 09:00, to: 09:00 }] }'),
      'agents[0].shifts.weekly[0].to',
      'the slot begins and ends at once',
    ],
    [
      'opening hours of no length',
      house('', 'openingHours: { weekly: [{ days: [mon], from: 09:00, to: 09:00 }] }'),
      'teams[0].openingHours.weekly[0].to',
      'the slot begins and ends at once',
    ],
    ['a level above the highest', house('skills: { billing: 6 }'), 'agents[0].skills.billing', 'is above 5'],
    ['a level below the lowest', house('skills: { billing: 0 }'), 'agents[0].skills.billing', 'is below 1'],
    ['half a level', house('skills: { billing: 1.5 }'), 'agents[0].skills.billing', 'is not a whole number'],
    [
      'a skill without a proper name',
      house("skills: { 'a skill!': 1 }"),
      'agents[0].skills.a skill!',
      'a skill is 1 to 32 letters, digits and - _ . that begin with a letter or a digit',
    ],
    ['a language that is none', house('languages: [Chinese]'), 'agents[0].languages[0]', 'is no language'],
    ['a weight of nothing', house('weight: 0'), 'agents[0].weight', 'is below 1'],
    ['an offer too short to be read', house('', 'offer: { seconds: 5 }'), 'teams[0].offer.seconds', 'is below 10'],
    [
      'an offer that nobody may miss',
      house('', 'offer: { seconds: 60, offDutyAfter: 0 }'),
      'teams[0].offer.offDutyAfter',
      'is below 1',
    ],
    [
      'a field of an offer that is none',
      house('', 'offer: { seconds: 60, minutes: 1 }'),
      'teams[0].offer.minutes',
      'is not a known field',
    ],
  ])('%s is refused with its place and the mend', (_, yaml, path, problem) => {
    const read = readBusiness(yaml);
    expect(read).toMatchObject({ ok: false });
    if (read.ok) return;
    expect(read.problems[0]).toEqual({ path, problem, mend: expect.not.stringMatching(/^correct the value$|^$/) });
  });

  test('offers of a team with a single agent are warned about, unless another team helps out', () => {
    const offer = 'offer: { seconds: 60 }';
    const alone = readBusiness(house('', '', offer));
    expect(alone).toMatchObject({ ok: true, warnings: [{ path: 'teams[1].offer' }] });
    const helped = readBusiness(house('', '', `${offer}, overflow: [{ teamId: support, afterSeconds: 60 }]`));
    expect(helped).toMatchObject({ ok: true, warnings: [] });
  });

  test('a file without any terms stays valid, and says nothing of them', () => {
    const arrangement = wanted(house());
    expect(arrangement.agents.get('amy')).toEqual({ capacity: 2, duty: 'on', teams: ['support'] });
    expect(arrangement.teams.get('support')).toEqual({ agents: ['amy', 'bob'], endAfterSilenceSeconds: 1800 });
  });
});

describe('terms in the stores', () => {
  test('what was applied is what the functions find, and applying it again changes nothing', async () => {
    const { stores, people } = world();
    await applyBusiness(stores, wanted(FULL));
    expect(await people.team('support')).toEqual({
      teamId: 'support',
      agents: ['amy', 'bob'],
      endAfterSilenceSeconds: 1800,
      strategy: 'weighted',
      relaxAfterSeconds: [60, 180],
      overflow: [{ teamId: 'sales', afterSeconds: 120 }],
      stickySeconds: 300,
      agingMinutes: 5,
      offer: { seconds: 90, offDutyAfter: 3 },
    });
    expect(await people.agents(['amy'])).toMatchObject([
      {
        skills: { billing: 4, refunds: 1 },
        languages: ['zh', 'en'],
        weight: 3,
        shifts: { weekly: [{ days: ['mon'], from: 540, to: 1080 }] },
      },
    ]);
    expect((await applyBusiness(stores, wanted(FULL))).changes).toEqual([]);
  });

  test('what disappears from the file disappears from the stores', async () => {
    const { stores, people } = world();
    await applyBusiness(stores, wanted(FULL));
    await applyBusiness(stores, wanted(house()));
    const [amy] = await people.agents(['amy']);
    expect(amy).not.toHaveProperty('skills');
    expect(amy).not.toHaveProperty('shifts');
    expect(await people.team('support')).toEqual({
      teamId: 'support',
      agents: ['amy', 'bob'],
      endAfterSilenceSeconds: 1800,
    });
    expect(planBusiness(await readArrangement(stores), wanted(house()))).toEqual([]);
  });

  test('the plan says what changes, in the words of the file', () => {
    const other = FULL.replace('from: 09:00', 'from: 10:00')
      .replace('billing: 4', 'billing: 5')
      .replace('[60, 180]', '[60]');
    expect(planBusiness(wanted(FULL), wanted(other))).toMatchObject([
      { kind: 'agents', id: 'amy', details: ['skills.billing: 4 → 5', 'shifts.weekly[0].from: "09:00" → "10:00"'] },
      { kind: 'teams', id: 'support', details: ['relaxAfterSeconds: [60,180] → [60]'] },
    ]);
  });

  test('the agents of an overflow team wake the teams that they help out', async () => {
    const { stores, people } = world();
    const yaml = house('', '', 'overflow: [{ teamId: support, afterSeconds: 60 }]');
    await applyBusiness(stores, wanted(yaml));
    await people.claim('amy', 'wk:eve#r1', noon);
    expect(await people.release('amy', 'wk:eve#r1', noon)).toEqual(['support', 'sales']);
    // Bob is in both teams: one word is enough.
    expect(await people.release('bob', 'wk:none#r1', noon)).toEqual(['sales', 'support']);
  });

  test('the calendar reaches agents and contact ways, also where only one of the two has it', async () => {
    const { stores, people, ways } = world();
    const calendar = { holidays: ['2026-10-01'], workdays: {} };
    const yaml = `${house()}calendar: { holidays: [2026-10-01] }\n`;
    await ways.saveSettings({ ...(await ways.settings()), calendar }, noon);
    const { changes, teamsToWake } = await applyBusiness(stores, wanted(yaml));
    expect(changes).toContainEqual(expect.objectContaining({ kind: 'waySettings', id: 'calendar' }));
    expect(teamsToWake).toEqual(['support', 'sales']);
    expect(await people.calendar()).toEqual(calendar);
    expect((await applyBusiness(stores, wanted(yaml))).changes).toEqual([]);
  });
});

describe('duty', () => {
  test('who was switched off by hand stays off when the file changes something else, and the plan does not name it', async () => {
    const { stores, people } = world();
    await applyBusiness(stores, wanted(house()));
    await people.setDuty('amy', 'off', noon);
    expect(planBusiness(await readArrangement(stores), wanted(house()))).toEqual([]);
    await applyBusiness(stores, wanted(house('weight: 2')));
    expect(await people.agents(['amy'])).toMatchObject([{ duty: 'off', weight: 2 }]);
  });

  test('a change of duty in the file holds, whatever was switched since', async () => {
    const { stores, people } = world();
    await applyBusiness(stores, wanted(house('duty: off')));
    await people.setDuty('amy', 'off', noon);
    await applyBusiness(stores, wanted(house('duty: on')));
    expect(await people.agents(['amy'])).toMatchObject([{ duty: 'on' }]);
  });
});
