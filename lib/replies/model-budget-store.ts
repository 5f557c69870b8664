import { DAY, type Instant } from '../platform/clock.ts';
import type { Day } from '../platform/wall-clock.ts';
import { absent, any, below, type Table } from '../store/table.ts';

/** Counts what asking the model costs, before it is asked: whoever dies in between has spent it all the same. */
export interface ModelBudgetStore {
  /** Takes one of the tries that a question has. False: it had all of them. */
  tryOnce(a: string, tries: number, now: Instant): Promise<boolean>;
  /** Takes one of the day's calls, of all conversations together. False: there is none left. */
  spend(day: Day, calls: number, now: Instant): Promise<boolean>;
}

/** Kept longer than any queue repeats, and for who wants to look at the last days. */
const KEPT = 7 * DAY;

/** In the replies table, one item for each question and one for each day. */
export function modelBudgetStore(table: Table): ModelBudgetStore {
  const take = async (id: string, entry: string, most: number, now: Instant): Promise<boolean> => {
    const change = { add: { used: 1 }, set: { expiresAt: Math.ceil((now + KEPT) / 1000) } };
    const taken = await table.update({ id, entry }, change, {
      condition: any(absent('used'), below('used', most)),
      returning: 'after',
    });
    return taken !== undefined;
  };
  return {
    tryOnce: (a, tries, now) => take(`model-question#${a}`, 'tries', tries, now),
    // A budget of nothing has no item that could say so.
    spend: async (day, calls, now) => calls > 0 && (await take('model-days', day, calls, now)),
  };
}
