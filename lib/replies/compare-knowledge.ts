import type { KnowledgeItem, ReadKnowledgeItem } from '../wecom/knowledge.ts';
import { ITEMS_PER_GROUP } from '../wecom/knowledge.ts';
import type { Faq, FaqEntry } from './faq.ts';
import { fromKnowledge, toKnowledge } from './faq-knowledge.ts';

/** What is ours in WeCom's knowledge base lies in groups of this name, with a number. */
const OWN_GROUP = /^Concierge \d{1,2}$/;
export const ownGroup = (number: number): string => `Concierge ${number}`;

export interface KnowledgeGroup {
  readonly groupId: string;
  readonly name: string;
}

/** One step from WeCom's knowledge base to the list, and what cannot be one. `id` is the entry's. */
export type KnowledgeStep =
  | { readonly do: 'add'; readonly id: string; readonly item: KnowledgeItem; readonly leftOut: readonly string[] }
  | {
      readonly do: 'change';
      readonly id: string;
      readonly intentId: string;
      readonly parts: Partial<KnowledgeItem>;
      readonly leftOut: readonly string[];
    }
  /** Ours, and in the list no more. Only removed when somebody says so. */
  | { readonly do: 'remove'; readonly intentId: string }
  | { readonly do: 'leave'; readonly id: string; readonly problems: readonly string[] };

/**
 * What leads from WeCom's items to the list. An entry is an item by its id, which it has from an import, or by its question, word for
 * word. Items in other groups are somebody else's: one whose question we have is left as it is, unless it is ours by id; none is removed.
 */
export function compareKnowledge(
  faq: Faq,
  items: readonly ReadKnowledgeItem[],
  groups: readonly KnowledgeGroup[],
): KnowledgeStep[] {
  const own = new Set(groups.filter(({ name }) => OWN_GROUP.test(name)).map(({ groupId }) => groupId));
  const byId = new Map(items.map((item) => [item.intentId, item]));
  const byQuestion = new Map(items.map((item) => [item.question.trim(), item]));
  const meant = new Set<string>();
  const steps = faq.flatMap((entry): KnowledgeStep[] => {
    const found = byId.get(entry.id) ?? byQuestion.get(entry.question.trim());
    if (found) meant.add(found.intentId);
    if (found && found.intentId !== entry.id && !own.has(found.groupId)) {
      return sameAs(entry, found) ? [] : [leave(entry, ['somebody else has this question in WeCom already'])];
    }
    return stepTo(entry, found);
  });
  const gone = items.filter(({ intentId, groupId }) => own.has(groupId) && !meant.has(intentId));
  return [...steps, ...gone.map(({ intentId }) => ({ do: 'remove' as const, intentId }))];
}

function stepTo(entry: FaqEntry, found: ReadKnowledgeItem | undefined): KnowledgeStep[] {
  const mapped = toKnowledge(entry);
  if (!mapped.ok) return [leave(entry, mapped.problems)];
  const { item, leftOut } = mapped;
  if (!found) return [{ do: 'add', id: entry.id, item, leftOut }];
  const parts: Partial<KnowledgeItem> = {
    ...(item.question !== found.question && { question: item.question }),
    ...(!sameWordings(item.similar, found.similar) && { similar: item.similar }),
    ...(item.answer.text !== found.text && { answer: item.answer }),
  };
  if (Object.keys(parts).length === 0) return [];
  // WeCom replaces an answer whole and gives pictures back as names only, so that writing it would lose them.
  if (parts.answer && found.attachments.length > 0) {
    return [leave(entry, ['its answer in WeCom has attachments, which writing it would lose: change it there'])];
  }
  return [{ do: 'change', id: entry.id, intentId: found.intentId, parts, leftOut }];
}

const leave = (entry: FaqEntry, problems: readonly string[]): KnowledgeStep => ({
  do: 'leave',
  id: entry.id,
  problems,
});

const sameWordings = (some: readonly string[], others: readonly string[]): boolean =>
  some.length === others.length && some.every((one, index) => one === others[index]);

function sameAs(entry: FaqEntry, item: ReadKnowledgeItem): boolean {
  const mapped = toKnowledge(entry);
  return mapped.ok && mapped.item.answer.text === item.text && sameWordings(mapped.item.similar, item.similar);
}

/** The group for the next new item: one of ours with room, by its id, or the name of the one to be made. */
export function groupWithRoom(
  groups: readonly KnowledgeGroup[],
  items: readonly Pick<ReadKnowledgeItem, 'groupId'>[],
): { readonly groupId: string } | { readonly name: string } {
  const own = groups.filter(({ name }) => OWN_GROUP.test(name));
  const free = own.find(({ groupId }) => items.filter((item) => item.groupId === groupId).length < ITEMS_PER_GROUP);
  if (free) return { groupId: free.groupId };
  const taken = new Set(own.map(({ name }) => name));
  let number = 1;
  while (taken.has(ownGroup(number))) number += 1;
  return { name: ownGroup(number) };
}

/** WeCom's items as a list, and what of them could not come along: by WeCom's id, in plain words. */
export function listOfKnowledge(items: readonly ReadKnowledgeItem[]): {
  readonly faq: FaqEntry[];
  readonly left: readonly { readonly intentId: string; readonly problems: readonly string[] }[];
} {
  const faq: FaqEntry[] = [];
  const left: { intentId: string; problems: readonly string[] }[] = [];
  for (const item of items) {
    const read = fromKnowledge(item);
    if (read.ok) faq.push(read.entry);
    if (!read.ok) left.push({ intentId: item.intentId, problems: read.problems });
    else if (read.leftOut.length > 0) left.push({ intentId: item.intentId, problems: read.leftOut });
  }
  return { faq, left };
}
