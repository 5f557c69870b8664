import type { Rule } from '../replies/rule-set.ts';
import type { Finding } from './business.ts';

/** What a rule may note of a customer at once, and how long a tag is: they lie in the state of every conversation. */
const MOST_TAGS = 10;
const LONGEST_TAG = 32;

/** Checks what a rule does beside what it says: tags, and ending the session. */
export function checkTagsAndEnd({ id, tag = [], end, handOver }: Rule, at: string): Finding[] {
  const found: Finding[] = [];
  if (tag.length > MOST_TAGS) {
    found.push({
      path: `${at}.tag`,
      problem: `has more than ${MOST_TAGS} tags`,
      mend: 'keep those that rules ask for',
    });
  }
  tag.forEach((name, place) => {
    const path = `${at}.tag[${place}]`;
    if (name.trim() !== name || [...name].length > LONGEST_TAG) {
      const problem = `is no tag: up to ${LONGEST_TAG} characters, and no space around them`;
      found.push({ path, problem, mend: 'shorten it, or remove the spaces' });
    } else if (tag.indexOf(name) < place) {
      found.push({ path, problem: `names ${name} a second time`, mend: 'remove one of the two' });
    }
  });
  if (end && handOver) {
    const problem = `rule ${id} ends the session and hands it over`;
    found.push({ path: `${at}.end`, problem, mend: 'keep end or handOver' });
  }
  return found;
}

/** Tags that rules ask for and none gives: such a rule never answers. */
export function findUngivenTags(rules: readonly Rule[], path: string): Finding[] {
  const given = new Set(rules.flatMap(({ tag = [] }) => tag));
  return rules.flatMap(({ tags = [] }, index) =>
    tags.flatMap((name, place): Finding[] => {
      if (given.has(name)) return [];
      const problem = `no rule gives the tag ${name}, so it never holds`;
      return [
        { path: `${path}[${index}].tags[${place}]`, problem, mend: 'write it under tag of a rule, or correct it' },
      ];
    }),
  );
}
