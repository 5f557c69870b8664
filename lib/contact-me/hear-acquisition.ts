import { count } from '../platform/metrics.ts';
import type { AcquisitionEvent } from '../wecom/contact-events.ts';
import type { CustomerDesk } from './customer-desk.ts';
import { CORP } from './customer-record.ts';
import type { ContactWay } from './way.ts';
import type { WayEntry } from './way-entries.ts';

export interface HearAcquisition {
  ways(): Promise<readonly ContactWay[]>;
  tellWay(wayId: string, entries: readonly WayEntry[]): Promise<void>;
}

/**
 * What WeCom tells of customer-acquisition links: of the corp's balance others are informed, a lost link is for the ways that work with
 * links, and the rest is counted. `id`: the event's, the same for every repeat.
 */
export function hearAcquisition(room: HearAcquisition, desk: CustomerDesk) {
  return async function hear(event: AcquisitionEvent, id: string): Promise<void> {
    const { kind, at, linkId } = event;
    count('AcquisitionEvents', { kind });
    switch (kind) {
      case 'balance-low':
      case 'balance-exhausted':
      case 'balance-increased':
      case 'quota-expires':
        return desk.tellOnce(CORP, id, { type: 'acquisition.balance.v1', at, data: balanceOf(event) });
      case 'link-unavailable':
      case 'link-deleted':
        return linkId === undefined ? undefined : linkGone({ kind: 'link-gone', id, linkId, at });
    }
  };

  /** WeCom does not know the way that a link serves; the ways do, each for itself. */
  async function linkGone(entry: WayEntry): Promise<void> {
    const withLinks = (await room.ways()).filter(
      ({ mode, memberContact }) => mode === 'link' && memberContact === 'acquisition-link',
    );
    for (const { wayId } of withLinks) await room.tellWay(wayId, [entry]);
  }
}

function balanceOf({ kind, expiresAt, expiring }: AcquisitionEvent): object {
  return {
    kind,
    ...(expiresAt !== undefined && { expiresAt: new Date(expiresAt).toISOString() }),
    ...(expiring !== undefined && { expiring }),
  };
}
