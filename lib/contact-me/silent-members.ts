import type { Instant } from '../platform/clock.ts';
import { of } from './turns.ts';
import { type WayRecord, withRefused } from './way-record.ts';

/** So many turns must have been given to the others, or their share of adds says nothing. */
const TURNS_TO_COMPARE = 50;
/**
 * Where so many adds were to be expected and none came, chance is out of the question. It has a try with each add: with 14 it wins about
 * once in a million adds (e^-14), while with 7 it would set somebody aside by mistake every thousand.
 */
const ADDS_MISSED = 14;

/**
 * Sets aside the members of a `link` way whose turns become no adds although those of the others do. A member who has reached WeCom's
 * own limits cannot be added any more, and no event says so. He is tried again after a while, like others whom WeCom refuses.
 *
 * @param turns all turns that were ever given, by member
 */
export function withoutSilentMembers(
  record: WayRecord,
  turns: Readonly<Record<string, number>>,
  now: Instant,
): WayRecord {
  const adds = (agentId: string): number => of(record.linkAdds ?? {}, agentId);
  const known = record.lastAdds ?? {};
  const lastAdds = Object.fromEntries(
    Object.keys(turns).map((agentId) => {
      const last = Object.hasOwn(known, agentId) ? known[agentId] : undefined;
      const same = last !== undefined && last.adds === adds(agentId);
      return [
        agentId,
        same ? last : { adds: adds(agentId), turns: last || adds(agentId) > 0 ? of(turns, agentId) : 0 },
      ];
    }),
  );
  const all = { turns: sum(Object.values(turns)), adds: sum(Object.keys(turns).map(adds)) };
  const silent = Object.keys(turns).filter((agentId) => {
    const others = { turns: all.turns - of(turns, agentId), adds: all.adds - adds(agentId) };
    if (others.turns < TURNS_TO_COMPARE) return false;
    const since = of(turns, agentId) - (lastAdds[agentId]?.turns ?? 0);
    return (since * others.adds) / others.turns >= ADDS_MISSED;
  });
  // Who is set aside gets as many turns again before he can be a second time.
  for (const agentId of silent) lastAdds[agentId] = { adds: adds(agentId), turns: of(turns, agentId) };
  const reasons = Object.fromEntries(silent.map((agentId) => [agentId, 'no-adds']));
  return withRefused({ ...record, lastAdds }, reasons, now);
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0);
