import { createHash } from 'node:crypto';
import { absent, any, below, type Item, type Table } from '../store/table.ts';
import { defaultRuleSet, RuleSet } from './rule-set.ts';

/** The account that stands for all accounts without a rule set of their own. */
export const ANY_ACCOUNT = '*';

/** A rule set as it was saved. Versions of an account's rule sets grow, also over a removal; the built-in one has version 0. */
export interface SavedRuleSet {
  readonly ruleSet: RuleSet;
  readonly version: number;
  /** Of the content: the same rules have the same one, whatever their version. */
  readonly hash: string;
}

export interface RuleSetStore {
  /** The account's rule set, the common one, or the built-in one. Until it changes it is the same object, so that what was
   *  made ready for it is not made again. */
  ruleSetFor(openKfId: string): Promise<SavedRuleSet>;
  /** Saving what is there already changes nothing. */
  save(openKfId: string, ruleSet: RuleSet): Promise<void>;
  remove(openKfId: string): Promise<void>;
  /** By account, every rule set that was saved and not removed, consistently read. One that is no rule set any more, because
   *  an older version wrote it, is left out. */
  configured(): Promise<Map<string, RuleSet>>;
}

const BUILT_IN: SavedRuleSet = { ruleSet: defaultRuleSet, version: 0, hash: '' };
/** A corp has as many kf accounts at most as WeCom allows, and few of them have rules of their own. */
const MOST_REMEMBERED = 100;

export function ruleSetStore(table: Table): RuleSetStore {
  const key = (openKfId: string) => ({ id: `account#${openKfId}`, entry: 'rules' });
  // The list of the accounts that have one. Written before the rule set and removed after it.
  const listKey = (openKfId: string) => ({ id: 'configuration', entry: `account#${openKfId}` });

  async function listed(): Promise<string[]> {
    const accounts: string[] = [];
    let after: Item | undefined;
    do {
      const page = await table.query({ partition: 'configuration', consistent: true, ...(after && { after }) });
      accounts.push(...page.items.map((item) => String(item.entry).slice('account#'.length)));
      after = page.next;
    } while (after);
    return accounts;
  }

  // Not removed with the rule set, so that no version comes twice.
  const counterKey = (openKfId: string) => ({ id: `account#${openKfId}`, entry: 'version' });
  const read = new Map<string, SavedRuleSet>();

  function savedIn(item: Item): SavedRuleSet {
    const version = typeof item.version === 'number' ? item.version : 0;
    const hash = typeof item.hash === 'string' ? item.hash : '';
    const place = `${String(item.id)}#${version}#${hash}`;
    const known = hash === '' ? undefined : read.get(place);
    if (known) return known;
    const saved = { ruleSet: RuleSet.parse(item.ruleSet), version, hash };
    if (read.size >= MOST_REMEMBERED) read.clear();
    read.set(place, saved);
    return saved;
  }

  return {
    async ruleSetFor(openKfId) {
      const item = (await table.get(key(openKfId))) ?? (await table.get(key(ANY_ACCOUNT)));
      return item ? savedIn(item) : BUILT_IN;
    },
    async save(openKfId, ruleSet) {
      await table.put(listKey(openKfId));
      const hash = hashOf(ruleSet);
      if ((await table.get(key(openKfId), { consistent: true }))?.hash === hash) return;
      const counted = await table.update(counterKey(openKfId), { add: { version: 1 } }, { returning: 'after' });
      const version = Number(counted?.version);
      // Of two saves at once the later version stays, whichever is written last.
      await table.put({ ...key(openKfId), ruleSet, version, hash }, any(absent('version'), below('version', version)));
    },
    async remove(openKfId) {
      await table.delete(key(openKfId));
      await table.delete(listKey(openKfId));
    },
    async configured() {
      const found = new Map<string, RuleSet>();
      // One by one: a batch of large rule sets would be more than DynamoDB gives at once.
      for (const openKfId of await listed()) {
        const item = await table.get(key(openKfId), { consistent: true });
        const ruleSet = RuleSet.safeParse(item?.ruleSet);
        if (ruleSet.success) found.set(openKfId, ruleSet.data);
      }
      return found;
    },
  };
}

const hashOf = (ruleSet: RuleSet): string =>
  createHash('sha256').update(JSON.stringify(ruleSet)).digest('base64url').slice(0, 16);
