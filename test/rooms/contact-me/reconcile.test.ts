import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { readHour } from '../../../lib/contact-me/reconcile-contacts.ts';
import { DAY, HOUR, MINUTE, SECOND } from '../../../lib/platform/clock.ts';
import { WeComError, WeComUnreachable } from '../../../lib/wecom/errors.ts';
import { memoryNight } from './memory-night.ts';
import { aWay } from './rotation-facts.ts';

const members = ['amy', 'ben', 'cat'].map((agentId) => ({ agentId }));
const asleep = () => new WeComUnreachable({ api: 'x', reason: 'time-out', mayHaveActed: true });
const refusal = (errcode: number) => new WeComError({ api: 'externalcontact/batch/get_by_user', errcode });

async function aNight(way: Record<string, unknown> = {}) {
  const world = memoryNight();
  await world.configure({ wayId: 'fair', members, ...way });
  world.toTheNight();
  return world;
}
type World = Awaited<ReturnType<typeof aNight>>;

const added = ({ facts }: World) =>
  facts.filter(({ type }) => type === 'contact.added.v1').map(({ data }) => Object(data));
const missed = ({ facts }: World) =>
  facts.filter(({ type }) => type === 'welcome.missed.v1').map(({ data }) => Object(data));
const counts = async (world: World) => {
  await world.rotate('fair');
  return Object.fromEntries(
    Object.entries((await world.record('fair')).figures).map(([agentId, { total }]) => [agentId, total.new]),
  );
};

describe('the night begins', () => {
  test('once, in its hour and the six after it', async () => {
    const world = await aNight();
    await world.begin();
    await world.begin();
    expect(world.atWeCom.calls).toEqual(['followUsers']);

    world.skip(8 * HOUR);
    await world.begin();
    world.skip(12 * HOUR);
    await world.begin();
    expect(world.atWeCom.calls).toHaveLength(1);
    world.skip(4 * HOUR);
    await world.begin();
    expect(world.atWeCom.calls).toHaveLength(2);
  });

  test('again with the next run, where WeCom slept, and the ways hear the same once', async () => {
    const world = await aNight();
    world.atWeCom.fails.set('followUsers', [asleep()]);
    await world.begin();
    expect(await world.nights.lastNight()).toBeUndefined();
    world.skip(HOUR);
    await world.begin();

    expect(await world.nights.lastNight()).toBeDefined();
    expect((await world.entries('fair')).map(({ kind }) => kind)).toEqual(['look']);
  });

  test.each(['', '24', '-1', '3.5', 'three'])('never at "%s"', (text) => {
    expect(() => readHour(text)).toThrow('0 to 23');
  });
});

describe('the members whom ways name', () => {
  test('are set aside when they are gone, with the reason, and are told to be back when they are', async () => {
    const world = await aNight({ backups: ['dan'] });
    world.atWeCom.statuses.set('cat', 'active');
    world.serve('amy');
    await world.begin();

    expect(await world.entries('fair')).toMatchObject([
      { kind: 'look' },
      { kind: 'set-aside', agentId: 'ben', reason: 'unknown-member' },
      { kind: 'set-aside', agentId: 'cat', reason: 'no-permission' },
      { kind: 'set-aside', agentId: 'dan', reason: 'unknown-member' },
    ]);
    await world.rotate('fair');
    world.serve('amy', 'ben');
    world.skip(DAY);
    await world.begin();
    // Only what is different: those who are still gone are set aside already.
    expect(await world.entries('fair')).toMatchObject([{ kind: 'back', agentId: 'ben' }, { kind: 'look' }]);
  });

  test('stay when WeCom says that nobody at all may serve', async () => {
    const world = await aNight();
    world.serve();
    await world.begin();

    expect((await world.entries('fair')).map(({ kind }) => kind)).toEqual(['look']);
  });
});

describe('an add that WeCom never told', () => {
  test('is found, counted on its own day, and its missed welcome has the cause', async () => {
    const world = await aNight();
    world.related('ben', 'wmLost', 30 * HOUR);
    await world.night();

    expect(await counts(world)).toEqual({ ben: 1 });
    expect(added(world)).toMatchObject([{ customerId: 'wmLost', wayId: 'fair', kind: 'new', day: '2026-09-30' }]);
    expect(missed(world)).toMatchObject([{ customerId: 'wmLost', cause: 'event-never-came' }]);
    expect(world.wecom.welcomes).toEqual([]);
    world.skip(DAY);
    await world.night();
    expect(added(world)).toHaveLength(1);
  });

  test.each([
    ['of another stage', 2 * HOUR, 'cc:prod:fair'],
    ['of a state that WeCom made up', 2 * HOUR, 'wb:1:4285486'],
    ['without a state', 2 * HOUR, ''],
    ['so old that other nights saw it', 4 * DAY, 'cc:test:fair'],
    ['so young that it may still be told', 5 * MINUTE, 'cc:test:fair'],
  ])('%s is left alone', async (_, ago, state) => {
    const world = await aNight();
    world.related('ben', 'wmOther', ago, state);
    await world.night();

    expect(added(world)).toEqual([]);
  });

  test('while nights went by without a comparison is found all the same', async () => {
    const world = await aNight();
    await world.night();
    world.skip(7 * DAY);
    world.related('ben', 'wmLost', 6 * DAY);
    await world.night();

    expect(added(world)).toHaveLength(1);
  });

  test('is none when the customer deleted the member since, whom WeCom goes on listing', async () => {
    const world = await aNight();
    await world.greet(world.added('fair', 'ben', 'wmGone'));
    world.related('ben', 'wmGone', 0);
    world.skip(20 * MINUTE);
    await world.greet(world.news('del_follow_user', { UserID: 'ben', ExternalUserID: 'wmGone' }));
    await world.night();

    expect(added(world)).toHaveLength(1);
  });

  test('is one add with its own events, should they come late: in any order, as often as they like, seconds apart', async () => {
    const late = fc.record({
      changeType: fc.constantFrom('add_half_external_contact', 'add_external_contact'),
      shift: fc.integer({ min: -5, max: 5 }),
      before: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(late, { minLength: 1, maxLength: 4 }), async (events) => {
        const world = await aNight();
        world.related('ben', 'wmLate', HOUR);
        const news = events.map(({ changeType, shift, before }) => {
          const one = world.added('fair', 'ben', 'wmLate');
          return { before, news: { ...one, changeType, createdAt: one.createdAt - HOUR + shift * SECOND } };
        });
        for (const one of news) if (one.before) await world.greet(one.news);
        await world.night();
        for (const one of news) await world.greet(one.news);

        expect(await counts(world)).toEqual({ ben: 1 });
        const ids = world.facts.filter(({ type }) => type === 'contact.added.v1').map(({ id }) => id);
        const back = world.facts.filter(({ type }) => type === 'contact.recounted.v1');
        expect(new Set(ids).size - back.length).toBe(1);
      }),
      { numRuns: 60 },
    );
  });

  test('behind many pages is found by messages that go on where the last one ended, and a repeat does no harm', async () => {
    const world = await aNight();
    for (let n = 0; n < 100; n += 1) world.related('ben', `wm${n}`, 2 * HOUR);
    await world.begin();
    const [adds] = world.waiting;
    if (adds) await world.handle(adds.wake);
    expect(world.waiting.some(({ wake }) => 'step' in wake && wake.step === 'adds' && wake.cursor === '60')).toBe(true);
    await world.night();

    expect(await counts(world)).toEqual({ ben: 100 });
    const ids = world.facts.filter(({ subject }) => subject.startsWith('wm')).map(({ id }) => id);
    expect(new Set(ids).size).toBe(200);
  });

  test('is found although WeCom refuses one of the members who are asked for together', async () => {
    const world = await aNight();
    world.related('ben', 'wmLost', 2 * HOUR);
    world.atWeCom.fails.set('relationsOf', [refusal(60111), undefined, refusal(60111), refusal(60111)]);
    await world.night();

    expect(await counts(world)).toEqual({ ben: 1 });
  });

  test('waits while WeCom sleeps, and is left to the next night when it does not wake up', async () => {
    const world = await aNight();
    world.related('ben', 'wmLost', 2 * HOUR);
    world.atWeCom.fails.set('relationsOf', [asleep(), refusal(45009)]);
    await world.night();
    expect(await counts(world)).toEqual({ ben: 1 });

    world.toTheNight();
    world.related('cat', 'wmLost2', 2 * HOUR);
    world.atWeCom.fails.set('relationsOf', Array.from({ length: 9 }, asleep));
    await world.night();
    expect(await counts(world)).toEqual({ ben: 1 });
    world.toTheNight();
    await world.night();
    expect(await counts(world)).toEqual({ ben: 1, cat: 1 });
  });

  test('gets its tags, and so does who still waited for them', async () => {
    const world = await aNight({ tags: ['etSpring'] });
    world.wecom.fails.set(
      'markTags',
      Array.from({ length: 5 }, () => refusal(84061)),
    );
    await world.greet(world.added('fair', 'ben', 'wmWaits'));
    world.related('ben', 'wmWaits', 0);
    for (let n = 0; n < 3; n += 1) {
      world.skip(7 * HOUR);
      await world.label({ v: 1, kind: 'label', app: 'main', customerId: 'wmWaits' });
    }
    expect(world.labelTimers).toHaveLength(3);
    expect((await world.relations.read('wmWaits')).toLabel).toEqual({ ben: { wayId: 'fair', tries: 4 } });
    world.wecom.fails.clear();
    world.related('ben', 'wmLost', 2 * HOUR);
    world.skip(3 * HOUR);
    await world.night();

    expect(world.wecom.labels.toSorted()).toEqual(['ben wmLost etSpring', 'ben wmWaits etSpring']);
  });
});

describe('codes that are not ours', () => {
  async function withCodes() {
    const world = await aNight();
    const madeAt = world.clock() - 2 * HOUR;
    world.atWeCom.codes.set('old', { state: 'wx_shop_7', madeAt });
    world.atWeCom.codes.set('prod', { state: 'cc:prod:fair', madeAt });
    world.atWeCom.codes.set('lost', { state: 'cc:test:gone', madeAt });
    world.atWeCom.codes.set('blank', { state: '', madeAt });
    world.atWeCom.codes.set('scratch', { state: 'cc-trial:test', madeAt });
    world.atWeCom.codes.set('young', { state: 'cc-trial:test', madeAt: world.clock() - MINUTE });
    return world;
  }
  const audited = (world: World) => world.facts.filter(({ type }) => type === 'ways.audited.v1');

  test('are reported, apart from those that bear our name, and never touched; scratch codes that a crash left are deleted', async () => {
    const world = await withCodes();
    await world.night();

    expect(audited(world)).toMatchObject([{ data: { app: 'main', foreign: 3, orphaned: 1, unread: 0 } }]);
    expect(await world.nights.strangeCodes()).toEqual([
      { app: 'main', configId: 'old', state: 'wx_shop_7', orphaned: false },
      { app: 'main', configId: 'prod', state: 'cc:prod:fair', orphaned: false },
      { app: 'main', configId: 'lost', state: 'cc:test:gone', orphaned: true },
      { app: 'main', configId: 'blank', orphaned: false },
    ]);
    expect(world.atWeCom.deleted).toEqual(['scratch']);
    expect(world.atWeCom.calls).not.toContain('updateWay');
  });

  test('are read once, and forgotten when they are gone', async () => {
    const world = await withCodes();
    await world.night();
    world.atWeCom.codes.delete('old');
    world.atWeCom.codes.delete('young');
    world.atWeCom.calls.length = 0;
    world.skip(DAY);
    await world.night();

    expect(world.atWeCom.calls).not.toContain('readWay');
    expect(audited(world).at(-1)).toMatchObject({ data: { foreign: 2, orphaned: 1 } });
    expect(audited(world).map(({ sequence }) => sequence)).toEqual([1, 2]);
  });

  test('are many with an older system: so many are read by message and by night, and the rest is counted', async () => {
    const world = await aNight();
    const madeAt = world.clock() - DAY;
    for (let n = 0; n < 1200; n += 1) world.atWeCom.codes.set(`c${n}`, { state: `shop${n}`, madeAt });
    await world.night();

    expect(world.atWeCom.calls.filter((name) => name === 'readWay')).toHaveLength(1000);
    expect(world.atWeCom.calls.filter((name) => name === 'listWays')).toHaveLength(25);
    expect(audited(world)).toMatchObject([{ data: { foreign: 1000, orphaned: 0, unread: 200 } }]);
  });

  test('are told once, also when the last message comes twice', async () => {
    const world = await withCodes();
    await world.begin();
    const codes = world.waiting.find(({ wake }) => 'step' in wake && wake.step === 'codes');
    await world.night();
    if (codes) await world.handle(codes.wake);

    expect(new Set(audited(world).map(({ id }) => id)).size).toBe(1);
  });
});

test('500 ways and 200 members are one call for the members, one page for each 50, and one wake for each way', async () => {
  const world = memoryNight();
  const team = Array.from({ length: 200 }, (_, n) => `agent${n}`);
  for (let n = 0; n < 500; n += 1) {
    const agentId = team[n % team.length] ?? '';
    await world.store.saveWay(aWay({ wayId: `way${n}`, members: [agentId] }), world.clock());
  }
  world.serve(...team);
  world.toTheNight();
  await world.night();

  const calls = Map.groupBy(world.atWeCom.calls, (name) => name);
  expect(Object.fromEntries([...calls].map(([name, all]) => [name, all.length]))).toEqual({
    followUsers: 1,
    relationsOf: 4,
    listWays: 1,
  });
  const looks = (await world.entries('way499')).filter(({ kind }) => kind !== 'configured');
  expect(looks).toEqual([{ kind: 'look', id: '2026-10-02', at: world.clock() }]);
});
