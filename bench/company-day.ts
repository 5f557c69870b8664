import { type Day, runDay } from '../test/support/company/company-day.ts';
import { type DayReport, reportOf } from '../test/support/company/day-report.ts';
import type { CompanySize } from '../test/support/company/plan-company.ts';
import type { Bench, Row } from './bench.ts';
import { percentile, rounded } from './percentile.ts';
import { quietly } from './quietly.ts';

const COMPANY: CompanySize = {
  members: 200,
  codes: { pool: 200, turn: 200, link: 100 },
  scans: 8000,
  openings: 5000,
  rush: 60,
  lateEvents: 0.005,
  changedWays: 20,
  leavers: 3,
};
const UPDATE = 'externalcontact/update_contact_way';

export const companyDay: Bench = {
  name: 'company-day',
  about:
    'a day of 200 members and 500 team codes in virtual time: WeCom calls beside those of known systems, lag, shares',
  async run({ runs = 1, say }): Promise<readonly Row[]> {
    const rows: Row[] = [];
    for (let seed = 1; seed <= runs; seed += 1) {
      say(`day ${seed}`);
      const day = await quietly(() => runDay(COMPANY, seed));
      rows.push(...rowsOf(day, await reportOf(day)).map((row) => ({ day: seed, ...row })));
    }
    return rows;
  },
};

function rowsOf(day: Day, report: DayReport): Row[] {
  return [...calls(day, report), ...lags(day, report), ...shares(report), ...counts(day, report), ...writes(report)];
}

interface Known {
  readonly everyHalfMinute: number;
  readonly everyAdd: number;
}

function row(what: string, of: string, here: string | number, known?: Known): Row {
  return {
    what,
    of,
    here,
    'every code each 30 s': known?.everyHalfMinute ?? '',
    'a call on every add': known?.everyAdd ?? '',
  };
}

function calls({ seen }: Day, { calls, updates, everyHalfMinute, adds }: DayReport): Row[] {
  const update = calls.find(({ api }) => api === UPDATE);
  const others = calls.filter(({ api }) => api !== UPDATE);
  return [
    row('WeCom calls', UPDATE, update?.done ?? 0, { everyHalfMinute, everyAdd: adds }),
    row('WeCom calls', 'of them changed the code', updates.changed),
    row('WeCom calls', 'of them after an add', seen.changesByAdds),
    row('WeCom calls', 'of them left it as it was', updates.wasted),
    row('WeCom calls', `${UPDATE}, refused for a member who left`, update?.refused ?? 0),
    row('WeCom calls', `${UPDATE}, refused as too many (45009)`, update?.limited ?? 0),
    ...others.map(({ api, done, refused, limited }) => row('WeCom calls', api, done + refused + limited)),
  ];
}

function lags({ seen }: Day, { lags, recordedLags }: DayReport): Row[] {
  const of = (name: string, some: readonly number[]): Row[] => [
    row('rotation lag', `${name}, p50 ms of ${some.length}`, rounded(percentile(some, 50))),
    row('rotation lag', `${name}, p99 ms`, rounded(percentile(some, 99))),
  ];
  const [turn, pool] = (['turn', 'pool'] as const).map((mode) => lags.filter((lag) => lag.mode === mode));
  return [
    ...of(
      'turn, from the add',
      (turn ?? []).map(({ sinceAdd }) => sinceAdd),
    ),
    ...of(
      'turn, from WeCom’s event',
      (turn ?? []).map(({ sinceHeard }) => sinceHeard),
    ),
    ...of(
      'pool, from the add',
      (pool ?? []).map(({ sinceAdd }) => sinceAdd),
    ),
    ...of('as the ways recorded it', recordedLags),
    row('rotation lag', 'scans of turn codes', seen.scansByMode.turn),
    row('rotation lag', 'scans of turn codes inside the lag', seen.scansBehind.turn),
  ];
}

function shares({ evenness }: DayReport): Row[] {
  return evenness.flatMap(({ mode, strategy, turnsOff, addsOff, longestStretch }) => [
    row(
      'shares',
      `${mode}, ${strategy}: most turns off, in a stretch of up to ${longestStretch}`,
      rounded(turnsOff, 2),
    ),
    row('shares', `${mode}, ${strategy}: most adds off, over the day`, rounded(addsOff, 2)),
  ]);
}

function counts({ seen, linkTurns }: Day, report: DayReport): Row[] {
  return [
    row('counts', 'adds made', report.adds),
    row('counts', 'members of ways whose counts are wrong', report.wrongCounts.length),
    row(
      'counts',
      'codes that list somebody else than they should, at hourly looks and at the end',
      report.wrongLists.length,
    ),
    row('counts', 'wakes of ways', seen.rotations),
    row('counts', 'ways woken by the sweep', seen.swept),
    row('counts', 'openings of links', seen.openings),
    row('counts', 'turns that they took', [...linkTurns.values()].flat().length),
    row('counts', 'turns given twice', report.wrongTurns.length),
    row('caps', 'offered beyond a member’s daily cap', seen.offeredBeyondCap),
    row('caps', 'adds beyond it, inside the lag', seen.addsBeyondCap.behind),
    row('caps', 'adds beyond it, on a list kept because nobody could', seen.addsBeyondCap.listKept),
    row('caps', 'adds beyond it, by a link', seen.addsBeyondCap.link),
  ];
}

function writes({ tables, adds }: DayReport): Row[] {
  return Object.entries(tables).map(([name, { writes }]) =>
    row('table writes per add', name, rounded(writes / adds, 2)),
  );
}
