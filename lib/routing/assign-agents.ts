import { HOUR, type Instant, MINUTE } from '../platform/clock.ts';
import { log } from '../platform/log.ts';
import type { Calendar } from '../platform/shifts.ts';
import type { Agent } from './agent.ts';
import { MISSED_OFFERS } from './agent-store.ts';
import type { OffDuty } from './missed-offers.ts';
import { type ReadTeamInbox, readTeamInbox } from './read-team-inbox.ts';
import { type ServeLine, serveLine } from './serve-line.ts';
import { DEFAULT_OFF_DUTY_AFTER } from './terms.ts';
import type { Hours } from './working-hours.ts';

/** How often the places of a team's agents are compared with their conversations. */
const AUDIT_AGAIN_AFTER = HOUR;
/** How often one process asks whether that hour is over; a busy team wakes many times a second. */
const AUDIT_LOOK_AGAIN_AFTER = 5 * MINUTE;
/** Who waits longer than a minute is looked at by the sweep, so that a timer is for those who are to be served to the second. */
const TIMER_REACH = 15 * MINUTE;

/** A fact for other systems; a repeat has the same id. */
export interface TeamFact {
  readonly id: string;
  readonly type: string;
  readonly sequence: number;
  readonly at: Instant;
  readonly data: unknown;
}

export interface AssignAgents extends ServeLine, Omit<ReadTeamInbox, 'tellOffDuty' | 'leaving'> {
  /** The corp's time zone, in which shifts are meant. */
  readonly zone: string;
  /** Wakes the team at this moment. */
  armTimer(teamId: string, dueAt: Instant): Promise<void>;
  publish(subject: string, facts: readonly TeamFact[]): Promise<void>;
}

/**
 * The team's only writer. Every wake does the same: put requests in line, then serve in its order until nobody can be served
 * (consistency rule 16). `receives` is how often this wake was delivered.
 */
export function assignAgents(room: AssignAgents) {
  const { store, clock, tellConversation, zone } = room;
  const leaving = { tellConversation, publish: room.publish };
  const readInbox = readTeamInbox({ ...room, tellOffDuty, leaving });
  const serve = serveLine(room);
  const hoursOf = rememberedHours(zone);
  const lookedForAudit = new Map<string, Instant>();
  const armed = new Map<string, Instant>();

  return async function assign(teamId: string, receives = 1): Promise<void> {
    const { team, pace, calendar } = await store.teamAtWork(teamId);
    await readInbox(teamId, receives, team?.offer?.offDutyAfter ?? DEFAULT_OFF_DUTY_AFTER);
    if (!team) {
      log.warn('no such team; its requests wait', { teamId });
      return;
    }
    const agents = await store.agents(team.agents);
    const wait = await serve({ team, pace, hours: hoursOf(calendar) }, agents);
    if (wait !== undefined) await armTimer(teamId, wait);
    await auditPlaces(teamId, agents);
  };

  /** One timer a moment and process is enough: whoever fires finds the team as it is, and arms the next. */
  async function armTimer(teamId: string, dueAt: Instant): Promise<void> {
    const now = clock();
    const already = armed.get(teamId) ?? 0;
    if (dueAt - now > TIMER_REACH || (already > now && already <= dueAt)) return;
    await room.armTimer(teamId, dueAt);
    armed.set(teamId, dueAt);
  }

  async function tellOffDuty(agentId: string, { n, teamId, missed, at }: OffDuty): Promise<void> {
    const data = { agentId, teamId, reason: MISSED_OFFERS, missed };
    const id = `off-duty:${agentId}:${n}`;
    // Like all facts about an agent, by time: several teams tell them, and none of them counts for the others.
    await room.publish(`agent#${agentId}`, [{ id, type: 'agent.off-duty.v1', sequence: at, at, data }]);
    log.warn('agent let too many offers expire and is off duty', { teamId, agentId, count: missed });
  }

  /**
   * Every hour each place is asked after: one that was taken by a process that outlived its time belongs to nobody, and only
   * its conversation can say so, through its inbox (rule 14).
   */
  async function auditPlaces(teamId: string, agents: readonly Agent[]): Promise<void> {
    const now = clock();
    if (now < (lookedForAudit.get(teamId) ?? 0) + AUDIT_LOOK_AGAIN_AFTER) return;
    lookedForAudit.set(teamId, now);
    if (!(await store.beginAudit(teamId, now, now - AUDIT_AGAIN_AFTER))) return;
    for (const { agentId, serving, left } of agents) {
      for (const element of serving) {
        const conversationId = element.slice(0, element.lastIndexOf('#'));
        await tellConversation(conversationId, { kind: 'place-asked', agentId, element, at: now });
        // What came to him after everybody was told.
        if (left) await tellConversation(conversationId, { kind: 'holder-left', agentId, at: now });
      }
    }
  }
}

/** The same hours for the same calendar: what was worked out with them is remembered by the object (`working-hours.ts`). */
function rememberedHours(zone: string): (calendar: Calendar) => Hours {
  let known: { text: string; hours: Hours } | undefined;
  return (calendar) => {
    const text = JSON.stringify(calendar);
    if (known?.text !== text) known = { text, hours: { calendar, zone } };
    return known.hours;
  };
}
