import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { MINUTE, SECOND } from '../../../lib/platform/clock.ts';
import { isOn } from '../../../lib/platform/shifts.ts';
import type { Agent } from '../../../lib/routing/agent.ts';
import { chooseAgent, type RoutingFacts } from '../../../lib/routing/choose-agent.ts';
import { isAble } from '../../../lib/routing/rank.ts';
import { PLAIN_HOURS } from '../../../lib/routing/working-hours.ts';
import { anAgent, anyFacts, aRequest, NOON, someFacts } from './routing-facts.ts';

/** Every rule of who can take a request at all, said once more without the code under test. */
function canTake(agent: Agent, { request, now }: RoutingFacts): boolean {
  const { calendar, zone } = PLAIN_HOURS;
  const refused = Object.entries(request.excluded).some(([id, until]) => id === agent.agentId && until > now);
  const isAway = agent.away !== undefined && (agent.away.until === undefined || agent.away.until > now);
  const status = agent.presence[request.openKfId]?.status;
  const receives = status !== 'stopped' && status !== 'suspended';
  const works = isOn(agent.shifts, calendar, zone, now);
  return agent.duty === 'on' && agent.serving.size < agent.capacity && receives && works && !isAway && !refused;
}

const wanted = ({ request }: RoutingFacts) => Object.entries(request.skills ?? {});
const has = (agent: Agent, skill: string): number =>
  Object.entries(agent.skills ?? {}).find(([name]) => name === skill)?.[1] ?? 0;
const speaks = (agent: Agent, { request: { language } }: RoutingFacts): boolean =>
  language === undefined || (agent.languages ?? [language]).includes(language);
const hasAll = (agent: Agent, facts: RoutingFacts): boolean =>
  speaks(agent, facts) && wanted(facts).every(([skill, level]) => has(agent, skill) >= level);

const everybody = (facts: RoutingFacts): Agent[] => {
  const named = (facts.team.overflow ?? []).flatMap(
    ({ teamId }) => facts.overflow?.find((t) => t.teamId === teamId) ?? [],
  );
  return [...facts.agents, ...named.flatMap(({ agents }) => agents)];
};
const chosenOf = (facts: RoutingFacts): Agent | undefined => {
  const { agentId } = chooseAgent(facts);
  return everybody(facts).find((agent) => agent.agentId === agentId);
};
const knows = (agent: Agent, { request }: RoutingFacts) => [request.prefer, request.owner].includes(agent.agentId);

const RUNS = { numRuns: 1500 };

test('the chosen one is always able, and somebody is chosen whenever one of the team has all that is wanted', () => {
  fc.assert(
    fc.property(anyFacts(), (facts) => {
      const chosen = chosenOf(facts);
      const own = facts.agents.filter((agent) => canTake(agent, facts) && hasAll(agent, facts));
      expect(chosen === undefined ? own.length === 0 : canTake(chosen, facts)).toBe(true);
    }),
    RUNS,
  );
});

test('capacity is never exceeded, however many requests are served one after the other', () => {
  fc.assert(
    fc.property(anyFacts(), fc.integer({ min: 1, max: 30 }), (facts, requests) => {
      const roster = everybody(facts);
      const serving = new Map(roster.map((agent) => [agent.agentId, new Set(agent.serving)]));
      const now = (agents: readonly Agent[]) =>
        agents.map((agent) => ({ ...agent, serving: serving.get(agent.agentId) ?? agent.serving }));
      const before = new Map(roster.map(({ agentId, serving: taken }) => [agentId, taken.size]));
      for (let n = 0; n < requests; n += 1) {
        const overflow = (facts.overflow ?? []).map(({ teamId, agents }) => ({ teamId, agents: now(agents) }));
        const { agentId } = chooseAgent({ ...facts, agents: now(facts.agents), overflow });
        if (agentId === undefined) break;
        serving.get(agentId)?.add(`new#${n}`);
      }
      const over = roster.filter(({ agentId, capacity }) => {
        const size = serving.get(agentId)?.size ?? 0;
        return size > capacity && size > (before.get(agentId) ?? 0);
      });
      expect(over).toEqual([]);
    }),
    RUNS,
  );
});

test('nobody with less than what is wanted is chosen while somebody of the team has all of it', () => {
  fc.assert(
    fc.property(anyFacts(), (facts) => {
      const chosen = chosenOf(facts);
      if (!chosen || knows(chosen, facts) || hasAll(chosen, facts)) return;
      expect(facts.agents.filter((agent) => canTake(agent, facts) && hasAll(agent, facts))).toEqual([]);
    }),
    RUNS,
  );
});

test('less than what is wanted is taken only after the time of its step', () => {
  fc.assert(
    fc.property(anyFacts(), (facts) => {
      const chosen = chosenOf(facts);
      if (!chosen || knows(chosen, facts) || hasAll(chosen, facts)) return;
      const waited = (facts.now - facts.request.askedAt) / SECOND;
      const { relaxAfterSeconds = [] } = facts.team;
      const steps = relaxAfterSeconds.filter((after) => waited >= after).length;
      expect(steps).toBeGreaterThan(0);
      if (steps === relaxAfterSeconds.length) return;
      expect(speaks(chosen, facts)).toBe(true);
      const short = wanted(facts).filter(([skill, level]) => has(chosen, skill) < Math.max(1, level - steps));
      expect(short).toEqual([]);
    }),
    RUNS,
  );
});

test('another team helps out only after its time, and only where nobody of the own team is let in by then', () => {
  fc.assert(
    fc.property(anyFacts(), (facts) => {
      const { agentId, candidates } = chooseAgent(facts);
      if (agentId === undefined || facts.agents.some((agent) => agent.agentId === agentId)) return;
      const waited = (facts.now - facts.request.askedAt) / SECOND;
      const helping = (facts.team.overflow ?? []).filter(
        ({ teamId, afterSeconds }) =>
          waited >= afterSeconds &&
          facts.overflow?.some((team) => team.teamId === teamId && team.agents.some((one) => one.agentId === agentId)),
      );
      expect(helping.length).toBeGreaterThan(0);
      const own = new Set(facts.agents.map((agent) => agent.agentId));
      expect(candidates.filter((candidate) => own.has(candidate.agentId) && isAble(candidate))).toEqual([]);
    }),
    RUNS,
  );
});

test('everybody is named once, with a score or with the reason for which he was passed over', () => {
  fc.assert(
    fc.property(anyFacts(), (facts) => {
      const { candidates } = chooseAgent(facts);
      const all = new Set(everybody(facts).map(({ agentId }) => agentId));
      expect(candidates.map(({ agentId }) => agentId).sort()).toEqual([...all].sort());
      const reasoned = candidates.filter((one) => (isAble(one) ? one.score.every(Number.isFinite) : one.passedOver));
      expect(reasoned).toHaveLength(all.size);
    }),
    RUNS,
  );
});

test('who served last is chosen in his time while he can take it, else who owns the relation, whatever the strategy', () => {
  fc.assert(
    fc.property(anyFacts(), (facts) => {
      const { stickySeconds = Number.POSITIVE_INFINITY } = facts.team;
      if ((facts.now - facts.request.askedAt) / SECOND >= stickySeconds) return;
      const able = facts.agents.filter((agent) => canTake(agent, facts)).map(({ agentId }) => agentId);
      const { prefer, owner } = facts.request;
      const known = [prefer, owner].find((agentId) => agentId !== undefined && able.includes(agentId));
      if (known !== undefined) expect(chooseAgent(facts).agentId).toBe(known);
    }),
    RUNS,
  );
});

test('the same facts give the same answer, in whatever order the agents and the skills are told', () => {
  fc.assert(
    fc.property(anyFacts(), (facts) => {
      const { basis: _, candidates: __, ...answer } = chooseAgent(facts);
      const overflow = (facts.overflow ?? [])
        .toReversed()
        .map((team) => ({ ...team, agents: team.agents.toReversed() }));
      const { skills } = facts.request;
      const turned = skills && { skills: Object.fromEntries(Object.entries(skills).toReversed()) };
      const request = { ...facts.request, ...turned };
      const again = structuredClone({ ...facts, request, agents: facts.agents.toReversed(), overflow });
      expect(chooseAgent(again)).toMatchObject(answer);
    }),
    RUNS,
  );
});

test('with nobody able, the answer stays the same until the moment that is named, and for ever when none is', () => {
  fc.assert(
    fc.property(anyFacts(3), fc.nat(1000), (facts, part) => {
      const { agentId, wait } = chooseAgent(facts);
      if (agentId !== undefined) return;
      const end = wait ?? facts.now + 9 * 24 * 60 * MINUTE;
      expect(end).toBeGreaterThan(facts.now);
      const between = facts.now + Math.floor(((end - 1 - facts.now) * part) / 1000);
      for (const now of [between, end - 1]) expect(chooseAgent({ ...facts, now }).agentId).toBeUndefined();
    }),
    RUNS,
  );
});

test('a decision changes nothing of what it is given', () => {
  fc.assert(
    fc.property(anyFacts(), (facts) => {
      const before = structuredClone(facts);
      chooseAgent(facts);
      expect(facts).toEqual(before);
    }),
    { numRuns: 200 },
  );
});

test('the random facts reach every answer and every reason, so that the properties above are about something', () => {
  const seen = new Set<string>();
  for (const facts of fc.sample(anyFacts(), { numRuns: 3000, seed: 7 })) {
    const { why, candidates, wait } = chooseAgent(facts);
    seen.add(why);
    if (wait !== undefined) seen.add('wait');
    for (const one of candidates) if (!isAble(one)) seen.add(one.passedOver);
  }
  const answers = ['served-last', 'owns-relation', 'full-skills', 'relaxed', 'overflow', 'nobody-can', 'wait'];
  const reasons = ['off-duty', 'away', 'full', 'stopped', 'suspended', 'off-shift', 'refused', 'skills', 'language'];
  expect([...seen].sort()).toEqual([...answers, ...reasons, 'not-yet'].sort());
});

test('agents and requests may be called like what every object has', () => {
  const odd = anAgent('constructor', { skills: { toString: 2 } });
  const request = aRequest({ skills: { toString: 2, valueOf: 1 } });
  expect(chooseAgent(someFacts([odd])).agentId).toBe('constructor');
  expect(chooseAgent(someFacts([odd], { team: { strategy: 'weighted' } })).agentId).toBe('constructor');
  expect(chooseAgent(someFacts([odd], { request, now: NOON })).agentId).toBeUndefined();
});
