import type { Objects } from '../store/objects.ts';
import type { Item, Table } from '../store/table.ts';
import { CONTENT_TYPES } from '../wecom/media.ts';
import { LibraryFile, libraryKey } from './our-file.ts';

/** The files of the business configuration, in the replies room's table, one item each, and their content in the bucket. */
export interface LibraryStore {
  /** By id, consistently read. What is no file of the library any more is left out. */
  files(): Promise<Map<string, LibraryFile>>;
  /** Keeps what is said of a file. Its content has to be there already. */
  saveFile(file: LibraryFile): Promise<void>;
  /** Takes it out of the library. Its content stays: a message that is still to be sent may need it. */
  removeFile(id: string): Promise<void>;
}

export function libraryStore(table: Table): LibraryStore {
  const key = (id: string) => ({ id: 'media', entry: id });
  return {
    async files() {
      const found = new Map<string, LibraryFile>();
      let after: Item | undefined;
      do {
        const page = await table.query({ partition: 'media', consistent: true, ...(after && { after }) });
        for (const item of page.items) {
          const file = LibraryFile.safeParse(item.file);
          if (file.success) found.set(file.data.id, file.data);
        }
        after = page.next;
      } while (after);
      return found;
    },
    async saveFile(file) {
      await table.put({ ...key(file.id), file });
    },
    async removeFile(id) {
      await table.delete(key(id));
    },
  };
}

/** Puts a file's content where it is looked for, unless it lies there. */
export async function putContent(
  objects: Objects,
  { hash, format }: LibraryFile,
  bytes: Uint8Array<ArrayBuffer>,
): Promise<void> {
  const key = libraryKey(hash);
  if (!(await objects.has(key))) await objects.put(key, { bytes, contentType: CONTENT_TYPES[format] });
}
