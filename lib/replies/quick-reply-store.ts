import { revisionOf } from '../store/revision.ts';
import { absent, all, any, equals, type Item, present, type Table } from '../store/table.ts';
import { LibraryReply } from './reply.ts';

export interface QuickReplyStore {
  /** The whole library by id, consistently read. What is no quick reply any more is left out. */
  quickReplies(): Promise<Map<string, LibraryReply>>;
  saveQuickReply(quickReply: LibraryReply): Promise<void>;
  removeQuickReply(id: string): Promise<void>;
  /** Saves or (undefined) removes it, but only over what was `seen`. False: it is not that any more; nothing was changed. */
  replaceQuickReply(id: string, seen: LibraryReply | undefined, next: LibraryReply | undefined): Promise<boolean>;
}

/** The library of quick replies, one item each. Rule sets carry copies of those that they name. */
export function quickReplyStore(table: Table): QuickReplyStore {
  const key = (id: string) => ({ id: 'quick-replies', entry: id });
  const itemOf = (quickReply: LibraryReply) => ({
    ...key(quickReply.id),
    quickReply,
    revision: revisionOf(quickReply),
  });
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
      await table.put(itemOf(quickReply));
    },
    async removeQuickReply(id) {
      await table.delete(key(id));
    },
    async replaceQuickReply(id, seen, next) {
      // What was saved before there were revisions has none, and gets one with the first change.
      const unchanged = seen
        ? any(equals('revision', revisionOf(seen)), all(absent('revision'), present('id')))
        : absent('id');
      return next ? table.put(itemOf(next), unchanged) : table.delete(key(id), unchanged);
    },
  };
}
