import { DAY } from '../lib/platform/clock.ts';
import { Shifts } from '../lib/platform/shifts.ts';
import type { Agent } from '../lib/routing/agent.ts';
import { chooseAgent, type RoutingFacts } from '../lib/routing/choose-agent.ts';
import { recordOf, replay } from '../lib/routing/decision-record.ts';
import type { TeamTurns } from '../lib/routing/team-turns.ts';
import { Strategy } from '../lib/routing/terms.ts';
import { anAgent, aRequest, NOON, places, someFacts } from '../test/rooms/routing/routing-facts.ts';
import type { Bench, Row } from './bench.ts';
import { percentile, rounded } from './percentile.ts';

const AGENTS = 1000;
const WARM_UP = 2000;

export const chooseAgents: Bench = {
  name: 'choose-agent',
  about: `one decision over ${AGENTS} agents with skills, languages and shifts, some of them full, and its record`,
  async run({ runs = 5000, say }): Promise<readonly Row[]> {
    say(`${runs} decisions by each strategy`);
    const byStrategy = Strategy.options.map((strategy) => {
      const facts = factsFor(strategy);
      // The line serves one request after the other: the turns go on, the agents are those of the last read.
      let turns: TeamTurns = {};
      return row(strategy, runs, () => {
        turns = chooseAgent({ ...facts, turns }).turnsAfter ?? {};
      });
    });
    say('with everything written down');
    const facts = factsFor('least-busy');
    const decision = chooseAgent(facts);
    const record = recordOf('support', facts, decision);
    return [
      ...byStrategy,
      row(
        'nobody can',
        runs,
        (
          (none) => () =>
            chooseAgent(none)
        )(nobodyCan()),
      ),
      row('with its record', runs, () => recordOf('support', facts, chooseAgent(facts))),
      row('replay of a record', runs, () => replay(record)),
      firstLook(Math.min(runs, 200)),
    ];
  },
};

function roster(): Agent[] {
  return Array.from({ length: AGENTS }, (_, index) =>
    anAgent(`agent-${index}`, {
      capacity: 8,
      serving: places(index % 9),
      lastWorkAt: NOON - index * 1000,
      skills: { refunds: 1 + (index % 5), billing: 1 + (index % 3) },
      languages: index % 4 === 0 ? ['zh', 'en'] : ['zh'],
      weight: 1 + (index % 10),
      shifts: Shifts.parse({ weekly: [{ days: ['mon', 'tue', 'wed', 'thu', 'fri'], from: '09:00', to: '21:00' }] }),
    }),
  );
}

function factsFor(strategy: Strategy): RoutingFacts {
  const team = { strategy, relaxAfterSeconds: [30, 60, 120] };
  return someFacts(roster(), { team, request: aRequest({ skills: { refunds: 2, billing: 1 }, language: 'zh' }) });
}

function nobodyCan(): RoutingFacts {
  const facts = factsFor('least-busy');
  return { ...facts, agents: facts.agents.map((agent) => ({ ...agent, serving: places(8) })) };
}

/** The first decision after the agents were read: every shift has to be looked up. */
function firstLook(runs: number): Row {
  const took: number[] = [];
  for (let n = 0; n < runs; n += 1) {
    const facts = { ...factsFor('least-busy'), now: NOON + n * DAY };
    took.push(timed(() => chooseAgent(facts)));
  }
  return measured('first after a read', took);
}

function row(what: string, runs: number, act: () => unknown): Row {
  for (let n = 0; n < WARM_UP; n += 1) act();
  return measured(
    what,
    Array.from({ length: runs }, () => timed(act)),
  );
}

/** In microseconds. */
function timed(act: () => unknown): number {
  const began = performance.now();
  act();
  return (performance.now() - began) * 1000;
}

function measured(what: string, took: readonly number[]): Row {
  return { decision: what, 'p50 µs': rounded(percentile(took, 50)), 'p99 µs': rounded(percentile(took, 99)) };
}
