import { type Clock, DAY, HOUR, type Instant, MINUTE } from '../platform/clock.ts';
import { log } from '../platform/log.ts';
import { count } from '../platform/metrics.ts';
import type { ContactApi } from '../wecom/contact-api.ts';
import { ContactFieldError } from '../wecom/contact-limits.ts';
import { saysNoRelation } from '../wecom/contact-refusals.ts';
import { isOutage, WeComError } from '../wecom/errors.ts';
import type { CustomerDesk } from './customer-desk.ts';
import { type CustomerRecord, type ToLabel, withCustomerFact } from './customer-record.ts';
import type { ContactWay } from './way.ts';
import type { WayEntry } from './way-entries.ts';

/** After so long it is tried again; after the last of them by the nightly comparison, or with the customer's next event. */
const PAUSES = [10 * MINUTE, HOUR, 6 * HOUR];

export interface LabelRoom {
  readonly clock: Clock;
  wayOf(wayId: string): Promise<ContactWay | undefined>;
  /** Whether the way is only observed. */
  observes(wayId: string | undefined): Promise<boolean>;
  contactFor(app: string): Pick<ContactApi, 'markTags' | 'remark'>;
  tellWay(wayId: string, entries: readonly WayEntry[]): Promise<void>;
}

/**
 * Gives the tags and the remark of the way to those of a customer's relations that still wait for them (`toLabel`). After a half add
 * WeCom knows no relation (84061), so they are tried again: with the full one, and by a timer. WeCom: externalcontact/mark_tag, remark.
 */
export function labelCustomer(room: LabelRoom, desk: CustomerDesk) {
  /** `changed`: the agent whose relation has just changed, so that his pause is over. */
  return async function label(app: string, before: CustomerRecord, changed?: string): Promise<void> {
    let record = before;
    for (const [agentId, wanted] of Object.entries(before.toLabel)) {
      const rests = wanted.retryAt !== undefined && wanted.retryAt > room.clock();
      if (agentId !== changed && rests) continue;
      const outcome = await give(app, record.customerId, agentId, wanted);
      record = await desk.tell(
        await desk.save(outcome === 'later' ? putOff(app, record, agentId) : labelled(record, agentId, outcome)),
      );
    }
  };

  async function give(app: string, customerId: string, agentId: string, { wayId }: ToLabel): Promise<Given> {
    const way = await room.wayOf(wayId);
    const relation = { agentId, customerId };
    const contact = room.contactFor(app);
    const { tags = [], remark } = way ?? {};
    const labels = [
      ...(tags.length > 0 ? [{ what: 'tags' as const, give: () => contact.markTags(relation, { add: tags }) }] : []),
      ...(remark !== undefined ? [{ what: 'remark' as const, give: () => contact.remark(relation, { remark }) }] : []),
    ];
    if (labels.length > 0 && (await room.observes(wayId))) {
      log.info('labels observed', { wayId, agentId, count: labels.length });
      return { observed: { wayId, at: room.clock() } };
    }
    // What is wrong with the one says nothing about the other.
    for (const label of labels) {
      const { what } = label;
      try {
        await label.give();
      } catch (error) {
        const later = saysNoRelation(error) || isOutage(error);
        if (!later && !(error instanceof WeComError || error instanceof ContactFieldError)) throw error;
        count('ContactsNotLabelled', { later: String(later), what });
        log.info('contact not labelled', {
          wayId,
          agentId,
          kind: what,
          ...(error instanceof WeComError && { errcode: error.errcode }),
        });
        if (later) return 'later';
        await refused(wayId, what, error);
      }
    }
    return 'done';
  }

  /** WeCom will refuse it for the next customers, too: somebody has to correct the way. Told once a day. */
  async function refused(wayId: string, what: 'tags' | 'remark', error: unknown): Promise<void> {
    const at = room.clock();
    const reason = `${what}-refused`;
    const errcode = error instanceof WeComError ? error.errcode : 0;
    const id = `${what}-${errcode}-${Math.floor(at / DAY)}`;
    await room.tellWay(wayId, [{ kind: 'label-refused', id, reason, at }]);
  }

  function putOff(app: string, record: CustomerRecord, agentId: string): CustomerRecord {
    const { retryAt: _, tries = 0, ...wanted } = record.toLabel[agentId] ?? { wayId: '' };
    const pause = PAUSES[tries];
    const again = { ...wanted, tries: tries + 1 };
    if (pause === undefined) return { ...record, toLabel: { ...record.toLabel, [agentId]: again } };
    const dueAt = room.clock() + pause;
    return {
      ...record,
      toLabel: { ...record.toLabel, [agentId]: { ...again, retryAt: dueAt } },
      pending: [...record.pending, { kind: 'arm-timer', dueAt, app }],
    };
  }
}

/** `observed`: nothing was given, and nothing will be. */
type Given = 'done' | 'later' | { readonly observed: { readonly wayId: string; readonly at: Instant } };

function labelled(record: CustomerRecord, agentId: string, given: Exclude<Given, 'later'>): CustomerRecord {
  const { [agentId]: _, ...toLabel } = record.toLabel;
  const done = { ...record, toLabel };
  if (given === 'done') return done;
  const { wayId, at } = given.observed;
  const data = { customerId: record.customerId, agentId, wayId, what: 'labels' };
  return withCustomerFact(done, { id: `labels#${agentId}#${at}`, type: 'contact.observed.v1', at, data });
}
