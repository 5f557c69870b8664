import * as z from 'zod';
import type { Instant } from '../platform/clock.ts';
import type { Day } from '../platform/wall-clock.ts';
import type { Table } from '../store/table.ts';

/** What the nightly comparison with WeCom remembers, in the contact-ways table. */
export interface NightStore {
  /** The last night on which it was begun with all apps; undefined before the first. */
  lastNight(): Promise<Night | undefined>;
  saveNight(night: Night): Promise<void>;
  /** The codes at WeCom that are not ours, as they were last found; each was read once. */
  strangeCodes(): Promise<StrangeCode[]>;
  saveStrangeCodes(codes: readonly StrangeCode[], at: Instant): Promise<void>;
}

export interface Night {
  readonly day: Day;
  readonly startedAt: Instant;
}

const StrangeCode = z.object({
  app: z.string(),
  configId: z.string(),
  state: z.string().optional(),
  /** It bears our prefix and stage, and no way of ours has it. */
  orphaned: z.boolean(),
});
export type StrangeCode = Readonly<z.infer<typeof StrangeCode>>;

/** No way has such an id. */
const HOUSE = '#house';

export function nightStore(table: Table): NightStore {
  return {
    async lastNight() {
      const item = await table.get({ wayId: HOUSE, entry: 'night' }, { consistent: true });
      return item && { day: String(item.day), startedAt: Number(item.startedAt) };
    },

    async saveNight({ day, startedAt }) {
      await table.put({ wayId: HOUSE, entry: 'night', day, startedAt });
    },

    async strangeCodes() {
      const item = await table.get({ wayId: HOUSE, entry: 'foreign-codes' }, { consistent: true });
      return item ? z.array(StrangeCode).parse(item.codes) : [];
    },

    async saveStrangeCodes(codes, at) {
      await table.put({ wayId: HOUSE, entry: 'foreign-codes', at, codes: [...codes] });
    },
  };
}
