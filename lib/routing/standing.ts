import { type Instant, SECOND } from '../platform/clock.ts';
import type { Agent, WaitingRequest } from './agent.ts';
import { aheadOf, type TeamTurns } from './team-turns.ts';
import { type Hours, PLAIN_HOURS, spellAt } from './working-hours.ts';

/** Why somebody cannot take a request, whatever it wants. */
export const OUT = [
  'off-duty',
  'away',
  'full',
  'stopped',
  'suspended',
  'off-shift',
  'refused',
  'not-asked-for',
  'left',
  'absent',
] as const;
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

/** A request as it is held against each agent. A map, because a thousand agents are looked up in it. */
export interface Asked {
  readonly request: WaitingRequest;
  readonly wanted: readonly (readonly [skill: string, level: number])[];
  readonly refusedUntil: ReadonlyMap<string, Instant>;
  /** Empty where the strategy takes none. */
  readonly turns: TeamTurns;
  readonly hours: Hours;
  readonly now: Instant;
}

const NO_LEVELS: readonly number[] = [];
const NO_SKILLS: Readonly<Record<string, number>> = {};

export function standingOf(agent: Agent, from: number, asked: Asked): Standing {
  const { request, wanted } = asked;
  const { agentId, capacity, serving, skills = NO_SKILLS, languages } = agent;
  const out = outFor(agent, asked);
  return {
    agentId,
    from,
    load: serving.size,
    capacity,
    lastWorkAt: agent.lastWorkAt ?? 0,
    ahead: aheadOf(asked.turns, agentId),
    levels: wanted.length === 0 ? NO_LEVELS : levelsOf(skills, wanted),
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
  return outFor(agent, { request, refusedUntil: new Map(Object.entries(request.excluded)), hours, now })?.because;
}

interface Outage {
  readonly because: Out;
  readonly notBefore?: Instant | undefined;
}

const LEFT: Outage = { because: 'left' };
const OFF_DUTY: Outage = { because: 'off-duty' };
const AWAY: Outage = { because: 'away' };
const FULL: Outage = { because: 'full' };

/** A request that wants one agent alone is for nobody else, until its time is over or WeCom has refused him. */
function outFor(agent: Agent, asked: Omit<Asked, 'wanted' | 'turns'>): Outage | undefined {
  const out = outOf(agent, asked);
  const { only } = asked.request;
  if (!only || only.agentId === agent.agentId || only.until <= asked.now) return out;
  if ((asked.refusedUntil.get(only.agentId) ?? 0) > asked.now) return out;
  if (!out) return { because: 'not-asked-for', notBefore: only.until };
  return out.notBefore === undefined ? out : { ...out, notBefore: Math.max(out.notBefore, only.until) };
}

/** What time alone does not mend comes first, so that nobody is waited for in vain. */
function outOf(
  agent: Agent,
  { request, refusedUntil: refusals, hours, now }: Omit<Asked, 'wanted' | 'turns'>,
): Outage | undefined {
  const { away, shifts } = agent;
  if (agent.left) return LEFT;
  if (agent.duty !== 'on') return OFF_DUTY;
  if (away && away.until === undefined) return AWAY;
  if (agent.serving.size >= agent.capacity) return FULL;
  const { status: presence, at: presentAt = 0 } = agent.presence[request.openKfId] ?? {};
  if (presence === 'stopped' || presence === 'suspended' || presence === 'absent') return { because: presence };

  const awayUntil = away?.until ?? 0;
  const refusedAt = request.refusedAt?.[agent.agentId];
  // WeCom refused him before he came back, in whole seconds; whatever kept him then need not keep him now.
  const isBack = refusedAt !== undefined && presence === 'receiving' && presentAt > refusedAt - SECOND;
  const refusedUntil = isBack ? 0 : (refusals.get(agent.agentId) ?? 0);
  const spell = shifts && spellAt(shifts, hours, now);
  if (spell && !spell.on) {
    const notBefore = spell.until === undefined ? undefined : Math.max(spell.until, awayUntil, refusedUntil);
    return { because: 'off-shift', notBefore };
  }
  if (awayUntil > now) return { because: 'away', notBefore: Math.max(awayUntil, refusedUntil) };
  return refusedUntil > now ? { because: 'refused', notBefore: refusedUntil } : undefined;
}

function levelsOf(skills: Readonly<Record<string, number>>, wanted: Asked['wanted']): number[] {
  // Of the right length from the start: a list that grows takes three times the room, a thousand times over.
  const levels = new Array<number>(wanted.length);
  for (let index = 0; index < wanted.length; index += 1) {
    const level = skills[wanted[index]?.[0] ?? ''];
    // A skill may be called `constructor`.
    levels[index] = typeof level === 'number' ? level : 0;
  }
  return levels;
}
