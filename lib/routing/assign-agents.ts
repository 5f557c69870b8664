import { type Clock, HOUR, type Instant, MINUTE } from '../platform/clock.ts';
import { isInfrastructureError } from '../platform/infrastructure.ts';
import { log } from '../platform/log.ts';
import { count } from '../platform/metrics.ts';
import type { Agent, Team, WaitingRequest } from './agent.ts';
import { chooseAgent } from './choose-agent.ts';
import type { RoutingStore } from './routing-store.ts';
import { passedOver } from './standing.ts';
import { TeamEntry } from './team-entries.ts';

/** How long an agent whom WeCom refused is passed over for that conversation. */
const EXCLUDED_FOR = 10 * MINUTE;
/** How often the places of a team's agents are compared with their conversations. */
const AUDIT_AGAIN_AFTER = HOUR;
/** How often one process asks whether that hour is over; a busy team wakes many times a second. */
const AUDIT_LOOK_AGAIN_AFTER = 5 * MINUTE;
/** How many entries of the inbox are taken in at once. */
const PAGE = 200;
/** From this many receives on, entries are tried one by one, so that a poisonous one is found (rule 4). */
const ONE_BY_ONE_FROM = 3;
const TRIES = 3;
/** After so many conversations that could not be served, the fault is not theirs. */
const TROUBLES = 3;

export interface AssignAgents {
  readonly store: RoutingStore;
  readonly clock: Clock;
  /** Puts an entry into a conversation's inbox, then wakes it. `known` when that entry was there before. */
  tellConversation(
    conversationId: string,
    entry:
      | { kind: 'assigned'; r: string; n: number; agentId: string; element: string; at: Instant }
      | { kind: 'waiting'; r: string; at: Instant }
      | { kind: 'place-asked'; agentId: string; element: string; at: Instant },
  ): Promise<'new' | 'known'>;
  /** Lets operators see what was set aside, and why. */
  setAside(record: { teamId: string; entry: string; reason: string }): Promise<void>;
}

/**
 * The team's only writer. Every wake does the same: put requests in line, then serve from the head until no place fits
 * (consistency rule 16). `receives` is how often this wake was delivered.
 */
export function assignAgents({ store, clock, tellConversation, setAside }: AssignAgents) {
  const lookedForAudit = new Map<string, Instant>();

  return async function assign(teamId: string, receives = 1): Promise<void> {
    await readInbox(teamId, receives);
    const team = await store.team(teamId);
    if (!team) {
      log.warn('no such team; its requests wait', { teamId });
      return;
    }
    const agents = await store.agents(team.agents);
    await serve(team, agents);
    await auditPlaces(teamId, agents);
  };

  /**
   * Every hour each place is asked after: one that was taken by a process that outlived its time belongs to nobody, and only
   * its conversation can say so, through its inbox (rule 14).
   */
  async function auditPlaces(teamId: string, agents: readonly Agent[]): Promise<void> {
    const now = clock();
    if (now < (lookedForAudit.get(teamId) ?? 0) + AUDIT_LOOK_AGAIN_AFTER) return;
    lookedForAudit.set(teamId, now);
    if (!(await store.beginAudit(teamId, now, now - AUDIT_AGAIN_AFTER))) return;
    for (const { agentId, serving } of agents) {
      for (const element of serving) {
        const conversationId = element.slice(0, element.lastIndexOf('#'));
        await tellConversation(conversationId, { kind: 'place-asked', agentId, element, at: now });
      }
    }
  }

  async function readInbox(teamId: string, receives: number): Promise<void> {
    const owner = `team#${teamId}`;
    const oneByOne = receives >= ONE_BY_ONE_FROM;
    for (;;) {
      const { entries, more } = await store.inbox.unread(owner, oneByOne ? 1 : PAGE);
      for (const stored of entries) {
        if (oneByOne && (await store.inbox.tried(owner, stored.entry)) > TRIES) {
          await setAside({ teamId, entry: stored.entry, reason: 'failed repeatedly' });
          await store.inbox.setAside(owner, stored.entry, 'failed repeatedly', clock());
          count('EntrySetAside', { queue: 'assignments' });
          continue;
        }
        try {
          await takeIn(teamId, TeamEntry.parse(stored.body));
          await store.inbox.settle(owner, [stored.entry], clock());
        } catch (error) {
          // Our own infrastructure says nothing about the entry that happened to be tried.
          if (oneByOne && isInfrastructureError(error)) await store.inbox.untried(owner, [stored.entry]);
          throw error;
        }
      }
      if (!more) return;
    }
  }

  async function takeIn(teamId: string, entry: TeamEntry): Promise<void> {
    if (entry.kind === 'cancel') {
      // Half chosen already: the place may be claimed, so the choice is carried through, and the conversation gives it back.
      if ((await store.lastChoice(entry.r))?.status === 'chosen') return;
      const waiting = await store.findInLine(teamId, entry.r);
      if (waiting) await store.removeFromLine(teamId, waiting);
      return;
    }
    const { r, conversationId, openKfId, askedAt } = entry;
    const asked = { r, conversationId, openKfId, askedAt, excluded: {} };
    if (entry.kind === 'request') {
      // A request that was served before and is put again by a repeated effect has its choice on record already.
      if (await store.lastChoice(r)) return;
      await store.putInLine(teamId, entry.prefer === undefined ? asked : { ...asked, prefer: entry.prefer });
      return;
    }
    const waiting = (await store.findInLine(teamId, r)) ?? asked;
    await store.noteChoice({ r, n: entry.n }, 'refused');
    await store.exclude(teamId, waiting, entry, entry.at + EXCLUDED_FOR);
  }

  async function serve(team: Team, roster: readonly Agent[]): Promise<void> {
    const { teamId } = team;
    let agents = roster;
    const failures: unknown[] = [];
    for (const request of await store.line(teamId)) {
      try {
        const served = await serveOne(team, request, agents);
        agents = served.agents;
        // Nobody whom this request may have is free, now: the conversation is told once that it waits.
        if (served.by === undefined) await sayWaiting(teamId, request);
      } catch (error) {
        // One conversation's trouble holds up nobody else; the wake comes back for it. Where all have it, it is ours.
        failures.push(error);
        if (failures.length === TROUBLES) break;
      }
    }
    if (failures.length > 0) throw failures[0];
  }

  async function serveOne(
    team: Team,
    request: WaitingRequest,
    roster: readonly Agent[],
  ): Promise<{ agents: readonly Agent[]; by?: string }> {
    const { teamId } = team;
    const { r, conversationId } = request;
    let agents = roster;
    let last = await store.lastChoice(r);
    for (;;) {
      if (last?.status === 'told') {
        await store.removeFromLine(teamId, request, last.n);
        return { agents, by: last.agentId };
      }
      if (last?.status !== 'chosen') {
        const { agentId } = chooseAgent({ team, agents, request, now: clock() });
        if (agentId === undefined) return { agents };
        const n = (last?.n ?? 0) + 1;
        const choice = { r, n, agentId, element: `${conversationId}#${r}`, status: 'chosen' as const };
        // A choice that another attempt recorded first is followed instead.
        last = (await store.recordChoice(choice, clock())) ? choice : await store.lastChoice(r);
        continue;
      }
      const { n, agentId, element } = last;
      const claimed = await store.claim(agentId, element, clock());
      if (claimed === 'full') {
        // What another process has made of this choice is followed instead.
        last = (await store.noteChoice(last, 'gone', 'chosen'))
          ? { ...last, status: 'gone' }
          : await store.lastChoice(r);
        agents = (await store.agents(agents.map((agent) => agent.agentId))).filter(
          // Whatever made the claim fail (capacity, duty, a vanished agent) is read again; a claim that fails without a
          // visible reason must not be tried for ever.
          (agent) => agent.agentId !== agentId || passedOver(agent, request, clock()) !== undefined,
        );
        continue;
      }
      const told = await tellConversation(conversationId, { kind: 'assigned', r, n, agentId, element, at: clock() });
      // The conversation had been told before: it may have given the place back since, and then this claim came too late.
      if (told === 'known' && claimed === 'taken') {
        await tellConversation(conversationId, { kind: 'place-asked', agentId, element, at: clock() });
      }
      // WeCom may have refused the agent already, where this process outlived its wake: then the request stays in line.
      if (await store.noteChoice(last, 'told', 'chosen')) await store.removeFromLine(teamId, request, n);
      log.info('agent chosen', { teamId, conversationId, agentId, tries: n });
      return { agents: withPlace(agents, agentId, element, clock()), by: agentId };
    }
  }

  async function sayWaiting(teamId: string, request: WaitingRequest): Promise<void> {
    if (request.told) return;
    await tellConversation(request.conversationId, { kind: 'waiting', r: request.r, at: clock() });
    await store.noteWaiting(teamId, request);
  }
}

function withPlace(agents: readonly Agent[], agentId: string, element: string, now: Instant): readonly Agent[] {
  return agents.map((agent) =>
    agent.agentId === agentId ? { ...agent, serving: new Set([...agent.serving, element]), lastWorkAt: now } : agent,
  );
}
