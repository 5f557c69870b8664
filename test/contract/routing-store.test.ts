import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { DAY, MINUTE } from '../../lib/platform/clock.ts';
import { Shifts } from '../../lib/platform/shifts.ts';
import { chooseAgent } from '../../lib/routing/choose-agent.ts';
import { recordOf } from '../../lib/routing/decision-record.ts';
import { type RoutingStore, routingStore } from '../../lib/routing/routing-store.ts';
import { NO_PACE, paceAfter } from '../../lib/routing/team-pace.ts';
import { dynamoTable } from '../../lib/store/dynamo-table.ts';
import { inbox } from '../../lib/store/inbox.ts';
import { routingShape } from '../../lib/store/tables.ts';
import { anAgent, aRequest, NOON, someFacts } from '../rooms/routing/routing-facts.ts';
import { type Dynalite, startDynalite } from '../support/dynalite.ts';
import { memoryTable } from '../support/memory-table.ts';

const shape = routingShape('routing');
let dynalite: Dynalite;
beforeAll(async () => {
  dynalite = await startDynalite([shape]);
}, 60_000);
afterAll(() => dynalite.stop());

const tables = [
  ['DynamoDB', () => dynamoTable(dynalite.client, shape)],
  ['memory', () => memoryTable(shape)],
] as const;

describe.each(tables)('the routing store in %s', (_, open) => {
  let things = 0;
  /** A store, and an agent whom nobody else has. */
  async function furnished(): Promise<{ store: RoutingStore; agentId: string; teamId: string }> {
    const table = open();
    const store = routingStore(table, inbox(table, { attentionAfterMs: MINUTE, keepMs: DAY }));
    things += 1;
    const [agentId, teamId] = [`agent${things}`, `team${things}`];
    await store.saveAgent({ agentId, capacity: 2, duty: 'on', teams: [teamId], helps: ['sales'] });
    return { store, agentId, teamId };
  }
  const missed = (r: string, at: number, teamId = 'support') => ({ kind: 'missed' as const, teamId, r, at });

  test('an agent is read as he was saved, terms and all, and what is not said any more is gone', async () => {
    const { store, agentId } = await furnished();
    const shifts = Shifts.parse({ weekly: [{ days: ['mon'], from: '22:00', to: '06:00' }] });
    const terms = { skills: { billing: 3 }, languages: ['zh'], weight: 2, shifts };
    const agent = { agentId, capacity: 3, duty: 'on' as const, teams: ['support'] };
    await store.saveAgent({ ...agent, ...terms });
    expect(await store.agents([agentId])).toEqual([
      { ...agent, ...terms, dutyInFile: 'on', serving: new Set(), presence: {} },
    ]);
    await store.saveAgent(agent);
    expect(await store.agents([agentId])).toEqual([{ ...agent, dutyInFile: 'on', serving: new Set(), presence: {} }]);
  });

  test('what a team begins with is read at once: its terms, its pace and the calendar', async () => {
    const { store, teamId } = await furnished();
    const team = {
      teamId,
      agents: ['amy'],
      endAfterSilenceSeconds: 60,
      strategy: 'by-skill' as const,
      relaxAfterSeconds: [60],
    };
    await store.saveTeam(team);
    expect((await store.teamAtWork(teamId)).pace).toEqual(NO_PACE);
    const pace = paceAfter(NO_PACE, { of: 'r1#1', at: NOON }, { amy: 5 }) ?? NO_PACE;
    expect(await store.savePace(teamId, pace)).toBe(true);
    await store.saveCalendar({ holidays: ['2026-10-01'], workdays: { '2026-10-10': 'fri' } });
    expect(await store.teamAtWork(teamId)).toEqual({
      team,
      pace,
      calendar: { holidays: ['2026-10-01'], workdays: { '2026-10-10': 'fri' } },
    });
    expect(await store.teamAtWork('nobody')).not.toHaveProperty('team');
  });

  test('a pace is not saved over a newer one', async () => {
    const { store, teamId } = await furnished();
    const first = paceAfter(NO_PACE, { of: 'r1#1', at: NOON }, { amy: 5 }) ?? NO_PACE;
    const other = paceAfter(NO_PACE, { of: 'r2#1', at: NOON }, { ben: 5 }) ?? NO_PACE;
    expect(await store.savePace(teamId, first)).toBe(true);
    expect(await store.savePace(teamId, other)).toBe(false);
    const second = paceAfter(first, { of: 'r2#1', at: NOON }, { ben: 5 }) ?? NO_PACE;
    expect(await store.savePace(teamId, second)).toBe(true);
    expect((await store.teamAtWork(teamId)).pace).toEqual(second);
  });

  test('a choice is kept with its record, once', async () => {
    const { store, teamId } = await furnished();
    const r = `r-${teamId}`;
    const facts = someFacts([anAgent('amy'), anAgent('ben', { duty: 'off' })], {
      team: { strategy: 'longest-idle', overflow: [{ teamId: 'night', afterSeconds: 60 }] },
      request: aRequest({ r, skills: { billing: 2 }, language: 'zh' }),
    });
    const decision = chooseAgent(facts);
    const record = recordOf(teamId, facts, decision);
    const choice = {
      r,
      n: 1,
      agentId: 'amy',
      element: `wk:eve#${r}`,
      why: decision.why,
      request: facts.request,
      status: 'chosen' as const,
    };
    expect(await store.recordChoice(choice, NOON, record)).toBe(true);
    expect(await store.recordChoice({ ...choice, agentId: 'ben' }, NOON, record)).toBe(false);
    expect(await store.lastChoice(r)).toEqual(choice);
    await store.noteChoice(choice, 'told');
    expect(await store.decisions(r)).toEqual([{ n: 1, status: 'told', record }]);
    expect(await store.decisions('none')).toEqual([]);
  });

  test('agents of several teams are read together, and a team that is gone has none', async () => {
    const { store, agentId, teamId } = await furnished();
    await store.saveTeam({ teamId, agents: [agentId], endAfterSilenceSeconds: 60 });
    const [read, ...others] = await store.agentsOf([teamId, 'gone']);
    expect(read).toMatchObject({ teamId, agents: [{ agentId }] });
    expect(others).toEqual([]);
  });

  test('whoever misses too many offers goes off duty once, in the same write', async () => {
    const { store, agentId } = await furnished();
    expect(await store.noteOffer(agentId, missed('r1', 10), 2)).toBeUndefined();
    expect(await store.noteOffer(agentId, missed('r1', 10), 2)).toBeUndefined();
    const untold = { n: 1, teamId: 'support', missed: 2, at: 20 };
    expect(await store.noteOffer(agentId, missed('r2', 20), 2)).toEqual(untold);
    expect(await store.agents([agentId])).toMatchObject([{ duty: 'off', away: { reason: 'missed-offers' } }]);
    // Until somebody was told, every repeat says so.
    expect(await store.noteOffer(agentId, missed('r2', 20), 2)).toEqual(untold);
    await store.offDutyTold(agentId, untold);
    expect(await store.noteOffer(agentId, missed('r2', 20), 2)).toBeUndefined();
    expect(await store.claim(agentId, 'wk:eve#r3', NOON)).toBe('full');
  });

  test('offers that several teams tell of at once are all counted', async () => {
    const { store, agentId } = await furnished();
    await Promise.all([1, 2, 3, 4].map((n) => store.noteOffer(agentId, missed(`r${n}`, n, `team${n}`), 5)));
    expect(await store.noteOffer(agentId, missed('r5', 5), 5)).toMatchObject({ n: 1, missed: 5 });
  });

  test('a word of a supervisor forgets the misses, those that come late included', async () => {
    const { store, agentId, teamId } = await furnished();
    await store.noteOffer(agentId, missed('r1', 10), 1);
    expect(await store.setDuty(agentId, 'on', 50)).toEqual([teamId, 'sales']);
    const [agent] = await store.agents([agentId]);
    expect(agent?.duty).toBe('on');
    expect(agent).not.toHaveProperty('away');
    await store.noteOffer(agentId, missed('r0', 40), 1);
    expect(await store.agents([agentId])).toMatchObject([{ duty: 'on' }]);
    expect(await store.setDuty('nobody', 'on', 50)).toBeUndefined();
    expect(await store.noteOffer('nobody', missed('r1', 60), 1)).toBeUndefined();
    expect(await store.agents(['nobody'])).toEqual([]);
  });

  test('a request that WeCom refused goes back as it stood before the choice', async () => {
    const { store, teamId } = await furnished();
    const r = `r-${teamId}`;
    const request = aRequest({ r, priority: 3, skills: { billing: 1 }, excluded: { cat: 5 } });
    const choice = { r, n: 1, agentId: 'amy', element: 'e', request, status: 'refused' as const };
    await store.recordChoice(choice, NOON);
    await store.exclude(teamId, aRequest({ r }), { n: 1, agentId: 'amy' }, 99);
    expect(await store.line(teamId)).toEqual([{ ...request, excluded: { cat: 5, amy: 99 } }]);
  });
});
