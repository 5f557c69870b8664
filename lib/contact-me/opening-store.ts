import { absent, any, below, type Table } from '../store/table.ts';
import type { OpeningView } from './opening-view.ts';

/** What openings of `link` ways read, in the contact-ways table: the view of each way, and the pictures of its codes. */
export interface OpeningStore {
  /** The latest view; undefined for ways that cannot be opened: unknown, removed, or not of mode `link`. */
  view(wayId: string): Promise<OpeningView | undefined>;
  /** Shows a view, unless a newer one is shown already. */
  show(view: OpeningView): Promise<void>;
  /** Shows nothing from this version of the way's record on, so that a view which comes late is not seen any more. */
  hide(wayId: string, version: number): Promise<void>;
  /** A picture under its name, as the address of an `<img>`: `data:`, or `https:` where it could not be kept. */
  image(name: string): Promise<string | undefined>;
  saveImage(name: string, address: string): Promise<void>;
}

export function openingStore(table: Table): OpeningStore {
  const viewKey = (wayId: string) => ({ wayId, entry: 'opening' });
  const newer = (version: number) => any(absent('version'), below('version', version));
  const imageKey = (name: string) => ({ wayId: `#image#${name}`, entry: 'image' });

  return {
    async view(wayId) {
      const item = await table.get(viewKey(wayId));
      // Written by `show` alone, so what lies there is a view; `hide` leaves none.
      return item?.view as OpeningView | undefined;
    },

    async show(view) {
      const { wayId, version } = view;
      await table.put({ ...viewKey(wayId), version, view }, newer(version));
    },

    async hide(wayId, version) {
      await table.put({ ...viewKey(wayId), version }, newer(version));
    },

    async image(name) {
      // Whoever sees a new view must see its pictures, too.
      const item = await table.get(imageKey(name), { consistent: true });
      return item && String(item.address);
    },

    async saveImage(name, address) {
      await table.put({ ...imageKey(name), address });
    },
  };
}
