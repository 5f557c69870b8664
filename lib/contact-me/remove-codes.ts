import type { Clock } from '../platform/clock.ts';
import { log } from '../platform/log.ts';
import type { ContactApi } from '../wecom/contact-api.ts';
import { isOutage, parkedUntil, WeComError } from '../wecom/errors.ts';
import { parkedBecause } from './push-list.ts';
import type { WayRecord } from './way-record.ts';

/**
 * Removes what WeCom has of a way whose configuration is gone: its own codes and links, which stop working for good. Deleting what is deleted
 * does no harm, so nothing is kept of a call before it is made. WeCom: externalcontact/del_contact_way.
 */
export async function removeCodes(
  calls: {
    readonly contact: Pick<ContactApi, 'deleteWay' | 'deleteLink'>;
    readonly clock: Clock;
    readonly random: () => number;
  },
  record: WayRecord,
): Promise<WayRecord> {
  const { code, given, members = {}, trouble, parkedTimes = 0, parkedUntil: _, ...rest } = record;
  try {
    for (const member of Object.values(members)) {
      if (member.link) await calls.contact.deleteLink(member.link.linkId).catch(unlessRefused);
      if (member.code) await calls.contact.deleteWay(member.code.configId);
    }
    if (code) await calls.contact.deleteWay(code.configId);
    log.info('codes removed', { wayId: record.wayId });
    // The numbers stay, so that no other member ever has a number of theirs.
    const numbers = Object.entries(members).map(([agentId, { number }]) => [agentId, { number }] as const);
    return { ...rest, members: Object.fromEntries(numbers) };
  } catch (error) {
    if (!isOutage(error) && !(error instanceof WeComError)) throw error;
    log.warn('codes not removed yet', { wayId: record.wayId });
    const until = parkedUntil(error, calls.clock(), parkedTimes, calls.random());
    return { ...record, parkedUntil: until, parkedBecause: parkedBecause(error), parkedTimes: parkedTimes + 1 };
  }
}

/** A link that WeCom does not know any more is gone. */
function unlessRefused(error: unknown): void {
  if (isOutage(error) || !(error instanceof WeComError)) throw error;
}
