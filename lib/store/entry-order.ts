import type { Instant } from '../platform/clock.ts';

/**
 * Where an entry stands in its inbox, as a text that sorts by its bytes. Pulled entries stand by the version of the pull's
 * cursor and the index in the page: that is WeCom's own order, it needs no clock, and whoever pulls the same page again
 * gives every item the same place. `send_time` is no part of it: it counts seconds (WeCom: kf/sync_msg).
 */

/**
 * An entry that came with a pull.
 *
 * @param cursorVersion the version of the cursor that the page was pulled with
 * @param index the place in the page
 * @throws RangeError for a number that is negative, fractional or too long for its place
 */
export function pullOrder(cursorVersion: number, index: number): string {
  return `p${digits(cursorVersion, 12)}-${digits(index, 6)}`;
}

/** An entry that came by itself: by its arrival, behind what was pulled. Throws RangeError as `pullOrder` does. */
export function timeOrder(arrivedAt: Instant): string {
  return `t${digits(arrivedAt, 15)}`;
}

/** What the owner has to read before everything else: it changes what the rest means. Throws RangeError as `pullOrder` does. */
export function firstOrder(arrivedAt: Instant): string {
  return `a${digits(arrivedAt, 15)}`;
}

function digits(number: number, places: number): string {
  const text = String(number);
  if (!Number.isSafeInteger(number) || number < 0 || text.length > places)
    throw new RangeError(`${text} has no place in an order of ${places} digits`);
  return text.padStart(places, '0');
}
