import fc from 'fast-check';
import { HOUR, type Instant, SECOND } from '../../../lib/platform/clock.ts';
import { Shifts } from '../../../lib/platform/shifts.ts';
import { WEEKDAYS } from '../../../lib/platform/wall-clock.ts';
import type { Agent, WaitingRequest } from '../../../lib/routing/agent.ts';
import type { RoutingFacts } from '../../../lib/routing/choose-agent.ts';
import { Strategy, type TeamTerms } from '../../../lib/routing/terms.ts';

/** Thursday, 2026-10-01, noon in Shanghai. */
export const NOON: Instant = Date.parse('2026-10-01T12:00+08:00');

export const anAgent = (agentId: string, more: Partial<Agent> = {}): Agent => ({
  agentId,
  capacity: 2,
  duty: 'on',
  teams: ['support'],
  serving: new Set(),
  presence: {},
  ...more,
});

export const aRequest = (more: Partial<WaitingRequest> = {}): WaitingRequest => ({
  r: 'r1',
  conversationId: 'wk:eve',
  openKfId: 'wk',
  askedAt: NOON,
  excluded: {},
  ...more,
});

export const someFacts = (agents: readonly Agent[], more: Partial<RoutingFacts> = {}): RoutingFacts => ({
  team: {},
  agents,
  request: aRequest(),
  now: NOON,
  ...more,
});

/** So many places taken. */
export const places = (count: number): ReadonlySet<string> =>
  new Set(Array.from({ length: count }, (_, index) => `wk:c${index}#r${index}`));

const SKILLS = ['billing', 'constructor', 'refunds'];
const LANGUAGES = ['zh', 'en'];

/** `maybe` is there every second time, `rarely` once in six. */
const maybe = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: undefined, freq: 2 });
const rarely = <Value>(value: fc.Arbitrary<Value>) =>
  fc.oneof({ weight: 5, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: value });

const without = <Fields extends object>(fields: Fields): Fields =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Fields;

const hour = fc.integer({ min: 0, max: 23 }).map((n) => `${String(n).padStart(2, '0')}:00`);
const anyShifts = fc
  .record({ days: fc.uniqueArray(fc.constantFrom(...WEEKDAYS), { minLength: 1 }), from: hour, to: hour })
  .filter(({ from, to }) => from !== to)
  .map((slot) => Shifts.parse({ weekly: [slot] }));

const levels = fc.dictionary(fc.constantFrom(...SKILLS), fc.integer({ min: 1, max: 5 }), { maxKeys: 3 });
const moment = fc.integer({ min: -3, max: 10 }).map((hours) => NOON + hours * HOUR);

const anyAgent = (agentId: string): fc.Arbitrary<Agent> =>
  fc
    .record({
      capacity: fc.integer({ min: 0, max: 4 }),
      taken: fc.nat(4),
      duty: fc.constantFrom('on', 'on', 'on', 'on', 'off'),
      lastWorkAt: maybe(fc.nat(5)),
      skills: maybe(levels),
      languages: maybe(fc.uniqueArray(fc.constantFrom(...LANGUAGES))),
      weight: maybe(fc.integer({ min: 1, max: 100 })),
      shifts: rarely(anyShifts),
      away: rarely(
        fc.oneof(
          fc.constant({ reason: 'lunch' }),
          moment.map((until) => ({ reason: 'lunch', until })),
        ),
      ),
      status: rarely(fc.constantFrom('receiving', 'stopped', 'suspended', 'unknown')),
    })
    .map(({ taken, status, ...rest }) =>
      anAgent(agentId, {
        ...without(rest),
        serving: places(taken),
        presence: status ? { wk: { status, at: 1 } } : {},
      } as Partial<Agent>),
    );

const team = (prefix: string, most: number): fc.Arbitrary<Agent[]> =>
  fc
    .nat(most)
    .chain((count) => fc.tuple(...Array.from({ length: count }, (_, index) => anyAgent(`${prefix}${index}`))));

const SECONDS = [0, 30, 60, 120, 300];
const anyTerms: fc.Arbitrary<TeamTerms> = fc
  .record({
    strategy: maybe(fc.constantFrom(...Strategy.options)),
    relaxAfterSeconds: maybe(fc.subarray(SECONDS)),
    overflow: maybe(
      fc.uniqueArray(
        fc.record({ teamId: fc.constantFrom('night', 'sales'), afterSeconds: fc.constantFrom(...SECONDS) }),
        { selector: ({ teamId }) => teamId },
      ),
    ),
    stickySeconds: maybe(fc.constantFrom(...SECONDS)),
  })
  .map(without);

const NAMES = ['a0', 'a1', 'a2', 'a3', 'n0', 's0', 'gone'];

/** Any moment of any team: `most` agents of its own at the most, and two teams that may help out. */
export const anyFacts = (most = 6): fc.Arbitrary<RoutingFacts> =>
  fc
    .record({
      team: anyTerms,
      agents: team('a', most),
      night: team('n', 3),
      sales: team('s', 3),
      shared: fc.boolean(),
      waited: fc.integer({ min: 0, max: 400 }),
      skills: maybe(levels),
      language: maybe(fc.constantFrom(...LANGUAGES)),
      prefer: rarely(fc.constantFrom(...NAMES)),
      owner: rarely(fc.constantFrom(...NAMES)),
      excluded: fc.dictionary(fc.constantFrom(...NAMES), moment, { maxKeys: 2 }),
      turns: maybe(fc.dictionary(fc.constantFrom(...NAMES), fc.integer({ min: 1, max: 5_000_000 }))),
    })
    .map(({ team, agents, night, sales, shared, waited, turns, skills, language, prefer, owner, excluded }) =>
      someFacts(agents, {
        team,
        request: aRequest({
          askedAt: NOON - waited * SECOND,
          excluded,
          ...without({ skills, language, prefer, owner }),
        } as Partial<WaitingRequest>),
        // Somebody may be in two teams.
        overflow: [
          { teamId: 'night', agents: shared ? [...night, ...agents.slice(0, 1)] : night },
          { teamId: 'sales', agents: sales },
        ],
        ...(turns && { turns }),
      }),
    );
