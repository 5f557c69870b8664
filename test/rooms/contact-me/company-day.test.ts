import { beforeAll, describe, expect, test } from '@jest/globals';
import { type Day, runDay } from '../../support/company/company-day.ts';
import { type DayReport, reportOf } from '../../support/company/day-report.ts';
import type { CompanySize } from '../../support/company/plan-company.ts';

const SMALL: CompanySize = {
  members: 40,
  codes: { pool: 20, turn: 20, link: 10 },
  scans: 640,
  openings: 400,
  rush: 30,
  lateEvents: 0.2,
  changedWays: 6,
  leavers: 2,
};

describe.each([1, 2])('the day of a company of 40 members and 50 codes, drawn by %i', (seed) => {
  let day: Day;
  let report: DayReport;
  beforeAll(async () => {
    day = await runDay(SMALL, seed);
    report = await reportOf(day);
  }, 120_000);

  test('every update changes its code, and all together are few beside a rewrite of every code each 30 seconds', () => {
    const updates = report.calls.find(({ api }) => api === 'externalcontact/update_contact_way')?.done ?? 0;
    expect(report.updates).toEqual({ changed: updates, wasted: 0 });
    expect(updates).toBeGreaterThan(300);
    expect(updates).toBeLessThan(report.everyHalfMinute / 50);
  });

  test('every hour and at the end, every code lists whom it should', () => {
    expect(report.wrongLists).toEqual([]);
  });

  test('every add is counted once, as what it was and on its day, and has one turn', () => {
    expect(report.adds).toBeGreaterThan(700);
    expect(report.wrongCounts).toEqual([]);
  });

  test('no turn of a link is given twice', () => {
    expect([...day.linkTurns.values()].flat().length).toBeGreaterThan(300);
    expect(report.wrongTurns).toEqual([]);
  });

  test('turns follow the weights, less than one off, as far as WeCom gave none elsewhere', () => {
    expect(
      report.evenness.map(({ longestStretch }) => longestStretch).reduce((a, b) => Math.max(a, b)),
    ).toBeGreaterThan(10);
    expect(report.unevenStretches).toEqual([]);
  });

  test('nobody is offered a turn beyond his daily cap', () => {
    expect(day.seen.offeredBeyondCap).toBe(0);
  });

  test('scans come inside the lag, so that what is said of it is not about nothing', () => {
    expect(day.seen.scansBehind.turn).toBeGreaterThan(0);
    expect(report.lags.filter(({ mode }) => mode === 'turn').length).toBeGreaterThan(100);
  });
});
