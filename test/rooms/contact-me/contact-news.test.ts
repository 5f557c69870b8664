import { describe, expect, test } from '@jest/globals';
import { HOUR, MINUTE, SECOND } from '../../../lib/platform/clock.ts';
import type { ContactNews } from '../../../lib/platform/wakes.ts';
import { WeComError, WeComUnreachable } from '../../../lib/wecom/errors.ts';
import { memoryWays } from './memory-ways.ts';

const members = ['amy', 'ben'].map((agentId) => ({ agentId }));
const noRelation = () => new WeComError({ api: 'externalcontact/mark_tag', errcode: 84061 });
const asleep = () => new WeComUnreachable({ api: 'externalcontact/mark_tag', reason: 'time-out', mayHaveActed: true });
type World = ReturnType<typeof memoryWays>;

async function aWorld(way: Record<string, unknown> = {}): Promise<World> {
  const world = memoryWays();
  await world.configure({ wayId: 'fair', members, ...way });
  return world;
}
const of = (event: string, news: ContactNews): ContactNews => ({ ...news, event });
const dataOf = ({ facts }: World, type: string) => facts.filter((one) => one.type === type).map(({ data }) => data);
const entries = async ({ store }: World, wayId: string) =>
  (await store.inbox.unread(wayId, 50)).entries.map(({ body }) => body);
const twice = async (world: World, news: ContactNews) => {
  await world.greet(news);
  await world.greet({ ...news, app: 'directory', receivedAt: news.receivedAt + 700 });
};

describe('an add', () => {
  test('by an acquisition link names the turn that led to it; a member’s own code of the way names none', async () => {
    const world = await aWorld({ mode: 'link' });
    await world.greet(world.added('fair', 'amy', 'wmOne', { State: 'cc:test:fair:t17' }));
    await world.greet(world.added('fair', 'ben', 'wmTwo', { State: 'cc:test:fair:3' }));

    const told = dataOf(world, 'contact.added.v1');
    expect(told).toMatchObject([{ wayId: 'fair', turn: 17 }, { wayId: 'fair' }]);
    expect(told[1]).not.toHaveProperty('turn');
  });

  test('says how long the welcome took, from WeCom’s time of the event', async () => {
    const world = await aWorld({ welcome: { standard: { text: 'Hi' } } });
    const news = world.added('fair', 'amy', 'wmOne', { WelcomeCode: 'CODE' });
    world.skip(3 * SECOND);
    await world.greet(news);
    world.skip(5 * SECOND);
    // A repeat says the same.
    await world.greet(news);

    expect(dataOf(world, 'welcome.sent.v1')).toEqual([
      { customerId: 'wmOne', agentId: 'amy', wayId: 'fair', delayMs: 3 * SECOND },
    ]);
  });
});

describe('a transfer that failed', () => {
  test('is told once, and sets nobody aside: WeCom does not say who of the two is full', async () => {
    const world = await aWorld();
    const ids = { UserID: 'amy', ExternalUserID: 'wmOne', FailReason: 'customer_limit_exceed' };
    await twice(world, world.news('transfer_fail', ids));

    expect(dataOf(world, 'contact.transfer-failed.v1')).toEqual([
      { customerId: 'wmOne', agentId: 'amy', reason: 'customer_limit_exceed' },
    ]);
    expect(await entries(world, 'fair')).toEqual([]);
  });

  test('with words of somebody’s own in it tells them to nobody', async () => {
    const world = await aWorld();
    await world.greet(
      world.news('transfer_fail', { UserID: 'amy', ExternalUserID: 'wmOne', FailReason: 'no, thanks' }),
    );
    expect(dataOf(world, 'contact.transfer-failed.v1')).toMatchObject([{ reason: 'other' }]);
  });
});

describe('acquisition links', () => {
  const link = (world: World, changeType: string, ids: Record<string, string> = {}) =>
    of('customer_acquisition', world.news(changeType, ids));

  test.each([
    ['balance_low', {}, { kind: 'balance-low' }],
    ['balance_exhausted', {}, { kind: 'balance-exhausted' }],
    ['balance_increased', {}, { kind: 'balance-increased' }],
    [
      'quota_expire_soon',
      { ExpireTime: '1761000000', ExpireQuotaNum: '200' },
      { kind: 'quota-expires', expiresAt: '2025-10-20T22:40:00.000Z', expiring: 200 },
    ],
  ])('%s is one fact, through however many doors', async (changeType, ids, expected) => {
    const world = await aWorld();
    await twice(world, link(world, changeType, ids));
    expect(dataOf(world, 'acquisition.balance.v1')).toEqual([expected]);
  });

  test('tell the balance again when it changes again, in order', async () => {
    const world = await aWorld();
    await world.greet(link(world, 'balance_low'));
    world.skip(HOUR);
    await world.greet(link(world, 'balance_exhausted'));
    expect(world.facts.map(({ sequence, subject }) => [subject, sequence])).toEqual([
      ['#corp', 1],
      ['#corp', 2],
    ]);
  });

  test.each(['link_unavailable', 'delete_link'])(
    '%s is for the ways that work with links, once',
    async (changeType) => {
      const world = await aWorld();
      await world.configure({ wayId: 'links', mode: 'link', memberContact: 'acquisition-link', members });
      await world.configure({ wayId: 'codes', mode: 'link', members });
      await twice(world, link(world, changeType, { LinkId: 'caL1' }));

      expect(await entries(world, 'links')).toMatchObject([{ kind: 'link-gone', linkId: 'caL1' }]);
      expect(await entries(world, 'codes')).toEqual([]);
      expect(await entries(world, 'fair')).toEqual([]);
    },
  );

  test.each(['open_profile', 'friend_request', 'customer_start_chat', 'message_from_customer', 'del_follow_user'])(
    '%s is only counted',
    async (changeType) => {
      const world = await aWorld();
      await world.greet(
        link(world, changeType, { UserID: 'amy', ExternalUserID: 'wmOne', LinkId: 'caL1', State: 'cc:test:fair:t1' }),
      );
      expect(world.facts).toEqual([]);
      expect(await entries(world, 'fair')).toEqual([]);
    },
  );
});

describe('the directory’s door: a member who', () => {
  const about = (world: World, changeType: string, ids: Record<string, string>) =>
    of('change_contact', world.news(changeType, ids));

  async function aTeam(): Promise<World> {
    const world = await aWorld({ backups: ['cat'] });
    await world.configure({ wayId: 'other', members: [{ agentId: 'dan' }] });
    await world.configure({ wayId: 'all', members: [], departments: [{ departmentId: 7 }] });
    return world;
  }

  test.each([
    ['leaves', 'delete_user', { UserID: 'AMY' }, 'unknown-member'],
    ['left, by his status', 'update_user', { UserID: 'amy', Status: '5' }, 'unknown-member'],
    ['is disabled', 'update_user', { UserID: 'amy', Status: '2' }, 'disabled'],
    ['has not signed in yet', 'update_user', { UserID: 'amy', Status: '4' }, 'not-activated'],
    ['has another userid now', 'update_user', { UserID: 'amy', NewUserID: 'amy.w' }, 'renamed'],
  ])('%s is set aside by every way that names him, himself or his department', async (_, changeType, ids, reason) => {
    const world = await aTeam();
    await twice(world, about(world, changeType, ids));

    const aside = { kind: 'set-aside', agentId: 'amy', reason };
    expect(await entries(world, 'fair')).toMatchObject([aside]);
    expect(await entries(world, 'all')).toMatchObject([aside]);
    expect(await entries(world, 'other')).toEqual([]);
  });

  test('is only a backup is set aside, too', async () => {
    const world = await aTeam();
    await world.greet(about(world, 'delete_user', { UserID: 'cat' }));
    expect(await entries(world, 'fair')).toMatchObject([{ kind: 'set-aside', agentId: 'cat' }]);
    expect(await entries(world, 'all')).toEqual([]);
  });

  test('is active again is tried again', async () => {
    const world = await aTeam();
    await world.greet(about(world, 'delete_user', { UserID: 'amy' }));
    await world.rotate('fair');
    expect((await world.record('fair')).refused).toMatchObject({ amy: { reason: 'unknown-member' } });
    await world.greet(about(world, 'update_user', { UserID: 'amy', Status: '1' }));
    await world.rotate('fair');

    expect((await world.record('fair')).refused).toEqual({});
  });

  test('changed in some way that the event does not tell is asked for', async () => {
    const world = await aTeam();
    await world.greet(about(world, 'update_user', { UserID: 'amy', Status: '2' }));
    await world.rotate('fair');
    world.skip(MINUTE);
    await world.greet(about(world, 'update_user', { UserID: 'amy', Department: '1,7' }));
    expect(await entries(world, 'fair')).toMatchObject([{ kind: 'back', agentId: 'amy' }]);
  });

  test('is active, and was set aside for something else, stays set aside', async () => {
    const world = await aTeam();
    const reason = 'not-verified';
    const aside = { kind: 'set-aside', id: 'x', agentId: 'amy', reason, at: world.clock() } as const;
    await world.tellWay('fair', [aside]);
    await world.rotate('fair');
    await world.greet(about(world, 'update_user', { UserID: 'amy', Status: '1' }));
    await world.rotate('fair');

    expect((await world.record('fair')).refused).toMatchObject({ amy: { reason } });
  });

  test('nobody names changes nothing', async () => {
    const world = await aTeam();
    await world.greet(about(world, 'delete_user', { UserID: 'eve' }));
    for (const wayId of ['fair', 'other', 'all']) expect(await entries(world, wayId)).toEqual([]);
  });
});

describe('tags and remarks that WeCom does not take yet', () => {
  const wake = { v: 1, kind: 'label', app: 'main', customerId: 'wmOne' } as const;

  test('are tried again by a timer, after growing pauses, three times', async () => {
    const world = await aWorld({ tags: ['etSpring'] });
    world.wecom.fails.set('markTags', Array.from({ length: 9 }, noRelation));
    await world.greet(world.added('fair', 'amy', 'wmOne'));
    const pauses: number[] = [];
    for (let n = 0; n < 4; n += 1) {
      const timer = world.labelTimers.at(-1);
      pauses.push((timer?.dueAt ?? 0) - world.clock());
      world.skip(Math.max(0, pauses.at(-1) ?? 0));
      await world.label(wake);
    }

    expect(pauses).toEqual([10 * MINUTE, HOUR, 6 * HOUR, 0]);
    expect(world.labelTimers.every(({ app, customerId }) => app === 'main' && customerId === 'wmOne')).toBe(true);
    expect((await world.relations.read('wmOne')).toLabel.amy?.tries).toBe(5);
  });

  test('are given after an outage', async () => {
    const world = await aWorld({ tags: ['etSpring'], remark: 'Expo' });
    world.wecom.fails.set('remark', [asleep()]);
    await world.greet(world.added('fair', 'amy', 'wmOne'));
    world.skip(10 * MINUTE);
    await world.label(wake);

    expect(world.wecom.labels).toContain('amy wmOne "Expo"');
    expect((await world.relations.read('wmOne')).toLabel).toEqual({});
  });

  test('rest in the meantime: neither a repeat of the event nor an early or late timer asks WeCom', async () => {
    const world = await aWorld({ tags: ['etSpring'] });
    world.wecom.fails.set('markTags', [noRelation()]);
    const news = world.added('fair', 'amy', 'wmOne');
    await world.greet(news);
    await world.greet(news);
    await world.label(wake);
    expect(world.wecom.calls.filter((name) => name === 'markTags')).toHaveLength(1);
    world.skip(HOUR);
    await world.label(wake);
    await world.label(wake);

    expect(world.wecom.calls.filter((name) => name === 'markTags')).toHaveLength(2);
    expect(world.labelTimers).toHaveLength(1);
  });

  test('that WeCom will never take are given up', async () => {
    const world = await aWorld({ tags: ['etGone'] });
    world.wecom.fails.set('markTags', [new WeComError({ api: 'externalcontact/mark_tag', errcode: 40068 })]);
    await world.greet(world.added('fair', 'amy', 'wmOne'));

    expect(world.labelTimers).toEqual([]);
    expect((await world.relations.read('wmOne')).toLabel).toEqual({});
  });
});
