import { describe, expect, test } from '@jest/globals';
import { HOUR, MINUTE, SECOND } from '../../../lib/platform/clock.ts';
import { Shifts } from '../../../lib/platform/shifts.ts';
import type { Agent, Team, WaitingRequest } from '../../../lib/routing/agent.ts';
import { chooseAgent, type RoutingFacts } from '../../../lib/routing/choose-agent.ts';
import { passedOver } from '../../../lib/routing/standing.ts';
import { policyVersion, type Strategy, TeamTerms } from '../../../lib/routing/terms.ts';
import { anAgent, aRequest, NOON, places, someFacts } from './routing-facts.ts';

const NOW = NOON;
const agent = anAgent;
const request = aRequest();
const chosen = (agents: readonly Agent[], more: Partial<WaitingRequest> = {}) =>
  chooseAgent({ team: {}, agents, request: { ...request, ...more }, now: NOW }).agentId;

describe('who is next', () => {
  test('the least busy, measured by the share of the capacity', () => {
    const amy = agent('amy', { capacity: 4, serving: new Set(['a']) });
    const ben = agent('ben', { capacity: 2, serving: new Set(['b']) });
    expect(chosen([ben, amy])).toBe('amy');
  });

  test('on a tie the one longest without work, and whoever never had any comes first', () => {
    const amy = agent('amy', { lastWorkAt: 20 });
    const ben = agent('ben', { lastWorkAt: 10 });
    expect(chosen([amy, ben])).toBe('ben');
    expect(chosen([amy, ben, agent('cal')])).toBe('cal');
  });

  test('with everything equal, by name, whatever the order of the roster', () => {
    expect(chosen([agent('ben'), agent('amy')])).toBe('amy');
    expect(chosen([agent('amy'), agent('ben')])).toBe('amy');
  });

  test('the one who served this customer last, while there is room', () => {
    const busy = agent('ben', { serving: new Set(['b']) });
    expect(chosen([agent('amy'), busy], { prefer: 'ben' })).toBe('ben');
    expect(chosen([agent('amy'), { ...busy, capacity: 1 }], { prefer: 'ben' })).toBe('amy');
  });

  test('nobody, where nobody can', () => {
    expect(chosen([])).toBeUndefined();
    expect(chosen([agent('amy', { capacity: 0 })])).toBeUndefined();
  });
});

describe('who is passed over', () => {
  const why = (more: Partial<Agent>, asked: Partial<WaitingRequest> = {}) =>
    passedOver(agent('amy', more), { ...request, ...asked }, NOW);

  test('whom WeCom refused is asked at once when he receives again since; who let an offer lie is not', () => {
    const back = { presence: { wk: { status: 'receiving' as const, at: NOW - MINUTE } } };
    const excluded = { amy: NOW + 5 * MINUTE };
    expect(why(back, { excluded, refusedAt: { amy: NOW - 2 * MINUTE } })).toBeUndefined();
    expect(why(back, { excluded, refusedAt: { amy: NOW - SECOND } })).toBe('refused');
    expect(why(back, { excluded })).toBe('refused');
  });

  test('off duty, full, not receiving on this account, refused for this conversation', () => {
    expect(why({ duty: 'off' })).toBe('off-duty');
    expect(why({ serving: new Set(['a', 'b']) })).toBe('full');
    expect(why({ presence: { wk: { status: 'stopped', at: 1 } } })).toBe('stopped');
    expect(why({ presence: { wk: { status: 'suspended', at: 1 } } })).toBe('suspended');
    expect(why({}, { excluded: { amy: NOW + 1 } })).toBe('refused');
  });

  test('not: an unknown status, a status on another account, a refusal of long ago', () => {
    expect(why({})).toBeUndefined();
    expect(
      why({ presence: { wk: { status: 'unknown', at: 1 }, other: { status: 'stopped', at: 1 } } }),
    ).toBeUndefined();
    expect(why({}, { excluded: { amy: NOW } })).toBeUndefined();
  });
});

describe('by the team’s strategy', () => {
  const next = (strategy: Strategy, agents: readonly Agent[], more: Partial<WaitingRequest> = {}) =>
    chooseAgent(someFacts(agents, { team: { strategy }, request: aRequest(more) })).agentId;

  test('longest idle: how busy somebody is matters on a tie only', () => {
    const amy = agent('amy', { lastWorkAt: 10, serving: places(1) });
    expect(next('longest-idle', [amy, agent('ben', { lastWorkAt: 20 })])).toBe('amy');
    expect(next('longest-idle', [amy, agent('ben', { lastWorkAt: 10 })])).toBe('ben');
  });

  test('by skill: the highest levels in what is wanted, then the least busy', () => {
    const amy = agent('amy', { skills: { refunds: 3, cooking: 5 } });
    const ben = agent('ben', { skills: { refunds: 4 }, serving: places(1) });
    expect(next('by-skill', [amy, ben], { skills: { refunds: 2 } })).toBe('ben');
    expect(next('by-skill', [amy, ben])).toBe('amy');
  });

  /** Serves so many requests that end at once. */
  function serve(count: number, facts: RoutingFacts): string[] {
    const order: string[] = [];
    let { turns } = facts;
    for (let n = 0; n < count; n += 1) {
      const { agentId = 'nobody', turnsAfter } = chooseAgent({ ...facts, ...(turns && { turns }) });
      order.push(agentId);
      turns = turnsAfter;
    }
    return order;
  }

  test('round robin: one after the other, without regard to weights', () => {
    const facts = someFacts([agent('amy', { weight: 5 }), agent('ben'), agent('cat')], {
      team: { strategy: 'round-robin' },
    });
    expect(serve(7, facts)).toEqual(['amy', 'ben', 'cat', 'amy', 'ben', 'cat', 'amy']);
  });

  test('weighted: shares of the turns by weight', () => {
    const facts = someFacts([agent('amy', { weight: 3 }), agent('ben')], { team: { strategy: 'weighted' } });
    const order = serve(40, facts);
    expect(order.filter((one) => one === 'amy')).toHaveLength(30);
  });

  test('a customer who comes back is a turn, too', () => {
    const facts = someFacts([agent('amy'), agent('ben')], { team: { strategy: 'round-robin' } });
    const back = chooseAgent({ ...facts, request: aRequest({ prefer: 'amy' }) });
    expect(back.agentId).toBe('amy');
    expect(chooseAgent({ ...facts, ...(back.turnsAfter && { turns: back.turnsAfter }) }).agentId).toBe('ben');
  });

  test('turns are kept only where the strategy takes them, and stay as they are when nobody can', () => {
    const off = agent('amy', { duty: 'off' });
    expect(chooseAgent(someFacts([agent('amy')])).turnsAfter).toBeUndefined();
    const nobody = someFacts([off], { team: { strategy: 'weighted' }, turns: { amy: 7 } });
    expect(chooseAgent(nobody).turnsAfter).toEqual({ amy: 7 });
  });
});

describe('step by step', () => {
  const team: TeamTerms = {
    relaxAfterSeconds: [30, 60, 120],
    overflow: [
      { teamId: 'night', afterSeconds: 90 },
      { teamId: 'sales', afterSeconds: 200 },
    ],
  };
  const wants = { skills: { refunds: 3 } };
  const after = (seconds: number, agents: readonly Agent[], more: Partial<RoutingFacts> = {}) =>
    chooseAgent(someFacts(agents, { team, request: aRequest(wants), now: NOON + seconds * SECOND, ...more }));

  test('wanted levels fall by one at each step, and with the last nothing is wanted', () => {
    const two = agent('amy', { skills: { refunds: 2 } });
    expect(after(29, [two])).toMatchObject({ why: 'nobody-can', step: 0, wait: NOON + 30 * SECOND });
    expect(after(30, [two])).toMatchObject({ agentId: 'amy', why: 'relaxed', step: 1 });
    expect(after(0, [agent('amy', { skills: { refunds: 1 } })]).wait).toBe(NOON + 60 * SECOND);
    expect(after(119, [agent('amy')])).toMatchObject({ why: 'nobody-can', step: 2, wait: NOON + 120 * SECOND });
    expect(after(120, [agent('amy')])).toMatchObject({ agentId: 'amy', why: 'relaxed', step: 3 });
  });

  test('a language is wanted until the last step; who has not said what he speaks is not passed over for it', () => {
    const request = aRequest({ language: 'en' });
    const chinese = agent('amy', { languages: ['zh'] });
    const early = after(60, [chinese], { request });
    expect(early.candidates).toEqual([{ agentId: 'amy', passedOver: 'language', notBefore: NOON + 120 * SECOND }]);
    expect(after(120, [chinese], { request }).agentId).toBe('amy');
    expect(after(0, [chinese, agent('ben', { languages: ['en', 'zh'] })], { request }).agentId).toBe('ben');
    expect(after(0, [agent('cat')], { request }).agentId).toBe('cat');
  });

  test('without steps, a skill that nobody has is waited for, and time does not help', () => {
    expect(after(9999, [agent('amy')], { team: {} })).toMatchObject({ why: 'nobody-can', step: 0 });
    expect(after(9999, [agent('amy')], { team: {} }).wait).toBeUndefined();
  });

  test('all that is wanted comes before less of it, however busy', () => {
    const able = agent('ben', { skills: { refunds: 3 }, serving: places(1) });
    expect(after(300, [agent('amy'), able])).toMatchObject({ agentId: 'ben', why: 'full-skills' });
  });

  test('overflow teams serve in their order when their time has come and the own team cannot', () => {
    const skilled = { skills: { refunds: 5 } };
    const overflow = [
      { teamId: 'sales', agents: [agent('sue', skilled)] },
      { teamId: 'night', agents: [agent('nat', skilled)] },
    ];
    const off = agent('amy', { ...skilled, duty: 'off' });
    const early = after(89, [off], { overflow });
    expect(early).toMatchObject({ why: 'nobody-can', wait: NOON + 90 * SECOND });
    expect(early.candidates).toContainEqual({ agentId: 'sue', passedOver: 'not-yet', notBefore: NOON + 200 * SECOND });
    expect(after(90, [off], { overflow })).toMatchObject({ agentId: 'nat', why: 'overflow' });
    expect(after(200, [off], { overflow })).toMatchObject({ agentId: 'nat', why: 'overflow' });
    expect(after(130, [agent('amy')], { overflow })).toMatchObject({ agentId: 'amy', why: 'relaxed' });
  });

  test('who served last comes before who owns the relation, for as long as the team says', () => {
    const sticky = { stickySeconds: 60 };
    const request = aRequest({ prefer: 'ben', owner: 'cat' });
    const at = (seconds: number, agents: readonly Agent[]) => after(seconds, agents, { team: sticky, request });
    const three = [agent('amy'), agent('ben', { serving: places(1) }), agent('cat', { serving: places(1) })];
    expect(at(59, three)).toMatchObject({ agentId: 'ben', why: 'served-last' });
    expect(at(59, three.toSpliced(1, 1))).toMatchObject({ agentId: 'cat', why: 'owns-relation' });
    expect(at(60, three)).toMatchObject({ agentId: 'amy', why: 'full-skills' });
  });
});

describe('what time brings', () => {
  const nine = (day: string) => Date.parse(`2026-10-${day}T09:00+08:00`);
  const office = Shifts.parse({ weekly: [{ days: ['mon', 'tue', 'wed', 'thu', 'fri'], from: '09:00', to: '12:00' }] });

  test('a shift that starts', () => {
    const closed = chooseAgent(someFacts([agent('amy', { shifts: office })]));
    expect(closed.candidates).toEqual([{ agentId: 'amy', passedOver: 'off-shift', notBefore: nine('02') }]);
    expect(closed.wait).toBe(nine('02'));
    expect(chooseAgent(someFacts([agent('amy', { shifts: office })], { now: nine('02') })).agentId).toBe('amy');
  });

  test('holidays of the corp count', () => {
    const hours = { zone: 'Asia/Shanghai', calendar: { holidays: ['2026-10-02'], workdays: {} } };
    expect(chooseAgent(someFacts([agent('amy', { shifts: office })], { hours })).wait).toBe(nine('05'));
  });

  test('somebody who comes back, though not before his shift', () => {
    const away = { until: NOON + HOUR, reason: 'lunch' };
    expect(chooseAgent(someFacts([agent('amy', { away })])).wait).toBe(NOON + HOUR);
    expect(chooseAgent(someFacts([agent('amy', { away, shifts: office })])).wait).toBe(nine('02'));
    expect(chooseAgent(someFacts([agent('amy', { away })], { now: NOON + HOUR })).agentId).toBe('amy');
  });

  test('a refusal that is forgotten', () => {
    const request = aRequest({ excluded: { amy: NOON + 10 * MINUTE } });
    expect(chooseAgent(someFacts([agent('amy')], { request })).wait).toBe(NOON + 10 * MINUTE);
  });

  test('nothing, for somebody who is full, off duty, stopped in WeCom or away without an end', () => {
    const agents = [
      agent('amy', { serving: places(2) }),
      agent('ben', { duty: 'off', shifts: office }),
      agent('cat', { presence: { wk: { status: 'stopped', at: 1 } } }),
      agent('dan', { away: { reason: 'ill' } }),
    ];
    expect(chooseAgent(someFacts(agents)).wait).toBeUndefined();
  });
});

describe('the team’s terms', () => {
  test('have a version that changes with each of them, and with nothing else', () => {
    const terms: TeamTerms[] = [
      {},
      { strategy: 'weighted' },
      { relaxAfterSeconds: [1] },
      { overflow: [{ teamId: 'a', afterSeconds: 1 }] },
      { overflow: [{ teamId: 'b', afterSeconds: 1 }] },
      { stickySeconds: 0 },
      { agingMinutes: 1 },
    ];
    expect(new Set(terms.map(policyVersion)).size).toBe(terms.length);
    const team: Team = { teamId: 'support', agents: ['amy'], endAfterSilenceSeconds: 60 };
    expect(policyVersion(team)).toBe(policyVersion({ strategy: 'least-busy', relaxAfterSeconds: [] }));
  });

  test('steps that do not come one after the other are refused', () => {
    expect(TeamTerms.safeParse({ relaxAfterSeconds: [60, 60] }).success).toBe(false);
    expect(TeamTerms.safeParse({ relaxAfterSeconds: [0, 60] }).success).toBe(true);
  });
});
