import { DAY, type Instant, MINUTE } from '../../lib/platform/clock.ts';
import { InfrastructureError } from '../../lib/platform/infrastructure.ts';
import { DEFAULT_ZONE } from '../../lib/platform/wall-clock.ts';
import type { Team } from '../../lib/routing/agent.ts';
import type { SavedAgent } from '../../lib/routing/agent-store.ts';
import { assignAgents, type TeamFact } from '../../lib/routing/assign-agents.ts';
import { type RoutingStore, routingStore } from '../../lib/routing/routing-store.ts';
import type { ToldConversation } from '../../lib/routing/serve-line.ts';
import { type Ask, teamDesk } from '../../lib/routing/team-desk.ts';
import { inbox } from '../../lib/store/inbox.ts';
import type { Table } from '../../lib/store/table.ts';
import { routingShape } from '../../lib/store/tables.ts';
import { memoryTable } from './memory-table.ts';

/** Thursday, 2026-10-01, noon in Shanghai. */
export const NOON: Instant = Date.parse('2026-10-01T12:00+08:00');
export const KF = 'wkdesk';

class Killed extends InfrastructureError {
  constructor() {
    super('killed');
  }
}

/** The routing room alone, in memory: teams, agents, and a note of whom it told what. Every call that leaves it can be its last. */
export async function routingYard(house: { teams: readonly Partial<Team>[]; agents: readonly Partial<SavedAgent>[] }) {
  let now = NOON;
  const clock = () => now;

  let calls = 0;
  let killAt: number | undefined;
  let after = false;
  async function outside<T>(act: () => Promise<T>): Promise<T> {
    calls += 1;
    const killed = calls === killAt;
    if (killed && !after) throw new Killed();
    const answer = await act();
    if (killed) throw new Killed();
    return answer;
  }

  const table = memoryTable(routingShape('routing'));
  const watched: Table = {
    ...table,
    put: (...asked) => outside(() => table.put(...asked)),
    update: (...asked) => outside(() => table.update(...asked)),
    delete: (...asked) => outside(() => table.delete(...asked)),
  };
  const storeOver = (one: Table) => routingStore(one, inbox(one, { attentionAfterMs: MINUTE, keepMs: 14 * DAY }));
  const store = storeOver(table);
  const woken = new Set<string>();
  const wakes = {
    send: async ({ teamId }: { teamId: string }) => void woken.add(teamId),
    sendMany: async () => undefined,
  };
  const desk = teamDesk({ store, wakes, clock });
  const told = new Map<string, ToldConversation & { conversationId: string }>();
  const timers: { teamId: string; dueAt: Instant }[] = [];
  const published: (TeamFact & { subject: string })[] = [];

  let beforeClaim = async (): Promise<void> => undefined;
  function ownStore(): RoutingStore {
    const own = storeOver(watched);
    const claim: RoutingStore['claim'] = async (...asked) => {
      await beforeClaim();
      return own.claim(...asked);
    };
    return { ...own, claim };
  }

  /** A process of the function: what it remembers is gone with it. */
  const begin = () =>
    assignAgents({
      store: ownStore(),
      clock,
      zone: DEFAULT_ZONE,
      tellConversation: (conversationId, entry) =>
        outside(async () => {
          const key = [
            conversationId,
            entry.kind,
            'r' in entry ? entry.r : entry.at,
            'n' in entry ? entry.n : '',
          ].join();
          const known = told.has(key);
          if (!known) told.set(key, { ...entry, conversationId });
          return known ? 'known' : 'new';
        }),
      armTimer: (teamId, dueAt) => outside(async () => void timers.push({ teamId, dueAt })),
      publish: (subject, facts) =>
        outside(async () => void published.push(...facts.map((fact) => ({ ...fact, subject })))),
      setAside: async (record) => {
        throw new Error(`set aside: ${record.reason}`);
      },
    });
  let assign = begin();

  const agentIds = house.agents.map(({ agentId }) => String(agentId));
  for (const team of house.teams) {
    await store.saveTeam({ teamId: 'support', agents: agentIds, endAfterSilenceSeconds: 1800, ...team });
  }
  for (const agent of house.agents) {
    await store.saveAgent({ agentId: 'amy', capacity: 1, duty: 'on', teams: ['support'], ...agent });
  }

  const yard = {
    clock,
    store,
    desk,
    timers,
    published,
    overClaimed: new Set<string>(),

    skip(ms: number): void {
      now += ms;
    },
    /** The n-th call from now on is the last of its process; it happens, or it does not. */
    killAt(n: number, happens: boolean): void {
      killAt = calls + n;
      after = happens;
    },
    /** What happens between a choice and its claim. */
    beforeClaim(happens: () => Promise<void>): void {
      beforeClaim = happens;
    },
    ask: (customer: string, more: Partial<Ask> = {}) =>
      desk.requestAgent({
        teamId: 'support',
        r: `${customer}1`,
        conversationId: `${KF}:${customer}`,
        openKfId: KF,
        askedAt: now,
        ...more,
      }),
    wake: (teamId = 'support') => woken.add(teamId),

    /** Until nobody is woken any more; who was killed is woken again, as the queue does. */
    async run(): Promise<void> {
      for (let teamId = [...woken][0]; teamId !== undefined; teamId = [...woken][0]) {
        woken.delete(teamId);
        try {
          await assign(teamId);
        } catch (error) {
          if (!(error instanceof Killed)) throw error;
          assign = begin();
          woken.add(teamId);
        }
        for (const { agentId, capacity, serving } of await store.agents(agentIds)) {
          if (serving.size > capacity) yard.overClaimed.add(agentId);
        }
      }
    },
    /** Lets time pass; timers fire on the way. */
    async pass(ms: number): Promise<void> {
      const end = now + ms;
      for (;;) {
        const next = timers.filter(({ dueAt }) => dueAt <= end).sort((a, b) => a.dueAt - b.dueAt)[0];
        if (!next) break;
        timers.splice(timers.indexOf(next), 1);
        now = Math.max(now, next.dueAt);
        woken.add(next.teamId);
        await yard.run();
      }
      now = end;
    },
    /** Asks, and lets the team work. Who serves the customer then. */
    async serves(customer: string, more: Partial<Ask> = {}): Promise<string | undefined> {
      await yard.ask(customer, more);
      await yard.run();
      return yard.agentOf(customer);
    },
    told: (customer: string) =>
      [...told.values()].filter(({ conversationId }) => conversationId === `${KF}:${customer}`),
    agentOf: (customer: string): string | undefined =>
      yard
        .told(customer)
        .flatMap((entry) => (entry.kind === 'assigned' ? [entry.agentId] : []))
        .at(-1),
    /** The customer's session is over. */
    async ends(customer: string, r = `${customer}1`): Promise<void> {
      const agentId = yard.agentOf(customer);
      if (agentId !== undefined) await desk.release(agentId, `${KF}:${customer}#${r}`);
    },
  };
  return yard;
}
