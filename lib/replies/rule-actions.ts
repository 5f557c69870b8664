import type { Asked } from './asked.ts';
import type { Rule } from './rule-set.ts';

/** What rules do beside what they say. */
export interface AlsoDone {
  /** The tags that the customer gets, each once. */
  readonly tags?: readonly string[];
  /** The rule that ends the session, once everything is said. */
  readonly endsBy?: string;
}

/** What these rules do together. Nothing ends where a person takes over: that is the caller's to see to. */
export function alsoDoneBy(rules: readonly Rule[]): AlsoDone {
  const tags = tagsOf(rules);
  const endsBy = rules.find(({ end }) => end)?.id;
  return { ...(tags.length > 0 && { tags }), ...(endsBy !== undefined && { endsBy }) };
}

/** Only the tags: what is left to do where a person takes over. */
export function tagsBy(rules: readonly Rule[]): Pick<AlsoDone, 'tags'> {
  const tags = tagsOf(rules);
  return tags.length > 0 ? { tags } : {};
}

/** What is known after these rules have matched: the tags that they give hold for the next message of the burst already. */
export function knownAfter(asked: Asked, rules: readonly Rule[]): Asked {
  const given = tagsOf(rules);
  return given.length > 0 ? { ...asked, tags: [...(asked.tags ?? []), ...given] } : asked;
}

const tagsOf = (rules: readonly Rule[]): string[] => [...new Set(rules.flatMap(({ tag = [] }) => tag))];
