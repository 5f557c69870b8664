import { describe, expect, test } from '@jest/globals';
import type { Agent, WaitingRequest } from '../../../lib/routing/agent.ts';
import { chooseAgent } from '../../../lib/routing/choose-agent.ts';
import { passedOver } from '../../../lib/routing/standing.ts';

const NOW = 1_000_000;
const agent = (agentId: string, more: Partial<Agent> = {}): Agent => ({
  agentId,
  capacity: 2,
  duty: 'on',
  teams: ['support'],
  serving: new Set(),
  presence: {},
  ...more,
});
const request: WaitingRequest = { r: 'r1', conversationId: 'wk:eve', openKfId: 'wk', askedAt: NOW, excluded: {} };
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
