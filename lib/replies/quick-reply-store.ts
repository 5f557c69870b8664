import type { Item, Table } from '../store/table.ts';
import { LibraryReply } from './reply.ts';

export interface QuickReplyStore {
  /** The whole library by id, consistently read. What is no quick reply any more is left out. */
  quickReplies(): Promise<Map<string, LibraryReply>>;
  saveQuickReply(quickReply: LibraryReply): Promise<void>;
  removeQuickReply(id: string): Promise<void>;
}

/** The library of quick replies, one item each. Rule sets carry copies of those that they name. */
export function quickReplyStore(table: Table): QuickReplyStore {
  const key = (id: string) => ({ id: 'quick-replies', entry: id });
  return {
    async quickReplies() {
      const found = new Map<string, LibraryReply>();
      let after: Item | undefined;
      do {
        const page = await table.query({ partition: 'quick-replies', consistent: true, ...(after && { after }) });
        for (const item of page.items) {
          const quickReply = LibraryReply.safeParse(item.quickReply);
          if (quickReply.success) found.set(quickReply.data.id, quickReply.data);
        }
        after = page.next;
      } while (after);
      return found;
    },
    async saveQuickReply(quickReply) {
      await table.put({ ...key(quickReply.id), quickReply });
    },
    async removeQuickReply(id) {
      await table.delete(key(id));
    },
  };
}
