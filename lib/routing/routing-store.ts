import { DAY, type Instant, MINUTE } from '../platform/clock.ts';
import { attentionShard, type Inbox } from '../store/inbox.ts';
import {
  above,
  absent,
  all,
  any,
  atMost,
  below,
  contains,
  equals,
  type Item,
  present,
  type Table,
} from '../store/table.ts';
import type { Agent, Presence, Team, WaitingRequest } from './agent.ts';

/** One choice of an agent for a request. Written before the claim, so that a redelivery follows it (rule 14). */
export interface Choice {
  readonly r: string;
  readonly n: number;
  readonly agentId: string;
  readonly element: string;
  /** `chosen`: to be claimed and told. `told`: the conversation knows. `gone`: the place was taken by another. */
  readonly status: 'chosen' | 'told' | 'gone' | 'refused';
}

/** The routing room's table. Who writes what: configuration writes configuration attributes only (rule 15). */
export interface RoutingStore {
  readonly inbox: Inbox;
  team(teamId: string): Promise<Team | undefined>;
  teamOf(openKfId: string): Promise<Team | undefined>;
  agents(agentIds: readonly string[]): Promise<Agent[]>;
  /** The team's line: by time of asking, consistently read; only inside the team's FIFO group. */
  line(teamId: string): Promise<WaitingRequest[]>;
  /** True for whoever begins the team's audit of places, when the last one lies before `before`. */
  beginAudit(teamId: string, now: Instant, before: Instant): Promise<boolean>;
  /** One that stands in line already keeps its place and what is noted there. */
  putInLine(teamId: string, request: WaitingRequest): Promise<void>;
  /** Puts a request (back) in line, without the agent of its `n`th choice until then. */
  exclude(
    teamId: string,
    request: WaitingRequest,
    refused: Pick<Choice, 'n' | 'agentId'>,
    until: Instant,
  ): Promise<void>;
  noteWaiting(teamId: string, request: WaitingRequest): Promise<void>;
  /** Takes a request out of the line; after its `n`th choice, unless that choice was refused and it came back since. */
  removeFromLine(teamId: string, request: Pick<WaitingRequest, 'r' | 'askedAt'>, n?: number): Promise<void>;
  findInLine(teamId: string, r: string): Promise<WaitingRequest | undefined>;
  lastChoice(r: string): Promise<Choice | undefined>;
  /** False when this choice was made before. */
  recordChoice(choice: Choice, now: Instant): Promise<boolean>;
  /** False when the choice does not stand as it `was` any more: another process knows more of it. */
  noteChoice(choice: Pick<Choice, 'r' | 'n'>, status: Choice['status'], was?: Choice['status']): Promise<boolean>;
  /** Takes a place, if the agent has one: `taken` now, `held` already, or `full`. */
  claim(agentId: string, element: string, now: Instant): Promise<'taken' | 'held' | 'full'>;
  /** Records a place that WeCom's client gave, whatever the capacity. True when the agent is over it. */
  record(agentId: string, element: string, now: Instant): Promise<boolean>;
  /** Gives a place back. The teams that the agent works for, whose lines may now move. */
  release(agentId: string, element: string, now: Instant): Promise<readonly string[]>;
  /** Takes a newer status, and says for which teams the agent works. */
  notePresence(agentId: string, openKfId: string, presence: Presence): Promise<readonly string[]>;
  saveTeam(team: Team): Promise<void>;
  saveAgent(agent: Pick<Agent, 'agentId' | 'capacity' | 'duty' | 'teams'>): Promise<void>;
  assignAccount(openKfId: string, teamId: string): Promise<void>;
  /** Off duty and in no team. The places that the agent's customers take stay taken until their conversations release them. */
  removeAgent(agentId: string): Promise<void>;
  /** Takes the team off the list. Whoever waits in its line is still served by the agents that it had. */
  removeTeam(teamId: string): Promise<void>;
  removeAccount(openKfId: string): Promise<void>;
  /** Everything that was saved and not removed, consistently read. */
  configured(): Promise<{
    agents: Agent[];
    teams: Team[];
    accounts: { openKfId: string; teamId: string }[];
  }>;
}

const PRESENCE = 'presence:';
/** The account that stands for all accounts without a team of their own. */
export const ANY_ACCOUNT = '*';

export function routingStore(table: Table, inbox: Inbox): RoutingStore {
  const teamKey = (teamId: string) => ({ id: `team#${teamId}`, entry: 'team' });
  const agentKey = (agentId: string) => ({ id: `agent#${agentId}`, entry: 'agent' });
  const accountKey = (openKfId: string) => ({ id: `account#${openKfId}`, entry: 'team' });
  const lineKey = (teamId: string, { r, askedAt }: Pick<WaitingRequest, 'r' | 'askedAt'>) => ({
    id: `team#${teamId}`,
    entry: `line#${String(askedAt).padStart(15, '0')}#${r}`,
  });
  // The list of what configuration has made: `entry` is the `id` of the thing. Written before the thing and removed after it.
  const listKey = (id: string) => ({ id: 'configuration', entry: id });
  const choiceKey = ({ r, n }: Pick<Choice, 'r' | 'n'>) => ({
    id: `request#${r}`,
    entry: `choice#${String(n).padStart(4, '0')}`,
  });

  async function team(teamId: string): Promise<Team | undefined> {
    const item = await table.get(teamKey(teamId));
    return item && (item.team as Team);
  }

  async function line(teamId: string): Promise<WaitingRequest[]> {
    const items = await entriesOf(`team#${teamId}`, 'line#');
    return items.map((item) => item.request as WaitingRequest);
  }

  /** All entries of a collection that begin so, in their order, consistently read. */
  async function entriesOf(partition: string, beginsWith: string): Promise<Item[]> {
    const found: Item[] = [];
    let after: Item | undefined;
    do {
      const page = await table.query({
        partition,
        sort: { beginsWith },
        consistent: true,
        ...(after && { after }),
      });
      found.push(...page.items);
      after = page.next;
    } while (after);
    return found;
  }

  /** The listed items of a kind, by their order in the list. */
  async function listed(kind: 'agent' | 'team' | 'account'): Promise<Item[]> {
    const ids = (await entriesOf('configuration', `${kind}#`)).map((item) => String(item.entry));
    const items = await table.getMany(ids.map((id) => ({ id, entry: kind === 'account' ? 'team' : kind })));
    const byId = new Map(items.map((item) => [String(item.id), item]));
    return ids.flatMap((id): Item[] => {
      const item = byId.get(id);
      return item ? [item] : [];
    });
  }

  async function choices(r: string): Promise<Choice[]> {
    const sort = { beginsWith: 'choice#' };
    const { items } = await table.query({ partition: `request#${r}`, sort, consistent: true });
    return items.map(choiceOf);
  }

  function lineItem(teamId: string, request: WaitingRequest): Item {
    const attention = attentionShard(`team#${teamId}`);
    return { ...lineKey(teamId, request), request, attention, attentionAt: request.askedAt + MINUTE };
  }

  return {
    inbox,
    team,
    line,

    async teamOf(openKfId) {
      const own = await table.get(accountKey(openKfId));
      const item = own ?? (await table.get(accountKey(ANY_ACCOUNT)));
      return item ? team(String(item.teamId)) : undefined;
    },

    async agents(agentIds) {
      const items = await table.getMany(agentIds.map(agentKey));
      return items.filter((item) => item.capacity !== undefined).map(readAgent);
    },

    async beginAudit(teamId, now, before) {
      const condition = any(absent('auditedAt'), atMost('auditedAt', before));
      const options = { condition, returning: 'before' as const };
      const begun = await table.update({ id: `team#${teamId}`, entry: 'audit' }, { set: { auditedAt: now } }, options);
      // A team that was never audited has nothing to audit yet: its hour begins.
      return begun?.auditedAt !== undefined;
    },

    async putInLine(teamId, request) {
      await table.put(lineItem(teamId, request), absent('id'));
    },

    async exclude(teamId, request, { n, agentId }, until) {
      // Whoever was refused for this request before counts again: it left the line when the next one was chosen, and two
      // agents whom WeCom refuses would otherwise take turns for ever.
      const refused = (await choices(request.r)).filter(({ status }) => status === 'refused');
      const agents = new Set([...refused.map((choice) => choice.agentId), agentId]);
      const excluded = Object.fromEntries([...agents].map((each) => [each, until]));
      const back = lineItem(teamId, { ...request, excluded: { ...request.excluded, ...excluded } });
      await table.put({ ...back, refusedChoice: n });
    },

    async noteWaiting(teamId, request) {
      const change = { set: { request: { ...request, told: true } } };
      await table.update(lineKey(teamId, request), change, { condition: present('id') });
    },

    async removeFromLine(teamId, request, n) {
      const sameStay = n === undefined ? undefined : any(absent('refusedChoice'), below('refusedChoice', n));
      await table.delete(lineKey(teamId, request), sameStay);
    },

    async findInLine(teamId, r) {
      return (await line(teamId)).find((request) => request.r === r);
    },

    async lastChoice(r) {
      const { items } = await table.query({
        partition: `request#${r}`,
        sort: { beginsWith: 'choice#' },
        descending: true,
        limit: 1,
        consistent: true,
      });
      return items[0] && choiceOf(items[0]);
    },

    async recordChoice(choice, now) {
      // Kept as long as a redelivery can come: queue and dead letters together, and then some.
      const expiresAt = Math.ceil((now + 30 * DAY) / 1000);
      const { status, ...chosen } = choice;
      return table.put({ ...choiceKey(choice), choice: chosen, status, expiresAt }, absent('id'));
    },

    async noteChoice(choice, status, was) {
      const condition = was === undefined ? present('id') : equals('status', was);
      return (await table.update(choiceKey(choice), { set: { status } }, { condition })) !== undefined;
    },

    async claim(agentId, element, now) {
      const before = await table.update(
        agentKey(agentId),
        { add: { serving: new Set([element]) }, set: { lastWorkAt: now } },
        {
          returning: 'before',
          // Neither a missing agent nor capacity 0 gets through, and a repeat takes no second place (rule 15).
          condition: all(
            equals('duty', 'on'),
            any(
              contains('serving', element),
              all(absent('serving'), above('capacity', 0)),
              below({ size: 'serving' }, { attribute: 'capacity' }),
            ),
          ),
        },
      );
      if (!before) return 'full';
      return placesOf(before).has(element) ? 'held' : 'taken';
    },

    async record(agentId, element, now) {
      const after = await table.update(agentKey(agentId), {
        add: { serving: new Set([element]) },
        set: { lastWorkAt: now },
      });
      const capacity = after?.capacity;
      return typeof capacity === 'number' && placesOf(after ?? {}).size > capacity;
    },

    async release(agentId, element, now) {
      const after = await table.update(
        agentKey(agentId),
        { delete: { serving: new Set([element]) }, set: { lastWorkAt: now } },
        { condition: contains('serving', element) },
      );
      // Released before (by an earlier attempt): its teams may still wait for the wake that got lost, so they are named too.
      const item = after ?? (await table.get(agentKey(agentId), { consistent: true }));
      return teamsOf(item);
    },

    async notePresence(agentId, openKfId, presence) {
      const attribute = `${PRESENCE}${openKfId}`;
      const atAttribute = `${attribute}:at`;
      const item = await table.update(
        agentKey(agentId),
        { set: { [attribute]: presence.status, [atAttribute]: presence.at } },
        { condition: any(absent(atAttribute), atMost(atAttribute, presence.at)) },
      );
      return teamsOf(item);
    },

    async saveTeam(saved) {
      await table.put(listKey(teamKey(saved.teamId).id));
      await table.put({ ...teamKey(saved.teamId), team: saved });
    },

    async saveAgent({ agentId, capacity, duty, teams }) {
      await table.put(listKey(agentKey(agentId).id));
      await table.update(agentKey(agentId), { set: { capacity, duty, teams: [...teams] } });
    },

    async assignAccount(openKfId, teamId) {
      await table.put(listKey(accountKey(openKfId).id));
      await table.put({ ...accountKey(openKfId), teamId });
    },

    async removeAgent(agentId) {
      await table.update(agentKey(agentId), { set: { duty: 'off', teams: [] } }, { condition: present('capacity') });
      await table.delete(listKey(agentKey(agentId).id));
    },

    async removeTeam(teamId) {
      await table.delete(listKey(teamKey(teamId).id));
    },

    async removeAccount(openKfId) {
      await table.delete(accountKey(openKfId));
      await table.delete(listKey(accountKey(openKfId).id));
    },

    async configured() {
      const [agents, teams, accounts] = await Promise.all([listed('agent'), listed('team'), listed('account')]);
      return {
        agents: agents.filter((item) => item.capacity !== undefined).map(readAgent),
        teams: teams.map((item) => item.team as Team),
        accounts: accounts.map((item) => ({
          openKfId: String(item.id).slice('account#'.length),
          teamId: String(item.teamId),
        })),
      };
    },
  };
}

function readAgent(item: Item): Agent {
  const presence: Record<string, Presence> = {};
  for (const [name, value] of Object.entries(item)) {
    if (!name.startsWith(PRESENCE) || name.endsWith(':at')) continue;
    presence[name.slice(PRESENCE.length)] = {
      status: value as Presence['status'],
      at: Number(item[`${name}:at`] ?? 0),
    };
  }
  return {
    agentId: String(item.id).slice('agent#'.length),
    capacity: Number(item.capacity),
    duty: item.duty === 'on' ? 'on' : 'off',
    teams: teamsOf(item),
    serving: placesOf(item),
    presence,
    ...(item.lastWorkAt !== undefined && { lastWorkAt: Number(item.lastWorkAt) }),
  };
}

// Written by `recordChoice` and `noteChoice` alone.
const choiceOf = (item: Item): Choice => ({
  ...(item.choice as Omit<Choice, 'status'>),
  status: item.status as Choice['status'],
});
const placesOf = (item: Item): ReadonlySet<string> => (item.serving as Set<string> | undefined) ?? new Set();
const teamsOf = (item: Item | undefined): readonly string[] => (item?.teams as string[] | undefined) ?? [];
