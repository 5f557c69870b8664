import { isDeepStrictEqual } from 'node:util';
import { concernsTeams } from '../access/roles.ts';
import type { Clock, Instant } from '../platform/clock.ts';
import { jsonAnswer, problem, type Route } from '../platform/http-router.ts';
import { errorFields, log } from '../platform/log.ts';
import type { Agent, Team, WaitingRequest } from '../routing/agent.ts';
import { type DecisionRecord, replay } from '../routing/decision-record.ts';
import { orderOf } from '../routing/line-order.ts';
import type { TeamPace } from '../routing/team-pace.ts';
import { Duty } from './contact-ways.ts';
import { pageOf } from './paging.ts';
import { etagOf, forbidden, overtaken, withEtag } from './preconditions.ts';
import { readJson } from './read-json.ts';
import { teamView } from './team-view.ts';
import { wrongBody } from './wrong-body.ts';

/** What the admin API needs of the routing room. */
export interface AdminRouting {
  configured(): Promise<{
    agents: readonly Agent[];
    teams: readonly Team[];
    accounts: readonly { openKfId: string; teamId: string }[];
  }>;
  line(teamId: string): Promise<readonly WaitingRequest[]>;
  teamAtWork(teamId: string): Promise<{ readonly pace: TeamPace }>;
  /** The teams whose lines may move now; `overtaken`: his duty is not the one that was `seen`; undefined: no such agent. */
  replaceDuty(
    agentId: string,
    seen: Agent['duty'],
    duty: Agent['duty'],
    at: Instant,
  ): Promise<readonly string[] | 'overtaken' | undefined>;
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

  async function findDuty(named: string): Promise<(Pick<Agent, 'duty'> & { id: string }) | undefined> {
    const id = named.trim().toLowerCase();
    const agent = (await routing.configured()).agents.find(({ agentId }) => agentId === id);
    return agent && { id, duty: agent.duty };
  }

  return {
    'GET /teams': async (request) => {
      const { agents, teams, accounts } = await routing.configured();
      const { caller } = request;
      const his = teams.filter(({ teamId }) => !caller || concernsTeams(caller, [teamId]));
      const page = pageOf(request, his, ({ teamId }) => teamId);
      if ('status' in page) return page;
      const views = await Promise.all(
        page.items.map(async (team) => {
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
      return jsonAnswer({ teams: views, ...(page.next !== undefined && { next: page.next }) });
    },

    'GET /agents/{agentId}/duty': async (_, { agentId = '' }) => {
      const shown = await findDuty(agentId);
      return shown ? withEtag(jsonAnswer(shown), etagOf(shown)) : NO_AGENT;
    },

    /** Our own switch, in all of the agent's teams. With it his missed offers are forgotten. */
    'PUT /agents/{agentId}/duty': async (request, { agentId: named = '' }) => {
      const wanted = Duty.safeParse(readJson(request.body));
      if (!wanted.success) return wrongBody(wanted.error, '{"duty":"on"} or {"duty":"off"}');
      const found = await findDuty(named);
      if (!found) return NO_AGENT;
      const refused = forbidden(request, etagOf(found));
      if (refused) return refused;
      const changed = { id: found.id, duty: wanted.data.duty };
      const teams = await routing.replaceDuty(found.id, found.duty, changed.duty, clock());
      if (!teams) return NO_AGENT;
      if (teams === 'overtaken') return overtaken(etagOf({ ...found, duty: found.duty === 'on' ? 'off' : 'on' }));
      await wakeAll(teams);
      return withEtag(jsonAnswer(changed), etagOf(changed));
    },

    /** Why these agents were chosen for a request, the newest choice last. */
    'GET /decisions/{r}': async (request, { r = '' }) => {
      const decisions = await routing.decisions(r);
      if (decisions.length === 0) return NO_DECISION;
      const page = pageOf(request, decisions, ({ n }) => String(n).padStart(9, '0'));
      if ('status' in page) return page;
      return jsonAnswer({
        r,
        ...(page.next !== undefined && { next: page.next }),
        decisions: page.items.map(({ n, status, record }) => ({ n, status, replays: replaysAlike(record), record })),
      });
    },
  };
}

/** Whether the recorded facts still give the recorded choice. */
function replaysAlike(record: DecisionRecord): boolean {
  const { agentId, why, step, wait } = replay(record);
  return isDeepStrictEqual([agentId, why, step, wait], [record.agentId, record.why, record.step, record.wait]);
}

const NO_AGENT = problem(404, 'There is no such agent. Agents are made by the business configuration.');
const NO_DECISION = problem(
  404,
  'There is no decision of this request. A choice is kept for 30 days; who still waits has none.',
);
