import type { Clock } from '../platform/clock.ts';
import { InfrastructureError } from '../platform/infrastructure.ts';
import { log } from '../platform/log.ts';
import { count } from '../platform/metrics.ts';
import type { ContactNews } from '../platform/wakes.ts';
import type { ContactApi } from '../wecom/contact-api.ts';
import { type ContactEvent, eventId, parseContactEvent } from '../wecom/contact-events.ts';
import { ContactFieldError } from '../wecom/contact-limits.ts';
import { saysNoRelation } from '../wecom/contact-refusals.ts';
import { isOutage, WeComError } from '../wecom/errors.ts';
import { parseState } from '../wecom/way-state.ts';
import type { WelcomeVerdict } from '../wecom/welcome-outcome.ts';
import { episodesOf, type RelationEvent } from './adds.ts';
import type { HouseSettings } from './contact-way-store.ts';
import { type CustomerEffect, type CustomerRecord, foldCustomer, withCustomerFact } from './customer-record.ts';
import type { RelationStore } from './relation-store.ts';
import { type ContactWay, type WayWelcomes, welcomeAt } from './way.ts';
import type { WayEntry } from './way-entries.ts';
import { type WelcomeApi, welcomeCustomer } from './welcome-customer.ts';

/** What greeting asks of WeCom. */
export type CustomerApi = WelcomeApi & Pick<ContactApi, 'markTags' | 'remark'>;

export interface GreetContact {
  readonly store: RelationStore;
  readonly clock: Clock;
  readonly stage: string;
  readonly zone: string;
  wayOf(wayId: string): Promise<ContactWay | undefined>;
  settings(): Promise<HouseSettings>;
  contactFor(app: string): CustomerApi;
  pause(milliseconds: number): Promise<void>;
  /** Puts entries into a way's inbox, then wakes it. */
  tellWay(wayId: string, entries: readonly WayEntry[]): Promise<void>;
  publish(customerId: string, events: readonly Extract<CustomerEffect, { kind: 'publish' }>[]): Promise<void>;
}

type Added = Extract<ContactEvent, { type: 'added' }>;
type Consented = Extract<ContactEvent, { type: 'consented' }>;

/**
 * What a customer-contact event is to us: the welcome first, which has 20 seconds; then the add is counted, once, however often and in
 * whatever order its events come; then its way is told, the customer labelled, and others informed. Every step may be repeated.
 */
export function greetContact(room: GreetContact) {
  const { store } = room;

  return async function greet(news: ContactNews): Promise<void> {
    const event = parseContactEvent(news);
    const contact = room.contactFor(news.app);
    switch (event.type) {
      case 'added': {
        const attribution = parseState(room.stage, event.state);
        const wayId = 'wayId' in attribution ? attribution.wayId : undefined;
        const greeting = await welcome(contact, event, wayId);
        return takeIn(news, contact, { ...event, ...(wayId !== undefined && { wayId }) }, greeting, wayId);
      }
      case 'consented': {
        const { relations } = await store.read(event.customerId);
        const open = episodesOf(relations).findLast(
          (one) => one.agentId === event.agentId && one.endedAt === undefined,
        );
        const greeting = await welcome(contact, event, open?.wayId);
        return takeIn(news, contact, event, greeting, open?.wayId);
      }
      case 'deleted-by-agent':
      case 'deleted-by-customer':
        return takeIn(news, contact, event, undefined, undefined);
      default:
        count('ContactEventsUnused', { kind: event.type });
    }
  };

  /** Undefined when there was no code and so nothing to try. */
  async function welcome(
    contact: CustomerApi,
    { agentId, customerId, welcomeCode, at }: Added | Consented,
    wayId: string | undefined,
  ): Promise<WelcomeVerdict | undefined> {
    if (welcomeCode === undefined) return undefined;
    const [way, { calendar, welcome: standard }] = await Promise.all([
      wayId === undefined ? undefined : room.wayOf(wayId),
      room.settings(),
    ]);
    const choose = (welcomes: WayWelcomes) => welcomeAt({ welcome: welcomes }, calendar, room.zone, at);
    const found = (way && choose(way.welcome)) ?? choose(standard);
    if (!found) return { outcome: 'refused', cause: 'no-welcome' };
    const task = { customerId, agentId, welcomeCode, at, welcome: found };
    return welcomeCustomer(room, contact, task);
  }

  async function takeIn(
    news: ContactNews,
    contact: CustomerApi,
    event: RelationEvent | Consented,
    verdict: WelcomeVerdict | undefined,
    wayId: string | undefined,
  ): Promise<void> {
    const { customerId, agentId, at } = event;
    const id = eventId(news);
    const before = await store.read(customerId);
    let { record, opened } = event.type === 'consented' ? heard(before, id) : foldCustomer(before, event, room.zone);
    if (record !== before) {
      // Whoever comes without a code is greeted by somebody else, or by nobody.
      const outcome: WelcomeVerdict | undefined =
        verdict ?? (opened ? { outcome: 'refused', cause: 'no-code' } : undefined);
      if (outcome) {
        const type = outcome.outcome === 'sent' ? 'welcome.sent.v1' : 'welcome.missed.v1';
        const data = { customerId, agentId, ...(wayId !== undefined && { wayId }), ...reasonOf(outcome) };
        record = withCustomerFact(record, { id: `welcome#${id}`, type, at, data });
      }
      record = await save(record);
    }
    record = await tell(record);
    await label(contact, record, agentId);
  }

  async function save(record: CustomerRecord): Promise<CustomerRecord> {
    const saved = await store.save(record);
    if (!saved) throw new CustomerSavedByAnother();
    return saved;
  }

  /** Ways first: the next scan is for the next member. */
  async function tell(record: CustomerRecord): Promise<CustomerRecord> {
    const { customerId, pending } = record;
    if (pending.length === 0) return record;
    const counts = pending.filter((effect) => effect.kind === 'count');
    for (const [wayId, some] of Map.groupBy(counts, (one) => one.wayId)) {
      await room.tellWay(
        wayId,
        some.map(({ entry }) => entry),
      );
    }
    const events = pending.filter((effect) => effect.kind === 'publish');
    if (events.length > 0) await room.publish(customerId, events);
    return save({ ...record, pending: [] });
  }

  /**
   * The tags and the remark of the way, for who has just come. After a half add WeCom knows no relation (84061), so they stay to be
   * given until the full one comes.
   */
  async function label(contact: CustomerApi, record: CustomerRecord, agentId: string): Promise<void> {
    const wanted = Object.hasOwn(record.toLabel, agentId) ? record.toLabel[agentId] : undefined;
    if (!wanted) return;
    const way = await room.wayOf(wanted.wayId);
    const relation = { agentId, customerId: record.customerId };
    try {
      if (way && way.tags.length > 0) await contact.markTags(relation, { add: way.tags });
      if (way?.remark !== undefined) await contact.remark(relation, { remark: way.remark });
    } catch (error) {
      const later = saysNoRelation(error) || isOutage(error);
      count('ContactsNotLabelled', { later: String(later) });
      log.info('contact not labelled', {
        wayId: wanted.wayId,
        agentId,
        ...(error instanceof WeComError && { errcode: error.errcode }),
      });
      // The next event of this customer comes back to it.
      if (later) return;
      if (!(error instanceof WeComError || error instanceof ContactFieldError)) throw error;
    }
    const { [agentId]: _, ...toLabel } = record.toLabel;
    await save({ ...record, toLabel });
  }
}

/** How many events are remembered that leave no other trace. */
const HEARD = 20;

function heard(record: CustomerRecord, id: string): { record: CustomerRecord; opened: boolean } {
  if (record.heard.includes(id)) return { record, opened: false };
  return { record: { ...record, heard: [...record.heard, id].slice(-HEARD) }, opened: false };
}

function reasonOf({ outcome, cause, errcode }: WelcomeVerdict): object {
  if (outcome === 'sent') return {};
  return { outcome, cause: cause ?? 'other', ...(errcode !== undefined && { errcode }) };
}

/** The queue's visibility ended while its first reader still ran. */
class CustomerSavedByAnother extends InfrastructureError {
  constructor() {
    super('A customer was saved by another process in the meantime.');
  }
}
