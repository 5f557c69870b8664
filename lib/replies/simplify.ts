import traditional from 'opencc-js/dict/TSCharacters';

/**
 * Traditional characters and their simplified ones, character by character. Whole phrases are left aside on purpose: what they
 * become depends on their neighbours, and then a word of a rule could become something else than the same word in a message.
 */
const SIMPLIFIED: ReadonlyMap<string, string> = settled(
  new Map(
    traditional.split('|').flatMap((pair): [string, string][] => {
      const [from, to] = pair.split(' ');
      return from && to ? [[from, to]] : [];
    }),
  ),
);

/** 「營業時間」 as 「营业时间」; simplified text stays as it is. */
export function simplify(text: string): string {
  return text.replace(/\p{Script=Han}/gu, (character) => SIMPLIFIED.get(character) ?? character);
}

/** A few characters become one that itself becomes another (薴 → 苧 → 苎): each goes to the end of its way at once. */
function settled(steps: ReadonlyMap<string, string>): Map<string, string> {
  const endOf = (character: string): string => {
    const seen = new Set<string>();
    let end = character;
    for (let next = steps.get(end); next !== undefined && !seen.has(next); next = steps.get(end)) {
      seen.add(next);
      end = next;
    }
    return end;
  };
  return new Map([...steps.keys()].map((character) => [character, endOf(character)]));
}
