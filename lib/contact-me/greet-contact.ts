import type { Clock } from '../platform/clock.ts';
import { log } from '../platform/log.ts';
import { count } from '../platform/metrics.ts';
import type { ContactNews, ForgetWake, LabelWake } from '../platform/wakes.ts';
import { type ContactEvent, eventId, parseContactEvent } from '../wecom/contact-events.ts';
import { parseState } from '../wecom/way-state.ts';
import type { WelcomeVerdict } from '../wecom/welcome-outcome.ts';
import { episodesOf, type RelationEvent } from './adds.ts';
import type { HouseSettings } from './contact-way-store.ts';
import { type CustomerDeskRoom, customerDesk } from './customer-desk.ts';
import { foldCustomer, heard, withCustomerFact } from './customer-record.ts';
import { forgotten, isForgotten } from './forgotten-customer.ts';
import { hearAcquisition } from './hear-acquisition.ts';
import { type HearMember, hearMember } from './hear-member.ts';
import { type LabelRoom, labelCustomer } from './label-customer.ts';
import type { RelationStore } from './relation-store.ts';
import { type WayWelcomes, welcomeAt } from './way.ts';
import { observeWelcome, type WelcomeApi, type Welcomed, welcomeCustomer } from './welcome-customer.ts';

/** What greeting asks of WeCom. */
export type CustomerApi = WelcomeApi & ReturnType<LabelRoom['contactFor']> & ReturnType<HearMember['contactFor']>;

export interface GreetContact extends CustomerDeskRoom, Omit<LabelRoom, 'contactFor'>, Omit<HearMember, 'contactFor'> {
  readonly store: RelationStore;
  readonly clock: Clock;
  readonly stage: string;
  readonly zone: string;
  settings(): Promise<HouseSettings>;
  contactFor(app: string): CustomerApi;
  pause(milliseconds: number): Promise<void>;
}

type Added = Extract<ContactEvent, { type: 'added' }>;
type Consented = Extract<ContactEvent, { type: 'consented' }>;

/** Whose code or link it was, as far as it is ours. */
interface Origin {
  readonly wayId?: string;
  /** Of a `link` way that leads to acquisition links. */
  readonly turn?: number;
}

/**
 * What a customer-contact event is to us: the welcome first, which has 20 seconds; then the add is counted, once, however often and in
 * whatever order its events come; then its way is told, the customer labelled, and others informed. Every step may be repeated.
 */
export function greetContact(room: GreetContact) {
  const { store } = room;
  const desk = customerDesk(room);
  const label = labelCustomer(room, desk);
  const acquisition = hearAcquisition(room, desk);
  const member = hearMember(room);

  return {
    greet,

    /** What a timer or the nightly comparison asks for. */
    async label({ app, customerId }: LabelWake): Promise<void> {
      await label(app, await desk.tell(await store.read(customerId)));
    },

    /** Takes everything of before `at` out of what is kept of the customer; the tombstone refuses what still comes of it. */
    async forget({ customerId, at }: ForgetWake): Promise<void> {
      await desk.tell(await desk.save(forgotten(await store.read(customerId), at)));
    },
  };

  async function greet(news: ContactNews): Promise<void> {
    const event = parseContactEvent(news);
    // Before the welcome: nobody is greeted for what was forgotten.
    if ('customerId' in event && event.customerId !== undefined) {
      if (isForgotten(await store.read(event.customerId), event.at)) return count('ContactEventsForgotten', {});
    }
    switch (event.type) {
      case 'added': {
        const origin = originOf(event.state);
        const { wayId } = origin;
        const welcomed = await welcome(news.app, event, wayId);
        return takeIn(news, { ...event, ...(wayId !== undefined && { wayId }) }, welcomed, origin);
      }
      case 'consented': {
        const { relations } = await store.read(event.customerId);
        const open = episodesOf(relations).findLast(
          (one) => one.agentId === event.agentId && one.endedAt === undefined,
        );
        const welcomed = await welcome(news.app, event, open?.wayId);
        return takeIn(news, event, welcomed, open?.wayId === undefined ? {} : { wayId: open.wayId });
      }
      case 'deleted-by-agent':
      case 'deleted-by-customer':
        return takeIn(news, event, undefined, {});
      case 'transfer-failed': {
        const { customerId, agentId, at } = event;
        // Nobody is set aside for `customer_limit_exceed`: the member may be the one who gives.
        const data = { customerId, agentId, ...(event.reason !== undefined && { reason: wordOf(event.reason) }) };
        return desk.tellOnce(customerId, eventId(news), { type: 'contact.transfer-failed.v1', at, data });
      }
      case 'acquisition':
        return acquisition(event, eventId(news));
      case 'member-left':
      case 'member-changed':
        return member(event, eventId(news));
      default:
        count('ContactEventsUnused', { kind: event.type });
    }
  }

  function originOf(state: string | undefined): Origin {
    const attribution = parseState(room.stage, state);
    if ('unattributed' in attribution) return {};
    // Other parts tell the codes of a way's members apart.
    const [, turn] = /^t(\d{1,15})$/.exec(attribution.part ?? '') ?? [];
    return { wayId: attribution.wayId, ...(turn !== undefined && { turn: Number(turn) }) };
  }

  /** Undefined when there was no code and so nothing to try; `observed` when we only look on. */
  async function welcome(
    app: string,
    { agentId, customerId, welcomeCode, at }: Added | Consented,
    wayId: string | undefined,
  ): Promise<Welcomed | 'observed' | undefined> {
    if (welcomeCode === undefined) return undefined;
    const [way, { calendar, welcome: standard }] = await Promise.all([
      wayId === undefined ? undefined : room.wayOf(wayId),
      room.settings(),
    ]);
    const choose = (welcomes: WayWelcomes) => welcomeAt({ welcome: welcomes }, calendar, room.zone, at);
    const found = (way && choose(way.welcome)) ?? choose(standard);
    const observes = await room.observes(wayId);
    if (!found)
      return observes ? undefined : { verdict: { outcome: 'refused', cause: 'no-welcome' }, at: room.clock() };
    const task = { customerId, agentId, welcomeCode, at, welcome: found };
    if (observes) {
      log.info('welcome observed', { wayId, agentId });
      await observeWelcome(room, task);
      return 'observed';
    }
    return welcomeCustomer(room, room.contactFor(app), task);
  }

  async function takeIn(
    news: ContactNews,
    event: RelationEvent | Consented,
    welcomed: Welcomed | 'observed' | undefined,
    { wayId, turn }: Origin,
  ): Promise<void> {
    const { customerId, agentId, at } = event;
    const id = eventId(news);
    const before = await store.read(customerId);
    let { record, opened } =
      event.type === 'consented'
        ? { record: heard(before, id), opened: false }
        : foldCustomer(before, event, room.zone, turn);
    const changed = record !== before;
    if (changed) {
      const whose = { customerId, agentId, ...(wayId !== undefined && { wayId }) };
      // Where we only look on, nobody misses ours.
      const misses = opened && !(await room.observes(wayId));
      const fact = welcomed ? factOf(welcomed, at) : misses ? missed(notTried(news)) : undefined;
      if (fact)
        record = withCustomerFact(record, { ...fact, id: `welcome#${id}`, at, data: { ...whose, ...fact.data } });
      record = await desk.save(record);
    }
    record = await desk.tell(record);
    await label(news.app, record, changed ? agentId : undefined);
  }
}

/** Whoever comes without a code is greeted by somebody else, or by nobody. */
function notTried({ source }: ContactNews): WelcomeVerdict {
  return { outcome: 'refused', cause: source === 'reconcile' ? 'event-never-came' : 'no-code' };
}

function factOf(welcomed: Welcomed | 'observed', since: number): { type: string; data: object } {
  if (welcomed === 'observed') return { type: 'contact.observed.v1', data: { what: 'welcome' } };
  const { verdict, at } = welcomed;
  if (verdict.outcome !== 'sent') return missed(verdict);
  // WeCom's time is in whole seconds, and its clock is not ours.
  return { type: 'welcome.sent.v1', data: { delayMs: Math.max(0, Math.round(at - since)) } };
}

function missed({ outcome, cause, errcode }: WelcomeVerdict): { type: string; data: object } {
  const data = { outcome, cause: cause ?? 'other', ...(errcode !== undefined && { errcode }) };
  return { type: 'welcome.missed.v1', data };
}

/** WeCom's word, should it ever be more than one. */
const wordOf = (reason: string): string => (/^\w{1,64}$/.test(reason) ? reason : 'other');
