import { describe, expect, test } from '@jest/globals';
import { MINUTE, SECOND } from '../../../lib/platform/clock.ts';
import { Shifts } from '../../../lib/platform/shifts.ts';
import { replay } from '../../../lib/routing/decision-record.ts';
import { NOON, routingYard } from '../../support/routing-yard.ts';

const AMY = { agentId: 'amy' };
const BEN = { agentId: 'ben' };

describe('the line', () => {
  test('a greater priority is served first, until the other has waited longer than that is worth', async () => {
    const yard = await routingYard({ teams: [{ agingMinutes: 5 }], agents: [AMY] });
    await yard.serves('first');
    await yard.serves('early');
    yard.skip(4 * MINUTE);
    await yard.serves('vip', { priority: 1 });
    yard.skip(2 * MINUTE);
    await yard.serves('late vip', { priority: 1 });
    const order: string[] = [];
    for (let served = 'first'; order.length < 3; order.push(served)) {
      await yard.ends(served);
      await yard.run();
      served = ['early', 'vip', 'late vip'].find((one) => yard.agentOf(one) && !order.includes(one)) ?? '';
    }
    expect(order).toEqual(['vip', 'early', 'late vip']);
  });

  test('who waits is told the place at once, and how long it takes once the team has a pace', async () => {
    const yard = await routingYard({ teams: [{}], agents: [AMY] });
    for (const customer of ['c0', 'c1', 'c2', 'c3', 'c4']) await yard.serves(customer);
    expect(yard.told('c1')).toEqual([{ kind: 'waiting', r: 'c11', at: NOON, ahead: 1, conversationId: 'wkdesk:c1' }]);
    expect(yard.told('c4')).toMatchObject([{ kind: 'waiting', ahead: 4 }]);
    // Every two minutes somebody is served.
    for (const customer of ['c0', 'c1', 'c2', 'c3']) {
      yard.skip(2 * MINUTE);
      await yard.ends(customer);
      await yard.run();
    }
    await yard.serves('next');
    await yard.serves('one more');
    expect(yard.told('next')).toMatchObject([{ ahead: 1, estimateMs: 2 * MINUTE }]);
    expect(yard.told('one more')).toMatchObject([{ ahead: 2, estimateMs: 4 * MINUTE }]);
  });

  test('who was refused comes back with the priority and the skills that were asked for', async () => {
    const yard = await routingYard({ teams: [{}], agents: [{ ...AMY, skills: { billing: 3 } }, BEN] });
    expect(await yard.serves('eve', { priority: 2, skills: { billing: 1 } })).toBe('amy');
    await yard.ends('eve');
    const asked = { r: 'eve1', conversationId: 'wkdesk:eve', openKfId: 'wkdesk', askedAt: NOON };
    await yard.desk.refused('support', asked, 1, 'amy');
    await yard.run();
    expect(await yard.store.line('support')).toMatchObject([
      { r: 'eve1', priority: 2, skills: { billing: 1 }, excluded: { amy: NOON + 10 * MINUTE } },
    ]);
  });

  test('who let an offer expire is passed over for ten minutes', async () => {
    const yard = await routingYard({ teams: [{}], agents: [AMY] });
    expect(await yard.serves('eve', { exclude: ['amy'] })).toBeUndefined();
    await yard.pass(10 * MINUTE - SECOND);
    expect(yard.agentOf('eve')).toBeUndefined();
    await yard.pass(SECOND);
    expect(yard.agentOf('eve')).toBe('amy');
  });
});

describe('what only time changes', () => {
  test('a step of relaxation is taken to the second, without anybody else waking the team', async () => {
    const yard = await routingYard({
      teams: [{ relaxAfterSeconds: [30, 90] }],
      agents: [{ ...AMY, skills: { billing: 2 } }],
    });
    expect(await yard.serves('eve', { skills: { billing: 3 } })).toBeUndefined();
    await yard.pass(29 * SECOND);
    expect(yard.agentOf('eve')).toBeUndefined();
    await yard.pass(SECOND);
    expect(yard.agentOf('eve')).toBe('amy');
    expect(yard.timers).toEqual([]);
  });

  test('an agent whose shift begins gets who waits', async () => {
    const shifts = Shifts.parse({ weekly: [{ days: ['thu'], from: '12:10', to: '18:00' }] });
    const yard = await routingYard({ teams: [{}], agents: [{ ...AMY, shifts }] });
    expect(await yard.serves('eve')).toBeUndefined();
    await yard.pass(10 * MINUTE);
    expect(yard.agentOf('eve')).toBe('amy');
  });

  test('on a holiday no weekly shift holds', async () => {
    const shifts = Shifts.parse({ weekly: [{ days: ['thu'], from: '09:00', to: '18:00' }] });
    const yard = await routingYard({ teams: [{}], agents: [{ ...AMY, shifts }] });
    await yard.store.saveCalendar({ holidays: ['2026-10-01'], workdays: {} });
    expect(await yard.serves('eve')).toBeUndefined();
    await yard.store.saveCalendar({ holidays: [], workdays: {} });
    yard.wake();
    await yard.run();
    expect(yard.agentOf('eve')).toBe('amy');
  });

  test('one timer is armed for a moment, however often the team wakes before', async () => {
    const yard = await routingYard({ teams: [{ relaxAfterSeconds: [30] }], agents: [AMY] });
    await yard.serves('eve', { skills: { billing: 3 } });
    for (let wake = 0; wake < 5; wake += 1) {
      yard.wake();
      await yard.run();
    }
    expect(yard.timers).toEqual([{ teamId: 'support', dueAt: NOON + 30 * SECOND }]);
  });

  test('a moment further away than a timer reaches is left to the sweep', async () => {
    const shifts = Shifts.parse({ weekly: [{ days: ['thu'], from: '13:00', to: '18:00' }] });
    const yard = await routingYard({ teams: [{}], agents: [{ ...AMY, shifts }] });
    await yard.serves('eve');
    expect(yard.timers).toEqual([]);
  });
});

describe('teams that help out', () => {
  const house = {
    teams: [
      { agents: ['amy'], overflow: [{ teamId: 'night', afterSeconds: 60 }] },
      { teamId: 'night', agents: ['ben'] },
    ],
    agents: [AMY, { ...BEN, teams: ['night'], helps: ['support'] }],
  };

  test('the other team serves when its time has come, and its agents are not read before', async () => {
    const yard = await routingYard(house);
    await yard.serves('c0');
    expect(await yard.serves('eve')).toBeUndefined();
    await yard.pass(59 * SECOND);
    expect(yard.agentOf('eve')).toBeUndefined();
    await yard.pass(SECOND);
    expect(yard.agentOf('eve')).toBe('ben');
    const [decision] = await yard.store.decisions('eve1');
    expect(decision?.record).toMatchObject({ why: 'overflow', agentId: 'ben' });
  });

  test('a place that frees up in the helping team goes to who waits', async () => {
    const yard = await routingYard(house);
    await yard.serves('c0');
    await yard.serves('c1', { teamId: 'night' });
    await yard.serves('eve');
    await yard.pass(2 * MINUTE);
    expect(yard.agentOf('eve')).toBeUndefined();
    await yard.ends('c1');
    await yard.run();
    expect(yard.agentOf('eve')).toBe('ben');
  });

  test('a helper who is taken by another at the last moment is read again, and the next one tried', async () => {
    const yard = await routingYard({
      teams: [
        { agents: ['amy'], overflow: [{ teamId: 'night', afterSeconds: 0 }] },
        { teamId: 'night', agents: ['ben', 'cat'] },
      ],
      agents: [AMY, { ...BEN, teams: ['night'] }, { agentId: 'cat', teams: ['night'] }],
    });
    await yard.serves('c0');
    yard.beforeClaim(async () => {
      await yard.store.claim('ben', 'wkdesk:somebody#r9', NOON);
    });
    expect(await yard.serves('eve')).toBe('cat');
    expect(await yard.store.decisions('eve1')).toMatchObject([
      { status: 'gone', record: { agentId: 'ben' } },
      { status: 'told', record: { agentId: 'cat' } },
    ]);
    expect(await yard.serves('bob')).toBeUndefined();
    expect(yard.overClaimed).toEqual(new Set());
  });
});

describe('turns and records', () => {
  test('turns go round from one request to the next', async () => {
    const agents = [AMY, BEN, { agentId: 'cat' }].map((agent) => ({ ...agent, capacity: 9 }));
    const yard = await routingYard({ teams: [{ strategy: 'round-robin' }], agents });
    const got: (string | undefined)[] = [];
    for (let n = 0; n < 6; n += 1) got.push(await yard.serves(`c${n}`));
    expect(got.slice(0, 3).sort()).toEqual(['amy', 'ben', 'cat']);
    expect(got.slice(3, 6)).toEqual(got.slice(0, 3));
  });

  test.each(Array.from({ length: 12 }, (_, call) => [call + 1]))(
    'a process that ends at its call %i costs nobody a turn',
    async (call) => {
      const agents = [AMY, BEN].map((agent) => ({ ...agent, capacity: 20 }));
      const yard = await routingYard({ teams: [{ strategy: 'round-robin' }], agents });
      yard.killAt(call, call % 2 === 0);
      for (let n = 0; n < 10; n += 1) await yard.serves(`c${n}`);
      const [amy, ben] = await yard.store.agents(['amy', 'ben']);
      expect([amy?.serving.size, ben?.serving.size]).toEqual([5, 5]);
    },
  );

  test('every choice is kept with its record, which gives the same choice again', async () => {
    const yard = await routingYard({ teams: [{ strategy: 'weighted' }], agents: [{ ...AMY, weight: 3 }, BEN] });
    await yard.serves('eve', { language: 'zh', skills: { billing: 2 } });
    await yard.serves('bob');
    const [decision] = await yard.store.decisions('bob1');
    expect(decision).toMatchObject({
      n: 1,
      status: 'told',
      record: { r: 'bob1', teamId: 'support', strategy: 'weighted' },
    });
    expect(decision && replay(decision.record).agentId).toBe(decision?.record.agentId);
  });
});
