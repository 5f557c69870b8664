import { isDeepStrictEqual } from 'node:util';
import * as z from 'zod';
import type { Clock, Instant } from '../platform/clock.ts';
import { jsonAnswer, problem, type Route } from '../platform/http-router.ts';
import { errorFields, log } from '../platform/log.ts';
import type { Agent, Team, WaitingRequest } from '../routing/agent.ts';
import { type DecisionRecord, replay } from '../routing/decision-record.ts';
import { orderOf } from '../routing/line-order.ts';
import type { TeamPace } from '../routing/team-pace.ts';
import { readJson } from './read-json.ts';
import { teamView } from './team-view.ts';

/** What the admin API needs of the routing room. */
export interface AdminRouting {
  configured(): Promise<{
    agents: readonly Agent[];
    teams: readonly Team[];
    accounts: readonly { openKfId: string; teamId: string }[];
  }>;
  line(teamId: string): Promise<readonly WaitingRequest[]>;
  teamAtWork(teamId: string): Promise<{ readonly pace: TeamPace }>;
  /** The teams whose lines may move now; undefined: no such agent. */
  setDuty(agentId: string, duty: Agent['duty'], at: Instant): Promise<readonly string[] | undefined>;
  decisions(r: string): Promise<readonly { n: number; status: string; record: DecisionRecord }[]>;
}

/** Teams, their agents' duty, and why somebody was chosen. `wakeTeam` lets a team look at its line. */
export function routingRoutes(
  routing: AdminRouting,
  wakeTeam: (teamId: string) => Promise<void>,
  clock: Clock,
): Readonly<Record<string, Route>> {
  /** The sweep looks at everybody who waits within a minute or two, should nobody be woken. */
  async function wakeAll(teamIds: readonly string[]): Promise<void> {
    for (const teamId of teamIds) {
      try {
        await wakeTeam(teamId);
      } catch (error) {
        log.warn('team not woken', { teamId, ...errorFields(error) });
      }
    }
  }

  return {
    'GET /teams': async () => {
      const { agents, teams, accounts } = await routing.configured();
      const views = await Promise.all(
        teams.map(async (team) => {
          const [line, { pace }] = await Promise.all([routing.line(team.teamId), routing.teamAtWork(team.teamId)]);
          const facts = {
            agents: agents.filter(({ agentId }) => team.agents.includes(agentId)),
            accounts: accounts.filter(({ teamId }) => teamId === team.teamId).map(({ openKfId }) => openKfId),
            line: line.toSorted(orderOf(team)),
            assignedAt: pace.assigned.map(({ at }) => at),
          };
          return teamView(team, facts, clock());
        }),
      );
      return jsonAnswer({ teams: views });
    },

    /** Our own switch, in all of the agent's teams. With it his missed offers are forgotten. */
    'PUT /agents/{agentId}/duty': async ({ body }, { agentId: named = '' }) => {
      const wanted = Duty.safeParse(readJson(body));
      if (!wanted.success) return problem(400, 'The body has to be {"duty":"on"} or {"duty":"off"}.');
      const { duty } = wanted.data;
      const agentId = named.trim().toLowerCase();
      const teams = await routing.setDuty(agentId, duty, clock());
      if (!teams) return NO_AGENT;
      await wakeAll(teams);
      return jsonAnswer({ id: agentId, duty });
    },

    /** Why these agents were chosen for a request, the newest choice last. */
    'GET /decisions/{r}': async (_, { r = '' }) => {
      const decisions = await routing.decisions(r);
      if (decisions.length === 0) return NO_DECISION;
      return jsonAnswer({
        r,
        decisions: decisions.map(({ n, status, record }) => ({ n, status, replays: replaysAlike(record), record })),
      });
    },
  };
}

/** Whether the recorded facts still give the recorded choice. */
function replaysAlike(record: DecisionRecord): boolean {
  const { agentId, why, step, wait } = replay(record);
  return isDeepStrictEqual([agentId, why, step, wait], [record.agentId, record.why, record.step, record.wait]);
}

const Duty = z.strictObject({ duty: z.enum(['on', 'off']) });

const NO_AGENT = problem(404, 'There is no such agent. Agents are made by the business configuration.');
const NO_DECISION = problem(
  404,
  'There is no decision of this request. A choice is kept for 30 days; who still waits has none.',
);
