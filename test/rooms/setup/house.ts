import type { Agent, Team } from '../../../lib/routing/agent.ts';

export const anAgent = (agentId: string): Agent => ({
  agentId,
  capacity: 3,
  duty: 'on',
  teams: ['support'],
  serving: new Set(),
  presence: {},
});

export const aTeam = (teamId: string, agents: readonly string[]): Team => ({
  teamId,
  agents,
  endAfterSilenceSeconds: 1800,
});
