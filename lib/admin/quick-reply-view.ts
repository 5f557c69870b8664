import type { LibraryReply } from '../replies/reply.ts';
import { type RuleSet, repliesOf } from '../replies/rule-set.ts';

/** What a quick reply is shown by. */
export interface QuickReplyFacts {
  readonly quickReply: LibraryReply;
  readonly usage: { readonly total: number; readonly days: readonly { day: string; said: number }[] } | undefined;
  readonly ruleSets: ReadonlyMap<string, RuleSet>;
}

/** A quick reply with how often customers were told it, and who says it. */
export function quickReplyView({ quickReply, usage, ruleSets }: QuickReplyFacts, today: string) {
  const { id, folder, zh, en } = quickReply;
  const { total = 0, days = [] } = usage ?? {};
  return {
    id,
    folder,
    ...(zh !== undefined && { zh }),
    ...(en !== undefined && { en }),
    said: { today: days.find(({ day }) => day === today)?.said ?? 0, total },
    days,
    namedBy: [...ruleSets].flatMap(([account, ruleSet]) => namedIn(account, ruleSet, quickReply)),
  };
}

/** The rules of an account that say it, and whether the copy that they say is what the library has now. */
function namedIn(account: string, { rules, quickReplies }: RuleSet, { id, zh, en }: LibraryReply) {
  const naming = rules.filter((rule) => repliesOf(rule).some((reply) => 'quick' in reply && reply.quick === id));
  if (naming.length === 0) return [];
  const copy = quickReplies.find((one) => one.id === id);
  return [{ account, rules: naming.map((rule) => rule.id), upToDate: copy?.zh === zh && copy?.en === en }];
}
