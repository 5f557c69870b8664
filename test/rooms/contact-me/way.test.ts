import { describe, expect, test } from '@jest/globals';
import { ContactWay, welcomeAt, withDepartments } from '../../../lib/contact-me/way.ts';
import { NO_CALENDAR } from '../../../lib/platform/shifts.ts';
import { aWay, china, NOON, SHANGHAI } from './rotation-facts.ts';

const written = { wayId: 'fair', name: 'Fair', mode: 'turn', members: [{ agentId: 'amy' }] };
const problems = (changed: Record<string, unknown>): string[] => {
  const { error } = ContactWay.safeParse({ ...written, ...changed });
  return error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`) ?? [];
};
const named = (count: number) => Array.from({ length: count }, (_, index) => ({ agentId: `m${index}` }));

describe('a contact way as it is configured', () => {
  test('needs little, and has defaults for the rest', () => {
    expect(ContactWay.parse(written)).toMatchObject({
      app: 'main',
      scene: 'code',
      strategy: 'round-robin',
      skipVerify: true,
      members: [{ agentId: 'amy', weight: 1 }],
      backups: [],
      revisitMinutes: 1440,
      emergency: false,
    });
  });

  test('members are known by their ids in lower case, so nobody is there twice', () => {
    const way = ContactWay.parse({ ...written, members: [{ agentId: ' Amy ' }], backups: ['BEN'] });
    expect([way.members[0]?.agentId, way.backups]).toEqual(['amy', ['ben']]);
    expect(problems({ members: [{ agentId: 'amy' }, { agentId: 'Amy' }] })).toEqual([
      'members.1.agentId: is a member already; raise the weight instead',
    ]);
    expect(problems({ backups: ['ben', 'BEN'] })).toEqual(['backups.1: is a backup already']);
  });

  test.each<[string, Record<string, unknown>, string]>([
    ['a userid that WeCom would refuse', { members: [{ agentId: 'a b' }] }, 'members.0.agentId: is no userid'],
    ['nobody at all', { members: [] }, 'members: a way needs at least one member or department'],
    ['more members than WeCom lists', { mode: 'pool', members: named(101) }, 'members: WeCom lists at most 100'],
    ['a mini-program button that is a link', { mode: 'link', scene: 'mini-program' }, 'mode: a mini-program button'],
    ['an id that does not fit into a state', { wayId: 'a-name-that-is-too-long' }, 'wayId: is no way id'],
    ['a weight beyond 100', { members: [{ agentId: 'amy', weight: 101 }] }, 'members.0.weight'],
    ['a cap of nothing', { members: [{ agentId: 'amy', perDay: 0 }] }, 'members.0.perDay: a cap is at least 1'],
    ['a remark that WeCom would cut off', { remark: 'x'.repeat(21) }, 'remark'],
    ['a setting that does not exist', { weigth: 3 }, ': Unrecognized key'],
    [
      'a welcome without a form without names',
      { welcome: { standard: { text: 'Hi {customer}' } } },
      'welcome.standard: text has names',
    ],
    [
      'ten attachments',
      { welcome: { standard: { attachments: Array(10).fill({ type: 'video', mediaId: 'm' }) } } },
      'at most 9',
    ],
  ])('%s is refused, and the field is named', (_, changed, expected) => {
    expect(problems(changed).join('\n')).toContain(expected);
  });

  test('turn and link ways may have more members than a list, since they list one', () => {
    expect(problems({ mode: 'link', members: named(150) })).toEqual([]);
  });
});

describe('departments', () => {
  test('become their members; who is named himself keeps his own terms, who is in two has the first one’s', () => {
    const way = aWay({
      members: [{ agentId: 'amy', weight: 5 }],
      departments: [{ departmentId: 7, weight: 2, perDay: 3 }, { departmentId: 8 }],
    });
    const people: Record<number, string[]> = { 7: ['amy', 'ben'], 8: ['ben', 'cat'] };
    expect(withDepartments(way, (id) => people[id] ?? []).members).toEqual([
      { agentId: 'amy', weight: 5 },
      { agentId: 'ben', weight: 2, perDay: 3 },
      { agentId: 'cat', weight: 1 },
    ]);
  });
});

test('the welcome is that of the shift in which the customer came, else the standard one', () => {
  const shifts = { weekly: [{ days: ['thu'], from: '22:00', to: '06:00' }] };
  const way = aWay({
    welcome: { variants: [{ shifts, welcome: { text: 'Good night' } }], standard: { text: 'Hello' } },
  });
  const at = (text: string) => welcomeAt(way, NO_CALENDAR, SHANGHAI, china(text))?.text;
  expect([at('2026-10-02T01:00'), at('2026-10-02T12:00')]).toEqual(['Good night', 'Hello']);
  expect(welcomeAt(aWay(), NO_CALENDAR, SHANGHAI, NOON)).toBeUndefined();
});
