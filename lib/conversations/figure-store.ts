import { DAY } from '../platform/clock.ts';
import { type Day, dayOf } from '../platform/wall-clock.ts';
import { absent, type Cursor, type Table } from '../store/table.ts';
import type { Figure } from './effects.ts';

/** How long a day's figures can be asked for. */
const KEPT = 90 * DAY;

/** The figures of each team and day, one item per fact, in the conversations table. `zone` says which day a moment belongs to. */
export interface FigureStore {
  /** `id` names the fact: noted again, it is the same. Without a team it counts for the account. */
  note(openKfId: string, id: string, figure: Figure): Promise<void>;
  /** All facts of one team (or account) and day, in no particular order. */
  figuresOf(teamOrAccount: string, day: Day): Promise<Figure[]>;
}

/** `placesTaken` says how many places an agent has taken now; without it nobody knows how many he served at once. */
export function figureStore(
  table: Table,
  zone: string,
  placesTaken?: (agentId: string) => Promise<number | undefined>,
): FigureStore {
  return {
    async note(openKfId, id, figure) {
      const conversationId = partitionOf(figure.teamId ?? openKfId, dayOf(zone, figure.at));
      const expiresAt = Math.ceil((figure.at + KEPT) / 1000);
      const given = figure.what === 'assigned' || figure.what === 'transferred';
      const serving = given && figure.agentId !== undefined ? await placesTaken?.(figure.agentId) : undefined;
      const noted: Figure = { ...figure, ...(serving !== undefined && { serving }) };
      // A repeat comes later, when he may have other places.
      await table.put(
        { conversationId, entry: id, kind: 'figure', figure: noted, expiresAt },
        absent('conversationId'),
      );
    },

    async figuresOf(teamOrAccount, day) {
      const figures: Figure[] = [];
      let after: Cursor | undefined;
      do {
        const page = await table.query({ partition: partitionOf(teamOrAccount, day), ...(after && { after }) });
        // Written by `note` alone.
        figures.push(...page.items.map(({ figure }) => figure as Figure));
        after = page.next;
      } while (after);
      return figures;
    },
  };
}

const partitionOf = (teamOrAccount: string, day: Day): string => `figures#${teamOrAccount}#${day}`;
