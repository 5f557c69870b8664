import type { Instant } from '../platform/clock.ts';
import { log } from '../platform/log.ts';
import type { Agent, LeftBecause } from './agent.ts';
import { conversationsOf, leftWithout, wasListed } from './leavers.ts';
import type { RoutingStore } from './routing-store.ts';
import type { TeamEntry } from './team-entries.ts';

/** How others let the routing room know that somebody has left, or that he is missing where he was. Everything may be repeated. */
export function leaverDesk(room: { store: RoutingStore; tell(teamId: string, entry: TeamEntry): Promise<void> }) {
  const { store } = room;

  /** One of his teams sees to it, or, where the configuration has forgotten him, a team whose customer he has. */
  async function teamToTell({ teams, serving }: Agent): Promise<string | undefined> {
    const [own] = teams;
    if (own !== undefined) return own;
    const [held] = conversationsOf({ serving });
    return held === undefined ? undefined : (await store.teamOf(held.slice(0, held.indexOf(':'))))?.teamId;
  }

  async function tellLeft(agent: Agent, reason: LeftBecause, at: Instant): Promise<void> {
    const { agentId } = agent;
    const teamId = agent.left ? undefined : await teamToTell(agent);
    if (teamId !== undefined) await room.tell(teamId, { kind: 'agent-left', agentId, reason, at });
  }

  return {
    /** Somebody left the corp, or the app's sight. Nothing, where he is no agent. */
    async agentLeft(agentId: string, reason: LeftBecause, at: Instant): Promise<void> {
      const [agent] = await store.agents([agentId]);
      if (agent) await tellLeft(agent, reason, at);
    },

    /** WeCom's whole list of an account, as of then: who was on it and is not is missing there, and has left when no other has him. */
    async noteListed(openKfId: string, listed: readonly string[], asOf: Instant): Promise<void> {
      // Of whatever team: entries and rules bring an account's customers to other teams than its own.
      const { agents } = await store.configured();
      const missing = agents.filter((agent) => !listed.includes(agent.agentId) && wasListed(agent, openKfId));
      if (missing.length === 0) return;
      if (listed.length === 0) {
        // A whole team does not leave in one hour: rather an account that was emptied, or an app that lost its sight.
        log.warn('nobody is a servicer of the account any more', { openKfId, count: missing.length });
        return;
      }
      for (const agent of missing) {
        const reason = leftWithout(agent, openKfId);
        if (reason !== undefined) await tellLeft(agent, reason, asOf);
        // Last, because a repeat after a crash looks no further at who is missing already.
        await store.notePresence(agent.agentId, openKfId, { status: 'absent', at: asOf });
      }
    },
  };
}
