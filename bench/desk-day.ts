import { type DeskReport, deskReportOf } from '../test/support/desk-day/desk-day-report.ts';
import { type DeskSize, planDeskDay } from '../test/support/desk-day/plan-desk-day.ts';
import { type DeskTerms, runDeskDay } from '../test/support/desk-day/run-desk-day.ts';
import type { Bench, Row } from './bench.ts';
import { rounded } from './percentile.ts';
import { quietly } from './quietly.ts';

const SIZE: DeskSize = { agents: 20, customers: 3000, capacity: 4, ignored: 0.08, forgotten: 0.1 };

const WAYS: Readonly<Record<string, DeskTerms>> = {
  'least busy, offers of 60 s': { terms: { strategy: 'least-busy' }, offerSeconds: 60 },
  'round robin, no offers': { terms: { strategy: 'round-robin' } },
};

export const deskDay: Bench = {
  name: 'desk-day',
  about: `a day of ${SIZE.agents} agents and ${SIZE.customers} customers in virtual time, beside it plain round robin without offers`,
  async run({ runs = 1, say }): Promise<readonly Row[]> {
    const rows: Row[] = [];
    for (let seed = 1; seed <= runs; seed += 1) {
      const plan = planDeskDay(SIZE, seed);
      const reports: [string, DeskReport][] = [];
      for (const [name, terms] of Object.entries(WAYS)) {
        say(`day ${seed}: ${name}`);
        reports.push([name, deskReportOf(await quietly(() => runDeskDay(plan, terms)))]);
      }
      rows.push(...rowsOf(reports).map((row) => ({ day: seed, ...row })));
    }
    return rows;
  },
};

const FIGURES: Readonly<Record<string, (report: DeskReport) => string | number>> = {
  'waiting for a person, p50 s': ({ wait }) => seconds(wait.p50),
  'waiting for a person, p90 s': ({ wait }) => seconds(wait.p90),
  'waiting for a person, p99 s': ({ wait }) => seconds(wait.p99),
  'first response, p50 s': ({ firstResponse }) => seconds(firstResponse.p50),
  'first response, p90 s': ({ firstResponse }) => seconds(firstResponse.p90),
  'first response, p99 s': ({ firstResponse }) => seconds(firstResponse.p99),
  'offers expired': ({ expired }) => expired,
  'agents off duty by missed offers, times': ({ wentOffDuty }) => wentOffDuty,
  'customers gone before an answer': ({ abandoned }) => abandoned,
  'customers never answered': ({ neverAnswered }) => neverAnswered,
  'most conversations of one agent at once': ({ mostAtOnce }) => mostAtOnce,
  'agents beyond their capacity': ({ beyondCapacity }) => beyondCapacity.length,
  'share of an agent, least %': (report) => Math.min(...sharesOf(report)),
  'share of an agent, most %': (report) => Math.max(...sharesOf(report)),
  'shares of the agents, %': (report) => sharesOf(report).join(' '),
};

const seconds = (milliseconds: number): number => rounded(milliseconds / 1000);

function sharesOf({ byAgent }: DeskReport): number[] {
  const counts = [...byAgent.values()];
  const all = counts.reduce((sum, count) => sum + count, 0);
  return counts.map((count) => rounded((100 * count) / all, 1));
}

const rowsOf = (reports: readonly (readonly [string, DeskReport])[]): Row[] =>
  Object.entries(FIGURES).map(([what, of]) => ({
    what,
    ...Object.fromEntries(reports.map(([name, report]) => [name, of(report)])),
  }));
