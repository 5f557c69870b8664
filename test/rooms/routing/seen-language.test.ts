import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import type { Agent, WaitingRequest } from '../../../lib/routing/agent.ts';
import { chooseAgent } from '../../../lib/routing/choose-agent.ts';
import { recordOf, replay } from '../../../lib/routing/decision-record.ts';
import { anAgent, aRequest, NOON } from './routing-facts.ts';

const chosen = (agents: Agent[], wanted: Partial<WaitingRequest>) =>
  chooseAgent({ team: {}, agents, request: aRequest(wanted), now: NOON }).agentId;

describe('the language that a customer was seen to write', () => {
  const amy = anAgent('amy', { languages: ['zh'] });
  const bob = anAgent('bob', { languages: ['zh', 'en'], serving: new Set(['x#1']) });

  test('comes before having more room', () => {
    expect(chosen([amy, bob], {})).toBe('amy');
    expect(chosen([amy, bob], { seenLanguage: 'en' })).toBe('bob');
  });

  test('makes nobody wait: with nobody free who speaks it, whoever is free serves', () => {
    expect(chosen([amy, { ...bob, duty: 'off' }], { seenLanguage: 'en' })).toBe('amy');
    expect(chosen([amy, { ...bob, capacity: 1 }], { seenLanguage: 'en' })).toBe('amy');
    expect(chosen([amy, bob], { seenLanguage: 'fr' })).toBe('amy');
  });

  test('does not keep a customer from the skill that he needs', () => {
    const clerk = { ...amy, skills: { bills: 2 } };
    expect(chosen([clerk, bob], { seenLanguage: 'en', skills: { bills: 1 } })).toBe('amy');
  });

  test('is not asked for where a rule names another one', () => {
    expect(chosen([amy, anAgent('cem', { languages: ['en'] })], { language: 'zh', seenLanguage: 'en' })).toBe('amy');
  });

  test('whatever the team looks like: whoever is served at once without it is served at once with it, and the record replays', () => {
    const languages = fc.option(fc.subarray(['zh', 'en', 'fr']), { nil: undefined });
    const anyAgent = fc.record({
      languages,
      level: fc.integer({ min: 0, max: 3 }),
      taken: fc.integer({ min: 0, max: 2 }),
      duty: fc.constantFrom('on' as const, 'off' as const),
    });
    fc.assert(
      fc.property(
        fc.array(anyAgent, { maxLength: 6 }),
        fc.integer({ min: 0, max: 3 }),
        fc.array(fc.integer({ min: 1, max: 90 }), { maxLength: 2 }),
        fc.integer({ min: 0, max: 120 }),
        (some, level, relax, waited) => {
          const agents = some.map(({ languages: speaks, level: has, taken, duty }, index) =>
            anAgent(`a${index}`, {
              duty,
              serving: new Set(Array.from({ length: taken }, (_, n) => `c#${n}`)),
              ...(speaks && { languages: speaks }),
              ...(has > 0 && { skills: { bills: has } }),
            }),
          );
          const team = { relaxAfterSeconds: [...new Set(relax)].sort((a, b) => a - b) };
          const wanted = { askedAt: NOON - waited * 1000, ...(level > 0 && { skills: { bills: level } }) };
          const facts = { team, agents, now: NOON };
          const without = chooseAgent({ ...facts, request: aRequest(wanted) });
          const seen = { ...facts, request: aRequest({ ...wanted, seenLanguage: 'en' }) };
          const decision = chooseAgent(seen);

          expect(decision.agentId === undefined).toBe(without.agentId === undefined);
          if (decision.agentId === undefined) expect(decision.wait).toBe(without.wait);
          const { agentId, why, step, wait } = decision;
          expect(replay(recordOf('support', seen, decision))).toMatchObject({
            step,
            why,
            ...(agentId !== undefined && { agentId }),
            ...(wait !== undefined && { wait }),
          });
        },
      ),
    );
  });
});
