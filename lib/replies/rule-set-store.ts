import type { Table } from '../store/table.ts';
import { defaultRuleSet, RuleSet } from './rule-set.ts';

/** The account that stands for all accounts without a rule set of their own. */
export const ANY_ACCOUNT = '*';

export interface RuleSetStore {
  /** The account's rule set, the common one, or the built-in one. */
  ruleSetFor(openKfId: string): Promise<RuleSet>;
  save(openKfId: string, ruleSet: RuleSet): Promise<void>;
}

export function ruleSetStore(table: Table): RuleSetStore {
  const key = (openKfId: string) => ({ id: `account#${openKfId}`, entry: 'rules' });
  return {
    async ruleSetFor(openKfId) {
      const item = (await table.get(key(openKfId))) ?? (await table.get(key(ANY_ACCOUNT)));
      return item ? RuleSet.parse(item.ruleSet) : defaultRuleSet;
    },
    async save(openKfId, ruleSet) {
      await table.put({ ...key(openKfId), ruleSet });
    },
  };
}
