import type { Instant } from '../platform/clock.ts';
import { MOST_OFF_DUTY_AFTER } from './terms.ts';

/**
 * Which offers an agent let expire since he last answered one. News may come late, out of order and repeatedly: what counts is when
 * something happened, so the count is always that of the misses after the last answer among all that was heard.
 */
export interface Offers {
  /** What he missed until then does not count: he answered then, or his duty was set. */
  readonly since: Instant;
  /** In the order of time; the last ones, should there be more than count. */
  readonly missed: readonly { readonly r: string; readonly at: Instant }[];
  /** How often he went off duty by this. */
  readonly times: number;
  /** He went off duty, and nobody was told yet. */
  readonly untold?: OffDuty;
}

/** An agent went off duty for the `n`th time by letting so many offers expire. */
export interface OffDuty {
  readonly n: number;
  readonly teamId: string;
  readonly missed: number;
  readonly at: Instant;
}

export type OfferNews =
  | { readonly kind: 'missed'; readonly teamId: string; readonly r: string; readonly at: Instant }
  | { readonly kind: 'answered'; readonly at: Instant };

export const NO_OFFERS: Offers = { since: 0, missed: [], times: 0 };

/** Takes news in. The same `offers`, where they were known before or do not count any more. */
export function hearOffer(
  offers: Offers,
  news: OfferNews,
  { onDuty, offDutyAfter }: { onDuty: boolean; offDutyAfter: number },
): Offers {
  if (news.at <= offers.since) return offers;
  if (news.kind === 'answered') {
    return { ...offers, since: news.at, missed: offers.missed.filter(({ at }) => at > news.at) };
  }
  const { r, at, teamId } = news;
  if (offers.missed.some((one) => one.r === r)) return offers;
  const missed = [...offers.missed, { r, at }].sort((a, b) => a.at - b.at).slice(-MOST_OFF_DUTY_AFTER);
  if (!onDuty || missed.length < offDutyAfter) return { ...offers, missed };
  const times = offers.times + 1;
  return { ...offers, missed, times, untold: { n: times, teamId, missed: missed.length, at } };
}
