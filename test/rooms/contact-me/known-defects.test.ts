import { expect, test } from '@jest/globals';
import { ContactWay } from '../../../lib/contact-me/way.ts';
import { DAY, HOUR, MINUTE, SECOND } from '../../../lib/platform/clock.ts';
import { memoryWays } from './memory-ways.ts';

// What other systems for team codes are known to do wrong, each as the behaviour that avoids it. Those that belong to a core stand
// with it: rotate.test.ts, shifts.test.ts, epoch.test.ts.

type World = ReturnType<typeof memoryWays>;
const MEMBERS = ['amy', 'ben', 'cat'].map((agentId) => ({ agentId }));

async function aWorld(way: Record<string, unknown> = {}): Promise<World> {
  const world = memoryWays();
  await world.configure({ wayId: 'fair', members: MEMBERS, ...way });
  return world;
}

async function add(
  world: World,
  agentId: string,
  customerId: string,
  more: Record<string, string> = {},
): Promise<void> {
  await world.greet(world.added('fair', agentId, customerId, more));
  await world.rotate('fair');
}

async function later(world: World, milliseconds: number): Promise<void> {
  world.skip(milliseconds);
  await world.rotate('fair');
}

const updates = (world: World) => world.wecom.calls.filter((name) => name === 'updateWay').length;

test('a day of wakes without any change calls WeCom not once', async () => {
  const world = await aWorld();
  for (let wake = 0; wake < 2 * 60 * 24; wake += 1) await later(world, 30 * SECOND);

  expect(world.wecom.calls).toEqual(['createWay']);
});

test('outside all slots the last slot’s members do not stay in the list', async () => {
  const day = { weekly: [{ days: ['mon', 'tue', 'wed', 'thu', 'fri'], from: '09:00', to: '18:00' }] };
  const world = await aWorld({ mode: 'pool', members: [{ agentId: 'amy', shifts: day }], backups: ['ben'] });
  expect(await world.listed('fair')).toEqual(['amy']);
  await later(world, 7 * HOUR);

  expect(await world.listed('fair')).toEqual(['ben']);
});

test('a night shift is listed from evening to morning, across midnight', async () => {
  const night = { weekly: [{ days: ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'], from: '22:00', to: '06:00' }] };
  const world = await aWorld({
    mode: 'pool',
    members: [
      { agentId: 'amy', shifts: night },
      {
        agentId: 'ben',
        shifts: { weekly: [{ days: ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'], from: '06:00', to: '22:00' }] },
      },
    ],
  });
  const seen: string[] = [];
  for (const hours of [0, 11, 3, 4]) {
    await later(world, hours * HOUR);
    seen.push((await world.listed('fair'))?.join() ?? '');
  }

  // 12:00, 23:00, 02:00, 06:00.
  expect(seen).toEqual(['ben', 'amy', 'amy', 'ben']);
});

test('a slot without anybody in it is refused with its place, instead of silently changing nothing', () => {
  const read = ContactWay.safeParse({ wayId: 'fair', name: 'Team', mode: 'turn', members: [] });

  expect(read.error?.issues.map(({ path, message }) => [path.join('.'), message])).toEqual([
    ['members', 'a way needs at least one member or department'],
  ]);
});

test('a cap of the day is of the day: whoever was full yesterday is listed again after midnight, backups too', async () => {
  const world = await aWorld({ members: [{ agentId: 'amy', perDay: 1 }], backups: ['ben'] });
  await add(world, 'amy', 'wmOne');
  expect(await world.listed('fair')).toEqual(['ben']);
  await later(world, DAY);
  expect(await world.listed('fair')).toEqual(['amy']);
  await add(world, 'amy', 'wmTwo');

  expect(await world.listed('fair')).toEqual(['ben']);
});

test('the add that fills a cap takes the member off the list, not the one after it', async () => {
  const world = await aWorld({ mode: 'pool', members: [{ agentId: 'amy', perDay: 2 }, { agentId: 'ben' }] });
  await add(world, 'amy', 'wmOne');
  expect(await world.listed('fair')).toEqual(['amy', 'ben']);
  await add(world, 'amy', 'wmTwo');

  expect(await world.listed('fair')).toEqual(['ben']);
});

test('a change of the configuration alone reaches WeCom, with the whole list and never an empty one', async () => {
  const world = await aWorld({ mode: 'pool' });
  await world.configure({ wayId: 'fair', mode: 'pool', members: MEMBERS.slice(1), skipVerify: false });

  const [code] = world.wecom.codes.values();
  expect(code).toMatchObject({ users: ['ben', 'cat'], skipVerify: false, state: 'cc:test:fair' });
});

test('no turn is lost under a lock: of two writers that meet, the second does its work again', async () => {
  const world = await aWorld();
  await world.greet(world.added('fair', 'amy', 'wmOne'));
  await world.greet(world.added('fair', 'ben', 'wmTwo'));
  const both = await Promise.allSettled([world.rotate('fair'), world.rotate('fair')]);
  for (const { status } of both) if (status === 'rejected') await world.rotate('fair');
  await world.rotate('fair');

  expect(await world.record('fair')).toMatchObject({ turns: { count: 2 } });
  expect(await world.listed('fair')).toEqual(['cat']);
});

test('the customer’s remark is the one that was written for customers, not the name of the code', async () => {
  const world = await aWorld({ name: 'Spring fair', remark: '春季展会' });
  await world.greet(
    world.news('add_external_contact', { UserID: 'amy', ExternalUserID: 'wmOne', State: 'cc:test:fair' }),
  );

  expect(world.wecom.labels).toEqual(['amy wmOne "春季展会"']);
});

test('a code whose picture WeCom does not tell has none made up', async () => {
  const world = await aWorld({ scene: 'mini-program' });
  const { code } = await world.record('fair');

  expect(code?.configId).toBeDefined();
  expect(code?.qrCodeUrl).toBeUndefined();
});

test('a way that grows from one member to several keeps its printed code', async () => {
  const world = await aWorld({ members: MEMBERS.slice(0, 1) });
  const before = await world.record('fair');
  await world.configure({ wayId: 'fair', mode: 'pool', members: MEMBERS });

  expect((await world.record('fair')).code).toEqual(before.code);
  expect(world.wecom.calls.filter((name) => name === 'createWay')).toHaveLength(1);
});

test('a hundred and one who can take turns are never all given to WeCom, and somebody is told', async () => {
  const departments = [{ departmentId: 7 }];
  const world = memoryWays();
  world.wecom.departments.set(
    7,
    Array.from({ length: 101 }, (_, n) => `m${String(n).padStart(3, '0')}`),
  );
  await world.configure({ wayId: 'fair', mode: 'pool', members: [], departments });

  expect(await world.listed('fair')).toHaveLength(100);
  expect(world.facts).toMatchObject([{ type: 'way.alarmed.v1', data: { reason: 'list-cut' } }]);
});

test('every other code that the app has is left as it is, whatever becomes of ours', async () => {
  const world = memoryWays();
  const foreign = { configId: 'older', scene: 'code', several: true, remark: 'old', state: 'we_qr1', skipVerify: true };
  world.wecom.codes.set('older', { ...foreign, scene: 'code', users: ['amy'], departments: [3] });
  await world.configure({ wayId: 'fair', members: MEMBERS });
  await add(world, 'amy', 'wmOne');
  await world.store.removeWay('fair', world.clock());
  await later(world, MINUTE);

  expect([...world.wecom.codes.values()]).toEqual([{ ...foreign, users: ['amy'], departments: [3] }]);
});

test('many adds while WeCom limits us are one change when it does so no more', async () => {
  const world = await aWorld();
  world.rations.push(world.clock() + MINUTE);
  for (let n = 0; n < 10; n += 1) await add(world, 'amy', `wm${n}`);
  await later(world, MINUTE);

  expect(updates(world)).toBe(1);
});
