import { expect, test } from '@jest/globals';
import { DAY, HOUR, MINUTE, SECOND } from '../../../lib/platform/clock.ts';
import { WeComError, WeComUnreachable } from '../../../lib/wecom/errors.ts';
import { memoryWays } from './memory-ways.ts';

// What WeCom has of a way: the printed code, the members' own codes and links, and what openings see of them.

type World = ReturnType<typeof memoryWays>;

const LINK = { wayId: 'fair', mode: 'link', members: [{ agentId: 'amy' }, { agentId: 'ben' }] };

async function aLink(more: Record<string, unknown> = {}): Promise<World> {
  const world = memoryWays();
  await world.configure({ ...LINK, ...more });
  return world;
}

async function told(world: World, body: { kind: string; id: string } & Record<string, unknown>): Promise<void> {
  const at = world.clock();
  const entry = `${body.kind}#${body.id}`;
  await world.store.inbox.put({ owner: 'fair', entry, order: `t${at}#${entry}`, body: { ...body, at }, at });
  await world.rotate('fair');
}

const unanswered = (api: string) => new WeComUnreachable({ api, reason: 'time-out', mayHaveActed: true });

/** Until nothing is due within a minute. */
async function settle(world: World, milliseconds = MINUTE): Promise<void> {
  world.skip(milliseconds);
  await world.rotate('fair');
}

const states = (world: World) => [...world.wecom.codes.values()].map(({ state, users }) => `${state} ${users.join()}`);

test('a link way has a printed code of its own, and one for each member, told apart by a number', async () => {
  const world = await aLink();

  expect(states(world)).toEqual(['cc:test:fair amy,ben', 'cc:test:fair:1 amy', 'cc:test:fair:2 ben']);
  const view = await world.openings.view('fair');
  expect(Object.keys(view?.members ?? {})).toEqual(['amy', 'ben']);
  expect(await world.openings.image(view?.members.amy?.image ?? '')).toMatch(/^data:image\/png;base64,/);
  expect(await world.openings.image(view?.nativeImage ?? '')).toMatch(/^data:/);
});

test('a member who leaves the way and comes back has his old number and code, and nobody else gets it', async () => {
  const world = await aLink();
  await world.configure({ ...LINK, members: [{ agentId: 'cat' }, { agentId: 'ben' }] });
  await world.configure({ ...LINK, members: [{ agentId: 'cat' }, { agentId: 'amy' }] });

  expect(states(world).slice(1)).toEqual(['cc:test:fair:1 amy', 'cc:test:fair:2 ben', 'cc:test:fair:3 cat']);
});

test('what openings go by is newer after a change of duty, and not after an add', async () => {
  const world = await aLink();
  const first = await world.openings.view('fair');
  world.skip(SECOND);
  await world.greet(world.added('fair', 'amy', 'wmOne'));
  await world.rotate('fair');
  const added = await world.openings.view('fair');
  await told(world, { kind: 'duty', id: '1', agentId: 'ben', duty: 'off' });
  const off = await world.openings.view('fair');

  expect(added?.revision).toBe(first?.revision);
  expect(added?.adds).toEqual({ amy: { today: 1, total: 1 } });
  expect(off?.revision).toBeGreaterThan(first?.revision ?? 0);
  expect(off?.duty).toEqual({ ben: 'off' });
});

test('the day of the adds that openings see is told with them, and a new day alone is no change of the way', async () => {
  const world = await aLink();
  const before = await world.openings.view('fair');
  world.skip(DAY);
  await world.greet(world.added('fair', 'amy', 'wmOne'));
  await world.rotate('fair');

  const after = await world.openings.view('fair');
  expect([before?.day, after?.day]).toEqual(['2026-10-01', '2026-10-02']);
  expect(after?.revision).toBe(before?.revision);
});

test('without any change nothing is shown again, and WeCom is not called', async () => {
  const world = await aLink();
  const before = await world.openings.view('fair');
  const calls = world.wecom.calls.length;
  await settle(world, SECOND);

  expect(await world.openings.view('fair')).toEqual(before);
  expect(world.wecom.calls).toHaveLength(calls);
});

test('a member whom WeCom refuses has no code, is set aside, and the others are shown', async () => {
  const world = memoryWays();
  // The printed code is taken; the first member's own is not, nor is his trial.
  const refused = new WeComError({ api: 'externalcontact/add_contact_way', errcode: 40098 });
  world.wecom.fails.set('createWay', [undefined, refused, refused]);
  await world.configure(LINK);

  const view = await world.openings.view('fair');
  expect(view?.members.amy).toEqual({});
  expect(view?.members.ben?.image).toBeDefined();
  expect(view?.setAside).toMatchObject({ amy: { reason: 'not-verified' } });
  expect((await world.record('fair')).code).toBeDefined();
});

test('each member has an acquisition link where the way wants links, and a code in case there are none', async () => {
  const world = await aLink({ memberContact: 'acquisition-link' });

  const view = await world.openings.view('fair');
  expect(view?.members).toMatchObject({
    amy: { image: expect.any(String), link: 'https://work.weixin.qq.com/ca/link1' },
    ben: { image: expect.any(String), link: 'https://work.weixin.qq.com/ca/link2' },
  });
});

test('a link that WeCom closed is not shown any more, and another is made an hour later', async () => {
  const world = await aLink({ memberContact: 'acquisition-link' });
  await told(world, { kind: 'link-gone', id: '1', linkId: 'link1' });
  expect((await world.openings.view('fair'))?.members.amy?.link).toBeUndefined();
  await settle(world, HOUR);

  expect((await world.openings.view('fair'))?.members.amy?.link).toBe('https://work.weixin.qq.com/ca/link3');
});

test('where WeCom makes no links, the codes are shown and the way works on', async () => {
  const world = memoryWays();
  const refusal = () => new WeComError({ api: 'externalcontact/customer_acquisition/create_link', errcode: 41091 });
  world.wecom.fails.set('createLink', [refusal(), refusal()]);
  await world.configure({ ...LINK, memberContact: 'acquisition-link' });

  expect(world.wecom.links.size).toBe(0);
  expect((await world.openings.view('fair'))?.members.ben?.image).toBeDefined();
  await settle(world, HOUR);
  expect((await world.record('fair')).linksRefused?.retryAt).toBeGreaterThan(world.clock());
});

test('a kf account that is named has its link on the page, asked for once', async () => {
  const world = await aLink({ kfAccount: 'wkOne' });
  expect((await world.openings.view('fair'))?.kfLink).toBe('https://work.weixin.qq.com/kf/wkOne');
});

test('a way that is removed loses its codes and links, and cannot be opened any more', async () => {
  const world = await aLink({ memberContact: 'acquisition-link' });
  await world.store.removeWay('fair', world.clock());
  world.wecom.fails.set('deleteWay', [undefined, unanswered('externalcontact/del_contact_way')]);
  await world.rotate('fair');
  expect(await world.openings.view('fair')).toBeUndefined();
  await settle(world);

  expect(world.wecom.codes.size + world.wecom.links.size).toBe(0);
  expect((await world.record('fair')).code).toBeUndefined();
});

test('a code that was perhaps being made when its way was removed is found and deleted too', async () => {
  const world = memoryWays();
  world.wecom.losesAnswers.add('createWay');
  await world.configure({ ...LINK, mode: 'turn' });
  expect(world.wecom.codes.size).toBe(1);
  await world.store.removeWay('fair', world.clock());
  await settle(world);
  await settle(world);

  expect(world.wecom.codes.size).toBe(0);
});

test('a first call that lands after the second is found out, and the list is given again', async () => {
  const world = memoryWays();
  await world.configure({ ...LINK, mode: 'turn' });
  const { code } = await world.record('fair');
  const before = world.wecom.codes.get(code?.configId ?? '');
  world.wecom.fails.set('updateWay', [unanswered('externalcontact/update_contact_way')]);
  world.skip(SECOND);
  await world.greet(world.added('fair', 'amy', 'wmOne'));
  await world.rotate('fair');
  await settle(world);
  expect(await world.listed('fair')).toEqual(['ben']);
  // Only now WeCom does what it was asked first.
  if (before) world.wecom.codes.set(before.configId, before);
  await settle(world, 3 * MINUTE);

  expect(await world.listed('fair')).toEqual(['ben']);
  expect(world.wecom.calls.slice(-2)).toEqual(['readWay', 'updateWay']);
});

test('a nightly look leaves a list alone that is as it was given, with one call', async () => {
  const world = memoryWays();
  await world.configure({ ...LINK, mode: 'pool' });
  await told(world, { kind: 'look', id: '2026-10-02' });

  expect(world.wecom.calls).toEqual(['createWay', 'readWay']);
});

test('when the minute’s calls are used up, the list waits for the next minute and is then the newest one', async () => {
  const world = memoryWays();
  await world.configure({ ...LINK, mode: 'turn', members: ['amy', 'ben', 'cat'].map((agentId) => ({ agentId })) });
  const calls = world.wecom.calls.length;
  world.rations.push(world.clock() + MINUTE);
  for (const [index, agentId] of ['amy', 'ben'].entries()) {
    world.skip(SECOND);
    await world.greet(world.added('fair', agentId, `wm${index}`));
    await world.rotate('fair');
  }
  expect(world.wecom.calls.slice(calls).filter((name) => name === 'updateWay')).toEqual([]);
  await settle(world);

  expect(world.wecom.calls.slice(calls).filter((name) => /Way/.test(name))).toEqual(['updateWay']);
  expect(await world.listed('fair')).toEqual(['cat']);
});

test('an alarm that is over is said to be over', async () => {
  const world = memoryWays();
  await world.configure({ ...LINK, mode: 'pool', members: [{ agentId: 'amy' }] });
  await told(world, { kind: 'duty', id: '1', agentId: 'amy', duty: 'off' });
  await told(world, { kind: 'duty', id: '2', agentId: 'amy', duty: 'on' });

  expect(world.types()).toEqual(['way.alarmed.v1', 'way.calmed.v1']);
});

test('who left is set aside at once, and takes turns again when he is back', async () => {
  const world = memoryWays();
  await world.configure({ ...LINK, mode: 'pool' });
  await told(world, { kind: 'set-aside', id: '1', agentId: 'amy', reason: 'unknown-member' });
  expect(await world.listed('fair')).toEqual(['ben']);
  await told(world, { kind: 'back', id: '2', agentId: 'amy' });

  expect(await world.listed('fair')).toEqual(['amy', 'ben']);
  expect(world.types()).toEqual(['member.refused.v1']);
  const lists = [['amy', 'ben'], ['ben'], ['amy', 'ben']].map((agentIds) => ({ wayId: 'fair', agentIds }));
  expect(world.lists.map(({ data }) => data)).toEqual(lists);
});

test('the members of a department are read again every hour', async () => {
  const world = memoryWays();
  await world.configure({ ...LINK, mode: 'pool', members: [], departments: [{ departmentId: 7 }] });
  expect(await world.listed('fair')).toEqual(['amy', 'ben']);
  world.wecom.departments.set(7, ['ben', 'cat']);
  await settle(world, HOUR);

  expect(await world.listed('fair')).toEqual(['ben', 'cat']);
});

test('a department that WeCom does not have keeps the way from nothing', async () => {
  const world = memoryWays();
  world.wecom.fails.set('departmentMembers', [new WeComError({ api: 'department/simplelist', errcode: 60123 })]);
  await world.configure({ ...LINK, mode: 'pool', departments: [{ departmentId: 7 }, { departmentId: 8 }] });
  expect(await world.listed('fair')).toEqual(['amy', 'ben']);
  expect((await world.record('fair')).people?.byDepartment).toEqual({ 7: [], 8: ['amy', 'ben'] });
});

test('departments that WeCom does not tell now are asked for again within a minute, and keep their people until then', async () => {
  const world = memoryWays();
  world.wecom.fails.set('departmentMembers', [unanswered('department/simplelist')]);
  await world.configure({ ...LINK, mode: 'pool', members: [], departments: [{ departmentId: 7 }] });
  expect(await world.listed('fair')).toBeUndefined();
  expect(world.timers.map(({ dueAt }) => dueAt - world.clock())).toContain(MINUTE);
  await settle(world);
  expect(await world.listed('fair')).toEqual(['amy', 'ben']);

  world.wecom.fails.set('departmentMembers', [unanswered('department/simplelist')]);
  await settle(world, HOUR);
  expect(await world.listed('fair')).toEqual(['amy', 'ben']);
  world.wecom.departments.set(7, ['cat']);
  await settle(world);
  expect(await world.listed('fair')).toEqual(['cat']);
});

test('a member whom WeCom refuses for a reason that we do not know keeps nobody else from a code', async () => {
  const world = memoryWays();
  const { createWay } = world.wecom.api;
  world.wecom.api.createWay = async (way) => {
    if (way.users.join() === 'amy') throw new WeComError({ api: 'externalcontact/add_contact_way', errcode: 99999 });
    return createWay(way);
  };
  await world.configure(LINK);

  expect(states(world)).toContain('cc:test:fair:2 ben');
  expect((await world.record('fair')).refused).toMatchObject({ amy: { reason: 'errcode-99999' } });
  expect((await world.openings.view('fair'))?.setAside).toMatchObject({ amy: { reason: 'errcode-99999' } });
});

test('a code stays with the app that made it when the way names another', async () => {
  const world = memoryWays();
  await world.configure({ ...LINK, mode: 'pool' });
  await world.configure({ ...LINK, mode: 'pool', app: 'other', members: [{ agentId: 'ben' }] });
  expect(world.calledApps.at(-1)).toBe('main');
  expect(await world.listed('fair')).toEqual(['ben']);

  await world.store.removeWay('fair', world.clock());
  await world.rotate('fair');
  expect(world.calledApps.at(-1)).toBe('main');
  await world.configure({ ...LINK, mode: 'pool', app: 'other' });
  expect(world.calledApps.at(-1)).toBe('other');
});

test('the time in which a way was removed is no rotation lag', async () => {
  const world = memoryWays();
  await world.configure({ ...LINK, mode: 'turn' });
  await world.greet(world.added('fair', 'amy', 'wmOne'));
  world.rations.push(world.clock() + MINUTE);
  await world.rotate('fair');
  await world.store.removeWay('fair', world.clock());
  await settle(world);
  world.skip(HOUR);
  await world.configure({ ...LINK, mode: 'turn' });

  expect(await world.listed('fair')).toEqual(['ben']);
  expect((await world.record('fair')).lags).toEqual([]);
});

test('an add that is renamed after its way was a link has no turn of its own', async () => {
  const world = await aLink();
  await world.greet(world.added('fair', 'amy', 'wmOne'));
  await world.rotate('fair');
  await world.configure({ ...LINK, mode: 'turn' });
  const add = { kind: 'counted', day: '2026-10-01', agentId: 'amy', at: world.clock() } as const;
  await world.tellWay('fair', [
    { ...add, key: 'wmOne#2#0', what: 'new', change: -1 },
    { ...add, key: 'wmOne#2#1', what: 'again', change: 1 },
  ]);
  await world.rotate('fair');

  expect((await world.record('fair')).turns.count).toBe(0);
});

test('an add of a link way has the turns of its openings read once', async () => {
  const world = await aLink();
  const before = world.turnReadings();
  await world.greet(world.added('fair', 'amy', 'wmOne'));
  await world.rotate('fair');
  expect(world.turnReadings() - before).toBe(1);
});

test('a configuration that is saved while its way is being written is not settled by the one before', async () => {
  const world = memoryWays();
  await world.configure({ ...LINK, mode: 'turn' });
  const { inbox } = world.store;
  // Saved between the writer's reading of the way and of its inbox.
  let unread = 0;
  world.beforeUnread(async () => {
    unread += 1;
    if (unread === 1) await world.save({ ...LINK, mode: 'turn', members: [{ agentId: 'ben' }] });
  });
  await world.rotate('fair');

  expect((await inbox.unread('fair', 10)).entries).toEqual([]);
  expect(await world.listed('fair')).toEqual(['ben']);
});

test('the add that fills the cap of whose turn it was did not go elsewhere', async () => {
  const world = memoryWays();
  const members = [{ agentId: 'amy', perDay: 1 }, { agentId: 'ben' }];
  await world.configure({ ...LINK, mode: 'turn', members });
  await world.greet(world.added('fair', 'amy', 'wmOne'));
  await world.rotate('fair');

  expect(await world.record('fair')).toMatchObject({ elsewhere: 0, turns: { count: 1 } });
});

test.each([48002, 45009, -1])(
  'while WeCom answers %i to links, every member has a code, and the printed list follows',
  async (errcode) => {
    const world = memoryWays();
    const refusal = () => new WeComError({ api: 'externalcontact/customer_acquisition/create_link', errcode });
    world.wecom.fails.set('createLink', [refusal(), refusal(), refusal()]);
    await world.configure({ ...LINK, memberContact: 'acquisition-link' });
    await told(world, { kind: 'duty', id: '1', agentId: 'ben', duty: 'off' });

    const view = await world.openings.view('fair');
    expect([view?.members.amy?.image, view?.members.ben?.image]).toEqual([expect.any(String), expect.any(String)]);
    expect(await world.listed('fair')).toEqual(['amy']);
  },
);

test('a name that is too long for WeCom is cut between characters, never in the middle of an emoji', async () => {
  const world = memoryWays();
  await world.configure({ ...LINK, mode: 'turn', name: `${'春'.repeat(29)}😀 展会` });

  const [code] = world.wecom.codes.values();
  expect(code?.remark).toBe('春'.repeat(29));
});

test('a list that waits says why', async () => {
  const world = memoryWays();
  await world.configure({ ...LINK, mode: 'turn' });
  world.rations.push(world.clock() + MINUTE);
  await world.greet(world.added('fair', 'amy', 'wmOne'));
  await world.rotate('fair');
  expect((await world.record('fair')).parkedBecause).toBe('calls-used-up');
  await settle(world);

  expect((await world.record('fair')).parkedBecause).toBeUndefined();
});
