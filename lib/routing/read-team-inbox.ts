import { type Clock, MINUTE } from '../platform/clock.ts';
import { isInfrastructureError } from '../platform/infrastructure.ts';
import { count } from '../platform/metrics.ts';
import type { StoredEntry } from '../store/inbox.ts';
import type { WaitingRequest } from './agent.ts';
import type { OffDuty } from './missed-offers.ts';
import type { RoutingStore } from './routing-store.ts';
import { type SeeToLeavers, seeToLeavers } from './see-to-leavers.ts';
import { TeamEntry } from './team-entries.ts';

/** How long an agent whom WeCom refused, or who let an offer expire, is passed over for that conversation. */
const EXCLUDED_FOR = 10 * MINUTE;
/** How many entries of the inbox are taken in at once. */
const PAGE = 200;
/** From this many receives on, entries are tried one by one, so that a poisonous one is found (rule 4). */
const ONE_BY_ONE_FROM = 3;
const TRIES = 3;

export interface ReadTeamInbox {
  readonly store: RoutingStore;
  readonly clock: Clock;
  /** Lets other systems know; a repeat is the same event. */
  tellOffDuty(agentId: string, offDuty: OffDuty): Promise<void>;
  /** Lets operators see what was set aside, and why. */
  setAside(record: { teamId: string; entry: string; reason: string }): Promise<void>;
  readonly leaving: Omit<SeeToLeavers, 'store'>;
}

/** Takes in what lies in a team's inbox. `offDutyAfter` is how many offers in a row an agent of the team may let expire. */
export function readTeamInbox({ store, clock, tellOffDuty, setAside, leaving }: ReadTeamInbox) {
  const leavers = seeToLeavers({ store, ...leaving });

  return async function read(teamId: string, receives: number, offDutyAfter: number): Promise<void> {
    const owner = `team#${teamId}`;
    const oneByOne = receives >= ONE_BY_ONE_FROM;
    for (;;) {
      const { entries, more } = await store.inbox.unread(owner, oneByOne ? 1 : PAGE);
      for (const stored of entries.toSorted(asSaid)) {
        if (oneByOne && (await store.inbox.tried(owner, stored.entry)) > TRIES) {
          await setAside({ teamId, entry: stored.entry, reason: 'failed repeatedly' });
          await store.inbox.setAside(owner, stored.entry, 'failed repeatedly', clock());
          count('EntrySetAside', { queue: 'assignments' }, 1, [['queue'], []]);
          continue;
        }
        try {
          await takeIn(teamId, TeamEntry.parse(stored.body), offDutyAfter);
          await store.inbox.settle(owner, [stored.entry], clock());
        } catch (error) {
          // Our own infrastructure says nothing about the entry that happened to be tried.
          if (oneByOne && isInfrastructureError(error)) await store.inbox.untried(owner, [stored.entry]);
          throw error;
        }
      }
      if (!more) return;
    }
  };

  async function takeIn(teamId: string, entry: TeamEntry, offDutyAfter: number): Promise<void> {
    switch (entry.kind) {
      case 'request':
        // A request that was served before and is put again by a repeated effect has its choice on record already.
        if (await store.lastChoice(entry.r)) return;
        return store.putInLine(teamId, requestOf(entry, clock() + EXCLUDED_FOR));
      case 'line-asked':
        return store.sayPlaceAgain(teamId, entry, entry.n);
      case 'cancel':
        return cancel(teamId, entry.r);
      case 'refused': {
        const waiting = (await store.findInLine(teamId, entry.r)) ?? requestOf(entry, entry.at);
        await store.noteChoice(entry, 'refused');
        // A pass or a missed card is the agent's own; a code is WeCom's.
        const byWeComAt = entry.errcode === undefined ? undefined : entry.at;
        await store.exclude(teamId, waiting, { ...entry, byWeComAt }, entry.at + EXCLUDED_FOR);
        return leavers.hearRefusal(entry);
      }
      case 'offer-missed': {
        const { agentId, r, at } = entry;
        return noteOffer(agentId, await store.noteOffer(agentId, { kind: 'missed', teamId, r, at }, offDutyAfter));
      }
      case 'offer-answered': {
        const { agentId, at } = entry;
        return noteOffer(agentId, await store.noteOffer(agentId, { kind: 'answered', at }, offDutyAfter));
      }
      case 'agent-left':
        return leavers.takeIn(entry);
    }
  }

  async function cancel(teamId: string, r: string): Promise<void> {
    // Half chosen already: the place may be claimed, so the choice is carried through, and the conversation gives it back.
    if ((await store.lastChoice(r))?.status === 'chosen') return;
    const waiting = await store.findInLine(teamId, r);
    if (waiting) await store.removeFromLine(teamId, waiting);
  }

  /** The entry is settled when this was told, so that a crash anywhere before brings it back. */
  async function noteOffer(agentId: string, untold: OffDuty | undefined): Promise<void> {
    if (!untold) return;
    await tellOffDuty(agentId, untold);
    await store.offDutyTold(agentId, untold);
  }
}

/** A request as it goes into the line. */
function requestOf(entry: TeamEntry & { kind: 'request' | 'refused' }, until: number): WaitingRequest {
  const { r, conversationId, openKfId, askedAt } = entry;
  const asked = { r, conversationId, openKfId, askedAt, excluded: {} };
  if (entry.kind === 'refused') return asked;
  const { prefer, owner, skills, language, priority, exclude = [], seenLanguage, only } = entry;
  return {
    ...asked,
    excluded: Object.fromEntries(exclude.map((agentId) => [agentId, until])),
    ...(prefer !== undefined && { prefer }),
    ...(owner !== undefined && { owner }),
    ...(skills && { skills }),
    ...(language !== undefined && { language }),
    ...(priority !== undefined && { priority }),
    ...(seenLanguage !== undefined && { seenLanguage }),
    ...(only && { only }),
  };
}

/** Of what came in the same millisecond, a request comes before whatever is said of it, and that it is taken back comes last. */
function asSaid(a: StoredEntry, b: StoredEntry): number {
  return a.order === b.order ? turnOf(a) - turnOf(b) : 0;
}

const turnOf = ({ body }: StoredEntry): number => (body.kind === 'request' ? 0 : body.kind === 'cancel' ? 2 : 1);
