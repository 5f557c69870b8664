import * as z from 'zod';
import type { WeComApi } from './api.ts';
import { everyPage, PER_PAGE } from './contact-answers.ts';
import {
  type KnowledgeItem,
  type ReadKnowledgeItem,
  toWeComItem,
  validateGroupName,
  validateItem,
  WeComItem,
} from './knowledge.ts';

/**
 * The knowledge base by WeCom's server API, which is open to self-built apps only. What the calls throw, says `WeComApi`; on top,
 * what WeCom would refuse for its form throws `KnowledgeError` before anything is called. WeCom documents no error codes
 * of its own here, so that a group or question that is gone cannot be told from other refusals.
 */
export interface KnowledgeApi {
  /** WeCom: kf/knowledge/list_group, all pages. The default group can be neither changed nor deleted. */
  listGroups(): Promise<{ groupId: string; name: string; isDefault: boolean }[]>;
  /** WeCom: kf/knowledge/add_group. At most 100 groups; the name has at most 12 characters and is no other group's. */
  addGroup(name: string): Promise<string>;
  /** WeCom: kf/knowledge/mod_group. */
  renameGroup(groupId: string, name: string): Promise<void>;
  /** WeCom: kf/knowledge/del_group. */
  deleteGroup(groupId: string): Promise<void>;
  /** WeCom: kf/knowledge/list_intent, all pages; those of one group, or all. */
  listItems(groupId?: string): Promise<ReadKnowledgeItem[]>;
  /** WeCom: kf/knowledge/add_intent. At most 200 in a group; a question is in one group only. Gives the item's id. */
  addItem(groupId: string, item: KnowledgeItem): Promise<string>;
  /**
   * WeCom: kf/knowledge/mod_intent. Each part that is given replaces the old one whole; leave `answer` out where it is to keep its
   * pictures and films.
   */
  changeItem(intentId: string, parts: Partial<KnowledgeItem>): Promise<void>;
  /** WeCom: kf/knowledge/del_intent. */
  deleteItem(intentId: string): Promise<void>;
}

/** WeCom would not take it. Says why, and quotes nothing. */
export class KnowledgeError extends Error {
  override readonly name = 'KnowledgeError';
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(`WeCom's knowledge base would refuse this: ${problems.join('; ')}.`);
    this.problems = problems;
  }
}

const Done = z.object({});
const Added = z.object({ group_id: z.string().min(1) });
const AddedItem = z.object({ intent_id: z.string().min(1) });
/** A flag comes as a number or as a truth value; where it is absent, the cursor says whether there is more. */
const Flag = z.union([z.number(), z.boolean()]).nullish();
const Paging = z.object({ next_cursor: z.string().nullish(), has_more: Flag });
const Groups = Paging.extend({
  group_list: z.array(z.object({ group_id: z.string(), name: z.string().default(''), is_default: Flag })).nullish(),
});
const Items = Paging.extend({ intent_list: z.array(WeComItem).nullish() });

export function knowledgeApi(api: WeComApi, app: string): KnowledgeApi {
  const call = <T>(name: string, body: object, schema: z.ZodType<T>): Promise<T> =>
    api.call(app, `kf/knowledge/${name}`, body, schema);

  return {
    async listGroups() {
      const groups: { groupId: string; name: string; isDefault: boolean }[] = [];
      await everyPage(async (cursor) => {
        const page = await call('list_group', { limit: PER_PAGE, ...cursor }, Groups);
        for (const { group_id, name, is_default } of page.group_list ?? []) {
          groups.push({ groupId: group_id, name, isDefault: Boolean(is_default) });
        }
        return nextOf(page);
      });
      return groups;
    },

    async addGroup(name) {
      check(validateGroupName(name));
      const { group_id } = await call('add_group', { name }, Added);
      return group_id;
    },

    async renameGroup(groupId, name) {
      check(validateGroupName(name));
      await call('mod_group', { group_id: groupId, name }, Done);
    },

    async deleteGroup(groupId) {
      await call('del_group', { group_id: groupId }, Done);
    },

    async listItems(groupId) {
      const items: ReadKnowledgeItem[] = [];
      const group = groupId === undefined ? {} : { group_id: groupId };
      await everyPage(async (cursor) => {
        const page = await call('list_intent', { limit: PER_PAGE, ...group, ...cursor }, Items);
        items.push(...(page.intent_list ?? []));
        return nextOf(page);
      });
      return items;
    },

    async addItem(groupId, item) {
      check(validateItem(item));
      const { intent_id } = await call('add_intent', { group_id: groupId, ...toWeComItem(item) }, AddedItem);
      return intent_id;
    },

    async changeItem(intentId, parts) {
      if (Object.keys(parts).length === 0) throw new KnowledgeError(['nothing is to be changed']);
      check(validateItem({ ...HARMLESS, ...parts }));
      await call('mod_intent', { intent_id: intentId, ...toWeComItem(parts) }, Done);
    },

    async deleteItem(intentId) {
      await call('del_intent', { intent_id: intentId }, Done);
    },
  };
}

/** Stands for the parts that are not sent. */
const HARMLESS: KnowledgeItem = { question: '-', similar: [], answer: { text: '-', attachments: [] } };

const nextOf = ({ next_cursor, has_more }: z.infer<typeof Paging>): string =>
  has_more === 0 || has_more === false ? '' : (next_cursor ?? '');

function check(problems: readonly string[]): void {
  if (problems.length > 0) throw new KnowledgeError(problems);
}
