import type { Instant } from '../platform/clock.ts';
import {
  above,
  absent,
  all,
  any,
  atMost,
  below,
  type Change,
  contains,
  equals,
  type Item,
  present,
  type Table,
} from '../store/table.ts';
import type { Agent, Left, LeftBecause, Presence } from './agent.ts';
import { hearOffer, NO_OFFERS, type OffDuty, type OfferNews, type Offers } from './missed-offers.ts';
import { agentKey, listKey } from './routing-keys.ts';
import type { AgentTerms } from './terms.ts';

/** What configuration says of an agent. */
export type SavedAgent = Pick<Agent, 'agentId' | 'capacity' | 'duty' | 'teams' | 'helps'> & AgentTerms;

/** Why an agent is away who let too many offers expire. */
export const MISSED_OFFERS = 'missed-offers';

export interface AgentStore {
  agents(agentIds: readonly string[]): Promise<Agent[]>;
  /** Takes a place, if the agent has one: `taken` now, `held` already, or `full`. */
  claim(agentId: string, element: string, now: Instant): Promise<'taken' | 'held' | 'full'>;
  /** Records a place that WeCom's client gave, whatever the capacity. True when the agent is over it. */
  record(agentId: string, element: string, now: Instant): Promise<boolean>;
  /** Gives a place back. The teams whose lines may now move: those he works for, and those they help out. */
  release(agentId: string, element: string, now: Instant): Promise<readonly string[]>;
  /** Takes a newer status. The teams as `release` names them. */
  notePresence(agentId: string, openKfId: string, presence: Presence): Promise<readonly string[]>;
  /** Counts an offer that he let expire, or answered; with the last one that he may miss he goes off duty. Returns what is
   *  still to be told of that, whoever found it. */
  noteOffer(agentId: string, news: OfferNews, offDutyAfter: number): Promise<OffDuty | undefined>;
  offDutyTold(agentId: string, told: OffDuty): Promise<void>;
  /** A supervisor's word, with which all misses are forgotten; `on` also that he had left. The teams as `release` names them; undefined: no such agent. */
  setDuty(agentId: string, duty: Agent['duty'], at: Instant): Promise<readonly string[] | undefined>;
  /** The same, but only over the duty that was `seen`; `overtaken`: it is another one now, and stays. */
  replaceDuty(
    agentId: string,
    seen: Agent['duty'],
    duty: Agent['duty'],
    at: Instant,
  ): Promise<readonly string[] | 'overtaken' | undefined>;
  /** His duty is touched only where the configuration's changes: he may have been switched since. */
  saveAgent(agent: SavedAgent): Promise<void>;
  /**
   * Notes that he has left. The agent as he is then, also in a repeat; undefined where that is no news: nobody knows him, he has left
   * before, or has been back since.
   */
  noteLeft(agentId: string, left: Left): Promise<Agent | undefined>;
  /** Off duty and in no team. The places that the agent's customers take stay taken until their conversations release them. */
  removeAgent(agentId: string): Promise<void>;
}

const PRESENCE = 'presence:';
const TERMS = ['skills', 'languages', 'weight', 'shifts', 'helps'] as const;

export function agentStore(table: Table): AgentStore {
  /**
   * Changes what goes with an agent's duty, as it was read; undefined leaves it. Whoever comes second begins anew: several teams may
   * have news of one agent while a supervisor switches him. The item as it is then.
   */
  async function changeSwitch(agentId: string, how: (item: Item, offers: Offers) => Change | undefined): Promise<Item> {
    for (;;) {
      const item = (await table.get(agentKey(agentId), { consistent: true })) ?? {};
      const change = how(item, offersOf(item));
      if (!change) return item;
      const { switched } = item;
      const condition = typeof switched === 'number' ? equals('switched', switched) : absent('switched');
      const after = await table.update(
        agentKey(agentId),
        { ...change, add: { switched: 1 } },
        { condition, returning: 'after' },
      );
      if (after) return after;
    }
  }

  return {
    async agents(agentIds) {
      const items = await table.getMany(agentIds.map(agentKey));
      return items.filter((item) => item.capacity !== undefined).map(readAgent);
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
            absent('leftAt'),
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
      return teamsToWake(item);
    },

    async notePresence(agentId, openKfId, presence) {
      const attribute = `${PRESENCE}${openKfId}`;
      const atAttribute = `${attribute}:at`;
      const before = await table.update(
        agentKey(agentId),
        { set: { [attribute]: presence.status, [atAttribute]: presence.at } },
        { condition: any(absent(atAttribute), atMost(atAttribute, presence.at)), returning: 'before' },
      );
      // Only a change says that he is there: a list may go on naming somebody who has left.
      if (presence.status === 'receiving' && before?.leftAt !== undefined && before[attribute] !== 'receiving') {
        const change = { set: { backAt: presence.at }, remove: ['leftAt', 'leftBecause'] };
        await table.update(agentKey(agentId), change, { condition: below('leftAt', presence.at) });
      }
      return teamsToWake(before);
    },

    async noteLeft(agentId, { at, reason }) {
      const condition = all(
        present('id'),
        any(absent('leftAt'), equals('leftAt', at)),
        any(absent('backAt'), below('backAt', at)),
      );
      const after = await table.update(agentKey(agentId), { set: { leftAt: at, leftBecause: reason } }, { condition });
      return after && readAgent(after);
    },

    async noteOffer(agentId, news, offDutyAfter) {
      const after = await changeSwitch(agentId, (item, offers) => {
        if (item.capacity === undefined) return undefined;
        const heard = hearOffer(offers, news, { onDuty: item.duty === 'on', offDutyAfter });
        if (heard === offers) return undefined;
        const goesOff = heard.times > offers.times && { duty: 'off', away: { reason: MISSED_OFFERS } };
        return { set: { offers: heard, ...goesOff } };
      });
      return offersOf(after).untold;
    },

    async offDutyTold(agentId, { n }) {
      await changeSwitch(agentId, (_, { untold, ...told }) =>
        untold?.n === n ? { set: { offers: told } } : undefined,
      );
    },

    async setDuty(agentId, duty, at) {
      const after = await changeSwitch(agentId, (item, offers) => {
        if (item.capacity === undefined) return undefined;
        const set = { duty, offers: { ...offers, since: at, missed: [] } };
        // Whoever puts him on duty knows that he is there.
        return duty === 'on' && item.leftAt !== undefined
          ? { set: { ...set, backAt: at }, remove: ['away', 'leftAt', 'leftBecause'] }
          : { set, remove: ['away'] };
      });
      return after.capacity === undefined ? undefined : teamsToWake(after);
    },

    async replaceDuty(agentId, seen, duty, at) {
      let overtaken = false;
      const after = await changeSwitch(agentId, (item, offers) => {
        overtaken = item.capacity !== undefined && item.duty !== seen;
        if (item.capacity === undefined || overtaken) return undefined;
        return { set: { duty, offers: { ...offers, since: at, missed: [] } }, remove: ['away'] };
      });
      if (overtaken) return 'overtaken';
      return after.capacity === undefined ? undefined : teamsToWake(after);
    },

    async saveAgent(agent) {
      const { agentId, capacity, duty, teams } = agent;
      await table.put(listKey(agentKey(agentId).id));
      const terms = Object.fromEntries(
        TERMS.flatMap((name) => (agent[name] === undefined ? [] : [[name, agent[name]]])),
      );
      const set = { capacity, teams: [...teams], dutyInFile: duty, ...terms };
      const remove = TERMS.filter((name) => agent[name] === undefined);
      const asBefore = { condition: equals('dutyInFile', duty) };
      if (await table.update(agentKey(agentId), { set, remove }, asBefore)) return;
      await changeSwitch(agentId, (_, offers) => ({
        set: { ...set, duty, offers: { ...offers, missed: [] } },
        remove: [...remove, 'away'],
      }));
    },

    async removeAgent(agentId) {
      const set = { duty: 'off', dutyInFile: 'off', teams: [] };
      await table.update(agentKey(agentId), { set, remove: ['helps', 'away'] }, { condition: present('capacity') });
      await table.delete(listKey(agentKey(agentId).id));
    },
  };
}

export function readAgent(item: Item): Agent {
  const presence: Record<string, Presence> = {};
  for (const [name, value] of Object.entries(item)) {
    if (!name.startsWith(PRESENCE) || name.endsWith(':at')) continue;
    presence[name.slice(PRESENCE.length)] = {
      status: value as Presence['status'],
      at: Number(item[`${name}:at`] ?? 0),
    };
  }
  // Written by this store alone, and parsed at the configuration's border.
  const { skills, languages, weight, shifts, helps, away, dutyInFile } = item as Partial<Agent>;
  return {
    agentId: String(item.id).slice('agent#'.length),
    capacity: Number(item.capacity),
    duty: item.duty === 'on' ? 'on' : 'off',
    teams: teamsOf(item),
    serving: placesOf(item),
    presence,
    ...(item.lastWorkAt !== undefined && { lastWorkAt: Number(item.lastWorkAt) }),
    ...(skills && { skills }),
    ...(languages && { languages }),
    ...(weight !== undefined && { weight }),
    ...(shifts && { shifts }),
    ...(helps && { helps }),
    ...(away && { away }),
    ...(dutyInFile && { dutyInFile }),
    ...(item.leftAt !== undefined && { left: { at: Number(item.leftAt), reason: item.leftBecause as LeftBecause } }),
  };
}

const offersOf = (item: Item): Offers => (item.offers as Offers | undefined) ?? NO_OFFERS;
const placesOf = (item: Item): ReadonlySet<string> => (item.serving as Set<string> | undefined) ?? new Set();
const teamsOf = (item: Item | undefined): readonly string[] => (item?.teams as string[] | undefined) ?? [];
const teamsToWake = (item: Item | undefined): readonly string[] => [
  ...new Set([...teamsOf(item), ...((item?.helps as string[] | undefined) ?? [])]),
];
