import type { Instant } from '../platform/clock.ts';
import type { Table } from '../store/table.ts';

/** All ways without a setting of their own, and customers who came by none. */
export const EVERY_WAY = '*';

/**
 * Whether a contact way is only observed: its codes are not made or changed, and who comes by it gets no welcome, tags or remark from us.
 * It is no configuration, since cutting over is done way by way, in minutes, and back.
 */
export interface WayDutyStore {
  /** Consistently read. Undefined: who came by no way of ours. */
  observes(wayId: string | undefined): Promise<boolean>;
  /** The way's own setting; undefined where it has none. */
  own(whose: string): Promise<WayDuty | undefined>;
  observe(whose: string, on: boolean, at: Instant): Promise<void>;
}

export interface WayDuty {
  readonly observes: boolean;
  readonly since: Instant;
}

/** No way has such an id. */
const HOUSE = '#house';

/** In the contact ways' table, beside what else the house remembers. */
export function wayDutyStore(table: Table): WayDutyStore {
  const keyOf = (whose: string) => ({ wayId: HOUSE, entry: `duty#${whose}` });

  async function own(whose: string): Promise<WayDuty | undefined> {
    const item = await table.get(keyOf(whose), { consistent: true });
    return item && { observes: item.observes === true, since: Number(item.since) };
  }

  return {
    own,

    async observes(wayId) {
      const found = (wayId === undefined ? undefined : await own(wayId)) ?? (await own(EVERY_WAY));
      return found?.observes ?? false;
    },

    async observe(whose, on, at) {
      // Said again, it holds since the first time.
      const same = (await own(whose))?.observes === on;
      if (!same) await table.put({ ...keyOf(whose), observes: on, since: at });
    },
  };
}
