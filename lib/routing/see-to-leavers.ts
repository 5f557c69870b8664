import type { Instant } from '../platform/clock.ts';
import { log } from '../platform/log.ts';
import { count } from '../platform/metrics.ts';
import type { LeftBecause } from './agent.ts';
import type { TeamFact } from './assign-agents.ts';
import { conversationsOf, saysUnknown } from './leavers.ts';
import type { RoutingStore } from './routing-store.ts';
import type { ToldConversation } from './serve-line.ts';

export interface SeeToLeavers {
  readonly store: RoutingStore;
  tellConversation(conversationId: string, entry: ToldConversation): Promise<'new' | 'known'>;
  publish(subject: string, facts: readonly TeamFact[]): Promise<void>;
}

/** What a team does for an agent who has left. Everything may be repeated: an entry that was not settled comes back. */
export function seeToLeavers({ store, tellConversation, publish }: SeeToLeavers) {
  async function takeIn({ agentId, reason, at }: { agentId: string; reason: LeftBecause; at: Instant }): Promise<void> {
    // First, so that nobody gives him another customer while his are told.
    const agent = await store.noteLeft(agentId, { at, reason });
    if (!agent) return;
    const conversations = conversationsOf(agent);
    for (const conversationId of conversations) {
      await tellConversation(conversationId, { kind: 'holder-left', agentId, at });
    }
    const data = { agentId, reason, conversations: conversations.length, teams: [...agent.teams] };
    const id = `left:${agentId}:${at}`;
    await publish(`agent#${agentId}`, [{ id, type: 'agent.left.v1', sequence: at, at, data }]);
    count('AgentsLeft', { reason });
    log.warn('agent has left', { agentId, reason, count: conversations.length });
  }

  return {
    takeIn,

    /** WeCom refused him for one conversation; what it says may hold for all. */
    async hearRefusal(refused: { agentId: string; at: Instant; errcode?: number | undefined }) {
      const { agentId, at } = refused;
      if (saysUnknown(refused.errcode)) await takeIn({ agentId, reason: 'unknown-member', at });
    },
  };
}
