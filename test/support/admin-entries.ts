import type { AdminEntries } from '../../lib/admin/entries.ts';
import { entranceStore } from '../../lib/replies/entrance-store.ts';
import { repliesShape } from '../../lib/store/tables.ts';
import { memoryTable } from './memory-table.ts';

const NOBODY = { entered: 0, wrote: 0, handedOver: 0 };

/** What the admin API needs of entries, over a table in memory, with no visitors and a WeCom that gives links. */
export function adminEntries(doubles: Partial<AdminEntries> = {}): AdminEntries {
  return {
    zone: 'Asia/Shanghai',
    store: entranceStore(memoryTable(repliesShape('replies'))),
    visitsOf: async () => ({ today: NOBODY, total: NOBODY }),
    newLink: async (account, scene) => `https://work.weixin.qq.com/kf/kfc${account}?enc_scene=${scene}`,
    ...doubles,
  };
}
