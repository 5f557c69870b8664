import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { chooseAgent, type RoutingFacts } from '../../../lib/routing/choose-agent.ts';
import { DecisionRecord, recordOf, replay } from '../../../lib/routing/decision-record.ts';
import { isAble } from '../../../lib/routing/rank.ts';
import { anAgent, anyFacts, aRequest, NOON, places, someFacts } from './routing-facts.ts';

const decided = (facts: RoutingFacts) => {
  const decision = chooseAgent(facts);
  return { decision, record: recordOf('support', facts, decision) };
};
/** As a table or a file gives it back. */
const readBack = (record: DecisionRecord) => DecisionRecord.parse(JSON.parse(JSON.stringify(record)));
const bytes = (record: DecisionRecord): number => Buffer.byteLength(JSON.stringify(record));

const ROSTER = (count: number) =>
  Array.from({ length: count }, (_, index) =>
    anAgent(`zhang.san-${index}`, {
      capacity: 8,
      serving: places(index % 9),
      lastWorkAt: NOON - 1000 - index,
      skills: { refunds: 1 + (index % 5), billing: 1 + (index % 4) },
    }),
  );

describe('a decision record', () => {
  test('replays to the same choice, for the same reason and with the same wait, for every decision', () => {
    fc.assert(
      fc.property(anyFacts(), (facts) => {
        const { decision, record } = decided(facts);
        const { agentId, why, step, wait } = replay(readBack(record));
        expect({ agentId, why, step, wait }).toEqual({
          agentId: decision.agentId,
          why: decision.why,
          step: decision.step,
          wait: decision.wait,
        });
      }),
      { numRuns: 1500 },
    );
  });

  test('replays everybody in it with the same score or reason', () => {
    fc.assert(
      fc.property(anyFacts(), (facts) => {
        const { decision, record } = decided(facts);
        const byName = (a: { agentId: string }, b: { agentId: string }) => (a.agentId < b.agentId ? -1 : 1);
        expect(replay(readBack(record)).candidates.toSorted(byName)).toEqual(decision.candidates.toSorted(byName));
      }),
      { numRuns: 500 },
    );
  });

  test('replays the same also where most candidates are only counted', () => {
    fc.assert(
      fc.property(anyFacts(200), (facts) => {
        const { decision, record } = decided(facts);
        const { agentId, why, step, wait } = decision;
        const again = replay(readBack(record));
        expect([again.agentId, again.why, again.step, again.wait]).toEqual([agentId, why, step, wait]);
        const counted = Object.values(record.others ?? {}).reduce((sum, one) => sum + one, 0);
        expect(record.candidates.length + counted).toBe(decision.candidates.length);
      }),
      { numRuns: 150 },
    );
  });

  test('names the chosen one first, and for everybody else the reason', () => {
    const agents = [anAgent('amy', { duty: 'off' }), anAgent('ben', { serving: places(1) }), anAgent('cat')];
    const { record } = decided(someFacts(agents, { request: aRequest({ owner: 'amy' }) }));
    expect(record).toEqual({
      v: 1,
      r: 'r1',
      teamId: 'support',
      policy: expect.stringMatching(/^[\w-]{12}$/),
      at: NOON,
      askedAt: NOON,
      strategy: 'least-busy',
      owner: 'amy',
      candidates: [
        { agentId: 'cat', load: 0, capacity: 2 },
        { agentId: 'ben', load: 1, capacity: 2 },
        { agentId: 'amy', load: 0, capacity: 2, passedOver: 'off-duty' },
      ],
      agentId: 'cat',
      why: 'full-skills',
      step: 0,
    });
  });

  test('has no field that is undefined, which a table would refuse', () => {
    fc.assert(
      fc.property(anyFacts(), (facts) => {
        const { record } = decided(facts);
        const fields = [record, ...record.candidates].flatMap((each) => Object.entries(each));
        expect(fields.filter(([, value]) => value === undefined)).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  test('is a few KB for 50 agents, and not much more for 1,000', () => {
    const request = aRequest({ skills: { refunds: 2, billing: 2 }, language: 'zh' });
    const of = (count: number) => decided(someFacts(ROSTER(count), { request })).record;
    expect(bytes(of(50))).toBeLessThan(6 * 1024);
    const large = of(1000);
    expect(bytes(large)).toBeLessThan(12 * 1024);
    expect(large.candidates).toHaveLength(100);
    expect(large.others).toEqual({ able: expect.any(Number), full: expect.any(Number), skills: expect.any(Number) });
  });

  test('of many who can, the best are written down; of many who cannot, also the one that is waited for', () => {
    const able = ROSTER(1000).filter((agent) => agent.serving.size < agent.capacity);
    const { decision, record } = decided(someFacts(able));
    expect(record.candidates[0]?.agentId).toBe(decision.agentId);
    const away = { reason: 'lunch', until: NOON + 5000 };
    const none = [...able.map((agent) => ({ ...agent, duty: 'off' as const })), anAgent('zoe', { away })];
    const waiting = decided(someFacts(none)).record;
    expect(waiting.candidates.map(({ agentId }) => agentId)).toContain('zoe');
    expect(replay(waiting).wait).toBe(NOON + 5000);
  });

  test('says another thing when it was tampered with', () => {
    const { record } = decided(someFacts([anAgent('amy'), anAgent('ben')]));
    const candidates = record.candidates.map((one) => (one.agentId === 'amy' ? { ...one, load: 1 } : one));
    expect(replay(record).agentId).toBe('amy');
    expect(replay({ ...record, candidates }).agentId).toBe('ben');
    expect(replay({ ...record, candidates }).candidates.every(isAble)).toBe(true);
  });
});
