import type { Instant } from '../platform/clock.ts';
import type { Agent, WaitingRequest } from './agent.ts';
import { aheadOf, type TeamTurns } from './team-turns.ts';
import { type Hours, PLAIN_HOURS, spellAt } from './working-hours.ts';

/** Why somebody cannot take a request, whatever it wants. */
export const OUT = ['off-duty', 'away', 'full', 'stopped', 'suspended', 'off-shift', 'refused'] as const;
export type Out = (typeof OUT)[number];

const outs: ReadonlySet<string> = new Set(OUT);
export const isOut = (reason: string | undefined): reason is Out => reason !== undefined && outs.has(reason);

/** All about an agent that bears on one request. */
export interface Standing {
  readonly agentId: string;
  /** 0: the team's own; 1: of the first overflow team, and so on. */
  readonly from: number;
  /** Places taken. */
  readonly load: number;
  readonly capacity: number;
  /** 0: never had any. */
  readonly lastWorkAt: Instant;
  /** By turns; 0 where the strategy takes none. */
  readonly ahead: number;
  /** In the skills that are wanted, in their order; 0 is none. */
  readonly levels: readonly number[];
  readonly speaks: boolean;
  readonly out?: Out | undefined;
  /** Only time keeps the agent out, and at least until then. */
  readonly notBefore?: Instant | undefined;
}

/** The skills that a request wants, by name: a table does not keep the order of a map. */
export const wantedSkills = ({ skills = {} }: WaitingRequest): [skill: string, level: number][] =>
  Object.entries(skills).sort(([a], [b]) => (a < b ? -1 : 1));

interface Asked {
  readonly request: WaitingRequest;
  readonly wanted: readonly (readonly [skill: string, level: number])[];
  readonly turns: TeamTurns;
  readonly hours: Hours;
  readonly now: Instant;
}

const NO_LEVELS: readonly number[] = [];

export function standingOf(agent: Agent, from: number, { request, wanted, turns, hours, now }: Asked): Standing {
  const { agentId, capacity, serving, skills = {}, languages } = agent;
  const out = outOf(agent, request, hours, now);
  return {
    agentId,
    from,
    load: serving.size,
    capacity,
    lastWorkAt: agent.lastWorkAt ?? 0,
    ahead: aheadOf(turns, agentId),
    levels: wanted.length === 0 ? NO_LEVELS : wanted.map(([skill]) => own(skills, skill) ?? 0),
    speaks: request.language === undefined || languages === undefined || languages.includes(request.language),
    out: out?.because,
    notBefore: out?.notBefore,
  };
}

/** Why an agent cannot take a request, whatever it wants; undefined when he can. */
export function passedOver(
  agent: Agent,
  request: WaitingRequest,
  now: Instant,
  hours: Hours = PLAIN_HOURS,
): Out | undefined {
  return outOf(agent, request, hours, now)?.because;
}

interface Outage {
  readonly because: Out;
  readonly notBefore?: Instant | undefined;
}

/** What time alone does not mend comes first, so that nobody is waited for in vain. */
function outOf(agent: Agent, request: WaitingRequest, hours: Hours, now: Instant): Outage | undefined {
  const { away, shifts } = agent;
  if (agent.duty !== 'on') return { because: 'off-duty' };
  if (away && away.until === undefined) return { because: 'away' };
  if (agent.serving.size >= agent.capacity) return { because: 'full' };
  const presence = own(agent.presence, request.openKfId)?.status;
  if (presence === 'stopped' || presence === 'suspended') return { because: presence };

  const awayUntil = away?.until ?? 0;
  const refusedUntil = own(request.excluded, agent.agentId) ?? 0;
  const spell = shifts && spellAt(shifts, hours, now);
  if (spell && !spell.on) {
    const notBefore = spell.until === undefined ? undefined : Math.max(spell.until, awayUntil, refusedUntil);
    return { because: 'off-shift', notBefore };
  }
  if (awayUntil > now) return { because: 'away', notBefore: Math.max(awayUntil, refusedUntil) };
  return refusedUntil > now ? { because: 'refused', notBefore: refusedUntil } : undefined;
}

function own<Value>(record: Readonly<Record<string, Value>>, key: string): Value | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}
