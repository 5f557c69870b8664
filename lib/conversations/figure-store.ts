import { DAY } from '../platform/clock.ts';
import { type Day, dayOf } from '../platform/wall-clock.ts';
import { absent, type Cursor, type Table } from '../store/table.ts';
import type { Figure, FigureOfVisit } from './effects.ts';
import type { Visits } from './visit.ts';

/** How long a day's figures can be asked for. */
const KEPT = 90 * DAY;

/** The figures of each team and day, one item per fact, in the conversations table. `zone` says which day a moment belongs to. */
export interface FigureStore {
  /** `id` names the fact: noted again, it is the same. Without a team it counts for the account. */
  note(openKfId: string, id: string, figure: Figure): Promise<void>;
  /** All facts of one team (or account) and day, in no particular order. */
  figuresOf(teamOrAccount: string, day: Day): Promise<Figure[]>;
  /** How many of an entrance's visitors entered, wrote and came to a person: on a day, and ever. */
  visitsOf(entrance: string, day: Day): Promise<{ today: Visits; total: Visits }>;
}

/** `placesTaken` says how many places an agent has taken now; without it nobody knows how many he served at once. */
export function figureStore(
  table: Table,
  zone: string,
  placesTaken?: (agentId: string) => Promise<number | undefined>,
): FigureStore {
  async function figuresOf(teamOrAccount: string, day: Day): Promise<Figure[]> {
    const figures: Figure[] = [];
    let after: Cursor | undefined;
    do {
      const page = await table.query({ partition: partitionOf(teamOrAccount, day), ...(after && { after }) });
      // Written by `note` alone.
      figures.push(...page.items.map(({ figure }) => figure as Figure));
      after = page.next;
    } while (after);
    return figures;
  }

  return {
    async note(openKfId, id, figure) {
      const { entrance } = figure;
      const of = entrance === undefined ? (figure.teamId ?? openKfId) : ofEntrance(entrance);
      const conversationId = partitionOf(of, dayOf(zone, figure.at));
      const expiresAt = Math.ceil((figure.at + KEPT) / 1000);
      const given = figure.what === 'assigned' || figure.what === 'transferred';
      const serving = given && figure.agentId !== undefined ? await placesTaken?.(figure.agentId) : undefined;
      const noted: Figure = { ...figure, ...(serving !== undefined && { serving }) };
      // A repeat comes later, when he may have other places.
      const isNew = await table.put(
        { conversationId, entry: id, kind: 'figure', figure: noted, expiresAt },
        absent('conversationId'),
      );
      // Days are counted by their facts, exactly. The total outlives them, and is short by one where a function died just here.
      if (isNew && entrance !== undefined) await table.update(totalKey(entrance), { add: { [figure.what]: 1 } });
    },

    async visitsOf(entrance, day) {
      const [figures, item] = await Promise.all([figuresOf(ofEntrance(entrance), day), table.get(totalKey(entrance))]);
      const today = (what: FigureOfVisit) => figures.filter((figure) => figure.what === what).length;
      return { today: visits(today), total: visits((what) => Number(item?.[what] ?? 0)) };
    },

    figuresOf,
  };
}

const partitionOf = (of: string, day: Day): string => `figures#${of}#${day}`;
/** No account's and no team's name has a blank. */
const ofEntrance = (entrance: string): string => `entry ${entrance}`;
const totalKey = (entrance: string) => ({ conversationId: `figures#${ofEntrance(entrance)}`, entry: 'total' });

const visits = (of: (what: FigureOfVisit) => number): Visits => ({
  entered: of('entered'),
  wrote: of('wrote'),
  handedOver: of('handed-over'),
});
