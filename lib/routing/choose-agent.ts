import type { Instant } from '../platform/clock.ts';
import type { Agent, WaitingRequest } from './agent.ts';

/**
 * Who is next: of the agents on duty who receive on this account, have a free place and were not refused for this
 * conversation, the one who served this customer last; else the least busy (share of the capacity); on a tie the one longest
 * without work; and by name, so that the same facts always give the same answer.
 */
export function chooseAgent(agents: readonly Agent[], request: WaitingRequest, now: Instant): Agent | undefined {
  const candidates = agents.filter((agent) => passedOver(agent, request, now) === undefined);
  const preferred = candidates.find((agent) => agent.agentId === request.prefer);
  return preferred ?? candidates.toSorted(byTurn)[0];
}

/** Why an agent cannot take a request; undefined when he can. */
export function passedOver(agent: Agent, request: WaitingRequest, now: Instant): string | undefined {
  if (agent.duty !== 'on') return 'off-duty';
  if (agent.serving.size >= agent.capacity) return 'full';
  const presence = agent.presence[request.openKfId]?.status;
  if (presence === 'stopped' || presence === 'suspended') return presence;
  if ((request.excluded[agent.agentId] ?? 0) > now) return 'refused';
  return undefined;
}

function byTurn(a: Agent, b: Agent): number {
  return share(a) - share(b) || (a.lastWorkAt ?? 0) - (b.lastWorkAt ?? 0) || (a.agentId < b.agentId ? -1 : 1);
}

const share = (agent: Agent): number => agent.serving.size / agent.capacity;
