import type { Item, Table } from '../store/table.ts';
import { defaultRuleSet, RuleSet } from './rule-set.ts';

/** The account that stands for all accounts without a rule set of their own. */
export const ANY_ACCOUNT = '*';

export interface RuleSetStore {
  /** The account's rule set, the common one, or the built-in one. */
  ruleSetFor(openKfId: string): Promise<RuleSet>;
  save(openKfId: string, ruleSet: RuleSet): Promise<void>;
  remove(openKfId: string): Promise<void>;
  /** By account, every rule set that was saved and not removed, consistently read. One that is no rule set any more, because
   *  an older version wrote it, is left out. */
  configured(): Promise<Map<string, RuleSet>>;
}

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

  return {
    async ruleSetFor(openKfId) {
      const item = (await table.get(key(openKfId))) ?? (await table.get(key(ANY_ACCOUNT)));
      return item ? RuleSet.parse(item.ruleSet) : defaultRuleSet;
    },
    async save(openKfId, ruleSet) {
      await table.put(listKey(openKfId));
      await table.put({ ...key(openKfId), ruleSet });
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
