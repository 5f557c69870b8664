import type { Clock } from '../platform/clock.ts';
import { log } from '../platform/log.ts';
import { count } from '../platform/metrics.ts';
import { GateClosed, isOutage, parkedUntil, WeComError } from '../wecom/errors.ts';
import { type CodeApi, parkedBecause } from './push-list.ts';
import { hashOf } from './wanted-codes.ts';
import { type WayRecord, withFact } from './way-record.ts';

/**
 * Compares WeCom's list with what it was given: a call whose answer was lost may be carried out after the next one. Where they differ, what
 * was given is forgotten, so that the list is given again. WeCom: externalcontact/get_contact_way.
 */
export async function readAgain(
  calls: { readonly contact: Pick<CodeApi, 'readWay'>; readonly clock: Clock; readonly random: () => number },
  record: WayRecord,
): Promise<WayRecord> {
  const { lookAt: _, given, ...looked } = record;
  const { wayId, code, parkedTimes = 0 } = record;
  if (!code || !given) return looked;
  try {
    const there = await calls.contact.readWay(code.configId);
    if (!there) return gone(record, calls.clock());
    if (there.departments.length === 0 && hashOf(there) === given.hash) return { ...looked, given };
    count('ContactWaysDrifted');
    log.warn('WeCom has another list than it was given', { wayId });
    return looked;
  } catch (error) {
    if (isOutage(error)) {
      const until = parkedUntil(error, calls.clock(), parkedTimes, calls.random());
      return {
        ...record,
        parkedUntil: until,
        parkedBecause: parkedBecause(error),
        parkedTimes: parkedTimes + (error instanceof GateClosed ? 0 : 1),
      };
    }
    if (!(error instanceof WeComError)) throw error;
    log.warn('code not readable', { wayId, errcode: error.errcode });
    return { ...looked, given };
  }
}

/** No other code is printed in its stead. */
function gone(record: WayRecord, now: number): WayRecord {
  const { lookAt: _, ...looked } = record;
  const trouble = { reason: 'code-gone', hash: record.given?.hash ?? '' };
  if (record.trouble?.reason === trouble.reason) return looked;
  return withFact({ ...looked, trouble }, 'way.alarmed.v1', now, { wayId: record.wayId, reason: trouble.reason });
}
