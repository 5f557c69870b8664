import { expect, test } from '@jest/globals';
import { contactEvidenceStore } from '../../../lib/contact-me/contact-evidence-store.ts';
import { MINUTE } from '../../../lib/platform/clock.ts';
import { memoryWays } from './memory-ways.ts';

const members = ['amy', 'ben'].map((agentId) => ({ agentId }));
const code = { WelcomeCode: 'CODE' };
const way = { wayId: 'fair', members, welcome: { standard: { text: 'Hello' } }, tags: ['tag1'], remark: 'fair' };

/** A way that has its code already, with what WeCom was asked until then forgotten. */
async function aWorld({ observed = 'fair' } = {}) {
  const world = memoryWays();
  await world.configure(way);
  await world.duties.observe(observed, true, world.clock());
  return world;
}
const observedFacts = (world: ReturnType<typeof memoryWays>) =>
  world.facts.filter(({ type }) => type === 'contact.observed.v1').map(({ data }) => data);

test.each(['fair', '*'])(
  'who comes by an observed way (%s) is counted, and gets nothing; the events say what he would have got',
  async (observed) => {
    const world = await aWorld({ observed });
    const news = world.added('fair', 'amy', 'wmOne', code);
    await world.greet(news);
    await world.greet({ ...news, receivedAt: news.receivedAt + 900 });

    expect(world.wecom.welcomes).toEqual([]);
    expect(world.wecom.calls.filter((name) => name === 'markTags' || name === 'remark')).toEqual([]);
    const whose = { customerId: 'wmOne', agentId: 'amy', wayId: 'fair' };
    expect(observedFacts(world)).toEqual([
      { ...whose, what: 'welcome' },
      { ...whose, what: 'labels' },
    ]);
    // The doctor asks whether codes come, and they do.
    expect(await contactEvidenceStore(world.customers).hadWelcomeCode('wmOne')).toBe(true);
    // Nobody missed ours: no alarm for what we did not want to do.
    expect(world.types()).not.toContain('welcome.missed.v1');
    await world.rotate('fair');
    expect((await world.record('fair')).figures.amy?.total.new).toBe(1);
  },
);

test('a customer who comes by no way of ours is observed with all ways', async () => {
  const world = await aWorld({ observed: '*' });
  await world.saveSettings({ welcome: { standard: { text: 'Hello' } } });
  await world.greet(world.added('fair', 'amy', 'wmOne', { ...code, State: 'other' }));
  expect(world.wecom.welcomes).toEqual([]);
  expect(observedFacts(world)).toEqual([{ customerId: 'wmOne', agentId: 'amy', what: 'welcome' }]);
});

test('a way that has a setting of its own does not follow the others', async () => {
  const world = await aWorld({ observed: '*' });
  await world.duties.observe('fair', false, world.clock());
  await world.greet(world.added('fair', 'amy', 'wmOne', code));
  expect(world.wecom.welcomes).toHaveLength(1);
  expect(observedFacts(world)).toEqual([]);
});

test('the list of an observed way stays as it is, and follows within a minute once it is served', async () => {
  const world = await aWorld();
  const before = await world.listed('fair');
  await world.configure({ ...way, members: [{ agentId: 'cat' }] });
  expect(await world.listed('fair')).toEqual(before);
  expect(await world.record('fair')).toMatchObject({ parkedBecause: 'observed' });
  expect((await world.record('fair')).push).toBeUndefined();

  world.skip(MINUTE);
  await world.rotate('fair');
  expect(await world.listed('fair')).toEqual(before);
  await world.duties.observe('fair', false, world.clock());
  world.skip(MINUTE);
  await world.rotate('fair');
  expect(await world.listed('fair')).toEqual(['cat']);
});

test('a way that was never given to WeCom has no code while it is observed, and gets one afterwards', async () => {
  const world = memoryWays();
  await world.duties.observe('*', true, world.clock());
  await world.configure(way);
  expect(world.wecom.codes.size).toBe(0);
  await world.duties.observe('*', false, world.clock());
  world.skip(MINUTE);
  await world.rotate('fair');
  expect(await world.listed('fair')).not.toBeUndefined();
});

test('observing that is said again holds since the first time, and concerns nobody else', async () => {
  const world = memoryWays();
  await world.duties.observe('fair', true, world.clock());
  await world.duties.observe('fair', true, world.clock() + MINUTE);
  expect(await world.duties.own('fair')).toEqual({ observes: true, since: world.clock() });
  expect(await world.duties.own('fete')).toBeUndefined();
});
