import type { Instant } from '../platform/clock.ts';
import { InfrastructureError } from '../platform/infrastructure.ts';
import { type CustomerEffect, type CustomerRecord, heard, withCustomerFact } from './customer-record.ts';
import type { RelationStore } from './relation-store.ts';
import type { WayEntry } from './way-entries.ts';

export interface CustomerDeskRoom {
  readonly store: Pick<RelationStore, 'read' | 'save' | 'forgetWelcomes'>;
  /** Puts entries into a way's inbox, then wakes it. */
  tellWay(wayId: string, entries: readonly WayEntry[]): Promise<void>;
  publish(customerId: string, events: readonly Extract<CustomerEffect, { kind: 'publish' }>[]): Promise<void>;
  /** Comes back to a customer's tags and remarks. */
  armLabelTimer(app: string, customerId: string, dueAt: Instant): Promise<void>;
}

export interface CustomerDesk {
  /** Saves on top of what was read. Throws when another process saved first: the redelivery reads again. */
  save(record: CustomerRecord): Promise<CustomerRecord>;
  /** Tells what is pending, which may be repeated, and settles it. */
  tell(record: CustomerRecord): Promise<CustomerRecord>;
  /** Publishes a fact of an event that changes nothing else, however often it comes. `id`: the event's. */
  tellOnce(
    customerId: string,
    id: string,
    fact: { readonly type: string; readonly at: Instant; readonly data: object },
  ): Promise<void>;
}

/** How the record of a customer is kept: saved first, told then, settled last. */
export function customerDesk(room: CustomerDeskRoom): CustomerDesk {
  const { store } = room;

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
    for (const effect of pending) {
      if (effect.kind === 'arm-timer') await room.armLabelTimer(effect.app, customerId, effect.dueAt);
      if (effect.kind === 'forget-welcomes') await store.forgetWelcomes(customerId);
    }
    return save({ ...record, pending: [] });
  }

  return {
    save,
    tell,

    async tellOnce(customerId, id, fact) {
      const before = await store.read(customerId);
      const known = heard(before, id);
      const record =
        known === before ? before : await save(withCustomerFact(known, { ...fact, id: `${fact.type}#${id}` }));
      await tell(record);
    },
  };
}

/** The queue's visibility ended while its first reader still ran. */
class CustomerSavedByAnother extends InfrastructureError {
  constructor() {
    super('A customer was saved by another process in the meantime.');
  }
}
