import { type Clock, type Instant, MINUTE, SECOND } from '../platform/clock.ts';
import { log } from '../platform/log.ts';
import type { Agent, Team, WaitingRequest } from './agent.ts';
import type { Choice } from './choice-store.ts';
import { chooseAgent, type Decision, type RoutingFacts, turnsAfterPick } from './choose-agent.ts';
import { recordOf } from './decision-record.ts';
import { estimateWait } from './estimate-wait.ts';
import { orderOf } from './line-order.ts';
import { agentIdsOf, type Roster, readAgain, withPlace } from './roster.ts';
import type { RoutingStore } from './routing-store.ts';
import { passedOver } from './standing.ts';
import { paceAfter, type TeamPace } from './team-pace.ts';
import type { Hours } from './working-hours.ts';

/** After so many conversations that could not be served, the fault is not theirs. */
const TROUBLES = 3;

/** What a team tells a conversation. */
export type ToldConversation =
  | { kind: 'assigned'; r: string; n: number; agentId: string; element: string; at: Instant }
  /** `ahead`: its place in line, 1 is next. `estimateMs`: how long that takes, where it can be said. */
  | { kind: 'waiting'; r: string; at: Instant; ahead: number; estimateMs?: number; n?: number }
  | { kind: 'place-asked'; agentId: string; element: string; at: Instant }
  | { kind: 'holder-left'; agentId: string; at: Instant };

export interface ServeLine {
  readonly store: RoutingStore;
  readonly clock: Clock;
  /** Puts an entry into a conversation's inbox, then wakes it. `known` when that entry was there before. */
  tellConversation(conversationId: string, entry: ToldConversation): Promise<'new' | 'known'>;
}

/** One look at a team's line. What is learnt on the way stays here: places taken, agents of other teams, turns. */
interface Look {
  readonly team: Team;
  readonly hours: Hours;
  roster: Roster;
  pace: TeamPace;
  /** The first moment at which time alone may let somebody be served. */
  wait: Instant | undefined;
}

/**
 * Serves a team's line in its order, until nobody in it can be served. Returns the moment at which time alone may change that (a
 * skill is not wanted any more, another team helps out, a shift begins); undefined: it never does.
 */
export function serveLine({ store, clock, tellConversation }: ServeLine) {
  return async function serve(
    { team, pace, hours }: { team: Team; pace: TeamPace; hours: Hours },
    own: readonly Agent[],
  ): Promise<Instant | undefined> {
    const look: Look = { team, hours, pace, roster: { own, overflow: [] }, wait: undefined };
    const failures: unknown[] = [];
    let waiting = 0;
    for (const request of (await store.line(team.teamId)).toSorted(orderOf(team))) {
      try {
        if (await serveOne(look, request)) continue;
        waiting += 1;
        // Nobody whom this request may have is free, now: the conversation is told once that it waits.
        if (!request.told) await sayWaiting(look, request, waiting);
      } catch (error) {
        // One conversation's trouble holds up nobody else; the wake comes back for it. Where all have it, it is ours.
        failures.push(error);
        if (failures.length === TROUBLES) break;
      }
    }
    if (failures.length > 0) throw failures[0];
    return look.wait;
  };

  /** True when the request has its agent. */
  async function serveOne(look: Look, request: WaitingRequest): Promise<boolean> {
    const { teamId } = look.team;
    const { r } = request;
    let last = await store.lastChoice(r);
    for (;;) {
      if (last?.status === 'told') {
        await store.removeFromLine(teamId, request, last.n);
        return true;
      }
      if (last?.status !== 'chosen') {
        const choice = await choose(look, request, (last?.n ?? 0) + 1);
        if (!choice) return false;
        last = choice;
        continue;
      }
      const { agentId, element } = last;
      const claimed = await store.claim(agentId, element, clock());
      if (claimed === 'full') {
        // What another process has made of this choice is followed instead.
        const gone = await store.noteChoice(last, 'gone', 'chosen');
        last = gone ? { ...last, status: 'gone' } : await store.lastChoice(r);
        await lookAgain(look, request, agentId);
        continue;
      }
      await countTurn(look, last);
      await tellChosen(look, request, last, claimed);
      look.roster = withPlace(look.roster, agentId, element, clock());
      return true;
    }
  }

  /** Chooses, and keeps the choice with its record; undefined when nobody can. */
  async function choose(look: Look, request: WaitingRequest, n: number): Promise<Choice | undefined> {
    const { facts, decision } = await decide(look, request);
    const { agentId, why } = decision;
    if (agentId === undefined) {
      const wait = earlier(decision.wait, nextOverflow(look.team, request, facts.now));
      look.wait = earlier(look.wait, wait);
      return undefined;
    }
    const { r, conversationId } = request;
    const element = `${conversationId}#${r}`;
    const choice = { r, n, agentId, element, why, request, status: 'chosen' as const };
    const record = recordOf(look.team.teamId, facts, decision);
    // A choice that another attempt recorded first is followed instead.
    return (await store.recordChoice(choice, facts.now, record)) ? choice : store.lastChoice(r);
  }

  /** Who is next. The team's own come before everybody else's, so that other teams are only read when none of them can. */
  async function decide(look: Look, request: WaitingRequest): Promise<{ facts: RoutingFacts; decision: Decision }> {
    const facts = factsOf(look, request, clock());
    const decision = chooseAgent(facts);
    if (decision.agentId !== undefined) return { facts, decision };
    const missing = openOverflow(look.team, request, facts.now).filter(
      (teamId) => !look.roster.overflow.some((read) => read.teamId === teamId),
    );
    if (missing.length === 0) return { facts, decision };
    const read = await store.agentsOf(missing);
    // A team that is gone is not asked for again.
    const overflow = missing.map((teamId) => ({
      teamId,
      agents: read.find((one) => one.teamId === teamId)?.agents ?? [],
    }));
    look.roster = { ...look.roster, overflow: [...look.roster.overflow, ...overflow] };
    const all = factsOf(look, request, facts.now);
    return { facts: all, decision: chooseAgent(all) };
  }

  /** The turn is taken with the place, once: a redelivery that follows the same choice counts it if nobody did. */
  async function countTurn(look: Look, { r, n, agentId, why = 'full-skills' }: Choice): Promise<void> {
    const { team, pace, roster } = look;
    const facts = { team, agents: roster.own, overflow: roster.overflow, turns: pace.turns };
    const after = paceAfter(pace, { of: `${r}#${n}`, at: clock() }, turnsAfterPick(facts, { agentId, why }));
    if (!after) return;
    const saved = await store.savePace(team.teamId, after);
    // Another process, which outlived its wake or came after it, goes on with the team: its turns are the ones that count.
    look.pace = saved ? after : (await store.teamAtWork(team.teamId)).pace;
  }

  async function tellChosen(
    { team: { teamId } }: Look,
    request: WaitingRequest,
    choice: Choice,
    claimed: 'taken' | 'held',
  ): Promise<void> {
    const { conversationId } = request;
    const { r, n, agentId, element } = choice;
    const told = await tellConversation(conversationId, { kind: 'assigned', r, n, agentId, element, at: clock() });
    // The conversation had been told before: it may have given the place back since, and then this claim came too late.
    if (told === 'known' && claimed === 'taken') {
      await tellConversation(conversationId, { kind: 'place-asked', agentId, element, at: clock() });
    }
    // WeCom may have refused the agent already, where this process outlived its wake: then the request stays in line.
    if (await store.noteChoice(choice, 'told', 'chosen')) await store.removeFromLine(teamId, request, n);
    log.info('agent chosen', { teamId, conversationId, agentId, tries: n });
  }

  /**
   * Whatever made a claim fail (capacity, duty, a vanished agent) is read again; one that fails without a visible reason must not be
   * tried for ever.
   */
  async function lookAgain(look: Look, request: WaitingRequest, agentId: string): Promise<void> {
    const agents = (await store.agents(agentIdsOf(look.roster))).filter(
      (agent) => agent.agentId !== agentId || passedOver(agent, request, clock(), look.hours) !== undefined,
    );
    look.roster = readAgain(look.roster, agents);
  }

  async function sayWaiting({ team: { teamId }, pace }: Look, request: WaitingRequest, ahead: number): Promise<void> {
    const { conversationId, r, asked } = request;
    const at = clock();
    const estimate = estimateWait(
      ahead,
      pace.assigned.map((one) => one.at),
      at,
    );
    await tellConversation(conversationId, {
      kind: 'waiting',
      r,
      at,
      ahead,
      ...(estimate !== 'unknown' && { estimateMs: estimate.minutes * MINUTE }),
      ...(asked !== undefined && { n: asked }),
    });
    await store.noteWaiting(teamId, request);
  }
}

const factsOf = ({ team, roster, pace, hours }: Look, request: WaitingRequest, now: Instant): RoutingFacts => ({
  team,
  agents: roster.own,
  overflow: roster.overflow,
  turns: pace.turns,
  hours,
  request,
  now,
});

const waitedOf = (request: WaitingRequest, now: Instant): number => (now - request.askedAt) / SECOND;

/** The overflow teams whose time has come. */
const openOverflow = ({ overflow = [] }: Team, request: WaitingRequest, now: Instant): string[] =>
  overflow.filter(({ afterSeconds }) => afterSeconds <= waitedOf(request, now)).map(({ teamId }) => teamId);

/** When the next of those comes whose agents nobody has looked at yet. */
function nextOverflow({ overflow = [] }: Team, request: WaitingRequest, now: Instant): Instant | undefined {
  const later = overflow.map(({ afterSeconds }) => afterSeconds).filter((after) => after > waitedOf(request, now));
  return later.length > 0 ? request.askedAt + Math.min(...later) * SECOND : undefined;
}

const earlier = (one: Instant | undefined, other: Instant | undefined): Instant | undefined =>
  one === undefined || (other !== undefined && other < one) ? other : one;
