import { type Clock, SECOND } from '../platform/clock.ts';
import { log } from '../platform/log.ts';
import { count } from '../platform/metrics.ts';
import type { ContactNews, LabelWake, ReconcileWake } from '../platform/wakes.ts';
import type { ContactApi, FoundRelation } from '../wecom/contact-api.ts';
import { memberFault } from '../wecom/contact-refusals.ts';
import { knowsAdd, worthALook } from './compare-night.ts';
import type { RelationStore } from './relation-store.ts';

export type AddsStep = Extract<ReconcileWake, { step: 'adds' }>;

/** WeCom's pages that one message reads at most, and how long it goes on reading. */
const PAGES = 20;
const READS_FOR = 8 * SECOND;

export interface FindAdds {
  readonly clock: Clock;
  readonly stage: string;
  readonly store: Pick<RelationStore, 'readMany'>;
  contactFor(app: string): Pick<ContactApi, 'relationsOf'>;
  /** Into the customer's own group, where it is compared again with all that came in the meantime. */
  sendNews(news: ContactNews, customerId: string): Promise<void>;
  send(wake: LabelWake | ReconcileWake): Promise<void>;
}

/**
 * Reads the customers of some members, and passes on whose add we never heard of, as if WeCom had told it now. Where tags or a remark are
 * still to be given, the customer is woken. WeCom: externalcontact/batch/get_by_user, which does not know half relations.
 */
export function findAdds(room: FindAdds) {
  return async function find(step: AddsStep): Promise<void> {
    const contact = room.contactFor(step.app);
    const until = room.clock() + READS_FOR;
    let { cursor } = step;
    for (let pages = 0; pages < PAGES && room.clock() < until; pages += 1) {
      const page = await readPage(contact, step, cursor);
      if (!page) return;
      await compare(step, page.relations);
      cursor = page.next;
      if (cursor === undefined) return;
    }
    await room.send({ ...step, cursor, tries: 0 });
  };

  /** One member whom WeCom refuses refuses them all, so they are asked for by halves; undefined: others do it now. */
  async function readPage(contact: ReturnType<FindAdds['contactFor']>, step: AddsStep, cursor: string | undefined) {
    try {
      return await contact.relationsOf(step.agentIds, cursor);
    } catch (error) {
      if (!memberFault(error)) throw error;
      const { cursor: _, agentIds, ...rest } = step;
      log.info('members not readable', { app: step.app, count: agentIds.length });
      if (agentIds.length === 1) return undefined;
      const middle = Math.ceil(agentIds.length / 2);
      await room.send({ ...rest, agentIds: agentIds.slice(0, middle) });
      await room.send({ ...rest, agentIds: agentIds.slice(middle) });
      return undefined;
    }
  }

  async function compare({ app, since }: AddsStep, relations: readonly FoundRelation[]): Promise<void> {
    const found = worthALook(relations, { stage: room.stage, since, now: room.clock() });
    if (found.length === 0) return;
    const records = await room.store.readMany(found.map(({ customerId }) => customerId));
    const byCustomer = new Map(records.map((record) => [record.customerId, record]));
    for (const relation of found) {
      if (knowsAdd(byCustomer.get(relation.customerId)?.relations, relation)) continue;
      count('AddsFound');
      log.warn('add found that was never told', { agentId: relation.agentId, customerId: relation.customerId });
      await room.sendNews(newsOf(app, relation, room.clock()), relation.customerId);
    }
    for (const { customerId, toLabel } of records) {
      if (Object.keys(toLabel).length > 0) await room.send({ v: 1, kind: 'label', app, customerId });
    }
  }
}

/** What WeCom would have told, but for the welcome code. */
function newsOf(app: string, { agentId, customerId, addedAt, state = '' }: FoundRelation, now: number): ContactNews {
  return {
    v: 1,
    app,
    event: 'change_external_contact',
    changeType: 'add_external_contact',
    createdAt: addedAt,
    receivedAt: now,
    ids: { UserID: agentId, ExternalUserID: customerId, State: state },
    source: 'reconcile',
  };
}
