import { beforeAll, describe, expect, test } from '@jest/globals';
import { MINUTE } from '../../../lib/platform/clock.ts';
import { replay } from '../../../lib/routing/decision-record.ts';
import { type DeskReport, deskReportOf } from '../../support/desk-day/desk-day-report.ts';
import { type DeskSize, planDeskDay } from '../../support/desk-day/plan-desk-day.ts';
import { type DeskDay, runDeskDay } from '../../support/desk-day/run-desk-day.ts';

const SMALL: DeskSize = { agents: 3, customers: 100, capacity: 3, ignored: 0.2, forgotten: 0.2 };

describe.each([1, 2])('the day of three agents and a hundred customers, drawn by %i', (seed) => {
  let day: DeskDay;
  let report: DeskReport;
  beforeAll(async () => {
    day = await runDeskDay(planDeskDay(SMALL, seed), { terms: {}, offerSeconds: 60 });
    report = deskReportOf(day);
  }, 120_000);

  test('every customer is given to a person and answered', () => {
    expect(day.served.filter(({ givenAt }) => givenAt === undefined)).toEqual([]);
    expect(report.neverAnswered).toBe(0);
    expect([...report.byAgent.values()].reduce((sum, count) => sum + count, 0)).toBe(SMALL.customers);
  });

  test('nobody has more conversations than he can take, and some have as many', () => {
    expect(report.beyondCapacity).toEqual([]);
    expect(report.mostAtOnce).toBe(SMALL.capacity);
  });

  test('offers expire, so that what is said of them is not about nothing, and none of them twice in a row to the same agent', () => {
    expect(report.expired).toBeGreaterThan(5);
    for (const { customer } of day.served) {
      const agents = day.world.wecom.servedBy(customer.id).map(({ agentId }) => agentId);
      expect(agents.filter((agentId, index) => agentId === agents[index - 1])).toEqual([]);
    }
  });

  test('in the evening every session is over, every place free and the line empty', async () => {
    const open = day.served.filter(({ customer }) => day.world.wecom.session(customer.id).state === 'person');
    expect(open).toEqual([]);
    expect(Object.values(await day.world.places()).flat()).toEqual([]);
    expect(await day.world.routing.line('support')).toEqual([]);
  });

  test('every decision replays to its choice', () => {
    expect(day.world.decisions.length).toBeGreaterThan(SMALL.customers);
    for (const record of day.world.decisions) expect(replay(record).agentId).toBe(record.agentId);
  });

  test('the day is the same again for the same seed', async () => {
    const again = await runDeskDay(planDeskDay(SMALL, seed), { terms: {}, offerSeconds: 60 });
    expect(deskReportOf(again)).toEqual(report);
  }, 120_000);
});

test('arrivals have their peak at lunch', () => {
  const { customers, opens } = planDeskDay({ ...SMALL, customers: 3000 }, 1);
  const inHour = (hour: number) =>
    customers.filter(({ arrives }) => Math.floor((arrives - opens) / (60 * MINUTE)) === hour).length;
  expect(inHour(3)).toBeGreaterThan(1.5 * inHour(0));
  expect(inHour(3)).toBeGreaterThan(1.5 * inHour(6));
});
