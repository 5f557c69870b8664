import { percentile } from '../../../bench/percentile.ts';
import type { DeskDay } from './run-desk-day.ts';

/** What a day says of itself. Times in milliseconds. */
export interface DeskReport {
  readonly customers: number;
  /** From the customer's message until a person had the session. */
  readonly wait: Spread;
  /** Until a person answered, of all who were answered: who had gone by then, too. */
  readonly firstResponse: Spread;
  readonly expired: number;
  readonly wentOffDuty: number;
  /** Of the customers, how many had gone before anybody answered. */
  readonly abandoned: number;
  readonly neverAnswered: number;
  /** Of the customers who were answered, how many by whom. */
  readonly byAgent: ReadonlyMap<string, number>;
  /** The most sessions that one agent had at once. */
  readonly mostAtOnce: number;
  readonly beyondCapacity: readonly string[];
}

export interface Spread {
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
}

export function deskReportOf({ plan, served, mostAtOnce, offDuty, world }: DeskDay): DeskReport {
  const since = (moment: number | undefined, arrives: number): number[] =>
    moment === undefined ? [] : [moment - arrives];
  const byAgent = new Map(plan.agents.map(({ id }) => [id, 0]));
  for (const { answeredBy } of served)
    if (answeredBy !== undefined) byAgent.set(answeredBy, (byAgent.get(answeredBy) ?? 0) + 1);
  return {
    customers: served.length,
    wait: spread(served.flatMap(({ givenAt, customer }) => since(givenAt, customer.arrives))),
    firstResponse: spread(served.flatMap(({ answeredAt, customer }) => since(answeredAt, customer.arrives))),
    expired: new Set(world.events('offer.expired.v1').map(({ id }) => id)).size,
    wentOffDuty: offDuty,
    abandoned: served.filter(({ gone }) => gone).length,
    neverAnswered: served.filter(({ answeredAt }) => answeredAt === undefined).length,
    byAgent,
    mostAtOnce: Math.max(0, ...mostAtOnce.values()),
    beyondCapacity: world.overClaimed(),
  };
}

const spread = (times: readonly number[]): Spread => ({
  p50: percentile(times, 50),
  p90: percentile(times, 90),
  p99: percentile(times, 99),
});
