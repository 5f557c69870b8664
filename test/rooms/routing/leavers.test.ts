import { expect, test } from '@jest/globals';
import { SECOND } from '../../../lib/platform/clock.ts';
import { KF, NOON, routingYard } from '../../support/routing-yard.ts';

const house = {
  teams: [{ agents: ['amy', 'ben'] }],
  agents: [
    { agentId: 'amy', capacity: 2 },
    { agentId: 'ben', capacity: 2 },
  ],
};

async function world() {
  const yard = await routingYard(house);
  await yard.store.assignAccount(KF, 'support');
  return {
    ...yard,
    facts: () => yard.published.filter(({ type }) => type === 'agent.left.v1'),
    left: async (agentId: string) => (await yard.store.agents([agentId]))[0]?.left,
    /** WeCom's list of the account, as it is read every hour. */
    async listed(...agentIds: string[]) {
      yard.skip(SECOND);
      for (const agentId of agentIds) {
        await yard.desk.notePresence(agentId, KF, { status: 'receiving', at: yard.clock() });
      }
      await yard.desk.noteListed(KF, agentIds, yard.clock());
      await yard.run();
    },
  };
}

const leftTold = (yard: Awaited<ReturnType<typeof world>>, customer: string) =>
  yard.told(customer).filter(({ kind }) => kind === 'holder-left');

test('whoever has left gets nothing more; each of his conversations is told once, and it is said once', async () => {
  const yard = await world();
  await yard.serves('eve', { prefer: 'amy' });
  await yard.serves('joe', { prefer: 'amy' });
  for (const _ of [1, 2]) {
    await yard.desk.agentLeft('amy', 'deleted', NOON);
    await yard.run();
  }
  expect(await yard.left('amy')).toEqual({ at: NOON, reason: 'deleted' });
  expect([...leftTold(yard, 'eve'), ...leftTold(yard, 'joe')]).toMatchObject([{ agentId: 'amy' }, { agentId: 'amy' }]);
  expect(yard.facts()).toMatchObject([
    { subject: 'agent#amy', data: { agentId: 'amy', reason: 'deleted', conversations: 2, teams: ['support'] } },
  ]);
  expect(await yard.serves('zoe', { prefer: 'amy', owner: 'amy' })).toBe('ben');
});

test('a choice that was made just before gives him no place', async () => {
  const yard = await world();
  yard.beforeClaim(async () => void (await yard.store.noteLeft('amy', { at: NOON, reason: 'deleted' })));
  expect(await yard.serves('eve', { prefer: 'amy' })).toBe('ben');
  expect((await yard.store.agents(['amy']))[0]?.serving.size).toBe(0);
});

test('a process that dies anywhere while it tells leaves nobody untold', async () => {
  for (let n = 1; n <= 8; n += 1) {
    for (const happens of [false, true]) {
      const yard = await world();
      await yard.serves('eve', { prefer: 'amy' });
      await yard.serves('joe', { prefer: 'amy' });
      await yard.desk.agentLeft('amy', 'deleted', NOON);
      yard.killAt(n, happens);
      await yard.run();
      expect([n, happens, leftTold(yard, 'eve').length, leftTold(yard, 'joe').length]).toEqual([n, happens, 1, 1]);
      expect(new Set(yard.facts().map(({ id }) => id)).size).toBe(1);
    }
  }
});

test('who is on no list any more has left; who was on none has not', async () => {
  const yard = await world();
  await yard.listed('amy');
  expect(await yard.left('ben')).toBeUndefined();
  await yard.listed('amy', 'ben');
  await yard.listed('ben');
  expect(await yard.left('amy')).toMatchObject({ reason: 'no-servicer' });
  expect(await yard.left('ben')).toBeUndefined();
});

test('whom another account still lists has not left, but gets no customers of this one', async () => {
  const yard = await world();
  await yard.desk.notePresence('amy', 'wkother', { status: 'receiving', at: NOON });
  await yard.listed('amy', 'ben');
  await yard.listed('ben');
  expect(await yard.left('amy')).toBeUndefined();
  expect(await yard.serves('eve', { prefer: 'amy' })).toBe('ben');
});

test('who serves the account for another team than its own is missed on its list, too', async () => {
  const yard = await world();
  await yard.store.saveTeam({ teamId: 'sales', agents: ['zoe'], endAfterSilenceSeconds: 1800 });
  await yard.store.saveAgent({ agentId: 'zoe', capacity: 1, duty: 'on', teams: ['sales'] });
  await yard.listed('amy', 'ben', 'zoe');
  await yard.listed('amy', 'ben');
  expect(await yard.left('zoe')).toMatchObject({ reason: 'no-servicer' });
});

test('a list that names nobody says nothing of anybody', async () => {
  const yard = await world();
  await yard.listed('amy', 'ben');
  await yard.listed();
  expect([await yard.left('amy'), await yard.left('ben')]).toEqual([undefined, undefined]);
});

test('an unknown userid has left; of one that is no servicer the account’s list decides', async () => {
  const yard = await world();
  const asked = { conversationId: `${KF}:eve`, openKfId: KF, askedAt: NOON };
  await yard.desk.refused('support', { ...asked, r: 'a' }, 1, 'amy', 95014);
  await yard.run();
  expect(await yard.left('amy')).toBeUndefined();
  await yard.listed('amy');
  yard.skip(SECOND);
  await yard.desk.refused('support', { ...asked, r: 'b' }, 1, 'amy', 95014);
  await yard.desk.refused('support', { ...asked, r: 'c' }, 1, 'ben', 60111);
  await yard.run();
  expect(await yard.left('amy')).toBeUndefined();
  expect(await yard.left('ben')).toMatchObject({ reason: 'unknown-member' });
});

test('a refusal that is not about him for good says nothing', async () => {
  const yard = await world();
  await yard.listed('amy');
  await yard.desk.refused(
    'support',
    { r: 'a', conversationId: `${KF}:eve`, openKfId: KF, askedAt: NOON },
    1,
    'amy',
    95019,
  );
  await yard.run();
  expect(await yard.left('amy')).toBeUndefined();
});

test('whoever is back and receives gets customers again; old news of his leaving does not count any more', async () => {
  const yard = await world();
  await yard.listed('amy', 'ben');
  await yard.listed('ben');
  const at = (await yard.left('amy'))?.at ?? 0;
  await yard.listed('amy', 'ben');
  expect(await yard.left('amy')).toBeUndefined();
  expect(await yard.serves('eve', { prefer: 'amy' })).toBe('amy');
  await yard.desk.agentLeft('amy', 'deleted', at);
  await yard.run();
  expect(await yard.left('amy')).toBeUndefined();
});

test('a supervisor who puts him on duty knows that he is there: he gets customers again, whatever the list said before', async () => {
  const yard = await world();
  await yard.listed('amy', 'ben');
  yard.skip(SECOND);
  await yard.desk.agentLeft('amy', 'unknown-member', yard.clock());
  await yard.run();
  yard.skip(SECOND);
  await yard.store.setDuty('amy', 'off', yard.clock());
  expect(await yard.left('amy')).toBeDefined();
  await yard.store.setDuty('amy', 'on', yard.clock());
  expect(await yard.left('amy')).toBeUndefined();
  expect(await yard.serves('eve', { prefer: 'amy' })).toBe('amy');
});

test('a list that goes on naming him does not bring him back', async () => {
  const yard = await world();
  await yard.listed('amy', 'ben');
  yard.skip(SECOND);
  await yard.desk.agentLeft('amy', 'deleted', yard.clock());
  await yard.run();
  await yard.listed('amy', 'ben');
  expect(await yard.left('amy')).toMatchObject({ reason: 'deleted' });
});

test('whom the configuration has forgotten is seen to by the team whose customer he has', async () => {
  const yard = await world();
  await yard.serves('eve', { prefer: 'amy' });
  await yard.store.removeAgent('amy');
  await yard.desk.agentLeft('amy', 'deleted', NOON);
  await yard.run();
  expect(leftTold(yard, 'eve')).toHaveLength(1);
});

test('who is no agent is nobody here', async () => {
  const yard = await world();
  await yard.desk.agentLeft('stranger', 'deleted', NOON);
  await yard.run();
  expect(yard.facts()).toEqual([]);
});
