import { expect, test } from '@jest/globals';
import { SECOND } from '../../../lib/platform/clock.ts';
import { WeComError, WeComUnreachable } from '../../../lib/wecom/errors.ts';
import { memoryWays } from './memory-ways.ts';

const SAYS = { standard: { text: 'Hello {customer}, {agent} here', nameless: 'Hello' } };
const members = ['amy', 'ben'].map((agentId) => ({ agentId }));
const code = { WelcomeCode: 'CODE' };
const refusal = (errcode: number) => new WeComError({ api: 'externalcontact/send_welcome_msg', errcode });
const missed = (world: ReturnType<typeof memoryWays>) =>
  world.facts.filter(({ type }) => type === 'welcome.missed.v1').map(({ data }) => Object(data).cause);

async function aWorld(way: Record<string, unknown> = {}) {
  const world = memoryWays();
  await world.configure({ wayId: 'fair', members, welcome: SAYS, ...way });
  return world;
}

test('the welcome goes out first, with names where WeCom tells them', async () => {
  const world = await aWorld();
  await world.greet(world.added('fair', 'amy', 'wmOne', code));

  expect(world.wecom.welcomes).toMatchObject([{ code: 'CODE', text: 'Hello 小明, Amy here' }]);
  expect(world.types()).toEqual(['contact.added.v1', 'welcome.sent.v1']);
});

test('without names it has its other form', async () => {
  const world = await aWorld();
  world.wecom.fails.set('readCustomer', [new Error('slow')]);
  await world.greet(world.added('fair', 'amy', 'wmOne', code));

  expect(world.wecom.welcomes.map(({ text }) => text)).toEqual(['Hello']);
});

test('the same news again, through whichever door, sends, counts and tells nothing more', async () => {
  const world = await aWorld();
  const news = world.added('fair', 'amy', 'wmOne', code);
  await world.greet(news);
  await world.greet({ ...news, receivedAt: news.receivedAt + 900 });

  expect(world.wecom.welcomes).toHaveLength(1);
  expect(new Set(world.facts.map(({ id }) => id)).size).toBe(2);
  await world.rotate('fair');
  expect((await world.record('fair')).figures.amy?.total.new).toBe(1);
});

test.each([
  [41050, 'code-expired-or-used'],
  [41051, 'welcomed-or-chatting'],
  [41053, 'no-archive-consent'],
  [92599, 'member-long-absent'],
  [40007, 'bad-media'],
])(
  'a welcome that WeCom refuses with %i is missed because of %s, and the add counts all the same',
  async (errcode, cause) => {
    const world = await aWorld();
    world.wecom.fails.set('sendWelcome', [refusal(errcode)]);
    await world.greet(world.added('fair', 'amy', 'wmOne', code));

    expect(missed(world)).toEqual([cause]);
    expect(world.types()).toContain('contact.added.v1');
  },
);

test('a welcome that is too late is not tried', async () => {
  const world = await aWorld();
  const news = world.added('fair', 'amy', 'wmOne', code);
  world.skip(22 * SECOND);
  await world.greet(news);

  expect(world.wecom.calls).not.toContain('sendWelcome');
  expect(missed(world)).toEqual(['code-expired-or-used']);
});

test('while WeCom is busy the welcome is tried again, within its 20 seconds', async () => {
  const world = await aWorld();
  world.wecom.fails.set('sendWelcome', [refusal(45009), refusal(45033)]);
  await world.greet(world.added('fair', 'amy', 'wmOne', code));

  expect(world.wecom.welcomes).toHaveLength(1);
  expect(missed(world)).toEqual([]);
});

test('a used code after a silence may mean that the first try arrived: uncertain, and said so', async () => {
  const world = await aWorld();
  const silence = new WeComUnreachable({
    api: 'externalcontact/send_welcome_msg',
    reason: 'time-out',
    mayHaveActed: true,
  });
  world.wecom.fails.set('sendWelcome', [silence, refusal(41050)]);
  await world.greet(world.added('fair', 'amy', 'wmOne', code));

  expect(world.facts.find(({ type }) => type === 'welcome.missed.v1')?.data).toMatchObject({ outcome: 'uncertain' });
});

test('who comes without a code is counted, and the miss says so; the full add after a half one misses nothing', async () => {
  const world = await aWorld();
  await world.greet(world.added('fair', 'amy', 'wmOne'));
  world.skip(5 * SECOND);
  await world.greet({ ...world.added('fair', 'amy', 'wmOne'), changeType: 'add_external_contact' });

  expect(missed(world)).toEqual(['no-code']);
  expect(world.types().filter((type) => type === 'contact.added.v1')).toHaveLength(1);
});

test('an archived member’s customer is welcomed once he agrees, by the code that comes then', async () => {
  const world = await aWorld();
  await world.greet(world.added('fair', 'amy', 'wmOne'));
  world.skip(60 * SECOND);
  const consent = world.news('msg_audit_approved', { UserID: 'amy', ExternalUserID: 'wmOne', WelcomeCode: 'LATER' });
  await world.greet(consent);
  await world.greet(consent);

  expect(world.wecom.welcomes.map((one) => one.code)).toEqual(['LATER']);
  expect(world.types().filter((type) => type === 'welcome.sent.v1')).toHaveLength(1);
});

test('a state that is not ours is unattributed: counted for no way, welcomed with what holds for all', async () => {
  const world = await aWorld();
  await world.saveSettings({ welcome: { standard: { text: 'Hi' } } });
  await world.greet(world.added('fair', 'amy', 'wmOne', { ...code, State: 'wb:1:4285486' }));
  await world.rotate('fair');

  expect(world.wecom.welcomes.map(({ text }) => text)).toEqual(['Hi']);
  expect(world.facts.find(({ type }) => type === 'contact.added.v1')?.data).not.toHaveProperty('wayId');
  expect((await world.record('fair')).figures).toEqual({});
});

test('tags and remark that a half add refuses (84061) are given with the full one', async () => {
  const world = await aWorld({ tags: ['etSpring'], remark: 'Expo' });
  world.wecom.fails.set('markTags', [refusal(84061)]);
  await world.greet(world.added('fair', 'amy', 'wmOne', code));
  expect(world.wecom.labels).toEqual([]);
  world.skip(SECOND);
  await world.greet({ ...world.added('fair', 'amy', 'wmOne'), changeType: 'add_external_contact' });

  expect(world.wecom.labels).toEqual(['amy wmOne etSpring', 'amy wmOne "Expo"']);
});

test('tags that WeCom refuses do not keep the remark back, and the way says so once', async () => {
  const world = memoryWays();
  await world.configure({ wayId: 'fair', members: [{ agentId: 'amy' }], tags: ['gone'], remark: 'Fair' });
  for (const customer of ['wmOne', 'wmTwo']) {
    world.wecom.fails.set('markTags', [new WeComError({ api: 'externalcontact/mark_tag', errcode: 40068 })]);
    await world.greet(
      world.news('add_external_contact', { UserID: 'amy', ExternalUserID: customer, State: 'cc:test:fair' }),
    );
  }
  await world.rotate('fair');

  expect(world.wecom.labels).toEqual(['amy wmOne "Fair"', 'amy wmTwo "Fair"']);
  expect(world.facts.filter(({ type }) => type === 'way.alarmed.v1').map(({ data }) => data)).toEqual([
    { wayId: 'fair', reason: 'tags-refused' },
  ]);
});

test('who is no contact any more gets no labels later', async () => {
  const world = memoryWays();
  await world.configure({ wayId: 'fair', members: [{ agentId: 'amy' }], tags: ['fair'] });
  world.wecom.fails.set('markTags', [new WeComError({ api: 'externalcontact/mark_tag', errcode: 84061 })]);
  await world.greet(world.added('fair', 'amy', 'wmOne'));
  world.skip(1000);
  await world.greet(world.news('del_follow_user', { UserID: 'amy', ExternalUserID: 'wmOne' }));

  expect((await world.relations.read('wmOne')).toLabel).toEqual({});
});

test('a customer whom another member took over is told of once, as no loss, with the way that had brought him', async () => {
  const world = await aWorld();
  await world.greet(world.added('fair', 'amy', 'wmOne', code));
  world.skip(60_000);
  const ids = { UserID: 'amy', ExternalUserID: 'wmOne', Source: 'DELETE_BY_TRANSFER' };
  const gone = world.news('del_external_contact', ids);
  await world.greet(gone);
  await world.greet(gone);

  const [told, ...more] = world.facts.filter(({ type }) => /transferred|removed/.test(type));
  expect(told).toMatchObject({
    type: 'contact.transferred.v1',
    subject: 'wmOne',
    data: { customerId: 'wmOne', agentId: 'amy', wayId: 'fair' },
  });
  expect(more).toEqual([]);
});
