import type { AddKind } from '../../../lib/contact-me/adds.ts';
import type { LinkEpoch } from '../../../lib/contact-me/link-epoch.ts';
import type { WayMode, WayStrategy } from '../../../lib/contact-me/way.ts';
import { addsIn, NO_FIGURES } from '../../../lib/contact-me/way-record.ts';
import { SECOND } from '../../../lib/platform/clock.ts';
import { BEGINS, type Day, ENDS } from './company-day.ts';
import type { ApiCalls } from './company-wecom.ts';
import type { Lag, MadeAdd } from './day-ledger.ts';
import { type Stretch, stretchesOf } from './share-ledger.ts';
import { type WayNow, wrongListsOf } from './wrong-lists.ts';

/** How even the turns and the adds of the ways of one mode and strategy were. */
export interface Evenness {
  readonly mode: WayMode;
  readonly strategy: WayStrategy;
  readonly ways: number;
  /** Turns in the longest stretch with the same members and weights. */
  readonly longestStretch: number;
  /** The most that anybody was off his share of the turns, after any turn of a stretch; in turns. */
  readonly turnsOff: number;
  /** The same for the day's adds, by the shares in force at each. */
  readonly addsOff: number;
}

export interface DayReport {
  readonly adds: number;
  readonly calls: readonly (ApiCalls & { readonly api: string })[];
  readonly updates: { readonly changed: number; readonly wasted: number };
  /** Every code, every 30 seconds. */
  readonly everyHalfMinute: number;
  /** From the add until WeCom confirmed the list that follows it, in milliseconds; by our own watch, and by the ways' records. */
  readonly lags: readonly Lag[];
  readonly recordedLags: readonly number[];
  readonly evenness: readonly Evenness[];
  /** Of ways of mode `turn`: more off than one turn and those that WeCom gave elsewhere. Of links: more than one turn. */
  readonly unevenStretches: readonly Stretch[];
  readonly tables: Day['spent']['tables'];
  /** What is wrong at the end, in words; empty when all is as it should be. */
  readonly wrongCounts: readonly string[];
  /** Also those that were wrong at one of the looks during the day, and still a minute later. */
  readonly wrongLists: readonly string[];
  readonly wrongTurns: readonly string[];
}

export async function reportOf(day: Day): Promise<DayReport> {
  const { ledger, spent, ways, size } = day;
  const epochs = new Map<string, LinkEpoch[]>();
  for (const { wayId, mode } of ways.values()) if (mode === 'link') epochs.set(wayId, await epochsOf(day, wayId));
  const linkStretches = [...epochs].flatMap(([wayId, some]) => stretchesOf(wayId, some, takenOn(day, wayId)));
  const stretches = [...day.stretches.all(), ...linkStretches];
  const records = await Promise.all([...ways.keys()].map((wayId) => day.wayNow(wayId)));
  const codes = Object.values(size.codes).reduce((all, one) => all + one, 0);
  return {
    adds: ledger.adds.length,
    calls: [...spent.calls].map(([api, calls]) => ({ api, ...calls })).sort((a, b) => (a.api < b.api ? -1 : 1)),
    updates: spent.updates,
    everyHalfMinute: codes * ((ENDS - BEGINS) / (30 * SECOND)),
    lags: ledger.lags,
    recordedLags: records.flatMap(({ record }) => record.lags),
    evenness: evennessOf(day, stretches),
    unevenStretches: [
      ...stretches.filter(({ wayId, worst, elsewhere }) => isShared(day, wayId) && worst >= 1 + elsewhere),
    ],
    tables: spent.tables,
    wrongCounts: records.flatMap((one) => wrongCountsOf(day, one)),
    wrongLists: [...day.staleLists, ...records.flatMap((one) => wrongListsOf(day.wecom, one))],
    wrongTurns: [...epochs.keys()].flatMap((wayId) => wrongTurnsOf(day, wayId)),
  };
}

async function epochsOf({ system }: Day, wayId: string): Promise<LinkEpoch[]> {
  const { items } = await system.table.query({ partition: wayId, sort: { beginsWith: 'epoch#' } });
  // Written by the link's store alone, in the order of their numbers.
  return items.map((item) => item.epoch as LinkEpoch);
}

const takenOn = ({ linkTurns }: Day, wayId: string): ReadonlyMap<number, string> =>
  new Map((linkTurns.get(wayId) ?? []).map(({ turn, agentId }) => [turn, agentId]));

/** Strategies that promise shares, where WeCom does not pick. */
function isShared({ ways }: Day, wayId: string): boolean {
  const way = ways.get(wayId);
  return way?.mode !== 'pool' && (way?.strategy === 'round-robin' || way?.strategy === 'weighted');
}

function evennessOf({ ways, shares }: Day, stretches: readonly Stretch[]): Evenness[] {
  const groups = Map.groupBy(ways.values(), ({ mode, strategy }) => `${mode} ${strategy}`);
  const byWay = Map.groupBy(stretches, ({ wayId }) => wayId);
  return [...groups.values()].flatMap((some): Evenness[] => {
    const [first] = some;
    if (!first || first.strategy === 'fixed') return [];
    const ofThem = some.flatMap(({ wayId }) => byWay.get(wayId) ?? []);
    return [
      {
        mode: first.mode,
        strategy: first.strategy,
        ways: some.length,
        longestStretch: most(ofThem.map(({ turns }) => turns)),
        turnsOff: most(ofThem.map(({ worst }) => worst)),
        addsOff: most(some.map(({ wayId }) => shares.worstOf(wayId))),
      },
    ];
  });
}

const most = (numbers: readonly number[]): number => numbers.reduce((found, one) => Math.max(found, one), 0);

/** Where what was counted is not what was made: by member, kind and day; and where an add of a list has not one turn. */
function wrongCountsOf({ ledger }: Day, { record, way }: WayNow): string[] {
  const { wayId, day, figures, turns } = record;
  const made = ledger.ofWay(wayId);
  const agentIds = new Set([...made.map(({ agentId }) => agentId), ...Object.keys(figures)]);
  const wrong = [...agentIds].flatMap((agentId) => {
    const his = made.filter((one) => one.agentId === agentId);
    const wanted = {
      total: { ...kindsOf(ledger.adds, his), lost: his.filter(({ removedAt }) => removedAt !== undefined).length },
      today: his.filter((one) => one.day === day).length,
    };
    const { today = NO_FIGURES, total = NO_FIGURES } = figures[agentId] ?? {};
    const counted = { total, today: addsIn(today) };
    return sameText(wanted, counted)
      ? []
      : [`${wayId} ${agentId}: ${sorted(wanted)} were made, ${sorted(counted)} counted`];
  });
  if (way.mode === 'link' || turns.count === made.length) return wrong;
  return [...wrong, `${wayId}: ${made.length} adds, ${turns.count} turns`];
}

/** New to the company; again; or served by somebody else at that time. In WeCom's seconds. */
function kindsOf(all: readonly MadeAdd[], some: readonly MadeAdd[]): Record<AddKind, number> {
  const kinds = { new: 0, again: 0, 'already-served': 0 };
  for (const add of some) {
    const earlier = all.filter((one) => one.customerId === add.customerId && one !== add && isBefore(one, add));
    const served = earlier.some(({ removedAt }) => removedAt === undefined || second(removedAt) > second(add.at));
    kinds[served ? 'already-served' : earlier.length > 0 ? 'again' : 'new'] += 1;
  }
  return kinds;
}

const isBefore = (a: MadeAdd, b: MadeAdd): boolean =>
  second(a.at) < second(b.at) || (second(a.at) === second(b.at) && a.agentId < b.agentId);
const second = (at: number): number => Math.floor(at / SECOND);
const sorted = (value: object): string =>
  JSON.stringify(value, (_, one) =>
    typeof one === 'object' && one !== null
      ? Object.fromEntries(Object.entries(one).sort(([a], [b]) => (a < b ? -1 : 1)))
      : one,
  );
const sameText = (a: object, b: object): boolean => sorted(a) === sorted(b);

/** Turns of a link that were given twice. */
function wrongTurnsOf({ linkTurns }: Day, wayId: string): string[] {
  const turns = (linkTurns.get(wayId) ?? []).map(({ turn }) => turn);
  return turns.length === new Set(turns).size
    ? []
    : [`${wayId}: ${turns.length} turns of ${new Set(turns).size} numbers`];
}
