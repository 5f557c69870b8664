import * as z from 'zod';
import { absent, type Table } from '../store/table.ts';
import { Entrance } from './entrance.ts';

/** Entrances in the replies table: all in one item, and WeCom's links by account and scene. */
export interface EntranceStore {
  /** All of them, in the order of the file. */
  entrances(): Promise<readonly Entrance[]>;
  /** All in one write. Links stay: what was printed works on, also where an entrance is gone and comes back. */
  saveEntrances(entrances: readonly Entrance[]): Promise<void>;
  /** The link that WeCom gave for this account and scene. */
  link(account: string, scene: string): Promise<string | undefined>;
  /** Keeps a link, unless there is one: every one that WeCom gives is another. The one that is kept. */
  keepLink(account: string, scene: string, url: string): Promise<string>;
}

const ALL = { id: 'entrances', entry: 'all' };

export function entranceStore(table: Table): EntranceStore {
  const linkKey = (account: string, scene: string) => ({ id: `account#${account}`, entry: `link#${scene}` });

  async function link(account: string, scene: string): Promise<string | undefined> {
    const item = await table.get(linkKey(account, scene), { consistent: true });
    return typeof item?.url === 'string' ? item.url : undefined;
  }

  return {
    async entrances() {
      const item = await table.get(ALL, { consistent: true });
      return item ? z.array(Entrance).parse(item.entrances) : [];
    },
    async saveEntrances(entrances) {
      await table.put({ ...ALL, entrances: [...entrances] });
    },
    link,
    async keepLink(account, scene, url) {
      if (await table.put({ ...linkKey(account, scene), url }, absent('url'))) return url;
      return (await link(account, scene)) ?? url;
    },
  };
}
