import { type Instant, MINUTE } from '../platform/clock.ts';
import { type Calendar, NO_CALENDAR } from '../platform/shifts.ts';
import { attentionShard, type Inbox } from '../store/inbox.ts';
import { absent, any, atMost, below, equals, type Item, present, type Table } from '../store/table.ts';
import type { Agent, Team, WaitingRequest } from './agent.ts';
import { type AgentStore, agentStore, readAgent } from './agent-store.ts';
import { type Choice, type ChoiceStore, choiceStore } from './choice-store.ts';
import { accountKey, listKey, paceKey, SETTINGS_KEY, teamKey } from './routing-keys.ts';
import { NO_PACE, type TeamPace } from './team-pace.ts';

/** What a team's run begins with. */
export interface TeamAtWork {
  /** Absent: no such team. */
  readonly team?: Team;
  readonly pace: TeamPace;
  /** The days that are the same for everybody's shifts. */
  readonly calendar: Calendar;
}

/** The routing room's table. Who writes what: configuration writes configuration attributes only (rule 15). */
export interface RoutingStore extends AgentStore, ChoiceStore {
  readonly inbox: Inbox;
  team(teamId: string): Promise<Team | undefined>;
  teamOf(openKfId: string): Promise<Team | undefined>;
  /** Consistently read, in one call. */
  teamAtWork(teamId: string): Promise<TeamAtWork>;
  /** These teams' agents, of each team that exists. */
  agentsOf(teamIds: readonly string[]): Promise<{ teamId: string; agents: Agent[] }[]>;
  /** False when another process has saved a pace since this one was read. */
  savePace(teamId: string, pace: TeamPace): Promise<boolean>;
  /** The team's line: by time of asking, consistently read; only inside the team's FIFO group. */
  line(teamId: string): Promise<WaitingRequest[]>;
  /** True for whoever begins the team's audit of places, when the last one lies before `before`. */
  beginAudit(teamId: string, now: Instant, before: Instant): Promise<boolean>;
  /** One that stands in line already keeps its place and what is noted there. */
  putInLine(teamId: string, request: WaitingRequest): Promise<void>;
  /** Puts a request (back) in line, as it stood there before its `n`th choice, without that choice's agent until then. */
  exclude(
    teamId: string,
    request: WaitingRequest,
    refused: Pick<Choice, 'n' | 'agentId'> & { readonly byWeComAt?: Instant | undefined },
    until: Instant,
  ): Promise<void>;
  noteWaiting(teamId: string, request: WaitingRequest): Promise<void>;
  /** Where it still stands in line, its place is to be said once more, as the answer to question `n`. */
  sayPlaceAgain(teamId: string, request: Pick<WaitingRequest, 'r' | 'askedAt'>, n: number): Promise<void>;
  /** Takes a request out of the line; after its `n`th choice, unless that choice was refused and it came back since. */
  removeFromLine(teamId: string, request: Pick<WaitingRequest, 'r' | 'askedAt'>, n?: number): Promise<void>;
  findInLine(teamId: string, r: string): Promise<WaitingRequest | undefined>;
  saveTeam(team: Team): Promise<void>;
  assignAccount(openKfId: string, teamId: string): Promise<void>;
  /** Takes the team off the list. Whoever waits in its line is still served by the agents that it had. */
  removeTeam(teamId: string): Promise<void>;
  removeAccount(openKfId: string): Promise<void>;
  calendar(): Promise<Calendar>;
  saveCalendar(calendar: Calendar): Promise<void>;
  /** Everything that was saved and not removed, consistently read. */
  configured(): Promise<{
    agents: Agent[];
    teams: Team[];
    accounts: { openKfId: string; teamId: string }[];
  }>;
}

/** The account that stands for all accounts without a team of their own. */
export const ANY_ACCOUNT = '*';

export function routingStore(table: Table, inbox: Inbox): RoutingStore {
  const agents = agentStore(table);
  const choices = choiceStore(table);
  const lineKey = (teamId: string, { r, askedAt }: Pick<WaitingRequest, 'r' | 'askedAt'>) => ({
    id: `team#${teamId}`,
    entry: `line#${String(askedAt).padStart(15, '0')}#${r}`,
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

  function lineItem(teamId: string, request: WaitingRequest): Item {
    const attention = attentionShard(`team#${teamId}`);
    return { ...lineKey(teamId, request), request, attention, attentionAt: request.askedAt + MINUTE };
  }

  return {
    ...agents,
    ...choices,
    inbox,
    team,
    line,

    async teamOf(openKfId) {
      const own = await table.get(accountKey(openKfId));
      const item = own ?? (await table.get(accountKey(ANY_ACCOUNT)));
      return item ? team(String(item.teamId)) : undefined;
    },

    async teamAtWork(teamId) {
      const items = await table.getMany([teamKey(teamId), paceKey(teamId), SETTINGS_KEY]);
      const team = items.find(({ entry }) => entry === 'team')?.team as Team | undefined;
      const pace = items.find(({ entry }) => entry === 'pace');
      const settings = items.find(({ entry }) => entry === SETTINGS_KEY.entry);
      return { ...(team && { team }), pace: paceOf(pace), calendar: calendarOf(settings) };
    },

    async agentsOf(teamIds) {
      const teams = (await table.getMany(teamIds.map(teamKey))).map((item) => item.team as Team);
      const everybody = await agents.agents([...new Set(teams.flatMap((team) => team.agents))]);
      return teams.map(({ teamId, agents: members }) => ({
        teamId,
        agents: everybody.filter(({ agentId }) => members.includes(agentId)),
      }));
    },

    async savePace(teamId, pace) {
      const before = pace.version - 1;
      return table.put(
        { ...paceKey(teamId), pace, version: pace.version },
        before === 0 ? absent('id') : equals('version', before),
      );
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

    async exclude(teamId, request, { n, agentId, byWeComAt }, until) {
      // Whoever was refused for this request before counts again: it left the line when the next one was chosen, and two
      // agents whom WeCom refuses would otherwise take turns for ever.
      const before = await choices.choices(request.r);
      const refused = before.filter(({ status }) => status === 'refused').map((choice) => choice.agentId);
      const excluded = Object.fromEntries([...refused, agentId].map((each) => [each, until]));
      const asItStood = before.find((choice) => choice.n === n)?.request ?? request;
      const all = { ...asItStood.excluded, ...request.excluded, ...excluded };
      const refusedAt = {
        ...asItStood.refusedAt,
        ...request.refusedAt,
        ...(byWeComAt !== undefined && { [agentId]: byWeComAt }),
      };
      const back = lineItem(teamId, {
        ...asItStood,
        excluded: all,
        ...(Object.keys(refusedAt).length > 0 && { refusedAt }),
      });
      await table.put({ ...back, refusedChoice: n });
    },

    async noteWaiting(teamId, request) {
      const change = { set: { request: { ...request, told: true } } };
      await table.update(lineKey(teamId, request), change, { condition: present('id') });
    },

    async sayPlaceAgain(teamId, request, n) {
      const key = lineKey(teamId, request);
      const item = await table.get(key, { consistent: true });
      if (!item) return;
      const { told: _, ...untold } = item.request as WaitingRequest;
      await table.update(key, { set: { request: { ...untold, asked: n } } }, { condition: present('id') });
    },

    async removeFromLine(teamId, request, n) {
      const sameStay = n === undefined ? undefined : any(absent('refusedChoice'), below('refusedChoice', n));
      await table.delete(lineKey(teamId, request), sameStay);
    },

    async findInLine(teamId, r) {
      return (await line(teamId)).find((request) => request.r === r);
    },

    async saveTeam(saved) {
      await table.put(listKey(teamKey(saved.teamId).id));
      await table.put({ ...teamKey(saved.teamId), team: saved });
    },

    async assignAccount(openKfId, teamId) {
      await table.put(listKey(accountKey(openKfId).id));
      await table.put({ ...accountKey(openKfId), teamId });
    },

    async removeTeam(teamId) {
      await table.delete(listKey(teamKey(teamId).id));
    },

    async removeAccount(openKfId) {
      await table.delete(accountKey(openKfId));
      await table.delete(listKey(accountKey(openKfId).id));
    },

    async calendar() {
      return calendarOf(await table.get(SETTINGS_KEY, { consistent: true }));
    },

    async saveCalendar(calendar) {
      await table.put({ ...SETTINGS_KEY, calendar });
    },

    async configured() {
      const [people, teams, accounts] = await Promise.all([listed('agent'), listed('team'), listed('account')]);
      return {
        agents: people.filter((item) => item.capacity !== undefined).map(readAgent),
        teams: teams.map((item) => item.team as Team),
        accounts: accounts.map((item) => ({
          openKfId: String(item.id).slice('account#'.length),
          teamId: String(item.teamId),
        })),
      };
    },
  };
}

// Parsed when it was saved.
const calendarOf = (item: Item | undefined): Calendar => (item?.calendar as Calendar | undefined) ?? NO_CALENDAR;
// Written by `savePace` alone.
const paceOf = (item: Item | undefined): TeamPace => (item?.pace as TeamPace | undefined) ?? NO_PACE;
